"""What a plan says about itself."""

from __future__ import annotations

from dataclasses import dataclass

from lmrs_rl.domain import Costs
from lmrs_rl.routing.explaining.reasons import MissedReason


@dataclass(frozen=True)
class MissedOrder:
    """An order that no trip serves.

    Attributes
    ----------
    order : its place in the orders given
    customer : customer number
    reason : why
    detail : the same in numbers, in words
    extra_cost : [currency] by how much the cheapest way found to serve it costs more than missing
        it; ``None`` where none was found
    """

    order: int
    customer: int
    reason: MissedReason
    detail: str
    extra_cost: float | None = None


@dataclass(frozen=True)
class TripSlack:
    """How far a trip is from breaking.

    Attributes
    ----------
    trip : its place in the plan
    time_min : [min] by which it can start later with every stop in its window, the driver's hours
        and all other trips kept
    tightest : what breaks after that
    load_kg : [kg] by which its drops could be larger in all
    """

    trip: int
    time_min: int
    tightest: str
    load_kg: float


@dataclass(frozen=True)
class Explanation:
    """Why a plan is as it is.

    Attributes
    ----------
    missed : in the order of the orders
    slack : one a trip, in the order of the plan
    trip_costs : of each trip, in the order of the plan
    costs : of the plan, by part
    late : [currency] price of late drops, which the search counts on top of the costs
    lacking : [currency] value of the kg under ``q_max`` that drops lack, which it counts too
    """

    missed: tuple[MissedOrder, ...]
    slack: tuple[TripSlack, ...]
    trip_costs: tuple[Costs, ...]
    costs: Costs
    late: float
    lacking: float
