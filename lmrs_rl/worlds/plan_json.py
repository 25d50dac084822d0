"""Plans and executed trips as JSON, with references to a network's ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

from lmrs_rl.domain import Costs, Network, Plan, Stop, Trip
from lmrs_rl.worlds.json_edge import Id, Minutes, Strict, position


class StopModel(Strict):
    """One call of a trip: a drop at a customer or a load at a loading site."""

    kind: Literal["load", "drop"]
    place: Id
    arrival_min: Minutes
    departure_min: Minutes
    kg: float


class TripModel(Strict):
    """A driver and a vehicle from base to base."""

    driver: Id
    vehicle: Id
    product: Id
    start_min: Minutes
    end_min: Minutes
    stops: list[StopModel]


class CostsModel(Strict):
    """A plan's cost by part."""

    distance: float
    time: float
    nights: float
    missed: float


class TripsModel(Strict):
    """The whole file of executed trips."""

    format: Literal["lmrs-trips/1"]
    trips: list[TripModel]


class PlanModel(Strict):
    """The whole file of a plan."""

    format: Literal["lmrs-plan/1"]
    time_min: Minutes
    trips: list[TripModel]
    missed: list[Id]
    costs: CostsModel
    complete: bool


def to_trips(models: Sequence[TripModel], network: Network) -> tuple[Trip, ...]:
    """The domain's trips; `InputError` for unknown ids. Whether they keep the rules is for the referee to say."""
    return tuple(_trip(f"trips[{k}]", model, network) for k, model in enumerate(models))


def from_trips(trips: Sequence[Trip], network: Network) -> list[TripModel]:
    """The file's part that holds trips."""
    return [
        TripModel(
            driver=network.drivers.ids[trip.driver],
            vehicle=network.vehicles.ids[trip.vehicle],
            product=network.products[trip.product],
            start_min=int(trip.start_min),
            end_min=int(trip.end_min),
            stops=[_stop_model(stop, network) for stop in trip.stops],
        )
        for trip in trips
    ]


def to_plan(model: PlanModel, network: Network) -> Plan:
    """The domain's plan; `InputError` for unknown ids."""
    customers = network.customers.ids
    return Plan(
        time_min=model.time_min,
        trips=to_trips(model.trips, network),
        missed=tuple(position(f"missed[{k}]", name, customers, "customers") for k, name in enumerate(model.missed)),
        costs=Costs(**dict(model.costs)),
        complete=model.complete,
    )


def from_plan(plan: Plan, network: Network) -> PlanModel:
    """The file of a plan."""
    return PlanModel(
        format="lmrs-plan/1",
        time_min=int(plan.time_min),
        trips=from_trips(plan.trips, network),
        missed=[network.customers.ids[k] for k in plan.missed],
        costs=CostsModel(**{part: float(value) for part, value in asdict(plan.costs).items()}),
        complete=plan.complete,
    )


def _trip(field: str, model: TripModel, network: Network) -> Trip:
    return Trip(
        driver=position(f"{field}.driver", model.driver, network.drivers.ids, "drivers"),
        vehicle=position(f"{field}.vehicle", model.vehicle, network.vehicles.ids, "vehicles"),
        product=position(f"{field}.product", model.product, network.products, "products"),
        start_min=model.start_min,
        end_min=model.end_min,
        stops=tuple(_stop(f"{field}.stops[{j}]", stop, network) for j, stop in enumerate(model.stops)),
    )


def _stop(field: str, model: StopModel, network: Network) -> Stop:
    ids, what = (network.customers.ids, "customers") if model.kind == "drop" else (network.sites.ids, "loading sites")
    return Stop(model.kind, position(f"{field}.place", model.place, ids, what), model.arrival_min, model.departure_min, model.kg)


def _stop_model(stop: Stop, network: Network) -> StopModel:
    ids = network.customers.ids if stop.kind == "drop" else network.sites.ids
    return StopModel(
        kind=stop.kind, place=ids[stop.place], arrival_min=int(stop.arrival_min), departure_min=int(stop.departure_min), kg=float(stop.kg)
    )
