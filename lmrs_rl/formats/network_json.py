"""Networks as JSON: records with ids, references by id, and hours as [start, end] in minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from lmrs_rl.domain import Customers, Drivers, LoadingSites, Network, Tanks, Vehicles
from lmrs_rl.domain.arrays import windows
from lmrs_rl.formats.json_fields import (
    Above0,
    AtLeast0,
    Id,
    StrictModel,
    WholeNumber,
    Windows,
    check_row_lengths,
    check_unique_ids,
    flagged_ids,
    flags_of_lists,
    position,
    rate_from_file,
    rate_to_file,
    to_floats,
    window_list,
)


class CustomerModel(StrictModel):
    """A customer; all vehicles may come where ``vehicles`` is null or absent, at any time where
    ``access_min`` is.
    """

    id: Id
    point: WholeNumber
    product: Id
    setup_min: WholeNumber = 0
    unload_kg_per_min: Above0 | None = None
    vehicles: list[Id] | None = None
    access_min: Windows = None
    overnight: bool = False


class TankModel(CustomerModel):
    """A customer's tank."""

    capacity_kg: Above0
    hit_level_kg: AtLeast0 = 0.0
    min_drop_kg: AtLeast0 = 0.0


class LoadingSiteModel(StrictModel):
    """A loading site; ``products`` and ``vehicles`` that are null or absent are all of them."""

    id: Id
    point: WholeNumber
    products: list[Id] | None = None
    setup_min: WholeNumber = 0
    load_kg_per_min: Above0 | None = None
    vehicles: list[Id] | None = None
    access_min: Windows = None


class VehicleModel(StrictModel):
    """A tanker."""

    id: Id
    base_point: WholeNumber
    capacity_kg: Above0
    cost_per_km: AtLeast0 = 0.0
    products: list[Id] | None = None


class DriverModel(StrictModel):
    """A driver."""

    id: Id
    shift_min: Windows
    max_driving_min: WholeNumber
    min_rest_min: WholeNumber = 0
    vehicles: list[Id] | None = None
    cost_per_km: AtLeast0 = 0.0
    cost_per_min: AtLeast0 = 0.0
    cost_per_night: AtLeast0 = 0.0
    night_min: WholeNumber = 0


class NetworkModel(StrictModel):
    """A network's file."""

    format: Literal["lmrs-network/1"]
    products: Annotated[list[Id], Field(min_length=1)]
    tanks: list[TankModel]
    call_in_customers: list[CustomerModel] = Field(default_factory=list)
    loading_sites: list[LoadingSiteModel]
    vehicles: list[VehicleModel]
    drivers: list[DriverModel]
    travel_min: list[list[WholeNumber]]
    distance_km: list[list[AtLeast0]]
    point_xy_km: list[tuple[float, float]] | None = None


def to_network(model: NetworkModel) -> Network:
    """Convert a file's content to a network.

    Raises
    ------
    InputError
        For unknown or repeated ids, ragged matrices, and whatever `Network` refuses.
    """
    # Checked here, since numpy refuses ragged rows without naming one.
    for field, matrix in (("travel_min", model.travel_min), ("distance_km", model.distance_km)):
        check_row_lengths(field, matrix, len(matrix))
    for field, table in (
        ("tanks", model.tanks),
        ("call_in_customers", model.call_in_customers),
        ("loading_sites", model.loading_sites),
    ):
        check_unique_ids(field, [m.id for m in table])
    check_unique_ids("vehicles", [m.id for m in model.vehicles])
    check_unique_ids("drivers", [m.id for m in model.drivers])
    # Vehicles first: an error in them would otherwise show as wrong lists of vehicles elsewhere.
    fleet = _vehicles(model.vehicles, model.products)
    vehicles, points = fleet.ids, len(model.travel_min)
    return Network(
        products=tuple(model.products),
        tanks=_tanks(model.tanks, vehicles, model.products),
        call_ins=Customers(
            **_columns("call_in_customers", model.call_in_customers, vehicles, model.products)
        ),
        sites=_sites(model.loading_sites, vehicles, model.products),
        vehicles=fleet,
        drivers=_drivers(model.drivers, vehicles),
        # Reshaped, since an array of no rows has one dimension. Each by its own length, so that
        # `Network` finds and names matrices that do not fit together.
        travel_min=np.array(model.travel_min, dtype=np.int64).reshape(points, points),
        distance_km=np.array(model.distance_km, dtype=np.float64).reshape(
            len(model.distance_km), len(model.distance_km)
        ),
        point_xy=None
        if model.point_xy_km is None
        else np.array(model.point_xy_km, dtype=np.float64).reshape(-1, 2),
    )


def from_network(network: Network) -> NetworkModel:
    """Convert a network to the content of its file."""
    vehicles = network.vehicles.ids
    xy = network.point_xy
    return NetworkModel(
        format="lmrs-network/1",
        products=list(network.products),
        tanks=_tank_models(network),
        call_in_customers=[
            _customer_model(network.call_ins, k, network) for k in range(len(network.call_ins))
        ],
        loading_sites=_site_models(network),
        vehicles=_vehicle_models(network),
        drivers=_driver_models(network.drivers, vehicles),
        travel_min=[[int(cell) for cell in row] for row in network.travel_min],
        distance_km=[to_floats(row) for row in network.distance_km],
        point_xy_km=None if xy is None else [(float(x), float(y)) for x, y in xy],
    )


def _tanks(models: Sequence[TankModel], vehicles: Sequence[str], products: Sequence[str]) -> Tanks:
    return Tanks(
        **_columns("tanks", models, vehicles, products),
        capacity_kg=np.array([m.capacity_kg for m in models], dtype=np.float64),
        hit_level_kg=np.array([m.hit_level_kg for m in models], dtype=np.float64),
        min_drop_kg=np.array([m.min_drop_kg for m in models], dtype=np.float64),
    )


def _columns(
    field: str, models: Sequence[CustomerModel], vehicles: Sequence[str], products: Sequence[str]
) -> dict[str, Any]:
    """Columns that tanks and call-in customers have in common."""
    return {
        "ids": tuple(m.id for m in models),
        "point": np.array([m.point for m in models], dtype=np.int64),
        "product": np.array(
            [
                position(f"{field}[{k}].product", m.product, products, "products")
                for k, m in enumerate(models)
            ],
            dtype=np.int64,
        ),
        "setup_min": np.array([m.setup_min for m in models], dtype=np.int64),
        "unload_kg_per_min": np.array(
            [rate_from_file(m.unload_kg_per_min) for m in models], dtype=np.float64
        ),
        "vehicle_allowed": flags_of_lists(
            field, "vehicles", [m.vehicles for m in models], vehicles
        ),
        "access_min": tuple(
            windows(f"{field}[{k}].access_min", m.access_min) for k, m in enumerate(models)
        ),
        "overnight": np.array([m.overnight for m in models], dtype=np.bool_),
    }


def _sites(
    models: Sequence[LoadingSiteModel], vehicles: Sequence[str], products: Sequence[str]
) -> LoadingSites:
    return LoadingSites(
        ids=tuple(m.id for m in models),
        point=np.array([m.point for m in models], dtype=np.int64),
        product_offered=flags_of_lists(
            "loading_sites", "products", [m.products for m in models], products
        ),
        setup_min=np.array([m.setup_min for m in models], dtype=np.int64),
        load_kg_per_min=np.array(
            [rate_from_file(m.load_kg_per_min) for m in models], dtype=np.float64
        ),
        vehicle_allowed=flags_of_lists(
            "loading_sites", "vehicles", [m.vehicles for m in models], vehicles
        ),
        access_min=tuple(
            windows(f"loading_sites[{k}].access_min", m.access_min) for k, m in enumerate(models)
        ),
    )


def _vehicles(models: Sequence[VehicleModel], products: Sequence[str]) -> Vehicles:
    return Vehicles(
        ids=tuple(m.id for m in models),
        base_point=np.array([m.base_point for m in models], dtype=np.int64),
        capacity_kg=np.array([m.capacity_kg for m in models], dtype=np.float64),
        cost_per_km=np.array([m.cost_per_km for m in models], dtype=np.float64),
        product_allowed=flags_of_lists(
            "vehicles", "products", [m.products for m in models], products
        ),
    )


def _drivers(models: Sequence[DriverModel], vehicles: Sequence[str]) -> Drivers:
    return Drivers(
        ids=tuple(m.id for m in models),
        shift_min=tuple(
            windows(f"drivers[{k}].shift_min", m.shift_min) for k, m in enumerate(models)
        ),
        max_driving_min=np.array([m.max_driving_min for m in models], dtype=np.int64),
        min_rest_min=np.array([m.min_rest_min for m in models], dtype=np.int64),
        vehicle_allowed=flags_of_lists(
            "drivers", "vehicles", [m.vehicles for m in models], vehicles
        ),
        cost_per_km=np.array([m.cost_per_km for m in models], dtype=np.float64),
        cost_per_min=np.array([m.cost_per_min for m in models], dtype=np.float64),
        cost_per_night=np.array([m.cost_per_night for m in models], dtype=np.float64),
        night_min=np.array([m.night_min for m in models], dtype=np.int64),
    )


def _customer_model(table: Customers, k: int, network: Network) -> CustomerModel:
    return CustomerModel(
        id=table.ids[k],
        point=int(table.point[k]),
        product=network.products[table.product[k]],
        setup_min=int(table.setup_min[k]),
        unload_kg_per_min=rate_to_file(table.unload_kg_per_min[k]),
        vehicles=flagged_ids(table.vehicle_allowed[k], network.vehicles.ids),
        access_min=window_list(table.access_min[k]),
        overnight=bool(table.overnight[k]),
    )


def _tank_models(network: Network) -> list[TankModel]:
    tanks = network.tanks
    return [
        TankModel(
            **dict(_customer_model(tanks, k, network)),
            capacity_kg=float(tanks.capacity_kg[k]),
            hit_level_kg=float(tanks.hit_level_kg[k]),
            min_drop_kg=float(tanks.min_drop_kg[k]),
        )
        for k in range(len(tanks))
    ]


def _site_models(network: Network) -> list[LoadingSiteModel]:
    sites = network.sites
    return [
        LoadingSiteModel(
            id=sites.ids[k],
            point=int(sites.point[k]),
            products=flagged_ids(sites.product_offered[k], network.products),
            setup_min=int(sites.setup_min[k]),
            load_kg_per_min=rate_to_file(sites.load_kg_per_min[k]),
            vehicles=flagged_ids(sites.vehicle_allowed[k], network.vehicles.ids),
            access_min=window_list(sites.access_min[k]),
        )
        for k in range(len(sites))
    ]


def _vehicle_models(network: Network) -> list[VehicleModel]:
    vehicles = network.vehicles
    return [
        VehicleModel(
            id=vehicles.ids[k],
            base_point=int(vehicles.base_point[k]),
            capacity_kg=float(vehicles.capacity_kg[k]),
            cost_per_km=float(vehicles.cost_per_km[k]),
            products=flagged_ids(vehicles.product_allowed[k], network.products),
        )
        for k in range(len(vehicles))
    ]


def _driver_models(drivers: Drivers, vehicles: Sequence[str]) -> list[DriverModel]:
    return [
        DriverModel(
            id=drivers.ids[k],
            shift_min=window_list(drivers.shift_min[k]),
            max_driving_min=int(drivers.max_driving_min[k]),
            min_rest_min=int(drivers.min_rest_min[k]),
            vehicles=flagged_ids(drivers.vehicle_allowed[k], vehicles),
            cost_per_km=float(drivers.cost_per_km[k]),
            cost_per_min=float(drivers.cost_per_min[k]),
            cost_per_night=float(drivers.cost_per_night[k]),
            night_min=int(drivers.night_min[k]),
        )
        for k in range(len(drivers))
    ]
