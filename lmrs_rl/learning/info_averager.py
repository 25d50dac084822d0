"""What the days of a learner brought since somebody looked last: parts of the reward and the
rest that the environment tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class InfoAverager:
    """Sums of the figures of days."""

    def __init__(self) -> None:
        self._days, self._sums = 0, dict[str, float]()

    def add(self, infos: Sequence[dict[str, Any]]) -> None:
        """A day of each environment; entries that are no numbers are left out."""
        self._days += len(infos)
        for info in infos:
            for name, value in info.items():
                if isinstance(value, int | float | np.floating) and not isinstance(value, bool):
                    self._sums[name] = self._sums.get(name, 0.0) + float(value)

    def close(self) -> dict[str, float]:
        """Mean of each figure over the days since the last call; nothing without any."""
        means = (
            {name: value / self._days for name, value in self._sums.items()} if self._days else {}
        )
        self._days, self._sums = 0, {}
        return means
