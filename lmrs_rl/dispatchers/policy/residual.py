"""A learner's answer as a residual on a baseline: seven numbers in [-1, 1] a tank, none of which
changes anything at 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import InputError, Network, OrderParameters
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.orders import pulled_hit_level


@dataclass(frozen=True)
class Action:
    """One of the seven numbers.

    Attributes
    ----------
    name : of the order parameter
    scale : how far 1 goes
    how : "logit" adds ``scale * u`` to the logit, "add" to the parameter, "factor" multiplies by
        ``exp(scale * u)``
    meaning : for people
    """

    name: str
    scale: float
    how: str
    meaning: str


ACTIONS: tuple[Action, ...] = (
    Action(
        "x",
        2.0,
        "logit",
        "share of the way from h' to full at which the window opens; 1 opens it earlier",
    ),
    Action(
        "a",
        0.1,
        "add",
        "slope of the least quantity in the days until dry [1/day], at most 0; 1 asks for more kg "
        "early",
    ),
    Action(
        "b",
        0.4,
        "add",
        "least quantity on the day the tank is dry, as a share of q_max, at least 0.05",
    ),
    Action(
        "alpha",
        2.0,
        "factor",
        "the whole penalty of a missed order, alpha and the value of its kg alike",
    ),
    Action("beta", 2.0, "factor", "fall of the penalty with the hours until stock-out"),
    Action("z", 2.0, "logit", "quantile of the forecast; 1 plans for more consumption"),
    Action(
        "fill",
        1.0,
        "add",
        "days after the window opens at which the room for q_max is counted, at least 0; 1 asks "
        "for more kg",
    ),
)
"""The seven numbers in the order of an action's columns; the source of the action space and of
its page.
"""

LEAST_B = 0.05
"""Least of ``b``, unless the baseline's is lower."""

LOGIT_RANGE = (0.02, 0.98)
"""A share outside is taken as the nearest inside where a residual starts from it."""

ACTION_NAMES = tuple(action.name for action in ACTIONS)


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
    step = dict(
        zip(ACTION_NAMES, (u * np.array([action.scale for action in ACTIONS])).T, strict=True)
    )
    span = network.tanks.capacity_kg - pulled_hit_level(network)
    share = np.where(span > 0, np.minimum(base.x_kg, span) / np.where(span > 0, span, 1.0), 0.5)
    factor = np.exp(step["alpha"])
    return replace(
        base,
        x_kg=np.where(step["x"] == 0, base.x_kg, _moved(share, step["x"]) * span),
        a=np.minimum(base.a + step["a"], 0.0),
        b=np.maximum(base.b + step["b"], np.minimum(base.b, LEAST_B)),
        alpha=base.alpha * factor,
        beta=base.beta * np.exp(step["beta"]),
        z=np.where(step["z"] == 0, base.z, _moved(base.z, step["z"])),
        value_per_kg=base.value_per_kg * factor,
        fill_days=np.maximum(base.fill_days + step["fill"], 0.0),
    )


def _moved(share: FloatArray, by: FloatArray) -> FloatArray:
    """Shares with ``by`` added to their logits: in (0, 1) whatever ``by`` is."""
    inside = np.clip(share, *LOGIT_RANGE)
    return np.asarray(1.0 / (1.0 + (1.0 - inside) / inside * np.exp(-by)), dtype=np.float64)
