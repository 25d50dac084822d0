"""How likely tanks are to run short in a day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import CallInOrders, DailyForecast, Deliveries, Stop, Trip
from lmrs_rl.lookahead.risk import DayRisk
from lmrs_rl.simulation.costs import stockout_days
from lmrs_rl.simulation.futures import draw_futures, hourly_shares
from lmrs_rl.stock import execute
from tests import tiny
from tests.environment.small import first_morning

EVEN = np.full((1, 24), 1 / 24)


def sure(kg_a: float, kg_b: float) -> DayRisk:
    """The tiny world's tanks use so much for sure, evenly over the day."""
    daily = np.array([[[kg_a]], [[kg_b]]], dtype=np.float32)
    return DayRisk.of(
        DailyForecast(0, np.array([0.5]), daily, np.full((1, 2, 1), 0.5, dtype=np.float32)), EVEN
    )


def short(risk: DayRisk, level_a: float, *trips: Trip, way: Deliveries | None = None) -> float:
    """Probability for tank A, B being full."""
    before = replace(
        tiny.snapshot(), level_kg=np.array([level_a, 1000.0]), in_transit=way or Deliveries.none()
    )
    executed, _ = execute(tiny.network(), before, trips, np.zeros((24, 2)), CallInOrders.none())
    return float(risk.stockout_probability(before, executed)[0])


def drop(hour: int, kg: float = 400.0) -> Trip:
    """A trip that drops at A in an hour of the day."""
    at = 60 * hour
    stops = (Stop("load", 0, at - 60, at - 50, kg), Stop("drop", tiny.TANK_A, at, at + 30, kg))
    return Trip(0, 0, 0, at - 100, at + 100, stops)


def test_what_is_used_for_sure_runs_a_tank_short_or_not() -> None:
    risk = sure(240.0, 120.0)
    assert short(risk, 240.0) == 0.0
    assert short(risk, 239.0) == 1.0


def test_a_drop_counts_from_its_hour_on() -> None:
    # 10 kg an hour: 100 kg last for ten hours, so the eleventh, from minute 600 on, is the last in
    # which a drop is in time.
    risk = sure(240.0, 120.0)
    assert short(risk, 100.0, drop(10)) == 0.0
    assert short(risk, 100.0, drop(11)) == 1.0
    assert short(risk, 100.0, drop(10, kg=130.0)) == 1.0  # 230 kg do not last the day


def test_what_is_on_its_way_counts_from_its_arrival_on() -> None:
    def coming(minute: int) -> Deliveries:
        return Deliveries(np.array([0]), np.array([minute]), np.array([400.0]), np.array([-1]))

    risk = sure(240.0, 120.0)
    assert short(risk, 100.0, way=coming(659)) == 0.0
    assert short(risk, 100.0, way=coming(660)) == 1.0
    assert short(risk, 100.0, way=coming(1440)) == 1.0  # tomorrow


def test_probabilities_are_linear_between_quantiles() -> None:
    # A quarter of the days use 10 kg at most, three quarters 30; no less than 10, no more than 30.
    risk = DayRisk(np.array([0.25, 0.75]), np.array([[10.0, 30.0]]), np.ones((24, 1)))
    found = [float(risk.cdf(np.array([kg]))[0]) for kg in (9.9, 10.0, 20.0, 30.0, 31.0)]
    assert found == pytest.approx([0.0, 0.25, 0.5, 1.0, 1.0])


def test_a_tank_that_uses_nothing_never_runs_short() -> None:
    assert short(sure(0.0, 0.0), 0.0) == 0.0


def test_sampled_days_run_short_as_often_as_the_probability_says() -> None:
    morning = first_morning()
    n, forecast = morning.network.n_tanks, morning.forecast
    assert isinstance(forecast, DailyForecast)
    level = forecast.quantile(np.linspace(0.55, 0.95, n))[:, 0]
    before = replace(morning.snapshot, level_kg=level)
    use = draw_futures(forecast, 1000, 1, np.random.default_rng(0)).use_kg[:, 0]
    days = [execute(morning.network, before, (), each, CallInOrders.none())[0] for each in use]
    seen = np.mean([stockout_days(day.unmet_kg) for day in days], axis=0)
    risk = DayRisk.of(forecast, hourly_shares(forecast)).stockout_probability(before, days[0])
    assert risk == pytest.approx(1 - np.linspace(0.55, 0.95, n), abs=1e-6)
    # The pool of 100 draws joins ranks that are not evened out, so frequencies are near, not equal.
    assert seen == pytest.approx(risk, abs=0.12)
