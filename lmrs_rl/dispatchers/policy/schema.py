"""What a policy file says of itself, and what a reader asks of it: names of inputs and outputs,
tables of features and parameters.

A file is an ONNX graph from physical units to final order parameters, so that a reader needs to
know nothing of scales, cuts and residuals. Its metadata are texts: ``schema`` alone is plain, all
others are JSON. A reader refuses a schema it does not know, and tables other than its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lmrs_rl.dispatchers.policy.features import NETWORK_FEATURES, TANK_FEATURES, Feature
from lmrs_rl.dispatchers.policy.residual import ACTIONS, LEAST_B, LOGIT_RANGE

SCHEMA = "lmrs-policy/2"
BASE_INPUTS = (
    "base_x_kg",
    "base_a",
    "base_b",
    "base_alpha",
    "base_beta",
    "base_z",
    "base_value_per_kg",
    "base_fill_days",
)
"""(B, N) each, float64: the baseline's order parameters."""
INPUTS = ("tanks", "network", "mask", *BASE_INPUTS, "span_kg")
"""``tanks`` (B, N, F), ``network`` (B, G) in units, ``mask`` (B, N) 1 where there is a tank,
``span_kg`` (B, N) from h' to full; all float64.
"""
PARAMETER_OUTPUTS = tuple(name.removeprefix("base_") for name in BASE_INPUTS)
"""(B, N) each, float64: the final order parameters."""
OUTPUTS = (*PARAMETER_OUTPUTS, "u")
"""``u`` (B, N, 7), float32: what the actor says, for people."""


@dataclass(frozen=True)
class Parameter:
    """An order parameter that a policy decides, with its least and greatest number; ``None`` is
    no limit.
    """

    name: str
    unit: str
    low: float | None
    high: float | str | None


PARAMETERS: tuple[Parameter, ...] = (
    Parameter("x_kg", "kg", 0.0, "span_kg"),
    Parameter("a", "1/day", None, 0.0),
    Parameter("b", "share", 0.0, None),
    Parameter("alpha", "EUR", 0.0, None),
    Parameter("beta", "1/h^2", 0.0, None),
    Parameter("z", "quantile", 0.0, 1.0),
    Parameter("value_per_kg", "EUR/kg", 0.0, None),
    Parameter("fill_days", "days", 0.0, None),
)
"""In the order of the outputs."""


def tables() -> dict[str, Any]:
    """What this code knows of features and parameters, as JSON: a file must say the same to be
    read.
    """
    return {
        "tank_features": _features(TANK_FEATURES),
        "network_features": _features(NETWORK_FEATURES),
        "parameters": [
            {"name": p.name, "unit": p.unit, "low": p.low, "high": p.high} for p in PARAMETERS
        ],
        "actions": [{"name": a.name, "scale": float(a.scale), "how": a.how} for a in ACTIONS],
        "limits": {"least_b": LEAST_B, "logit_range": list(LOGIT_RANGE)},
    }


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
