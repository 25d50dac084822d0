"""What became of yesterday's drops, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lmrs_rl.domain import Costs, Plan
from lmrs_rl.simulation.plan_changes import Churn, DayChurn, churn
from tests import tiny

DAY = 1440
A, B, C = range(3)


def plan(made_on: int, *drops: tuple[int, int, int]) -> Plan:
    """A plan of the morning of a day with a trip for each (customer, day, vehicle)."""
    load, drop, _ = tiny.trip().stops
    trips = [
        replace(
            tiny.trip(start_min=day * DAY),
            vehicle=vehicle,
            stops=(load, replace(drop, place=customer)),
        )
        for customer, day, vehicle in drops
    ]
    return Plan(made_on * DAY, tuple(trips), (), Costs(0.0, 0.0, 0.0, 0.0))


def of_day(found: Churn, day: int) -> DayChurn:
    return next(each for each in found.days if each.day == day)


def test_an_unchanged_plan_has_no_churn() -> None:
    found = churn(plan(0, (A, 1, 0), (B, 2, 0)), plan(1, (A, 1, 0), (B, 2, 0)))
    assert [(d.day, d.kept, d.other_vehicle, d.other_day, d.gone, d.added) for d in found.days] == [
        (1, 1, 0, 0, 0, 0),
        (2, 1, 0, 0, 0, 0),
        (3, 0, 0, 0, 0, 0),
        (4, 0, 0, 0, 0, 0),
    ]
    assert found.share_kept == 1.0


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ((A, 2, 0), DayChurn(2, 1, 0, 0, 0, 0)),
        ((A, 2, 1), DayChurn(2, 0, 1, 0, 0, 0)),
        ((A, 3, 0), DayChurn(2, 0, 0, 1, 0, 0)),
        ((B, 2, 0), DayChurn(2, 0, 0, 0, 1, 1)),
        ((A, 5, 0), DayChurn(2, 0, 0, 1, 0, 0)),
    ],
    ids=["kept", "other vehicle", "other day", "another customer", "later than the old plan saw"],
)
def test_what_becomes_of_a_drop(now: tuple[int, int, int], wanted: DayChurn) -> None:
    found = churn(plan(0, (A, 2, 0)), plan(1, now))
    assert of_day(found, 2) == wanted
    assert (
        sum(
            day.kept + day.other_vehicle + day.other_day + day.gone + day.added
            for day in found.days
        )
        == 1 + wanted.added
    )


def test_drops_of_trips_that_have_started_are_no_churn() -> None:
    found = churn(plan(0, (A, 0, 0), (B, 1, 0)), plan(1, (B, 1, 0)))
    assert found.share_kept == 1.0
    assert sum(day.planned for day in found.days) == 1


def test_two_drops_of_a_customer_are_matched_best_first() -> None:
    # Of the drops on days 1 and 3, the one on day 3 stays and the other moves to day 2.
    found = churn(plan(0, (C, 1, 0), (C, 3, 0)), plan(1, (C, 2, 1), (C, 3, 0)))
    assert (of_day(found, 3).kept, of_day(found, 1).other_day, of_day(found, 2).added) == (1, 1, 0)


def test_a_drop_that_is_new_counts_on_its_day() -> None:
    found = churn(plan(0), plan(1, (A, 4, 0), (B, 5, 0)))
    assert (of_day(found, 4).added, sum(day.added for day in found.days)) == (1, 1)


def test_shares() -> None:
    found = churn(
        plan(0, (A, 1, 0), (B, 1, 0), (C, 2, 0)), plan(1, (A, 1, 0), (B, 1, 1), (C, 2, 0))
    )
    assert of_day(found, 1).share_kept == 0.5
    assert of_day(found, 3).share_kept == 1.0
    assert found.share_kept == pytest.approx(2 / 3)


def test_two_plans_of_one_morning_compare_from_that_day_on() -> None:
    found = churn(plan(0, (A, 0, 0)), plan(0, (A, 0, 0)))
    assert (found.days[0].day, found.days[0].kept) == (0, 1)
