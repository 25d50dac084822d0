"""The real LPG tanks: which day each number of the file belongs to. Skipped where the data are
absent.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.lpg import read_lpg
from lmrs_rl.forecast.panel import Panel


@pytest.fixture(scope="module")
def panel(shared_data: Path) -> Panel:
    return read_lpg(shared_data / "lpg_tanks" / "lpg_tanks.csv")


@pytest.mark.heavy
def test_the_thirteen_tanks_and_their_days(panel: Panel) -> None:
    assert panel.use.shape[1] == 13
    # The first row ends on 23 March 2015 at noon, half of its 24 hours on either side: the day of
    # its last half counts.
    assert panel.first_day == np.datetime64("2015-03-23")
    assert np.isfinite(panel.use).sum() > 13500
    # Sizes that LPG tanks are sold in, [m3].
    assert set(np.round(panel.capacity / 520.0, 2)) == {2.7, 4.85, 6.4, 6.7}


@pytest.mark.parametrize("lead", [1, 2, 3])
def test_a_forecast_meets_the_temperature_of_its_day_better_than_of_the_days_beside_it(
    panel: Panel, lead: int
) -> None:
    issued = panel.issued[10:-20, lead - 1]
    error = [
        np.sqrt(
            np.nanmean(
                (issued - panel.temperature[10 + lead + s : panel.days - 20 + lead + s]) ** 2
            )
        )
        for s in (-1, 0, 1)
    ]
    assert error[1] < 0.7 * min(error[0], error[2])


def test_consumption_follows_the_temperature_of_its_own_day_most(panel: Panel) -> None:
    def correlation(shift: int) -> float:
        found = []
        for k in range(13):
            use, warm = (
                panel.use[10:-10, k],
                panel.temperature[10 + shift : panel.days - 10 + shift, k],
            )
            a, b = use[7:] - use[:-7], warm[7:] - warm[:-7]
            known = np.isfinite(a + b)
            found.append(
                np.corrcoef(np.clip(a[known], *np.quantile(a[known], [0.02, 0.98])), b[known])[0, 1]
            )
        return float(np.mean(found))

    assert correlation(0) < min(correlation(-1), correlation(1))


def test_nothing_of_a_forecast_lies_before_mid_2016(panel: Panel) -> None:
    first = int(np.argmax(np.isfinite(panel.issued).any(axis=(1, 2))))
    assert panel.first_day + first == np.datetime64("2016-06-17")


@pytest.mark.heavy
def test_dropping_outliers_drops_what_no_tank_holds_and_little_else(
    panel: Panel, shared_data: Path
) -> None:
    repaired = read_lpg(shared_data / "lpg_tanks" / "lpg_tanks.csv", drop_outliers=True)
    assert np.nansum(panel.use > panel.capacity) > 0
    assert np.nansum(repaired.use > panel.capacity) == 0
    assert 0 < np.isnan(repaired.use).sum() - np.isnan(panel.use).sum() < 40
