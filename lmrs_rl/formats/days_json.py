"""A morning's snapshot and a stretch of days as JSON, with references to a network's ids."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from lmrs_rl.domain import NO_PRODUCT, CallInOrders, Days, Deliveries, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.formats.json_fields import (
    AtLeast0,
    Id,
    Minutes,
    Number,
    Strict,
    calendar_date,
    in_order,
    numbers,
    position,
    rows,
)


class TankStateModel(Strict):
    """A tank this morning; ``history_kg`` holds one number a past day, oldest first, null where
    not measured.
    """

    id: Id
    level_kg: AtLeast0
    history_kg: list[float | None] = Field(default_factory=list)


class VehicleStateModel(Strict):
    """A vehicle this morning."""

    id: Id
    load_kg: AtLeast0 = 0.0
    load_product: Id | None = None
    free_min: Minutes


class DriverStateModel(Strict):
    """A driver this morning."""

    id: Id
    free_min: Minutes


class DeliveryModel(Strict):
    """A drop that is on its way; ``vehicle`` null or left out where it is not known who brings
    it, ``room_kg`` where it does not load again.
    """

    tank: Id
    arrival_min: Minutes
    kg: AtLeast0
    vehicle: Id | None = None
    room_kg: AtLeast0 | None = None


class CallInOrderModel(Strict):
    """An order that a customer called in."""

    customer: Id
    earliest_min: Minutes
    latest_min: Minutes
    min_kg: AtLeast0
    max_kg: AtLeast0
    announced_min: Minutes = 0


class SnapshotModel(Strict):
    """The whole file of a snapshot; ``date`` of the calendar, null or left out where it is not
    known.
    """

    format: Literal["lmrs-snapshot/1"]
    time_min: Minutes
    date: str | None = None
    tanks: list[TankStateModel]
    vehicles: list[VehicleStateModel]
    drivers: list[DriverStateModel]
    on_the_way: list[DeliveryModel] = Field(default_factory=list)
    call_in_orders: list[CallInOrderModel] = Field(default_factory=list)


class TankUseModel(Strict):
    """What a tank's customer wants in each hour."""

    id: Id
    use_kg: list[AtLeast0]


class DaysModel(Strict):
    """The whole file of a stretch of days."""

    format: Literal["lmrs-days/1"]
    name: str
    hours: Number
    start: SnapshotModel
    tanks: list[TankUseModel]
    call_in_orders: list[CallInOrderModel] = Field(default_factory=list)


def to_snapshot(model: SnapshotModel, network: Network, field: str = "") -> Snapshot:
    """The domain's snapshot, checked against the network (`InputError`); ``field`` goes before
    the names in errors.
    """
    tanks = in_order(f"{field}tanks", model.tanks, lambda m: m.id, network.tanks.ids, "tanks")
    vehicles = in_order(
        f"{field}vehicles", model.vehicles, lambda m: m.id, network.vehicles.ids, "vehicles"
    )
    drivers = in_order(
        f"{field}drivers", model.drivers, lambda m: m.id, network.drivers.ids, "drivers"
    )
    snapshot = Snapshot(
        time_min=model.time_min,
        level_kg=np.array([m.level_kg for m in tanks], dtype=np.float64),
        load_kg=np.array([m.load_kg for m in vehicles], dtype=np.float64),
        load_product=np.array(
            [
                _product(f"{field}vehicles ({m.id}).load_product", m.load_product, network)
                for m in vehicles
            ],
            dtype=np.int64,
        ),
        vehicle_free_min=np.array([m.free_min for m in vehicles], dtype=np.int64),
        driver_free_min=np.array([m.free_min for m in drivers], dtype=np.int64),
        on_the_way=_deliveries(f"{field}on_the_way", model.on_the_way, network),
        call_in_orders=_call_in_orders(f"{field}call_in_orders", model.call_in_orders, network),
        history_kg=_history(f"{field}tanks", tanks),
    )
    snapshot.check_against(network)
    return snapshot


def to_date(model: SnapshotModel, field: str = "") -> np.datetime64 | None:
    """The morning's date, where the file has one (`InputError` for what is no date); ``field``
    goes before the name in errors.
    """
    return None if model.date is None else calendar_date(f"{field}date", model.date)


def from_snapshot(
    snapshot: Snapshot, network: Network, date: np.datetime64 | None = None
) -> SnapshotModel:
    """The file of a snapshot."""
    history = [[None if np.isnan(kg) else float(kg) for kg in row] for row in snapshot.history_kg.T]
    way = snapshot.on_the_way
    loads = [None if k == NO_PRODUCT else network.products[k] for k in snapshot.load_product]
    return SnapshotModel(
        format="lmrs-snapshot/1",
        time_min=snapshot.time_min,
        date=None if date is None else str(date),
        tanks=[
            TankStateModel(id=name, level_kg=float(level), history_kg=past)
            for name, level, past in zip(network.tanks.ids, snapshot.level_kg, history, strict=True)
        ],
        vehicles=[
            VehicleStateModel(id=name, load_kg=float(kg), load_product=product, free_min=int(free))
            for name, kg, product, free in zip(
                network.vehicles.ids,
                snapshot.load_kg,
                loads,
                snapshot.vehicle_free_min,
                strict=True,
            )
        ],
        drivers=[
            DriverStateModel(id=name, free_min=int(free))
            for name, free in zip(network.drivers.ids, snapshot.driver_free_min, strict=True)
        ],
        on_the_way=[
            DeliveryModel(
                tank=network.tanks.ids[way.tank[k]],
                arrival_min=int(way.arrival_min[k]),
                kg=float(way.kg[k]),
                vehicle=None if way.vehicle[k] < 0 else network.vehicles.ids[way.vehicle[k]],
                room_kg=None if np.isinf(way.room_kg[k]) else float(way.room_kg[k]),
            )
            for k in range(len(way))
        ],
        call_in_orders=_order_models(snapshot.call_in_orders, network),
    )


def to_days(model: DaysModel, network: Network) -> Days:
    """The domain's days, checked against the network (`InputError`)."""
    tanks = in_order("tanks", model.tanks, lambda m: m.id, network.tanks.ids, "tanks")
    for m in tanks:
        if len(m.use_kg) != model.hours:
            raise InputError(
                f"tanks ({m.id}).use_kg",
                f"{len(m.use_kg)} entries",
                f"one for each of the {model.hours} hours",
                "correct either",
            )
    use = np.array([m.use_kg for m in tanks], dtype=np.float64).reshape(len(tanks), model.hours).T
    days = Days(
        name=model.name,
        start=to_snapshot(model.start, network, "start."),
        use_kg=use,
        call_in_orders=_call_in_orders("call_in_orders", model.call_in_orders, network),
    )
    days.check_against(network)
    return days


def from_days(days: Days, network: Network, date: np.datetime64 | None = None) -> DaysModel:
    """The file of a stretch of days; ``date`` of the first morning, where it is known."""
    return DaysModel(
        format="lmrs-days/1",
        name=days.name,
        hours=days.hours,
        start=from_snapshot(days.start, network, date),
        tanks=[
            TankUseModel(id=name, use_kg=numbers(use))
            for name, use in zip(network.tanks.ids, days.use_kg.T, strict=True)
        ],
        call_in_orders=_order_models(days.call_in_orders, network),
    )


def _product(field: str, name: str | None, network: Network) -> int:
    return NO_PRODUCT if name is None else position(field, name, network.products, "products")


def _history(field: str, tanks: list[TankStateModel]) -> FloatArray:
    """(days, n) [kg], NaN where not measured."""
    days = len(tanks[0].history_kg) if tanks else 0
    rows(f"{field} (history_kg)", [m.history_kg for m in tanks], days)
    past = [[np.nan if kg is None else kg for kg in m.history_kg] for m in tanks]
    return np.array(past, dtype=np.float64).reshape(len(tanks), days).T


def _deliveries(field: str, models: list[DeliveryModel], network: Network) -> Deliveries:
    tanks = [
        position(f"{field}[{k}].tank", m.tank, network.tanks.ids, "tanks")
        for k, m in enumerate(models)
    ]
    return Deliveries(
        tank=np.array(tanks, dtype=np.int64),
        arrival_min=np.array([m.arrival_min for m in models], dtype=np.int64),
        kg=np.array([m.kg for m in models], dtype=np.float64),
        vehicle=np.array(
            [_vehicle(f"{field}[{k}].vehicle", m.vehicle, network) for k, m in enumerate(models)],
            dtype=np.int64,
        ),
        room_kg=np.array(
            [np.inf if m.room_kg is None else m.room_kg for m in models], dtype=np.float64
        ),
    )


def _vehicle(field: str, name: str | None, network: Network) -> int:
    return -1 if name is None else position(field, name, network.vehicles.ids, "vehicles")


def _call_in_orders(field: str, models: list[CallInOrderModel], network: Network) -> CallInOrders:
    first = network.n_tanks
    who = [
        first
        + position(f"{field}[{k}].customer", m.customer, network.call_ins.ids, "call-in customers")
        for k, m in enumerate(models)
    ]
    return CallInOrders(
        customer=np.array(who, dtype=np.int64),
        earliest_min=np.array([m.earliest_min for m in models], dtype=np.int64),
        latest_min=np.array([m.latest_min for m in models], dtype=np.int64),
        min_kg=np.array([m.min_kg for m in models], dtype=np.float64),
        max_kg=np.array([m.max_kg for m in models], dtype=np.float64),
        announced_min=np.array([m.announced_min for m in models], dtype=np.int64),
    )


def _order_models(orders: CallInOrders, network: Network) -> list[CallInOrderModel]:
    ids = network.tanks.ids + network.call_ins.ids
    return [
        CallInOrderModel(
            customer=ids[orders.customer[k]],
            earliest_min=int(orders.earliest_min[k]),
            latest_min=int(orders.latest_min[k]),
            min_kg=float(orders.min_kg[k]),
            max_kg=float(orders.max_kg[k]),
            announced_min=int(orders.announced_min[k]),
        )
        for k in range(len(orders))
    ]
