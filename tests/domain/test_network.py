"""Networks: every refusal by name, and the nearest network that passes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import InputError, Network
from tests import tiny


def change(table: str, **changes: Any) -> Network:
    """The tiny network with one call-in customer and one table changed."""
    network = tiny.network(call_ins=1)
    return replace(network, **{table: replace(getattr(network, table), **changes)})


TWO = np.ones(2)

BAD = [
    # tanks
    ("tanks", {"ids": ("A", "A")}, r"tanks\.ids\[1\]"),
    ("tanks", {"ids": ("A", "")}, r"tanks\.ids\[1\]"),
    ("tanks", {"ids": ("A",)}, r"tanks\.point"),
    ("tanks", {"point": [tiny.A, -1]}, r"tanks\.point\[1\]"),
    ("tanks", {"point": [tiny.A, 5]}, r"tanks\.point\[1\]"),
    ("tanks", {"point": [tiny.A, 0.5]}, r"tanks\.point\[1\]"),
    ("tanks", {"product": [0, 1]}, r"tanks\.product\[1\]"),
    ("tanks", {"setup_min": [30, -1]}, r"tanks\.setup_min\[1\]"),
    ("tanks", {"unload_kg_per_min": [10, 0]}, r"tanks\.unload_kg_per_min\[1\]"),
    ("tanks", {"unload_kg_per_min": [10, np.nan]}, r"tanks\.unload_kg_per_min\[1\]"),
    ("tanks", {"vehicle_allowed": np.ones((2, 2), dtype=bool)}, r"tanks\.vehicle_allowed"),
    ("tanks", {"vehicle_allowed": [True, True]}, r"tanks\.vehicle_allowed"),
    ("tanks", {"access_min": ([[0, 10]],)}, r"tanks\.access_min"),
    ("tanks", {"access_min": ([[0, 10]], [[10, 0]])}, r"tanks\.access_min\[1\]\[0\]"),
    ("tanks", {"overnight": [True]}, r"tanks\.overnight"),
    ("tanks", {"capacity_kg": [1000, 0]}, r"tanks\.capacity_kg\[1\]"),
    ("tanks", {"capacity_kg": [1000, np.inf]}, r"tanks\.capacity_kg\[1\]"),
    ("tanks", {"hit_level_kg": [100, -1]}, r"tanks\.hit_level_kg\[1\]"),
    ("tanks", {"hit_level_kg": [100, 1000]}, r"tanks\.hit_level_kg\[1\]"),
    ("tanks", {"min_drop_kg": [0, -1]}, r"tanks\.min_drop_kg\[1\]"),
    ("tanks", {"min_drop_kg": [0, 1001]}, r"tanks\.min_drop_kg\[1\]"),
    # call-in customers
    ("call_ins", {"ids": ("A",)}, r"tanks\.ids and call_ins\.ids\[2\]"),  # the name of a tank
    ("call_ins", {"point": [5]}, r"call_ins\.point\[0\]"),
    ("call_ins", {"product": [1]}, r"call_ins\.product\[0\]"),
    ("call_ins", {"vehicle_allowed": np.ones((1, 2), dtype=bool)}, r"call_ins\.vehicle_allowed"),
    # loading sites
    ("sites", {"ids": ("",)}, r"loading_sites\.ids\[0\]"),
    ("sites", {"point": [5]}, r"loading_sites\.point\[0\]"),
    ("sites", {"product_offered": np.ones((1, 2), dtype=bool)}, r"loading_sites\.product_offered"),
    ("sites", {"setup_min": [-1]}, r"loading_sites\.setup_min\[0\]"),
    ("sites", {"load_kg_per_min": [0]}, r"loading_sites\.load_kg_per_min\[0\]"),
    ("sites", {"vehicle_allowed": np.ones((1, 2), dtype=bool)}, r"loading_sites\.vehicle_allowed"),
    ("sites", {"access_min": ()}, r"loading_sites\.access_min"),
    # vehicles
    ("vehicles", {"ids": ()}, r"vehicles\.ids"),
    ("vehicles", {"base_point": [5]}, r"vehicles\.base_point\[0\]"),
    ("vehicles", {"capacity_kg": [0]}, r"vehicles\.capacity_kg\[0\]"),
    ("vehicles", {"cost_per_km": [-0.01]}, r"vehicles\.cost_per_km\[0\]"),
    ("vehicles", {"product_allowed": np.ones((1, 2), dtype=bool)}, r"vehicles\.product_allowed"),
    # drivers
    ("drivers", {"ids": ("Ann", "Ann")}, r"drivers\.ids\[1\]"),
    ("drivers", {"shift_min": ([[0, 10], [5, 20]],)}, r"drivers\.shift_min\[0\]\[1\]"),
    ("drivers", {"max_driving_min": [-1]}, r"drivers\.max_driving_min\[0\]"),
    ("drivers", {"min_rest_min": [-1]}, r"drivers\.min_rest_min\[0\]"),
    ("drivers", {"night_min": [-1]}, r"drivers\.night_min\[0\]"),
    ("drivers", {"vehicle_allowed": np.ones((1, 2), dtype=bool)}, r"drivers\.vehicle_allowed"),
    ("drivers", {"cost_per_km": [-1]}, r"drivers\.cost_per_km\[0\]"),
    ("drivers", {"cost_per_min": [-1]}, r"drivers\.cost_per_min\[0\]"),
    ("drivers", {"cost_per_night": [-1]}, r"drivers\.cost_per_night\[0\]"),
    ("drivers", {"cost_per_night": [np.nan]}, r"drivers\.cost_per_night\[0\]"),
]


@pytest.mark.parametrize(
    ("table", "name", "most"),
    [
        ("vehicles", "cost_per_km", 1e6),
        ("drivers", "cost_per_min", 1e6),
        ("vehicles", "capacity_kg", 1e9),
    ],
)
def test_what_no_router_can_count_is_refused(table: str, name: str, most: float) -> None:
    change(table, **{name: [most]})
    with pytest.raises(InputError, match=rf"{table}\.{name}\[0\]: got 1e\+17; wanted at most"):
        change(table, **{name: [1e17]})


@pytest.mark.parametrize(("table", "changes", "said"), BAD)
def test_bad_tables_are_refused_by_name(table: str, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        change(table, **changes)


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        ("tanks", {"unload_kg_per_min": [0.001, np.inf]}),
        ("tanks", {"capacity_kg": [1000, 100.001]}),
        ("tanks", {"hit_level_kg": [0, 999.99]}),
        ("tanks", {"min_drop_kg": [0, 1000]}),
        ("tanks", {"setup_min": [0, 0]}),
        ("tanks", {"access_min": (None, [])}),
        ("tanks", {"point": [tiny.A, tiny.A]}),  # two tanks may stand at one place
        ("sites", {"setup_min": [0], "load_kg_per_min": [0.001]}),
        ("vehicles", {"capacity_kg": [0.001], "cost_per_km": [0]}),
        (
            "drivers",
            {"max_driving_min": [0], "min_rest_min": [0], "night_min": [0], "cost_per_km": [0]},
        ),
        ("drivers", {"shift_min": (None,)}),
    ],
)
def test_the_nearest_good_tables_pass(table: str, changes: dict[str, Any]) -> None:
    change(table, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"products": ()}, "products"),
        ({"products": ("gas", "gas")}, r"products\[1\]"),
        ({"travel_min": np.zeros((4, 5))}, "travel_min"),
        ({"travel_min": np.zeros(5)}, "travel_min"),
        ({"travel_min": np.full((5, 5), -1)}, "travel_min"),
        ({"travel_min": np.full((5, 5), 0.5)}, "travel_min"),
        (
            {"travel_min": np.zeros((4, 4)), "distance_km": np.zeros((4, 4))},
            r"call_ins\.point",
        ),  # C is point 4
        ({"distance_km": np.zeros((4, 4))}, "distance_km"),
        ({"distance_km": np.full((5, 5), -0.1)}, "distance_km"),
        ({"distance_km": np.full((5, 5), 1e200)}, "distance_km"),
        ({"distance_km": np.full((5, 5), np.nan)}, "distance_km"),
        ({"point_xy": np.zeros((4, 2))}, "point_xy"),
        ({"point_xy": np.full((5, 2), np.inf)}, "point_xy"),
    ],
)
def test_bad_networks_are_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        replace(tiny.network(call_ins=1), **changes)


def test_a_network_needs_no_symmetry_and_no_coordinates() -> None:
    network = tiny.network()
    travel = np.array(network.travel_min)
    travel[0, 1] = 999
    assert replace(network, travel_min=travel, point_xy=np.zeros((5, 2))).travel_min[0, 1] == 999


def test_customers_are_numbered_through() -> None:
    customers = tiny.network(call_ins=1).customers
    assert customers.ids == ("A", "B", "C")
    assert customers.point.tolist() == [tiny.A, tiny.B, tiny.C]
    assert len(customers.access_min) == 3


def test_a_full_truckload_is_the_largest_payload_that_may_come() -> None:
    network, both = tiny.network(), np.ones((1, 2), dtype=bool)
    allowed: dict[str, Any] = {"product": [0, 1], "vehicle_allowed": [[True, False], [True, True]]}
    fleet: dict[str, Any] = {
        "ids": ("small", "large"),
        "base_point": [0, 0],
        "capacity_kg": [100, 900],
        "cost_per_km": [1, 1],
        "product_allowed": [[True, True], [True, False]],
    }
    two = replace(
        network,
        products=("gas", "oil"),
        tanks=replace(network.tanks, **allowed),
        call_ins=replace(network.call_ins, vehicle_allowed=np.zeros((0, 2), dtype=bool)),
        sites=replace(network.sites, product_offered=both, vehicle_allowed=both),
        vehicles=replace(network.vehicles, **fleet),
        drivers=replace(network.drivers, vehicle_allowed=both),
    )
    # The large one may not come to A, and may not carry B's oil.
    assert two.full_truckload_kg().tolist() == [100, 100]
    none = replace(two, tanks=replace(two.tanks, vehicle_allowed=np.zeros((2, 2), dtype=bool)))
    assert none.full_truckload_kg().tolist() == [0, 0]
