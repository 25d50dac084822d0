"""What a policy file says of itself, and what a reader asks of it: names of inputs and outputs,
tables of features and parameters.

A file is an ONNX graph from physical units to final order parameters, so that a reader needs to
know nothing of scales, cuts and residuals. Its metadata are texts: ``schema`` alone is plain, all
others are JSON. A reader refuses a schema it does not know, and tables other than its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from lmrs_rl.dispatchers.policy.features import NETWORK_FEATURES, TANK_FEATURES, Feature
from lmrs_rl.dispatchers.policy.residual import action_of
from lmrs_rl.domain.order_parameters import ACTIONS, LOGIT_RANGE, MOVED, SPECS, ParameterSpec

SCHEMA = "lmrs-policy/2"
PARAMETER_OUTPUTS = tuple(each.name for each in MOVED)
"""(B, N) each, float64: the final order parameters."""
BASE_INPUTS = tuple(f"base_{name}" for name in PARAMETER_OUTPUTS)
"""(B, N) each, float64: the baseline's order parameters."""
INPUTS = ("tanks", "network", "mask", *BASE_INPUTS, "span_kg")
"""``tanks`` (B, N, F), ``network`` (B, G) in units, ``mask`` (B, N) 1 where there is a tank,
``span_kg`` (B, N) from h' to full; all float64.
"""
OUTPUTS = (*PARAMETER_OUTPUTS, "u")
"""``u`` (B, N, 7), float32: what the actor says, for people."""


def tables() -> dict[str, Any]:
    """What this code knows of features and parameters, as JSON: a file must say the same to be
    read.
    """
    return {
        "tank_features": _features(TANK_FEATURES),
        "network_features": _features(NETWORK_FEATURES),
        "parameters": [_parameter(each) for each in MOVED],
        "actions": [{"name": a.name, "scale": float(a.scale), "how": a.how} for a in ACTIONS],
        "limits": {"least_b": action_of(SPECS["b"]).least, "logit_range": list(LOGIT_RANGE)},
    }


def _parameter(spec: ParameterSpec) -> dict[str, Any]:
    """``None`` is no limit."""
    number = spec.number
    low, high = (end if math.isfinite(end) else None for end in (number.low, number.high))
    return {"name": spec.name, "unit": number.unit, "low": low, "high": spec.span or high}


def _features(table: Sequence[Feature]) -> list[dict[str, Any]]:
    return [
        {
            "name": f.name,
            "unit": f.unit,
            "scale": float(f.scale),
            "low": float(f.low),
            "high": float(f.high),
        }
        for f in table
    ]
