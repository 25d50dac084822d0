"""A world's mornings and what is left of it, by hand in the tiny world."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.domain import CallInOrders, Costs, Days, InputError, Plan
from lmrs_rl.forecast import KnownUse
from lmrs_rl.simulation import DecisionState, World
from lmrs_rl.worlds import Outages
from lmrs_rl.worlds.parameters import Cost
from tests import tiny
from tests.worlds.small import same


def world(hours: int = 48, start_min: int = 0, date: str | None = "2025-03-31") -> World:
    start = replace(tiny.snapshot(), time_min=start_min)
    days = Days("tiny", start, tiny.use_kg(hours), CallInOrders.none())
    first = None if date is None else np.datetime64(date)
    return World.of_days(tiny.network(), days, KnownUse(days), first_date=first)


def morning(of: World, time_min: int) -> DecisionState:
    return of.state(7, replace(of.days.start, time_min=time_min), ())


def test_days_that_do_not_fit_or_hold_no_hour_are_refused() -> None:
    with pytest.raises(InputError, match=r"days\.use_kg: got no hours; wanted at least one hour"):
        world(0)
    assert world(1).days.hours == 1
    other = replace(tiny.days(), start=tiny.snapshot(3), use_kg=np.ones((24, 3)))
    with pytest.raises(InputError):
        World.of_days(tiny.network(), other, KnownUse(other))


def test_a_world_of_days_has_no_outages_and_the_costs_it_is_given() -> None:
    made = world()
    assert same(made.outages, Outages.none(2))
    assert (made.cost, made.seed) == (Cost(), 0)
    dear = World.of_days(tiny.network(), tiny.days(), made.forecaster, cost=Cost(lost_per_kg=9.0))
    assert dear.cost.lost_per_kg == 9.0
    assert dear.first_date is None


@pytest.mark.parametrize(
    ("hours", "gone_min", "left"),
    [
        (48, 0, 2),
        (48, 1440, 1),
        (48, 2880, 0),
        (48, 9960, 0),
        (49, 1440, 2),  # of a day cut short an hour is left
        (49, 2880, 1),
        (47, 1440, 1),
    ],
)
def test_a_day_cut_short_is_a_day(hours: int, gone_min: int, left: int) -> None:
    made = world(hours, start_min=600)
    assert made.days_left(morning(made, 600 + gone_min)) == left


@pytest.mark.parametrize(
    ("time_min", "date"),
    [(600, "2025-03-31"), (1980, "2025-03-31"), (2040, "2025-04-01"), (3480, "2025-04-02")],
)
def test_the_date_goes_on_by_days_from_the_first_morning(time_min: int, date: str) -> None:
    made = world(start_min=600)
    # By the clock: the number of the day is a label only.
    state = morning(made, time_min)
    assert (state.date, state.day) == (np.datetime64(date), 7)


def test_without_a_first_date_no_morning_has_one() -> None:
    assert world(date=None).start().date is None


def test_the_first_morning_and_the_two_latest_plans() -> None:
    made = world()
    first = made.start()
    assert (first.day, first.plans) == (0, ())
    assert first.stock is made.days.start
    assert first.date == np.datetime64("2025-03-31")
    plans = tuple(Plan(1440 * k, (), (), Costs(0, 0, 0, 0)) for k in (3, 2, 1))
    assert made.state(4, made.days.start, plans).plans == plans[:2]


def test_a_real_morning_needs_a_forecast_that_starts_then() -> None:
    made = world()
    forecast = made.forecaster(made.network, made.days.start)
    plan = Plan(0, (), (), Costs(0, 0, 0, 0))
    day = np.datetime64("2025-03-31")
    state = DecisionState.known(made.network, made.days.start, forecast, (plan,), day)
    assert (state.day, state.plans, state.date) == (0, (plan,), day)
    assert state.stock is state.snapshot is made.days.start
    later = replace(made.days.start, time_min=1)
    with pytest.raises(InputError, match=r"forecast\.start_min: got 0; .* time_min = 1"):
        DecisionState.known(made.network, later, forecast)
