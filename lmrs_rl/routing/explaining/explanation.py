"""The explanation of a plan as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from lmrs_rl.domain import Costs
from lmrs_rl.routing.explaining.reasons import MissedReason


@dataclass(frozen=True)
class MissedOrder:
    """An order that no trip serves.

    Attributes
    ----------
    order : index in the orders given
    customer : customer number
    reason : why it is not served
    detail : the reason with its figures, as text for people
    extra_cost : [currency] by how much serving it would cost more than missing it, by the cheapest
        insertion found; ``None`` if none was found
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
    trip : index in the plan
    time_min : [min] by which it can start later with every stop still in its window, within the
        driver's hours and without moving other trips
    tightest : the limit that a later start would break
    load_kg : [kg] by which the sum of its drops could be larger
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
    costs : of the plan, by component
    late : [currency] price of late drops, which the search minimises on top of the costs
    lacking : [currency] shortfall cost: value of the kg by which drops fall short of ``q_max``,
        which it minimises, too
    """

    missed: tuple[MissedOrder, ...]
    slack: tuple[TripSlack, ...]
    trip_costs: tuple[Costs, ...]
    costs: Costs
    late: float
    lacking: float
