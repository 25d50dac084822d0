"""The verdict as a whole: unknown references, figures, and what must not change it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl import referee
from lmrs_rl.domain import CallInOrders, Days, InputError, Stop, Trip
from lmrs_rl.referee import RULES, Violation, judge
from tests import tiny
from tests.referee.cases import days, later, network, order, to_c, told, verdict, with_stop

BAD_TRIPS = [
    ("driver 1", replace(tiny.trip(), driver=1)),
    ("driver -1", replace(tiny.trip(), driver=-1)),
    ("vehicle 1", replace(tiny.trip(), vehicle=1)),
    ("product 1", replace(tiny.trip(), product=1)),
    ("no stops", replace(tiny.trip(), stops=())),
    ("start nan", replace(tiny.trip(), start_min=float("nan"))),  # type: ignore[arg-type]
    ("end 199.5", replace(tiny.trip(), end_min=199.5)),  # type: ignore[arg-type]
    ("stop 0, place 1 of a load", with_stop(tiny.trip(), 0, place=1)),
    ("stop 1, place 2 of a drop", with_stop(tiny.trip(), 1, place=2)),
    ("stop 1, place -1 of a drop", with_stop(tiny.trip(), 1, place=-1)),
    ("stop 1, kind 'drive'", with_stop(tiny.trip(), 1, kind="drive")),
    ("stop 2, quantity nan", with_stop(tiny.trip(), 2, kg=float("nan"))),
    ("stop 2, arrival inf", with_stop(tiny.trip(), 2, arrival_min=float("inf"))),
]


@pytest.mark.parametrize(("fault", "trip"), BAD_TRIPS, ids=[fault for fault, _ in BAD_TRIPS])
def test_ref01_an_unsound_trip_is_told_and_left_out(fault: str, trip: Trip) -> None:
    said = verdict(trip)
    assert said.violations == (Violation("REF01", f"trip 0, {fault}", 1.0, ""),)
    assert (said.figures.trips, said.figures.km) == (0, 0.0)


def test_ref01_the_other_trips_are_judged_under_their_own_numbers() -> None:
    said = verdict(replace(tiny.trip(), driver=7), with_stop(tiny.trip(), 1, departure_min=89))
    assert [violation.where for violation in said.violations] == [
        "trip 0, driver 7",
        "trip 1, stop 1 (A)",
    ]


def test_days_of_another_network_are_refused() -> None:
    with pytest.raises(InputError, match="level_kg"):
        judge(tiny.network(), days(level_kg=[580.0, 1000.1]), ())


def test_figures_of_the_tiny_trip() -> None:
    # 120 min on the line are 60 km at 1 a km; 200 min at 0.5 a min.
    figures = verdict(tiny.trip()).figures
    assert (figures.km, figures.cost, figures.kg) == (60.0, 60.0 + 100.0, 1000.0)
    assert (figures.trips, figures.drops, figures.nights) == (1, 2, 0)
    assert figures.logistic_ratio == 0.16
    assert figures.kg_per_km == pytest.approx(1000.0 / 60.0, rel=1e-15)


def test_figures_a_night_costs_its_price_and_no_time() -> None:
    on = network(
        drivers={"night_min": [480], "cost_per_night": [70.0], "cost_per_km": [0.25]},
        tanks={"overnight": [True, True]},
    )
    figures = verdict(later(tiny.trip(), 2, 480), on=on).figures
    assert figures.nights == 1
    assert figures.cost == 60.0 * 1.25 + 100.0 + 70.0


def test_figures_without_trips_are_zero() -> None:
    figures = verdict().figures
    assert (figures.logistic_ratio, figures.kg_per_km, figures.trips) == (0.0, 0.0, 0)


def test_figures_count_trips_that_start_before_the_end() -> None:
    assert verdict(tiny.trip(48 * 60 - 1)).figures.trips == 1
    assert verdict(tiny.trip(48 * 60)).figures == verdict().figures


def test_drops_at_call_ins_count_as_kg() -> None:
    assert verdict(to_c(90.0), on=network(1), at=days(orders=order())).figures.kg == 1090.0


def test_a_verdict_reads_well() -> None:
    said = verdict(with_stop(tiny.trip(), 1, departure_min=89))
    assert (
        str(said)
        == "not valid, 1 violations:\nSHI03 trip 0, stop 1 (A): departs before its service can be "
        "done, by 1 min"
    )
    assert str(verdict()) == "valid"


def test_the_referee_shares_no_code_with_the_router() -> None:
    files = sorted(Path(referee.__file__).parent.glob("*.py"))
    assert len(files) > 5
    used = {
        line.split()[1]
        for file in files
        for line in file.read_text().splitlines()
        if line.startswith(("from lmrs_rl", "import lmrs_rl"))
    }
    assert {
        name for name in used if not name.startswith(("lmrs_rl.domain", "lmrs_rl.referee"))
    } == set()


def test_every_code_of_the_rule_book_has_a_text() -> None:
    nights, shifts = (
        {"LAY02", "LAY03"},
        {"SHI02", "SHI03", "SHI04", "SHI05", "SHI06", "SHI07", "SHI11", "SHI16"},
    )
    people, stock = {"DRI01", "DRI03", "DRI08", "TL01", "TL03"}, {"DYN01", "QS01", "QS02", "QS03"}
    assert nights | shifts | people | stock < set(RULES)


def moved(at: Days, minutes: int) -> Days:
    """The same days ``minutes`` later on the clock."""
    start, orders = at.start, at.call_in_orders
    shifted = CallInOrders(
        orders.customer,
        orders.earliest_min + minutes,
        orders.latest_min + minutes,
        orders.min_kg,
        orders.max_kg,
        orders.announced_min + minutes,
    )
    return replace(
        at,
        call_in_orders=shifted,
        start=replace(
            start,
            time_min=start.time_min + minutes,
            vehicle_free_min=start.vehicle_free_min + minutes,
            driver_free_min=start.driver_free_min + minutes,
            call_in_orders=shifted,
        ),
    )


minute = st.integers(0, 700)
trips = st.builds(
    lambda start, gaps, kgs: Trip(
        0,
        0,
        0,
        start,
        start + sum(gaps),
        tuple(
            Stop(
                "load" if k == 0 else "drop",
                max(k - 1, 0),
                start + sum(gaps[: 2 * k + 1]),
                start + sum(gaps[: 2 * k + 2]),
                kg,
            )
            for k, kg in enumerate(kgs)
        ),
    ),
    minute,
    st.lists(st.integers(0, 600), min_size=9, max_size=9),
    st.lists(st.floats(-10, 1200), min_size=4, max_size=4),
)
NIGHTS: dict[str, Any] = {"night_min": [480], "max_driving_min": [130]}


@given(st.lists(trips, max_size=3), st.integers(1, 30))
def test_a_shift_of_whole_days_changes_nothing(some: list[Trip], count: int) -> None:
    on, at, minutes = (
        network(1, drivers=NIGHTS, tanks={"overnight": [False, True]}),
        days(orders=order()),
        1440 * count,
    )
    here = judge(on, at, some)
    there = judge(
        on,
        moved(at, minutes),
        [replace(later(trip, 0, minutes), start_min=trip.start_min + minutes) for trip in some],
    )
    assert there == here


@given(st.lists(trips, max_size=3))
def test_whatever_the_trips_the_verdict_is_consistent(some: list[Trip]) -> None:
    said = judge(network(1, drivers=NIGHTS), days(), some)
    assert said.valid == (said.violations == ())
    assert all(violation.code in RULES and violation.excess > 0 for violation in said.violations)
    assert np.isfinite(said.figures.cost)


def test_judging_from_the_middle_goes_on_where_the_first_part_ended() -> None:
    # Two days with a trip on each, and the second day alone from the state that the first leaves.
    first, second = tiny.trip(300), tiny.trip(1740, kg_a=200.0, kg_b=100.0, loaded_kg=300.1)
    whole = verdict(first, second)
    level = np.array([580.0 + 400.0 - 240.0, 400.0 + 600.0 - 120.0])
    middle = days(24, time_min=1440, level_kg=level, vehicle_free_min=[500], driver_free_min=[980])
    part = verdict(second, at=middle)
    assert told(whole) == told(part) == []
    assert part.figures.kg == 300.0
