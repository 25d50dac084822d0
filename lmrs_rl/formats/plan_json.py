"""Plans and executed trips as JSON, with references to a network's ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lmrs_rl.domain import Costs, Network, Plan, Stop, Trip
from lmrs_rl.formats.json_fields import (
    Id,
    Minutes,
    StrictModel,
    WholeNumber,
    keys_of_field,
    position,
)

if TYPE_CHECKING:  # reading and writing plans needs no router
    from lmrs_rl.orders import UnorderedCustomer
    from lmrs_rl.routing.explaining.explanation import Explanation


class StopModel(StrictModel):
    """A stop of a trip: a drop at a customer or a load at a loading site."""

    kind: Literal["load", "drop"]
    place: Id
    arrival_min: Minutes
    departure_min: Minutes
    kg: float


class TripModel(StrictModel):
    """A trip of a driver and a vehicle from base to base."""

    driver: Id
    vehicle: Id
    product: Id
    start_min: Minutes
    end_min: Minutes
    stops: list[StopModel]


class CostsModel(StrictModel):
    """A plan's cost by part."""

    distance: float
    time: float
    nights: float
    missed: float


class TripsModel(StrictModel):
    """The file of executed trips."""

    format: Literal["lmrs-trips/1"]
    trips: list[TripModel]


class MissedModel(StrictModel):
    """An order that no trip serves, and why."""

    order: WholeNumber
    customer: Id
    reason: str
    detail: str
    extra_cost: float | None


class SlackModel(StrictModel):
    """How much later and how much fuller a trip could be, and what it costs."""

    trip: WholeNumber
    time_min: Minutes
    tightest: str
    load_kg: float
    costs: CostsModel


class ExplanationModel(StrictModel):
    """Why a plan is as it is."""

    missed: list[MissedModel]
    trips: list[SlackModel]
    late: float
    lacking: float


class UnorderedModel(StrictModel):
    """A customer who is due but has no order, and why."""

    customer: Id
    reason: str
    detail: str
    stockout_h: float | None


class FallbackModel(StrictModel):
    """A tank that keeps the baseline's order parameters, and why."""

    tank: Id
    why: str


class PlanModel(StrictModel):
    """A plan's file; the last four fields are missing in files of older versions."""

    format: Literal["lmrs-plan/1"]
    time_min: Minutes
    trips: list[TripModel]
    missed: list[Id]
    costs: CostsModel
    complete: bool
    explanation: ExplanationModel | None = None
    unordered: list[UnorderedModel] | None = Field(
        default=None, validation_alias=keys_of_field("PlanModel", "unordered")
    )
    agent: Id | None = None
    fallbacks: list[FallbackModel] | None = None


@dataclass(frozen=True)
class Author:
    """The agent that chose the order parameters of a plan.

    Attributes
    ----------
    agent : its name
    fallbacks : numbers of tanks that keep the baseline's parameters, each with the reason
    """

    agent: str
    fallbacks: tuple[tuple[int, str], ...] = ()


def to_trips(models: Sequence[TripModel], network: Network) -> tuple[Trip, ...]:
    """Convert a file's trips (`InputError` for unknown ids); only the referee checks the rules."""
    return tuple(_trip(f"trips[{k}]", model, network) for k, model in enumerate(models))


def from_trips(trips: Sequence[Trip], network: Network) -> list[TripModel]:
    """Convert trips to the part of a file that holds them."""
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
    """Convert a file's content to a plan (`InputError` for unknown ids)."""
    customers = network.customers.ids
    return Plan(
        time_min=model.time_min,
        trips=to_trips(model.trips, network),
        missed=tuple(
            position(f"missed[{k}]", name, customers, "customers")
            for k, name in enumerate(model.missed)
        ),
        costs=Costs(**dict(model.costs)),
        complete=model.complete,
    )


def from_plan(
    plan: Plan,
    network: Network,
    explanation: Explanation | None = None,
    unordered: Sequence[UnorderedCustomer] | None = None,
    author: Author | None = None,
) -> PlanModel:
    """Convert a plan to the content of its file; parameters as of `write_plan`."""
    missing = None if unordered is None else [_unordered_model(each, network) for each in unordered]
    return PlanModel(
        format="lmrs-plan/1",
        time_min=int(plan.time_min),
        trips=from_trips(plan.trips, network),
        missed=[network.customers.ids[k] for k in plan.missed],
        costs=_costs_model(plan.costs),
        complete=plan.complete,
        explanation=None if explanation is None else _explanation_model(explanation, network),
        unordered=missing,
        agent=None if author is None else author.agent,
        fallbacks=None if author is None else _fallback_models(author, network),
    )


def _fallback_models(author: Author, network: Network) -> list[FallbackModel]:
    return [FallbackModel(tank=network.tanks.ids[tank], why=why) for tank, why in author.fallbacks]


def _costs_model(costs: Costs) -> CostsModel:
    return CostsModel(**{part: float(value) for part, value in asdict(costs).items()})


def _explanation_model(explanation: Explanation, network: Network) -> ExplanationModel:
    ids = network.customers.ids
    return ExplanationModel(
        missed=[
            MissedModel(
                order=m.order,
                customer=ids[m.customer],
                reason=m.reason.value,
                detail=m.detail,
                extra_cost=m.extra_cost,
            )
            for m in explanation.missed
        ],
        trips=[
            SlackModel(
                trip=s.trip,
                time_min=s.time_min,
                tightest=s.tightest,
                load_kg=s.load_kg,
                costs=_costs_model(costs),
            )
            for s, costs in zip(explanation.slack, explanation.trip_costs, strict=True)
        ],
        late=explanation.late,
        lacking=explanation.lacking,
    )


def _unordered_model(found: UnorderedCustomer, network: Network) -> UnorderedModel:
    return UnorderedModel(
        customer=network.customers.ids[found.customer],
        reason=found.reason.value,
        detail=found.detail,
        stockout_h=found.stockout_h if isfinite(found.stockout_h) else None,
    )


def _trip(field: str, model: TripModel, network: Network) -> Trip:
    return Trip(
        driver=position(f"{field}.driver", model.driver, network.drivers.ids, "drivers"),
        vehicle=position(f"{field}.vehicle", model.vehicle, network.vehicles.ids, "vehicles"),
        product=position(f"{field}.product", model.product, network.products, "products"),
        start_min=model.start_min,
        end_min=model.end_min,
        stops=tuple(
            _stop(f"{field}.stops[{j}]", stop, network) for j, stop in enumerate(model.stops)
        ),
    )


def _stop(field: str, model: StopModel, network: Network) -> Stop:
    ids, what = (
        (network.customers.ids, "customers")
        if model.kind == "drop"
        else (network.sites.ids, "loading sites")
    )
    return Stop(
        model.kind,
        position(f"{field}.place", model.place, ids, what),
        model.arrival_min,
        model.departure_min,
        model.kg,
    )


def _stop_model(stop: Stop, network: Network) -> StopModel:
    ids = network.customers.ids if stop.kind == "drop" else network.sites.ids
    return StopModel(
        kind=stop.kind,
        place=ids[stop.place],
        arrival_min=int(stop.arrival_min),
        departure_min=int(stop.departure_min),
        kg=float(stop.kg),
    )
