"""Mean figures of the days that a learner has simulated, from the infos of the environment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class InfoAverager:
    """Averages the numbers in infos between two calls of `close`."""

    def __init__(self) -> None:
        self._days, self._sums = 0, dict[str, float]()

    def add(self, infos: Sequence[dict[str, Any]]) -> None:
        """Add the infos of a step, one for each environment; only numbers are used."""
        self._days += len(infos)
        for info in infos:
            for name, value in info.items():
                # Stable-baselines3 adds `TimeLimit.truncated`, and a bool is an int to Python.
                if isinstance(value, int | float | np.floating) and not isinstance(value, bool):
                    self._sums[name] = self._sums.get(name, 0.0) + float(value)

    def close(self) -> dict[str, float]:
        """Mean of each figure over the days since the last call; empty without any."""
        means = {name: value / self._days for name, value in self._sums.items()}
        self._days, self._sums = 0, {}
        return means
