"""The physical limit: solved by hand, by brute force, and never above the km of a plan.

The tiny network: base 0, plant 5, A 20 and B 30 km along a line; the plant to A and back are 30 km,
to B and back 50 km.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product as combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ortools.linear_solver import pywraplp

from lmrs_rl.bounds import LimitSettings, efficiency, physical_limit
from lmrs_rl.bounds.master import Master, Prices
from lmrs_rl.bounds.segments import shortest_km
from lmrs_rl.domain import Deliveries, InputError, LoadingSites, Network
from lmrs_rl.domain.arrays import FloatArray, IntArray, always_open
from tests import tiny
from tests.bounds import cases

EXACT = LimitSettings(gap=0.0)
ABOUT = 1e-6
"""Relative, of the solver."""


def km(net: Network, *kg: float, **more: Any) -> float:
    """[km] the limit of deliveries, with the linear program solved to the end."""
    limit = physical_limit(net, np.array(kg), settings=EXACT, **more)
    assert limit.complete
    return limit.km


def test_one_tank_full_trucks() -> None:
    # 5000 kg are two and a half payloads of 2000 kg.
    limit = physical_limit(tiny.network(), [5000.0, 0.0], settings=EXACT)
    assert [limit.km, limit.radial_km, limit.lp_km_upper] == pytest.approx([75.0, 75.0, 75.0])
    assert limit.kg_per_km == pytest.approx(5000 / 75)


def test_less_than_a_truck_takes_a_whole_visit() -> None:
    limit = physical_limit(tiny.network(), [500.0, 0.0], settings=EXACT)
    assert limit.km == pytest.approx(30.0)
    assert limit.radial_km == pytest.approx(7.5)


def test_two_tanks_on_one_line_share_a_run() -> None:
    assert km(tiny.network(), 1000.0, 1000.0) == pytest.approx(50.0)


def test_what_exceeds_a_payload_is_split() -> None:
    # 3000 + 1000 kg: a run to both with 1000 kg each, and 2000 kg to A alone.
    assert km(tiny.network(), 3000.0, 1000.0) == pytest.approx(80.0)


def test_drops_are_limited_by_what_a_trip_can_leave() -> None:
    # Without a limit one full truck each: 30 + 50. With 1000 kg a trip, two runs to both.
    assert km(tiny.network(), 2000.0, 2000.0) == pytest.approx(80.0)
    assert km(tiny.network(), 2000.0, 2000.0, max_drop_kg=[1000.0, 1000.0]) == pytest.approx(100.0)
    # Three visits of 500 kg to A ride along with B's.
    assert km(tiny.network(), 1500.0, 1500.0, max_drop_kg=[500.0, 500.0]) == pytest.approx(150.0)


def test_product_left_on_board_is_dropped_on_the_next_trips() -> None:
    # Four trips of 500 kg: 30 km each from the plant; but from a base at A's door one load does for
    # all four.
    assert km(tiny.network(), 2000.0, 0.0, max_drop_kg=[500.0, 500.0]) == pytest.approx(120.0)
    at_a = cases.network(vehicles={"base_point": [tiny.A]})
    assert km(at_a, 2000.0, 0.0, max_drop_kg=[500.0, 500.0]) == pytest.approx(30.0)


def test_products_do_not_share_a_run() -> None:
    both = np.ones((1, 2), dtype=bool)
    net = cases.network(
        ("gas", "air"),
        tanks={"product": [0, 1]},
        sites={"product_offered": both},
        vehicles={"product_allowed": both},
    )
    assert km(net, 1000.0, 1000.0) == pytest.approx(80.0)
    # 500 kg of air on board at the start come with the same tanker, but do not help A: base - B -
    # plant is 55 km, base - B - base 60 km.
    assert km(net, 0.0, 500.0, start=cases.start(net, [500.0], [1])) == pytest.approx(50.0)
    assert km(net, 4000.0, 0.0, start=cases.start(net, [500.0], [1])) == pytest.approx(60.0)


def test_the_largest_tanker_that_may_come_counts() -> None:
    assert km(cases.with_vehicles(1000.0, 2000.0), 2000.0, 0.0) == pytest.approx(30.0)
    only_small = [[True, False], [True, True]]
    assert km(
        cases.with_vehicles(1000.0, 2000.0, allowed=only_small), 2000.0, 0.0
    ) == pytest.approx(60.0)
    # 2000 kg to each: the small one twice to A, the large one once to B.
    assert km(
        cases.with_vehicles(1000.0, 2000.0, allowed=only_small), 2000.0, 2000.0
    ) == pytest.approx(110.0)


def two_sites(distance_km: FloatArray) -> Network:
    """Base 0, site 1, tank A 2, tank B 3, a second site 4."""
    site = LoadingSites(
        ("plant", "depot"),
        np.array([1, 4]),
        np.ones((2, 1), dtype=bool),
        np.zeros(2, dtype=np.int64),
        np.full(2, np.inf),
        np.ones((2, 1), dtype=bool),
        (always_open(), always_open()),
    )
    return replace(cases.network(km=distance_km), sites=site)


def test_the_nearer_of_two_sites_is_loaded_at() -> None:
    line = np.abs(np.subtract.outer(tiny.LINE_MIN, tiny.LINE_MIN)) / 2.0
    # The depot lies 5 km behind B: B from there and back, A from the plant.
    assert km(two_sites(line), 2000.0, 2000.0) == pytest.approx(30.0 + 10.0)


def test_a_run_that_ends_elsewhere_pays_for_the_way_to_the_next_loading() -> None:
    # One-way streets: plant -> A -> depot -> plant, 1 km each but the last of 10 km.
    ring = np.full((5, 5), 100.0)
    ring[1, 2] = ring[2, 4] = 1.0
    ring[4, 1] = 10.0
    limit = physical_limit(two_sites(ring), [2000.0, 0.0], settings=EXACT)
    assert limit.km == pytest.approx(12.0)
    assert limit.radial_km == pytest.approx(2.0)


def test_detours_that_are_shorter_than_the_direct_way_are_counted() -> None:
    # Plant to A is 100 km directly and 2 km by way of B's door.
    km_ = np.full((5, 5), 100.0)
    km_[1, 3] = km_[3, 2] = km_[2, 3] = km_[3, 1] = 1.0
    assert km(cases.network(km=km_), 2000.0, 0.0) == pytest.approx(4.0)


def test_what_is_on_board_at_the_start_saves_a_loading() -> None:
    # The plant lies 50 km from A, the base beside it: a full tanker serves A from the base once,
    # the second time from the plant.
    far = np.full((5, 5), 100.0)
    far[0, 2] = far[2, 0] = 1.0
    far[1, 2] = far[2, 1] = 50.0
    net = cases.network(km=far)
    assert km(net, 2000.0, 0.0) == pytest.approx(100.0)
    assert km(net, 2000.0, 0.0, start=cases.start(net, [2000.0], [0])) == pytest.approx(2.0)
    assert km(net, 4000.0, 0.0, start=cases.start(net, [2000.0], [0])) == pytest.approx(102.0)
    # A trip leaves 500 kg. The first 500 are on board, 2 km; a load of the plant is dropped on four
    # trips, 50 + 3 * 2 + 50 km.
    quarter = cases.start(net, [500.0], [0])
    assert km(net, 2000.0, 0.0, max_drop_kg=[500.0, 1.0], start=quarter) == pytest.approx(
        2.0 + 0.75 * 106.0
    )


def test_what_is_on_its_way_at_the_start_may_come_back_on_board() -> None:
    way = Deliveries(np.array([0]), np.array([30]), np.array([500.0]), np.array([0]))
    assert km(
        tiny.network(), 2500.0, 0.0, start=replace(tiny.snapshot(), in_transit=way)
    ) == pytest.approx(30.0)
    # It goes where it saves most: B's 2000 kg.
    way = replace(way, kg=np.array([2000.0]))
    assert km(
        tiny.network(), 2000.0, 2000.0, start=replace(tiny.snapshot(), in_transit=way)
    ) == pytest.approx(30.0)


def test_traces_on_board_are_free() -> None:
    assert km(
        tiny.network(), 2000.5, 0.0, start=cases.start(tiny.network(), [0.5], [0])
    ) == pytest.approx(30.0)


def test_call_in_customers_count() -> None:
    # C lies 35 km along the line, 30 km beyond the plant: A and C with half a payload each.
    assert km(tiny.network(call_ins=1), 1000.0, 0.0, 1000.0) == pytest.approx(60.0)


def test_nothing_delivered_needs_nothing() -> None:
    limit = physical_limit(tiny.network(), [0.0, 0.0])
    assert (limit.km, limit.lp_km_upper, limit.iterations, limit.complete) == (0.0, 0.0, 0, True)
    assert limit.kg_per_km == float("inf")
    assert efficiency(limit, 0.0) == 1.0


def test_traces_do_not_upset_the_program() -> None:
    assert km(tiny.network(), 2000.0, 1e-7) == pytest.approx(30.0)
    # Two grams to B are rounded up to a step of the payload: a valid bound, if weaker than the 50
    # km of a visit to B.
    assert 30.0 < km(tiny.network(), 2000.0, 2e-3) < 50.0


@pytest.mark.parametrize(("kg", "counts"), [(0.99e-3, False), (1e-3, True)])
def test_a_gram_counts_and_less_does_not(kg: float, counts: bool) -> None:
    limit = physical_limit(tiny.network(), [0.0, kg], settings=EXACT)
    assert limit.delivered_kg == kg
    assert (limit.km > 0) is counts


def test_no_trip_drops_more_than_was_delivered() -> None:
    # A trip may leave 2000 kg, but 500 kg were delivered: a whole run of 30 km.
    limit = physical_limit(tiny.network(), [500.0, 0.0], max_drop_kg=[2000.0, 0.0], settings=EXACT)
    assert limit.km == pytest.approx(30.0)


def test_a_limit_is_complete_at_the_gap_asked_for() -> None:
    # The radial bound of 7.5 km is a quarter of the 30: enough for a gap of 0.8, not of 0.7.
    wide, narrow = (
        physical_limit(tiny.network(), [500.0, 0.0], settings=LimitSettings(gap=gap))
        for gap in (0.8, 0.7)
    )
    assert (wide.km, wide.iterations, wide.complete) == (wide.radial_km, 0, True)
    assert narrow.iterations > 0
    assert narrow.km >= 0.3 * 30.0
    assert narrow.complete
    # Without iterations it is complete only at the wide gap.
    for gap, complete in ((0.8, True), (0.7, False)):
        cut = LimitSettings(gap=gap, max_iterations=0)
        assert physical_limit(tiny.network(), [500.0, 0.0], settings=cut).complete is complete


def test_prices_are_the_marginal_km_of_a_delivery() -> None:
    # Full trucks to A: 2000 kg for 30 km.
    limit = physical_limit(tiny.network(), [5000.0, 0.0], settings=EXACT)
    assert limit.price[0] == pytest.approx(30 / 2000)
    assert limit.delivered_kg == 5000.0
    assert limit.patterns >= 1


def test_efficiency_is_the_share_of_the_limit() -> None:
    limit = physical_limit(tiny.network(), [400.0, 600.0], settings=EXACT)
    # One run to both, 50 km; the tiny trip drives 60 km from the base.
    assert efficiency(limit, 60.0) == pytest.approx(50 / 60)


def test_without_iterations_the_radial_bound_is_left() -> None:
    limit = physical_limit(tiny.network(), [500.0, 500.0], settings=LimitSettings(max_iterations=0))
    assert limit.km == limit.radial_km == pytest.approx(0.25 * (30.0 + 50.0))
    assert not limit.complete
    assert limit.lp_km_upper >= 50.0 - 1e-6


BAD = [
    ({"delivered_kg": [1.0]}, "delivered_kg"),  # one of two customers
    ({"delivered_kg": [-1.0, 0.0]}, r"delivered_kg\[0\]"),
    ({"delivered_kg": [np.nan, 0.0]}, r"delivered_kg\[0\]"),
    ({"max_drop_kg": [0.0, 1.0]}, r"max_drop_kg\[0\]"),  # something was delivered there
    ({"max_drop_kg": [1.0]}, "max_drop_kg"),
    ({"start": tiny.snapshot(3)}, "level_kg"),  # of another network
]


@pytest.mark.parametrize(("arguments", "field"), BAD)
def test_bad_input_is_refused(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError, match=field):
        physical_limit(tiny.network(), **{"delivered_kg": [1000.0, 0.0]} | arguments)


def test_the_nearest_good_input_passes() -> None:
    assert (
        physical_limit(
            tiny.network(), [1000.0, 0.0], max_drop_kg=[1000.0, 0.0], start=tiny.snapshot()
        ).km
        > 0
    )


def test_deliveries_that_nobody_can_bring_are_refused_unless_they_were_on_board() -> None:
    closed = cases.with_vehicles(2000.0, allowed=[[True], [False]])
    with pytest.raises(InputError, match=r"delivered_kg\[1\].*B"):
        physical_limit(closed, [0.0, 500.0], start=cases.start(closed, [499.0], [0]))
    # B's must have been on board and is not counted.
    assert km(closed, 1000.0, 500.0, start=cases.start(closed, [500.0], [0])) == pytest.approx(30.0)


@pytest.mark.parametrize(
    "bad",
    [
        {"payload_steps": 0},
        {"payload_steps": 1001},
        {"payload_steps": 2.5},
        {"payload_steps": True},
        {"neighbours": -1},
        {"neighbours": 11},
        {"gap": -0.1},
        {"gap": 1.1},
        {"smoothing": -0.1},
        {"smoothing": 1.0},
        {"max_iterations": -1},
        {"max_iterations": 10**9 + 1},
    ],
)
def test_bad_settings_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(InputError, match=next(iter(bad))):
        LimitSettings(**bad)
    LimitSettings(payload_steps=1, neighbours=0, gap=0.0, smoothing=0.0, max_iterations=0)
    LimitSettings(payload_steps=1000, neighbours=10, gap=1.0, smoothing=0.999, max_iterations=10**9)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf, 0.0])
def test_km_that_cannot_be_are_refused(bad: float) -> None:
    with pytest.raises(InputError, match="km_driven"):
        efficiency(physical_limit(tiny.network(), [1000.0, 0.0]), bad)


def brute_force(net: Network, kg: FloatArray, units: list[int], payload: int) -> float:
    """[km] the delivery-pattern linear program over all runs in whole units, for one vehicle and
    one product.
    """
    way, base = shortest_km(net.distance_km), int(net.vehicles.base_point[0])
    unit_kg = float(net.vehicles.capacity_kg[0]) / payload
    solver = pywraplp.Solver.CreateSolver("GLOP")
    cover = [solver.Constraint(float(each), solver.infinity()) for each in kg]
    balance = [solver.Constraint(0.0, 0.0) for _ in net.sites.point]

    def column(cost: float, start: int, end: int, brought: dict[int, float]) -> None:
        x = solver.NumVar(0.0, solver.infinity(), "")
        solver.Objective().SetCoefficient(x, cost)
        for i, each in brought.items():
            cover[i].SetCoefficient(x, each)
        if start != end:
            balance[start].SetCoefficient(x, 1.0)
            balance[end].SetCoefficient(x, -1.0)

    def extend(
        points: list[int], left: int, trip: frozenset[int], brought: dict[int, float]
    ) -> None:
        for (s, a), (e, b) in combinations(enumerate(net.sites.point.tolist()), repeat=2):
            column(
                sum(way[x, y] for x, y in zip([a, *points], [*points, b], strict=True)),
                s,
                e,
                brought,
            )
        for i, q in combinations(range(net.n_tanks), range(1, left + 1)):
            more, at = {**brought, i: brought.get(i, 0.0) + q * unit_kg}, int(net.tanks.point[i])
            if q <= units[i] and i not in trip:
                extend([*points, at], left - q, trip | {i}, more)
            if q <= units[i] and points:
                extend([*points, base, at], left - q, frozenset({i}), more)

    extend([], payload, frozenset(), {})
    assert solver.Solve() == pywraplp.Solver.OPTIMAL
    return float(solver.Objective().Value())


@given(st.integers(0, 10**6))
def test_equals_brute_force_where_nothing_is_relaxed(seed: int) -> None:
    """Drops of whole steps and a memory for all customers: the relaxation is the program itself."""
    rng = np.random.default_rng(seed)
    net = cases.random_network(rng, tanks=3, vehicles=1, products=1)
    net = replace(net, tanks=replace(net.tanks, vehicle_allowed=np.ones((3, 1), dtype=bool)))
    payload = 4
    unit = float(net.vehicles.capacity_kg[0]) / payload
    units = rng.integers(1, payload + 1, 3).tolist()
    kg = rng.uniform(1.0, 3.0, 3) * net.vehicles.capacity_kg[0]
    limit = physical_limit(
        net,
        kg,
        max_drop_kg=np.array(units) * unit,
        settings=LimitSettings(payload_steps=payload, gap=0.0),
    )
    may_load = np.flatnonzero(
        net.sites.vehicle_allowed[:, 0] & net.sites.product_offered[:, 0]
    ).astype(np.int64)
    net = replace(net, sites=replace(net.sites, **_rows(net.sites, may_load)))
    expected = brute_force(net, kg, units, payload)
    assert limit.km == pytest.approx(expected, rel=ABOUT)
    assert limit.lp_km_upper == pytest.approx(expected, rel=ABOUT)


def _rows(sites: LoadingSites, keep: IntArray) -> dict[str, Any]:
    rows = {
        name: getattr(sites, name)[keep]
        for name in ("point", "product_offered", "setup_min", "load_kg_per_min", "vehicle_allowed")
    }
    return {
        **rows,
        "ids": tuple(sites.ids[k] for k in keep),
        "access_min": tuple(sites.access_min[k] for k in keep),
    }


@given(st.integers(0, 10**6))
def test_never_above_the_km_of_a_plan(seed: int) -> None:
    """Random plans with several vehicles, bases, sites and products, loads left over night and
    product on board at the start.
    """
    rng = np.random.default_rng(seed)
    net = cases.random_network(
        rng, sites=1 + seed % 3, tanks=2 + seed % 5, vehicles=1 + seed % 3, products=1 + seed % 2
    )
    most = net.tanks.capacity_kg
    kg, driven, start = cases.random_plan(net, most, rng)
    limit = physical_limit(
        net,
        kg,
        max_drop_kg=most,
        start=start,
        settings=LimitSettings(payload_steps=20, neighbours=seed % 4),
    )
    assert 0.0 <= limit.radial_km <= limit.km + 1e-9
    assert limit.km <= limit.lp_km_upper + 1e-9
    assert limit.km <= driven + 1e-9
    assert limit.km <= float(limit.price @ kg) + 1e-9


@given(st.integers(0, 10**6))
def test_more_kg_never_need_fewer_km(seed: int) -> None:
    rng = np.random.default_rng(seed)
    net = cases.random_network(rng, tanks=4, vehicles=2, products=1)
    net = replace(net, tanks=replace(net.tanks, vehicle_allowed=np.ones((4, 2), dtype=bool)))
    # Steps of 100 kg for every payload and whole steps everywhere, so that rounding up does not
    # blur the order.
    net = replace(net, vehicles=replace(net.vehicles, capacity_kg=np.full(2, 2000.0)))
    kg = 100.0 * rng.integers(1, 60, 4)
    more = kg + 100.0 * rng.integers(0, 30, 4)
    most = 100.0 * rng.integers(2, 25, 4)
    few, many = (
        physical_limit(
            net, each, max_drop_kg=most, settings=LimitSettings(payload_steps=20, gap=0.0)
        )
        for each in (kg, more)
    )
    assert few.km <= many.km * (1 + 1e-6)


@pytest.mark.heavy
@given(st.integers(0, 10**6), st.integers(0, 12))
@example(21, 2)  # prices would fall below 0
def test_stopping_early_only_costs_tightness(seed: int, iterations: int) -> None:
    rng = np.random.default_rng(seed)
    net = cases.random_network(rng, tanks=6, products=1)
    net = replace(net, tanks=replace(net.tanks, vehicle_allowed=np.ones((6, 2), dtype=bool)))
    kg, most = rng.uniform(0, 9000, 6), net.tanks.capacity_kg
    whole, cut = (
        physical_limit(net, kg, max_drop_kg=most, settings=LimitSettings(max_iterations=n, gap=0.0))
        for n in (500, iterations)
    )
    assert whole.complete
    assert cut.radial_km <= cut.km <= whole.km * (1 + 1e-6)
    assert cut.iterations <= iterations
    # A price under 0 would prove less than 0 does: more kg would cost less.
    assert (cut.price >= 0).all()


@pytest.mark.parametrize("solved", [0, 1, 3])
def test_a_failing_solver_leaves_a_valid_bound_and_says_so(
    solved: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(5)
    net = cases.random_network(rng, tanks=6, products=1)
    net = replace(net, tanks=replace(net.tanks, vehicle_allowed=np.ones((6, 2), dtype=bool)))
    kg = rng.uniform(1000, 9000, 6)
    whole = physical_limit(net, kg, max_drop_kg=net.tanks.capacity_kg, settings=EXACT)
    right, calls = Master.solve, []

    def failing(self: Master) -> Prices | None:
        calls.append(self)
        return right(self) if len(calls) <= solved else None

    monkeypatch.setattr(Master, "solve", failing)
    cut = physical_limit(net, kg, max_drop_kg=net.tanks.capacity_kg, settings=EXACT)
    assert whole.complete
    assert not cut.complete
    assert cut.radial_km <= cut.km <= whole.km
    assert cut.lp_km_upper == float("inf")
