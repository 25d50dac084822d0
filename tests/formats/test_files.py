"""What is written is read back to the last bit; what is wrong is told in one sentence with the
field's path.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.domain import CallInOrders, Costs, Days, Deliveries, InputError, Plan, Snapshot
from lmrs_rl.formats.files import (
    read_dated_days,
    read_dated_snapshot,
    read_days,
    read_network,
    read_plan,
    read_snapshot,
    read_trips,
    write_days,
    write_network,
    write_plan,
    write_snapshot,
    write_trips,
)
from lmrs_rl.formats.plan_json import Author
from lmrs_rl.formats.roadef import read_instance
from tests import tiny

INSTANCES = Path(__file__).resolve().parents[3] / "shared" / "data" / "roadef2016" / "instances"


def same(a: Any, b: Any) -> bool:
    """Equal to the last bit, type and shape included."""
    if is_dataclass(a):
        return type(a) is type(b) and all(
            same(getattr(a, f.name), getattr(b, f.name)) for f in fields(a)
        )
    if isinstance(a, np.ndarray):
        return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())
    if isinstance(a, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return type(a) is type(b) and bool(a == b)


def busy_snapshot() -> Snapshot:
    """Everything that a snapshot can hold: a load, a drop on its way, an order called in,
    history with a hole.
    """
    orders = CallInOrders(
        *(np.array([value]) for value in (tiny.CALL_IN, 600, 900, 100.0, 1 / 3 * 1000, -30))
    )
    return replace(
        tiny.snapshot(),
        time_min=1440,
        load_kg=np.array([0.1 + 0.2]),
        load_product=np.array([0]),
        in_transit=Deliveries(
            np.array([tiny.TANK_B, tiny.TANK_A]),
            np.array([1500, 1501]),
            np.array([123.4, 0.1]),
            np.array([-1, 0]),
        ),
        call_in_orders=orders,
        history_kg=np.array([[1.5, np.nan], [2.5, 0.1]]),
    )


def test_network_round_trip_is_exact(tmp_path: Path) -> None:
    network = tiny.network(call_ins=2)
    tanks = replace(
        network.tanks,
        unload_kg_per_min=np.array([np.inf, 0.1]),
        access_min=(np.zeros((0, 2), dtype=np.int64), np.array([[5, 9], [9, 12]])),
    )
    network = replace(network, tanks=tanks, point_xy=np.full((5, 2), 1 / 3))
    write_network(tmp_path / "n.json", network)
    assert same(read_network(tmp_path / "n.json"), network)


def test_snapshot_round_trip_is_exact(tmp_path: Path) -> None:
    network = tiny.network(call_ins=1)
    write_snapshot(tmp_path / "s.json", busy_snapshot(), network)
    assert same(read_snapshot(tmp_path / "s.json", network), busy_snapshot())


def test_a_mornings_date_is_read_back_and_unknown_where_the_file_has_none(tmp_path: Path) -> None:
    network, date = tiny.network(call_ins=1), np.datetime64("2024-02-29")
    write_snapshot(tmp_path / "s.json", busy_snapshot(), network, date)
    write_days(tmp_path / "d.json", tiny.days(1), tiny.network(), date)
    assert read_dated_snapshot(tmp_path / "s.json", network)[1] == date
    assert read_dated_days(tmp_path / "d.json", tiny.network())[1] == date
    assert same(read_snapshot(tmp_path / "s.json", network), busy_snapshot())
    old = edited_snapshot(tmp_path, lambda document: document.pop("date"))
    snapshot, unknown = read_dated_snapshot(old, network)
    assert unknown is None
    assert same(snapshot, busy_snapshot())


def test_a_snapshot_with_the_old_name_of_drops_in_transit_is_read(tmp_path: Path) -> None:
    def rename(document: dict[str, Any]) -> None:
        document["on_the_way"] = document.pop("in_transit")

    snapshot = busy_snapshot()
    assert len(snapshot.in_transit)
    assert same(
        read_snapshot(edited_snapshot(tmp_path, rename), tiny.network(call_ins=1)), snapshot
    )


def test_drops_in_transit_under_both_of_their_names_are_refused(tmp_path: Path) -> None:
    def repeat(document: dict[str, Any]) -> None:
        document["on_the_way"] = document["in_transit"]

    with pytest.raises(InputError, match="on_the_way"):
        read_snapshot(edited_snapshot(tmp_path, repeat), tiny.network(call_ins=1))


@given(
    kg=st.lists(st.floats(0, 1000, allow_nan=False), min_size=2, max_size=2),
    use=st.lists(st.floats(0, 1e12, allow_nan=False), min_size=0, max_size=48).filter(
        lambda values: len(values) % 2 == 0
    ),
    time=st.integers(-(10**9), 10**9),
)
def test_any_days_round_trip_exactly(
    tmp_path_factory: pytest.TempPathFactory, kg: list[float], use: list[float], time: int
) -> None:
    path = tmp_path_factory.mktemp("days") / "d.json"
    network = tiny.network()
    days = Days(
        "any",
        replace(tiny.snapshot(), level_kg=np.array(kg), time_min=time),
        np.array(use).reshape(-1, 2),
        CallInOrders.none(),
    )
    write_days(path, days, network)
    assert same(read_days(path, network), days)


def test_plans_and_trips_round_trip_exactly(tmp_path: Path) -> None:
    network = tiny.network(call_ins=1)
    trip = tiny.trip(start_min=70, kg_a=1 / 3)
    plan = Plan(0, (trip,), (tiny.CALL_IN,), Costs(1.0, 0.1, 0.0, 1e5), complete=False)
    write_plan(tmp_path / "p.json", plan, network)
    write_trips(tmp_path / "t.json", plan.trips, network)
    assert read_plan(tmp_path / "p.json", network) == plan
    assert read_trips(tmp_path / "t.json", network) == (trip,)


def test_a_plan_is_the_same_with_and_without_who_chose_its_parameters(tmp_path: Path) -> None:
    network, plan = tiny.network(), Plan(0, (tiny.trip(),), (), Costs(1.0, 0.1, 0.0, 0.0))
    write_plan(
        tmp_path / "p.json", plan, network, author=Author("mine", ((tiny.TANK_B, "fill is nan"),))
    )
    document = json.loads((tmp_path / "p.json").read_text())
    assert (document["agent"], document["fallbacks"]) == (
        "mine",
        [{"tank": "B", "why": "fill is nan"}],
    )
    assert read_plan(tmp_path / "p.json", network) == plan
    document["left_out"] = document["unordered"]
    (tmp_path / "twice.json").write_text(json.dumps(document))
    with pytest.raises(InputError, match="left_out"):
        read_plan(tmp_path / "twice.json", network)
    del document["unordered"]
    (tmp_path / "old.json").write_text(json.dumps(document))
    assert read_plan(tmp_path / "old.json", network) == plan
    for key in ("agent", "fallbacks", "explanation", "left_out"):
        del document[key]
    (tmp_path / "p.json").write_text(json.dumps(document))
    assert read_plan(tmp_path / "p.json", network) == plan


@pytest.mark.skipif(not INSTANCES.is_dir(), reason="the shared Air Liquide instances are not there")
@pytest.mark.parametrize("name", sorted(path.name for path in INSTANCES.glob("*.xml")))
def test_instances_round_trip_exactly(tmp_path: Path, name: str) -> None:
    instance = read_instance(INSTANCES / name)
    write_network(tmp_path / "n.json", instance.network)
    write_days(tmp_path / "d.json", instance.days, instance.network)
    network = read_network(tmp_path / "n.json")
    assert same(network, instance.network)
    assert same(read_days(tmp_path / "d.json", network), instance.days)


def test_left_out_lists_of_ids_are_all_and_left_out_rates_take_no_time(tmp_path: Path) -> None:
    def thin(document: dict[str, Any]) -> None:
        for table in ("tanks", "loading_sites", "drivers"):
            del document[table][0]["vehicles"]
        del (
            document["tanks"][0]["unload_kg_per_min"],
            document["vehicles"][0]["products"],
            document["call_in_customers"],
        )

    assert same(read_network(edited(tmp_path, thin)), tiny.network())


def edited(folder: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    """The tiny network's file after a change."""
    return _edited(folder, edit, lambda path: write_network(path, tiny.network()), "network.json")


def edited_snapshot(folder: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    return _edited(
        folder,
        edit,
        lambda path: write_snapshot(path, busy_snapshot(), tiny.network(1)),
        "snapshot.json",
    )


def edited_days(folder: Path, edit: Callable[[dict[str, Any]], object]) -> Path:
    return _edited(
        folder, edit, lambda path: write_days(path, tiny.days(1), tiny.network(1)), "days.json"
    )


def _edited(
    folder: Path,
    edit: Callable[[dict[str, Any]], object],
    write: Callable[[Path], object],
    name: str,
) -> Path:
    path = folder / name
    write(path)
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))
    return path


def put(*keys: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    """Sets one entry of a document."""

    def edit(document: Any) -> None:
        for key in keys[:-1]:
            document = document[key]
        document[keys[-1]] = value

    return edit


NETWORK_FAULTS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (
        put("format", value="lmrs-network/2"),
        "network.json: format: got 'lmrs-network/2'; wanted 'lmrs-network/1'",
    ),
    (put("colour", value="red"), "network.json: colour: got an unknown field"),
    (
        put("tanks", 1, "capacty_kg", value=3),
        "network.json: tanks[1].capacty_kg: got an unknown field",
    ),
    (
        put("tanks", 1, "capacity_kg", value=-5),
        "network.json: tanks[1].capacity_kg: got -5; wanted input should be greater than 0",
    ),
    (
        put("tanks", 1, "capacity_kg", value=float("nan")),
        "network.json: tanks[1].capacity_kg: got nan; wanted input should be a finite number",
    ),
    (
        put("tanks", 1, "capacity_kg", value="9"),
        "network.json: tanks[1].capacity_kg: got '9'; wanted input should be a valid number",
    ),
    (put("tanks", 1, "setup_min", value=1.5), "network.json: tanks[1].setup_min: got 1.5; wanted"),
    (put("tanks", 1, "setup_min", value=10**30), "network.json: tanks[1].setup_min: got 1000"),
    (
        put("tanks", 1, "hit_level_kg", value=1000),
        "network.json: tanks.hit_level_kg[1]: got 1000.0; wanted below the tank's capacity",
    ),
    (
        put("tanks", 1, "id", value="A"),
        "network.json: tanks[1].id: got 'A'; wanted an id used once",
    ),
    (
        put("tanks", 1, "product", value="lox"),
        "network.json: tanks[1].product: got 'lox'; wanted the id of one of the 1 products (gas)",
    ),
    (
        put("tanks", 1, "vehicles", value=["truck", "bus"]),
        "network.json: tanks[1].vehicles[1]: got 'bus'; wanted the id of one of the 1 vehicles",
    ),
    (
        put("tanks", 1, "access_min", value=[[9, 5]]),
        "network.json: tanks[1].access_min[0]: got [9, 5]; wanted start <= end",
    ),
    (
        put("tanks", 1, "access_min", value=[[9]]),
        "network.json: tanks[1].access_min[0][1]: got nothing",
    ),
    (
        put("tanks", 1, "point", value=5),
        "network.json: tanks.point[1]: got 5; wanted the number of one of the 5 points",
    ),
    (
        put("drivers", 0, "vehicles", 0, value="bus"),
        "network.json: drivers[0].vehicles[0]: got 'bus'",
    ),
    (
        put("loading_sites", 0, "products", value=["lox"]),
        "network.json: loading_sites[0].products[0]: got 'lox'",
    ),
    (
        put("vehicles", value=[]),
        "network.json: vehicles.ids: got an empty list; wanted at least one vehicle",
    ),
    (
        put("products", value=[]),
        "network.json: products: got []; wanted list should have at least 1 item",
    ),
    (
        put("travel_min", 2, value=[1, 2]),
        "network.json: travel_min[2]: got 2 entries; wanted 5 entries",
    ),
    (
        put("distance_km", value=[[0.0]]),
        "network.json: distance_km: got shape (1, 1); wanted shape (5, 5)",
    ),
    (put("distance_km", 0, 1, value=-1), "network.json: distance_km[0][1]: got -1; wanted"),
    (
        put("point_xy_km", value=[[0, 0]]),
        "network.json: point_xy: got shape (1, 2); wanted shape (5, 2)",
    ),
    (
        lambda document: document.pop("drivers"),
        "network.json: drivers: got nothing; wanted this field",
    ),
]


@pytest.mark.parametrize(("edit", "message"), NETWORK_FAULTS)
def test_a_wrong_network_is_refused_by_the_name_of_the_field(
    tmp_path: Path, edit: Callable[[dict[str, Any]], object], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_network(edited(tmp_path, edit))
    assert str(caught.value).startswith(message)


SNAPSHOT_FAULTS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (
        put("tanks", 1, "level_kg", value=1000.1),
        "snapshot.json: level_kg[1] (B): got 1000.1 kg; wanted at most the capacity of 1000 kg",
    ),
    (
        put("tanks", 1, "id", value="Z"),
        "snapshot.json: tanks[1].id: got 'Z'; wanted the id of one of the 2 tanks (A, B)",
    ),
    (
        put("tanks", 1, "id", value="A"),
        "snapshot.json: tanks[1].id: got 'A'; wanted an id used once",
    ),
    (lambda document: document["tanks"].pop(), "snapshot.json: tanks: got no entry for 'B'"),
    (
        put("tanks", 1, "history_kg", value=[1.0]),
        "snapshot.json: tanks (history_kg)[1]: got 1 entries; wanted 2 entries",
    ),
    (
        put("tanks", 1, "history_kg", 0, value=float("inf")),
        "snapshot.json: tanks[1].history_kg[0]: got inf",
    ),
    (
        put("vehicles", 0, "load_product", value="lox"),
        "snapshot.json: vehicles (truck).load_product: got 'lox'",
    ),
    (
        put("vehicles", 0, "load_product", value=None),
        "snapshot.json: load_product[0]: got -1; wanted the product",
    ),
    (
        put("vehicles", 0, "load_kg", value=2001),
        "snapshot.json: load_kg[0] (truck): got 2001 kg; wanted at most the payload",
    ),
    (put("in_transit", 0, "tank", value="C"), "snapshot.json: in_transit[0].tank: got 'C'"),
    (
        put("in_transit", 1, "vehicle", value="bus"),
        "snapshot.json: in_transit[1].vehicle: got 'bus'",
    ),
    (
        put("call_in_orders", 0, "customer", value="A"),
        "snapshot.json: call_in_orders[0].customer: got 'A'",
    ),
    (
        put("call_in_orders", 0, "latest_min", value=1),
        "snapshot.json: call_in_orders.earliest_min[0]: got 600",
    ),
    (put("time_min", value=None), "snapshot.json: time_min: got None"),
    (
        put("date", value="31.3.2025"),
        "snapshot.json: date: got '31.3.2025'; wanted a date such as 2025-03-31",
    ),
    (
        put("date", value="2025-02-30"),
        "snapshot.json: date: got '2025-02-30'; wanted a date such as 2025-03-31",
    ),
    (put("date", value="2025-03"), "snapshot.json: date: got '2025-03'"),
    (put("date", value="20250-03-01"), "snapshot.json: date: got '20250-03-01'"),
    (put("date", value=20250331), "snapshot.json: date: got 20250331"),
]


@pytest.mark.parametrize(("edit", "message"), SNAPSHOT_FAULTS)
def test_a_wrong_snapshot_is_refused_by_the_name_of_the_field(
    tmp_path: Path, edit: Callable[[dict[str, Any]], object], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_snapshot(edited_snapshot(tmp_path, edit), tiny.network(1))
    assert str(caught.value).startswith(message)


DAYS_FAULTS: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (
        put("hours", value=23),
        "days.json: tanks (A).use_kg: got 24 entries; wanted one for each of the 23 hours",
    ),
    (put("tanks", 0, "use_kg", 3, value=-1), "days.json: tanks[0].use_kg[3]: got -1"),
    (put("start", "tanks", 0, "id", value="Z"), "days.json: start.tanks[0].id: got 'Z'"),
    (put("start", "format", value="x"), "days.json: start.format: got 'x'"),
    (put("start", "date", value="yesterday"), "days.json: start.date: got 'yesterday'"),
]


@pytest.mark.parametrize(("edit", "message"), DAYS_FAULTS)
def test_wrong_days_are_refused_by_the_name_of_the_field(
    tmp_path: Path, edit: Callable[[dict[str, Any]], object], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_days(edited_days(tmp_path, edit), tiny.network(1))
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("place", "value"), [("driver", "Bob"), ("vehicle", "bus"), ("product", "lox")]
)
def test_trips_with_unknown_ids_are_refused(tmp_path: Path, place: str, value: str) -> None:
    write = lambda path: write_trips(path, (tiny.trip(),), tiny.network())  # noqa: E731
    path = _edited(tmp_path, put("trips", 0, place, value=value), write, "trips.json")
    with pytest.raises(InputError, match=rf"^trips.json: trips\[0\].{place}: got '{value}'"):
        read_trips(path, tiny.network())


def test_a_stop_at_a_customer_is_no_loading_site(tmp_path: Path) -> None:
    write = lambda path: write_trips(path, (tiny.trip(),), tiny.network())  # noqa: E731
    path = _edited(tmp_path, put("trips", 0, "stops", 0, "place", value="A"), write, "trips.json")
    with pytest.raises(
        InputError,
        match=r"^trips.json: trips\[0\].stops\[0\].place: got 'A'; wanted the id of one of the 1 "
        r"loading sites \(plant\)",
    ):
        read_trips(path, tiny.network())


@pytest.mark.parametrize(
    "text", ["", "  \n", '{"format": "lmrs-netw', "[1, 2]", "NaN", '{"tanks": [}', "\x00"]
)
def test_broken_files_are_one_error_with_the_files_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "n.json").write_text(text)
    with pytest.raises(InputError, match=r"n\.json"):
        read_network(tmp_path / "n.json")


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    write_network(tmp_path / "n.json", tiny.network())
    text = (tmp_path / "n.json").read_text().rstrip()
    for length in range(0, len(text), 97):
        (tmp_path / "n.json").write_text(text[:length])
        with pytest.raises(InputError, match=r"n\.json"):
            read_network(tmp_path / "n.json")


def test_text_in_another_encoding_and_missing_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "n.json").write_bytes(b"\xff\xfe{}")
    for path in (tmp_path / "n.json", tmp_path / "missing.json", tmp_path):
        with pytest.raises(InputError):
            read_network(path)


def test_nothing_is_left_of_a_file_that_could_not_be_written(tmp_path: Path) -> None:
    with pytest.raises(IndexError):
        write_trips(tmp_path / "t.json", (replace(tiny.trip(), driver=7),), tiny.network())
    assert list(tmp_path.iterdir()) == []


def test_files_are_for_others_to_read(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    write_network(tmp_path / "n.json", tiny.network())
    assert (tmp_path / "n.json").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_network_file_is_for_people(tmp_path: Path) -> None:
    write_network(tmp_path / "n.json", tiny.network())
    text = (tmp_path / "n.json").read_text()
    assert "\n  [0, 10, 40, 60, 70],\n" in text or "[[0, 10, 40, 60, 70]," in text
    assert max(map(len, text.splitlines())) <= 140
