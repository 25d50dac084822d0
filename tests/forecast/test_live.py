"""The planner's forecasts from fitted models: the right morning, nothing from later, new tanks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedDispatcher
from lmrs_rl.domain import InputError, Snapshot
from lmrs_rl.forecast import Forecaster
from lmrs_rl.forecast.live import PanelForecaster, SnapshotForecaster, default_ranks, snapshot_view
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import Shutdowns
from lmrs_rl.orders import make_orders
from tests import tiny
from tests.forecast.stand_in_models import JointMeanModel, MeanModel, panel

MONDAY = np.datetime64("2024-01-01")


def at(time_min: int, history: Any = None) -> Snapshot:
    return replace(
        tiny.snapshot(),
        time_min=time_min,
        history_kg=np.zeros((0, 2)) if history is None else np.array(history, dtype=np.float64),
    )


def test_the_snapshots_morning_is_that_of_the_panel() -> None:
    forecaster: Forecaster = PanelForecaster(panel(), JointMeanModel(), days=5, first_min=360)
    made = forecaster(tiny.network(), at(360 + 10 * 1440))
    assert (made.start_min, made.days, made.n_tanks) == (360 + 10 * 1440, 5, 2)
    expected = JointMeanModel()(panel().known_at(10), 5).astype(np.float32)
    np.testing.assert_array_equal(made.quantile(0.5), expected[:, :, QUANTILES == 0.5][:, :, 0])


def test_the_models_pool_joins_the_days() -> None:
    made = PanelForecaster(panel(), JointMeanModel()).at(10)
    np.testing.assert_array_equal(made.ranks, JointMeanModel().ranks(panel().known_at(10), 7))


def test_a_model_without_a_pool_gets_one() -> None:
    made = PanelForecaster(panel(), MeanModel()).at(10)
    np.testing.assert_array_equal(made.ranks, default_ranks(2, 7))


def test_what_comes_later_changes_nothing() -> None:
    past = panel()
    use, temperature, issued = np.array(past.use), np.array(past.temperature), np.array(past.issued)
    use[20:], temperature[20:], issued[20:] = 999, 40, 40
    stops = Shutdowns(np.array([1, 0]), np.array([22, 21]), np.array([23, 25]), np.array([20, 21]))
    other = panel(use=use, temperature=temperature, issued=issued, shutdowns=stops)
    one, two = (PanelForecaster(p, JointMeanModel()).at(20) for p in (past, other))
    np.testing.assert_array_equal(one.daily_kg, two.daily_kg)
    np.testing.assert_array_equal(one.cumulative(0.9), two.cumulative(0.9))


def test_what_is_known_that_morning_counts() -> None:
    before = PanelForecaster(panel(), MeanModel())
    without = PanelForecaster(panel(shutdowns=Shutdowns.none()), MeanModel())
    # The stop of days 22 and 23 is announced on day 20: the third and fourth day of that morning's
    # forecast.
    changed = np.flatnonzero(
        np.any(before.at(20).daily_kg[1] != without.at(20).daily_kg[1], axis=1)
    )
    assert changed.tolist() == [2, 3]
    np.testing.assert_array_equal(before.at(19).daily_kg, without.at(19).daily_kg)


def test_it_plans() -> None:
    forecaster = PanelForecaster(panel(), JointMeanModel(), profile=np.full((2, 24), 1 / 24))
    snapshot = at(10 * 1440)
    forecast = forecaster(tiny.network(), snapshot)
    orders = make_orders(
        tiny.network(), snapshot, forecast, FixedDispatcher()(tiny.network(), snapshot, forecast)
    )
    assert [order.customer for order in orders] == [0, 1]


@pytest.mark.parametrize("time_min", [-1440, 31 * 1440, 10 * 1440 + 60])
def test_a_moment_that_is_no_morning_of_the_panel_is_refused(time_min: int) -> None:
    with pytest.raises(InputError, match=r"^(day|time_min): got"):
        PanelForecaster(panel(), MeanModel())(tiny.network(), at(time_min))


def test_the_first_and_the_last_morning_pass() -> None:
    forecaster = PanelForecaster(panel(), MeanModel())
    assert forecaster(tiny.network(), at(0)).start_min == 0
    assert forecaster(tiny.network(), at(30 * 1440)).start_min == 30 * 1440


def test_a_panel_of_other_tanks_is_refused() -> None:
    with pytest.raises(InputError, match=r"tanks\.ids"):
        PanelForecaster(panel(ids=("B", "A")), MeanModel())(tiny.network(), at(0))


def test_at_least_a_day_is_forecast() -> None:
    for bad in (
        lambda: PanelForecaster(panel(), MeanModel(), days=0),
        lambda: SnapshotForecaster(MeanModel(), MONDAY, days=0),
    ):
        with pytest.raises(InputError, match="days"):
            bad()
    assert PanelForecaster(panel(), MeanModel(), days=1).at(3).days == 1


def test_a_snapshot_is_enough() -> None:
    forecaster: Forecaster = SnapshotForecaster(MeanModel(), MONDAY, days=3)
    made = forecaster(tiny.network(), at(3 * 1440, [[10, 5], [20, np.nan], [30, 7]]))
    assert (made.start_min, made.days) == (3 * 1440, 3)
    # Twice the mean at the level 0.5.
    np.testing.assert_allclose(made.quantile(0.5), [[20] * 3, [6] * 3])


def test_a_new_tank_starts_cold_beside_an_old_one() -> None:
    made = SnapshotForecaster(JointMeanModel(), MONDAY, days=2)(
        tiny.network(), at(1440, [[30, np.nan]])
    )
    np.testing.assert_allclose(made.quantile(0.5), [[30] * 2, [10] * 2])
    nothing = SnapshotForecaster(MeanModel(), MONDAY, days=2)(tiny.network(), at(0))
    np.testing.assert_allclose(nothing.quantile(0.5), np.full((2, 2), 10))


def test_the_view_of_a_snapshot_knows_its_dates() -> None:
    # Wednesday at 6:00; the history holds the 24 hours from Monday 6:00 and from Tuesday 6:00 on.
    view = snapshot_view(
        tiny.network(),
        at(2 * 1440 + 360, [[1, 2], [3, 4]]),
        MONDAY,
        holidays=(np.datetime64("2024-01-04"),),
    )
    assert view.weekday(0, 3).tolist() == [0, 1, 2]
    assert view.origin == 2
    assert view.holiday(2, 2).tolist() == [False, True]
    np.testing.assert_array_equal(view.past.capacity, [1000, 1000])
    assert view.past.ids == ("A", "B")


def test_customer_types_reach_the_model() -> None:
    view = snapshot_view(tiny.network(), at(0), MONDAY, customer_type=np.array([3, 1]))
    assert view.past.customer_type.tolist() == [3, 1]


def test_bad_snapshots_are_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"history_kg\[0, 1\]"):
        snapshot_view(tiny.network(), at(1440, [[1, -2]]), MONDAY)
    with pytest.raises(InputError, match="3 tanks"):
        snapshot_view(tiny.network(), tiny.snapshot(tanks=3), MONDAY)
    with pytest.raises(InputError, match="customer_type"):
        snapshot_view(tiny.network(), at(0), MONDAY, customer_type=np.array([1]))
