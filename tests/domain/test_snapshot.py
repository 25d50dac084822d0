"""Mornings and days: every refusal by name, and the nearest good value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import NO_PRODUCT, CallInOrders, Days, Deliveries, InputError, Network, Snapshot
from tests import tiny


def called(**changes: Any) -> CallInOrders:
    order: dict[str, Any] = {
        "customer": [2],
        "earliest_min": [0],
        "latest_min": [100],
        "min_kg": [80],
        "max_kg": [100],
        "announced_min": [0],
    }
    return CallInOrders(**{**order, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"level_kg": [1.0, -0.1]}, r"level_kg\[1\]"),
        ({"level_kg": [1.0, np.nan]}, r"level_kg\[1\]"),
        ({"load_kg": [-1]}, r"load_kg\[0\]"),
        ({"load_kg": [np.inf]}, r"load_kg\[0\]"),
        ({"load_product": [0.5]}, r"load_product\[0\]"),
        ({"load_product": [0, 0]}, "load_product"),
        ({"vehicle_free_min": [0, 0]}, "vehicle_free_min"),
        ({"driver_free_min": [np.nan]}, r"driver_free_min\[0\]"),
        ({"time_min": 0.5}, "time_min"),
        ({"time_min": [0]}, "time_min"),
        ({"history_kg": np.zeros((3, 3))}, "history_kg"),
        ({"history_kg": np.zeros(2)}, "history_kg"),
        ({"history_kg": np.full((1, 2), np.inf)}, "history_kg"),
        ({"history_kg": np.array([[1.0, -0.5]])}, r"history_kg\[0, 1\]"),
    ],
)
def test_bad_snapshots_are_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        replace(tiny.snapshot(), **changes)


def test_a_day_may_be_not_measured() -> None:
    assert np.isnan(replace(tiny.snapshot(), history_kg=np.array([[np.nan, 1.0]])).history_kg[0, 0])


def two_products() -> Network:
    """Product 0 may be carried, product 1 may not."""
    network = tiny.network(call_ins=1)
    return replace(
        network,
        products=("gas", "oil"),
        sites=replace(network.sites, product_offered=np.ones((1, 2), dtype=bool)),
        vehicles=replace(network.vehicles, product_allowed=np.array([[True, False]])),
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"level_kg": [1000.1, 0]}, r"level_kg\[0\] \(A\)"),
        ({"load_kg": [2000.1], "load_product": [0]}, r"load_kg\[0\] \(truck\)"),
        ({"load_kg": [1.0], "load_product": [NO_PRODUCT]}, r"load_product\[0\]"),
        ({"load_kg": [1.0], "load_product": [1]}, r"load_product\[0\]"),
        ({"load_product": [2]}, r"load_product\[0\]"),
        ({"load_product": [-2]}, r"load_product\[0\]"),
        ({"driver_free_min": [0, 0]}, "driver_free_min"),
        ({"load_kg": [0, 0], "load_product": [-1, -1], "vehicle_free_min": [0, 0]}, "load_kg"),
        ({"in_transit": Deliveries([2], [0], [1.0])}, r"in_transit\.tank\[0\]"),  # type: ignore[arg-type]
        ({"in_transit": Deliveries([0], [0], [1.0], [1])}, r"in_transit\.vehicle\[0\]"),  # type: ignore[arg-type]
        ({"in_transit": Deliveries([0], [0], [1.0], [-2])}, r"in_transit\.vehicle\[0\]"),  # type: ignore[arg-type]
        (
            {"call_in_orders": called(customer=[1])},
            r"call_in_orders\.customer",
        ),  # a tank does not call in
        ({"call_in_orders": called(customer=[3])}, r"call_in_orders\.customer"),
    ],
)
def test_snapshots_of_another_network_are_refused_by_name(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        replace(tiny.snapshot(), **changes).check_against(two_products())


def test_a_snapshot_with_another_number_of_tanks_is_refused() -> None:
    with pytest.raises(InputError, match="level_kg"):
        tiny.snapshot(tanks=3).check_against(tiny.network())


@pytest.mark.parametrize(
    "changes",
    [
        {"level_kg": [1000.0, 0]},
        {"load_kg": [2000.0], "load_product": [0]},
        {"load_kg": [0.0], "load_product": [1]},  # an empty vehicle is not asked what it may carry
        {"in_transit": Deliveries([1], [0], [0.0], [-1])},  # type: ignore[arg-type]
        {"in_transit": Deliveries([1], [0], [0.0], [0])},  # type: ignore[arg-type]
        {"call_in_orders": called()},
    ],
)
def test_the_nearest_good_snapshots_pass(changes: dict[str, Any]) -> None:
    replace(tiny.snapshot(), **changes).check_against(two_products())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"min_kg": [-1]}, r"call_in_orders\.min_kg\[0\]"),
        ({"min_kg": [0], "max_kg": [0]}, r"call_in_orders\.max_kg\[0\]"),
        ({"min_kg": [100.1]}, r"call_in_orders\.min_kg\[0\]"),
        ({"earliest_min": [101]}, r"call_in_orders\.earliest_min\[0\]"),
        ({"earliest_min": [0.5]}, r"call_in_orders\.earliest_min\[0\]"),
        ({"max_kg": [np.nan]}, r"call_in_orders\.max_kg\[0\]"),
        ({"max_kg": [1.0, 2.0]}, r"call_in_orders\.max_kg"),
    ],
)
def test_bad_orders_are_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        called(**changes)


def test_the_nearest_good_orders_pass() -> None:
    called(min_kg=[100], earliest_min=[100])
    called(min_kg=[0], max_kg=[0.001])
    assert len(CallInOrders.none()) == 0


def test_take_keeps_the_orders_asked_for() -> None:
    three = CallInOrders(*np.array([[2, 0, k, 0, 1 + k, 0] for k in range(3)], dtype=np.float64).T)
    assert three.take(np.array([2, 0])).max_kg.tolist() == [3, 1]


@pytest.mark.parametrize(
    "columns",
    [
        ([0], [0], [-1.0]),
        ([0], [0.5], [1.0]),
        ([0, 1], [0], [1.0]),
        ([0], [0], [np.nan]),
        ([0], [0], [1.0], [0, 0]),
    ],
)
def test_bad_deliveries_are_refused(columns: Any) -> None:
    with pytest.raises(InputError, match="in_transit"):
        Deliveries(*columns)


def test_the_vehicle_of_a_delivery_need_not_be_known() -> None:
    assert Deliveries(
        np.array([0, 1]), np.array([0, 0]), np.array([1.0, 1.0])
    ).vehicle.tolist() == [-1, -1]
    assert len(Deliveries.none()) == 0


@pytest.mark.parametrize(
    "bad", [np.full((24, 2), -0.1), np.full((24, 2), np.nan), np.zeros((24, 3)), np.zeros(24), 5.0]
)
def test_bad_use_is_refused(bad: Any) -> None:
    with pytest.raises(InputError, match="use_kg"):
        Days("bad", tiny.snapshot(), bad, CallInOrders.none())


def test_days_end_after_their_hours() -> None:
    later = replace(tiny.snapshot(), time_min=600)
    days = Days("d", later, tiny.use_kg(24), CallInOrders.none())
    assert (days.hours, days.end_min) == (24, 600 + 1440)


def test_days_of_another_network_are_refused() -> None:
    with pytest.raises(InputError, match="level_kg"):
        Days("d", tiny.snapshot(tanks=3), np.zeros((24, 3)), CallInOrders.none()).check_against(
            tiny.network()
        )


def test_snapshots_keep_read_only_copies() -> None:
    level = np.array([1.0, 2.0])
    kept: Snapshot = replace(tiny.snapshot(), level_kg=level)
    level[0] = 5
    assert kept.level_kg[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        kept.level_kg[0] = 5
