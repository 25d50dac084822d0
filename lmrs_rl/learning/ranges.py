"""The shared numbers that are tuned, and how a search walks among them."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray


@dataclass(frozen=True)
class Range:
    """Where a number is looked for; ``steps`` says whether equal steps of the search add
    ("even") or multiply ("log").
    """

    name: str
    low: float
    high: float
    steps: str = "even"

    def value(self, share: float) -> float:
        """The number at ``share`` in [0, 1] of the way from low to high."""
        if self.steps == "log":
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low + share * (self.high - self.low)

    def share(self, value: float) -> float:
        """Where a number lies, in [0, 1]; one outside counts as the nearest inside."""
        inside = min(max(value, self.low), self.high)
        if self.steps == "log":
            return math.log(inside / self.low) / math.log(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)


SIX = (
    Range("x_share", 0.0, 1.0),
    Range("a", -0.3, 0.0),
    Range("b", 0.1, 1.2),
    Range("alpha", 30.0, 30_000.0, "log"),
    Range("beta", 1e-6, 1e-2, "log"),
    Range("z", 0.1, 0.98),
)
"""The numbers of the source's rules."""

RANGES: dict[str, tuple[Range, ...]] = {
    "tuned": SIX,
    "extended": (*SIX, Range("kg_value", 0.0, 4.0), Range("q_min_floor", 0.0, 0.9)),
}
"""What is tuned, by the name of the agent; numbers that are not stay as in the start."""


def ranges_of(agent: str) -> tuple[Range, ...]:
    """The ranges of "tuned" or "extended" (`InputError` for another name)."""
    if agent not in RANGES:
        raise InputError(
            "agent", repr(agent), f"one of {', '.join(RANGES)}", "say what is to be tuned"
        )
    return RANGES[agent]


def parameters_at(
    ranges: tuple[Range, ...], shares: FloatArray, start: FixedParameters
) -> FixedParameters:
    """``start`` with the numbers at ``shares`` (k,) in [0, 1], to four digits: what is written
    to a file is what was judged.
    """
    numbers = {each.name: getattr(start, each.name) for each in fields(FixedParameters)}
    numbers |= {
        each.name: float(f"{each.value(float(u)):.4g}")
        for each, u in zip(ranges, shares, strict=True)
    }
    return FixedParameters(**numbers)


def shares_of(ranges: tuple[Range, ...], parameters: FixedParameters) -> FloatArray:
    """(k,) where ``parameters`` lie in the ranges."""
    return np.array([each.share(getattr(parameters, each.name)) for each in ranges])
