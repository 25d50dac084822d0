"""Dates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain.arrays import IntArray

THURSDAY = 3
"""1970-01-01, from which numpy counts days."""


def weekdays(dates: np.datetime64 | NDArray[np.datetime64]) -> IntArray:
    """0 = Monday .. 6 = Sunday, of the shape of ``dates``."""
    return np.asarray(
        (np.asarray(dates, dtype="datetime64[D]").astype(np.int64) + THURSDAY) % 7, dtype=np.int64
    )
