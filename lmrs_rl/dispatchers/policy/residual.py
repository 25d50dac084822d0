"""A learner's answer as a residual on a baseline: seven numbers in [-1, 1] a tank, none of which
changes anything at 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lmrs_rl.domain import InputError, Network, OrderParameters
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.order_parameters import (
    ACTION_NAMES,
    ACTIONS,
    LOGIT_RANGE,
    MOVED,
    Action,
    ParameterSpec,
)
from lmrs_rl.orders import pulled_hit_level

_SCALES = np.array([action.scale for action in ACTIONS])


def residual_parameters(
    network: Network, base: OrderParameters, action: FloatArray
) -> OrderParameters:
    """``base`` changed by ``action`` (n, 7) in [-1, 1], see `ACTIONS`; where an entry is 0 the
    baseline's number stays to the bit.

    Raises
    ------
    InputError
        For an action of another shape, one that is not finite or outside [-1, 1].
    """
    n = network.n_tanks
    u = np.asarray(action, dtype=np.float64)
    if u.shape != (n, len(ACTIONS)):
        raise InputError(
            "action",
            f"shape {u.shape}",
            f"shape ({n}, {len(ACTIONS)})",
            "give seven numbers for each tank",
        )
    if not np.all(np.abs(u) <= 1):
        raise InputError(
            "action", "an entry outside [-1, 1]", "numbers in [-1, 1]", "clip what the policy says"
        )
    step = dict(zip(ACTION_NAMES, (u * _SCALES).T, strict=True))
    span = network.tanks.capacity_kg - pulled_hit_level(network)
    # Parameters that share an action, such as alpha and the value of a kg, share its factor.
    moved: dict[str, Any] = {
        spec.name: _moved(spec, action_of(spec), getattr(base, spec.name), step, span)
        for spec in MOVED
    }
    return replace(base, **moved)


def action_of(spec: ParameterSpec) -> Action:
    """The action that moves a parameter of `MOVED`."""
    return ACTIONS[ACTION_NAMES.index(spec.moved_by)]


def _moved(
    spec: ParameterSpec,
    action: Action,
    base: FloatArray,
    steps: dict[str, FloatArray],
    span: FloatArray,
) -> FloatArray:
    """The parameter after its step; `lmrs_rl.learning.export` has the same in torch."""
    step = steps[action.name]
    if action.how == "factor":
        return np.asarray(base * np.exp(step), dtype=np.float64)
    if action.how == "logit":
        # Where the step is 0 the map there and back would still change the last bits.
        return np.where(step == 0, base, _logit_moved(spec, base, step, span))
    moved = base + step
    if action.least is not None:
        # A baseline that is under the limit already stays where it is at a step of 0.
        moved = np.maximum(moved, np.minimum(base, action.least))
    elif np.isfinite(spec.number.low):
        moved = np.maximum(moved, spec.number.low)
    return np.minimum(moved, spec.number.high)


def _logit_moved(
    spec: ParameterSpec, base: FloatArray, step: FloatArray, span: FloatArray
) -> FloatArray:
    if not spec.span:
        return _share_moved(base, step)
    share = np.where(span > 0, np.minimum(base, span) / np.where(span > 0, span, 1.0), 0.5)
    return _share_moved(share, step) * span


def _share_moved(share: FloatArray, by: FloatArray) -> FloatArray:
    """Shares with ``by`` added to their logits: in (0, 1) whatever ``by`` is."""
    inside = np.clip(share, *LOGIT_RANGE)
    # The logistic function of the logit plus `by`, without a logarithm.
    return np.asarray(1.0 / (1.0 + (1.0 - inside) / inside * np.exp(-by)), dtype=np.float64)
