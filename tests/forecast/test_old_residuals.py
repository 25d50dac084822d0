"""What lies further back than the seasonal naive forecast looks changes nothing."""

from __future__ import annotations

import numpy as np

from lmrs_rl.forecast.models.seasonal_naive import RESIDUAL_DAYS, WEEK
from tests.forecast.models.test_seasonal_naive import forecast


def test_residuals_of_long_ago_do_not_count() -> None:
    rng = np.random.default_rng(5)
    recent = rng.uniform(90, 110, (RESIDUAL_DAYS + WEEK, 2))
    for width in (1.0, 90.0):
        old = rng.uniform(100 - width, 100 + width, (60, 2))
        assert np.array_equal(forecast(np.concatenate([old, recent])), forecast(recent))
