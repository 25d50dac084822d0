"""Snapshots and days as JSON, with references to a network's ids."""

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
    StrictModel,
    WholeNumber,
    calendar_date,
    check_row_lengths,
    in_order,
    keys_of_field,
    position,
    to_floats,
)


class TankStateModel(StrictModel):
    """A tank in the morning; ``history_kg`` is the use of past days, oldest first, null where a day
    was not measured.
    """

    id: Id
    level_kg: AtLeast0
    history_kg: list[float | None] = Field(default_factory=list)


class VehicleStateModel(StrictModel):
    """A vehicle in the morning."""

    id: Id
    load_kg: AtLeast0 = 0.0
    load_product: Id | None = None
    free_min: Minutes


class DriverStateModel(StrictModel):
    """A driver in the morning."""

    id: Id
    free_min: Minutes


class DeliveryModel(StrictModel):
    """A drop in transit; ``vehicle`` is null or absent where it is not known, ``room_kg`` where the
    vehicle does not load again.
    """

    tank: Id
    arrival_min: Minutes
    kg: AtLeast0
    vehicle: Id | None = None
    room_kg: AtLeast0 | None = None


class CallInOrderModel(StrictModel):
    """An order that a customer called in."""

    customer: Id
    earliest_min: Minutes
    latest_min: Minutes
    min_kg: AtLeast0
    max_kg: AtLeast0
    announced_min: Minutes = 0


class SnapshotModel(StrictModel):
    """A snapshot's file; the calendar ``date`` is null or absent where it is not known."""

    format: Literal["lmrs-snapshot/1"]
    time_min: Minutes
    date: str | None = None
    tanks: list[TankStateModel]
    vehicles: list[VehicleStateModel]
    drivers: list[DriverStateModel]
    in_transit: list[DeliveryModel] = Field(
        default_factory=list, validation_alias=keys_of_field("Snapshot", "in_transit")
    )
    call_in_orders: list[CallInOrderModel] = Field(default_factory=list)


class TankUseModel(StrictModel):
    """Demand at a tank in each hour."""

    id: Id
    use_kg: list[AtLeast0]


class DaysModel(StrictModel):
    """The file of consecutive days."""

    format: Literal["lmrs-days/1"]
    name: str
    hours: WholeNumber
    start: SnapshotModel
    tanks: list[TankUseModel]
    call_in_orders: list[CallInOrderModel] = Field(default_factory=list)


def to_snapshot(model: SnapshotModel, network: Network, field: str = "") -> Snapshot:
    """Convert a file's content to a snapshot.

    Parameters
    ----------
    model : content of the file
    network : that its ids refer to
    field : prefix of fields in errors

    Raises
    ------
    InputError
        For unknown, missing or repeated ids, and for what does not fit the network.
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
        in_transit=_deliveries(f"{field}in_transit", model.in_transit, network),
        call_in_orders=_call_in_orders(f"{field}call_in_orders", model.call_in_orders, network),
        history_kg=_history(f"{field}tanks", tanks),
    )
    snapshot.check_against(network)
    return snapshot


def to_date(model: SnapshotModel, field: str = "") -> np.datetime64 | None:
    """The morning's date, ``None`` where the file has none (`InputError` for a wrong one)."""
    return None if model.date is None else calendar_date(f"{field}date", model.date)


def from_snapshot(
    snapshot: Snapshot, network: Network, date: np.datetime64 | None = None
) -> SnapshotModel:
    """Convert a snapshot to the content of its file; ``date`` is the morning's, where known."""
    history = [[None if np.isnan(kg) else float(kg) for kg in row] for row in snapshot.history_kg.T]
    return SnapshotModel(
        format="lmrs-snapshot/1",
        time_min=snapshot.time_min,
        date=None if date is None else str(date),
        tanks=[
            TankStateModel(id=name, level_kg=float(level), history_kg=past)
            for name, level, past in zip(network.tanks.ids, snapshot.level_kg, history, strict=True)
        ],
        vehicles=_vehicle_models(snapshot, network),
        drivers=[
            DriverStateModel(id=name, free_min=int(free))
            for name, free in zip(network.drivers.ids, snapshot.driver_free_min, strict=True)
        ],
        in_transit=_delivery_models(snapshot.in_transit, network),
        call_in_orders=_order_models(snapshot.call_in_orders, network),
    )


def _vehicle_models(snapshot: Snapshot, network: Network) -> list[VehicleStateModel]:
    columns = (
        network.vehicles.ids,
        snapshot.load_kg,
        (None if k == NO_PRODUCT else network.products[k] for k in snapshot.load_product),
        snapshot.vehicle_free_min,
    )
    return [
        VehicleStateModel(id=name, load_kg=float(kg), load_product=product, free_min=int(free))
        for name, kg, product, free in zip(*columns, strict=True)
    ]


def _delivery_models(deliveries: Deliveries, network: Network) -> list[DeliveryModel]:
    return [
        DeliveryModel(
            tank=network.tanks.ids[deliveries.tank[k]],
            arrival_min=int(deliveries.arrival_min[k]),
            kg=float(deliveries.kg[k]),
            vehicle=_vehicle_id(int(deliveries.vehicle[k]), network),
            room_kg=None if np.isinf(deliveries.room_kg[k]) else float(deliveries.room_kg[k]),
        )
        for k in range(len(deliveries))
    ]


def to_days(model: DaysModel, network: Network) -> Days:
    """Convert a file's content to days.

    Raises
    ------
    InputError
        For unknown, missing or repeated ids, a series of another length than ``hours``, and what
        does not fit the network.
    """
    tanks = in_order("tanks", model.tanks, lambda m: m.id, network.tanks.ids, "tanks")
    for m in tanks:
        if len(m.use_kg) != model.hours:
            raise InputError(
                f"tanks ({m.id}).use_kg",
                f"{len(m.use_kg)} entries",
                f"one for each of the {model.hours} hours",
                "correct either",
            )
    # Reshaped for networks without tanks, of which the array would have one dimension.
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
    """Convert days to the content of their file; ``date`` is the first morning's, where known."""
    return DaysModel(
        format="lmrs-days/1",
        name=days.name,
        hours=days.hours,
        start=from_snapshot(days.start, network, date),
        tanks=[
            TankUseModel(id=name, use_kg=to_floats(use))
            for name, use in zip(network.tanks.ids, days.use_kg.T, strict=True)
        ],
        call_in_orders=_order_models(days.call_in_orders, network),
    )


def _product(field: str, name: str | None, network: Network) -> int:
    return NO_PRODUCT if name is None else position(field, name, network.products, "products")


def _history(field: str, tanks: list[TankStateModel]) -> FloatArray:
    """(days, n) [kg], NaN where not measured."""
    days = len(tanks[0].history_kg) if tanks else 0
    check_row_lengths(f"{field} (history_kg)", [m.history_kg for m in tanks], days)
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
            [
                _vehicle_number(f"{field}[{k}].vehicle", m.vehicle, network)
                for k, m in enumerate(models)
            ],
            dtype=np.int64,
        ),
        room_kg=np.array(
            [np.inf if m.room_kg is None else m.room_kg for m in models], dtype=np.float64
        ),
    )


def _vehicle_number(field: str, name: str | None, network: Network) -> int:
    """Number of a vehicle, -1 for one that is not known."""
    return -1 if name is None else position(field, name, network.vehicles.ids, "vehicles")


def _vehicle_id(number: int, network: Network) -> str | None:
    """The inverse of `_vehicle_number`."""
    return None if number < 0 else network.vehicles.ids[number]


def _call_in_orders(field: str, models: list[CallInOrderModel], network: Network) -> CallInOrders:
    # Call-in customers are numbered after the tanks.
    customers = [
        network.n_tanks
        + position(f"{field}[{k}].customer", m.customer, network.call_ins.ids, "call-in customers")
        for k, m in enumerate(models)
    ]
    return CallInOrders(
        customer=np.array(customers, dtype=np.int64),
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
