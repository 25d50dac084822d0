"""What a backtest measures of the clock, and the one bad number among good ones."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.forecast.backtests.backtest import backtest
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import View
from tests.forecast.backtests.test_backtest import RISING, Fair, Last


def test_time_is_that_of_fits_predictions_and_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    # At each origin a fit takes 1 s, a prediction 2, paths 4.
    ticks = iter([0.0, 1.0, 3.0, 7.0, 10.0, 11.0, 13.0, 17.0])
    monkeypatch.setattr(sys.modules[backtest.__module__], "process_time", lambda: next(ticks))
    run = backtest(RISING, [Fair()], origins=[9, 12], days=2, paths=5).run("fair")
    assert (run.fit_s, run.predict_s, run.sample_s) == (2.0, 4.0, 8.0)


def test_one_negative_quantile_is_refused() -> None:
    @dataclass(frozen=True)
    class Bad(Last):
        def __call__(self, view: View, days: int) -> FloatArray:
            answer = np.ones((view.n, days, len(QUANTILES)))
            answer[1, 0, 0] = -1e-3
            return answer

    with pytest.raises(InputError, match="negative"):
        backtest(RISING, [Bad()], origins=[9], days=2)
