"""The shared order parameters that are tuned, and the ranges of the search."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray


@dataclass(frozen=True)
class Range:
    """Range of a parameter; equal steps of the search add ("even") or multiply ("log")."""

    name: str
    low: float
    high: float
    steps: str = "even"

    def value(self, share: float) -> float:
        """The value at ``share`` in [0, 1], from low to high."""
        if self.steps == "log":
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low + share * (self.high - self.low)

    def share(self, value: float) -> float:
        """The share in [0, 1] of a value; one outside the range counts as its nearest end."""
        inside = min(max(value, self.low), self.high)
        if self.steps == "log":
            return math.log(inside / self.low) / math.log(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)


_SIX = (
    Range("x_share", 0.0, 1.0),
    Range("a", -0.3, 0.0),
    Range("b", 0.1, 1.2),
    Range("alpha", 30.0, 30_000.0, "log"),
    Range("beta", 1e-6, 1e-2, "log"),
    Range("z", 0.1, 0.98),
)
"""The parameters of the published rules."""

RANGES: dict[str, tuple[Range, ...]] = {
    "tuned": _SIX,
    "extended": (*_SIX, Range("kg_value", 0.0, 4.0), Range("q_min_floor", 0.0, 0.9)),
}
"""Parameters that are tuned, by the name of the agent; all others stay as in the start."""


def ranges_of(agent: str) -> tuple[Range, ...]:
    """The ranges of "tuned" or "extended" (`InputError` for another name)."""
    if agent not in RANGES:
        raise InputError(
            "agent", repr(agent), f"one of {', '.join(RANGES)}", "name the agent to tune"
        )
    return RANGES[agent]


def parameters_at(
    ranges: tuple[Range, ...], shares: FloatArray, start: FixedParameters
) -> FixedParameters:
    """``start`` with the tuned parameters at ``shares`` (k,) in [0, 1].

    Values are rounded to four digits, so that the parameters in a file are exactly those evaluated.
    """
    numbers = {each.name: getattr(start, each.name) for each in fields(FixedParameters)}
    numbers |= {
        each.name: float(f"{each.value(float(u)):.4g}")
        for each, u in zip(ranges, shares, strict=True)
    }
    return FixedParameters(**numbers)


def shares_of(ranges: tuple[Range, ...], parameters: FixedParameters) -> FloatArray:
    """The shares (k,) in [0, 1] of ``parameters`` in their ranges."""
    return np.array([each.share(getattr(parameters, each.name)) for each in ranges])
