"""The shared order parameters that are tuned, and the ranges of the search."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.order_parameters import ORDER_PARAMETERS


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


_TUNED = {each.fixed.name: each.tuning for each in ORDER_PARAMETERS if each.tuning is not None}
"""Shared numbers that can be tuned, in the order of the search's coordinates."""

RANGES: dict[str, tuple[Range, ...]] = {
    agent: tuple(
        Range(name, tuning.low, tuning.high, tuning.steps)
        for name, tuning in _TUNED.items()
        if extensions or not tuning.extension
    )
    for agent, extensions in (("tuned", False), ("extended", True))
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
