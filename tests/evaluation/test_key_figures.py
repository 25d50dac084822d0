"""Key figures of runs whose every number is known by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from lmrs_rl.dispatchers import FixedDispatcher
from lmrs_rl.domain import Costs, Days, Network, Order, Plan, Snapshot, Trip
from lmrs_rl.evaluation import Kpis, kpi_table, kpis
from lmrs_rl.forecast import KnownUse
from lmrs_rl.simulation import OrderPlanner, World
from lmrs_rl.simulation import run as run_days
from tests import tiny


def run(
    days: Days,
    trips: dict[int, tuple[Trip, ...]],
    missed: dict[int, tuple[int, ...]],
    *,
    network: Network | None = None,
    complete: bool = True,
) -> Kpis:
    """Rolls days with a router that answers with the given trips and missed customers of each
    day.
    """
    network = network or tiny.network()

    def router(network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> Plan:
        day = snapshot.time_min // 1440
        return Plan(
            snapshot.time_min,
            trips.get(day, ()),
            missed.get(day, ()),
            Costs(0.0, 0.0, 0.0, 0.0),
            complete,
        )

    world = World.of_days(network, days, KnownUse(days))
    return kpis(network, days, run_days(world, OrderPlanner(FixedDispatcher(), router)))


def test_one_trip_by_hand() -> None:
    result = run(tiny.days(2), {0: (tiny.trip(),)}, {0: (1,), 1: (0, 1)})
    # Base 0 to B at minute 60 and back: 120 min of driving are 60 km; 200 min at 0.5 and 60 km at 1
    # cost 160.
    assert (result.figures.km, result.figures.cost, result.figures.kg) == (60.0, 160.0, 1000.0)
    assert result.figures.kg_per_km == pytest.approx(1000 / 60)
    assert result.figures.logistic_ratio == pytest.approx(0.16)
    assert (result.days, result.figures.trips, result.figures.drops) == (2, 1, 2)
    # Missed: one order on the first morning, two on the second.
    assert result.missed_orders == 3
    # The only driver works round the clock for two days; 200 of these 2880 minutes are the trip.
    assert result.shift_use == pytest.approx(200 / 2880)
    # One loading of a tanker of 2000 kg brought 1000 kg.
    assert result.mean_fill == pytest.approx(0.5)
    assert (result.broken_rules, result.unfinished_plans) == (0, 0)


def test_without_trips_tanks_run_dry_and_no_ratio_divides_by_zero() -> None:
    result = run(tiny.days(4), {}, {})
    # A (580 kg, 10 kg/h) is dry after 58 h: 38 of 96 h without 10 kg; B (400 kg, 5 kg/h) after 80
    # h: 16 h without 5 kg.
    assert (result.figures.dry_tank_hours, result.figures.unmet_kg) == (38 + 16, 38 * 10 + 16 * 5)
    assert (
        result.figures.kg_per_km,
        result.figures.logistic_ratio,
        result.mean_fill,
        result.shift_use,
    ) == (0.0, 0.0, 0.0, 0.0)


def test_two_loadings_on_a_trip_count_as_two_payloads() -> None:
    trip = tiny.trip()
    again = replace(
        trip,
        stops=(
            replace(trip.stops[0], kg=500.0),
            replace(trip.stops[0], kg=500.0, arrival_min=30, departure_min=50),
            *trip.stops[1:],
        ),
    )
    assert run(tiny.days(1), {0: (again,)}, {}).mean_fill == pytest.approx(1000 / 4000)


def test_only_shifts_within_the_days_count_as_working_time() -> None:
    network = tiny.network()
    shifts = np.array([[-500, 0], [0, 400], [1000, 1500]])
    network = replace(network, drivers=replace(network.drivers, shift_min=(shifts,)))
    # 400 min, and 440 of the last shift before midnight.
    assert run(tiny.days(1), {0: (tiny.trip(),)}, {}, network=network).shift_use == pytest.approx(
        200 / 840
    )


def test_broken_rules_and_plans_cut_short_are_told() -> None:
    early = replace(tiny.trip(), end_min=150)
    result = run(tiny.days(2), {0: (early,)}, {}, complete=False)
    assert result.broken_rules >= 1
    assert result.unfinished_plans == 2


def test_the_dictionary_has_every_figure_once() -> None:
    values = run(tiny.days(2), {0: (tiny.trip(),)}, {0: (1,)}).as_dict()
    assert {
        "days",
        "kg",
        "km",
        "kg_per_km",
        "cost",
        "logistic_ratio",
        "trips",
        "drops",
        "dry_tank_hours",
        "unmet_kg",
    } <= values.keys()
    assert {
        "below_hit_tank_hours",
        "missed_orders",
        "shift_use",
        "mean_fill",
        "broken_rules",
    } <= values.keys()
    assert all(isinstance(value, (int, float)) for value in values.values())


def test_the_table_shows_what_was_counted() -> None:
    printer = Console(width=100)
    with printer.capture() as text:
        printer.print(
            kpi_table("tiny", run(tiny.days(2), {0: (tiny.trip(),)}, {0: (1,)}, complete=False))
        )
    shown = text.get()
    for piece in ("tiny", "1,000", "16.67", "0.16", "missed orders", "plans cut short", "50.0%"):
        assert piece in shown
