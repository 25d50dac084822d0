"""Trips that are planned, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from lmrs_rl.domain.arrays import FloatArray, floats
from lmrs_rl.domain.network_parts import _set
from lmrs_rl.domain.snapshot import Deliveries
from lmrs_rl.errors import InputError


@dataclass(frozen=True)
class Stop:
    """One call of a trip.

    Attributes
    ----------
    kind : "drop" at a customer or "load" at a loading site
    place : customer number or loading-site number
    arrival_min, departure_min : [min] service lies between them
    kg : [kg] dropped or loaded, >= 0
    """

    kind: Literal["load", "drop"]
    place: int
    arrival_min: int
    departure_min: int
    kg: float


@dataclass(frozen=True)
class Trip:
    """A driver and a vehicle from base to base.

    A night on the road is not declared but follows from the times, as in the ROADEF/EURO Challenge
    2016: there is one before a stop (the return included) where the time since the previous one is
    at least the driver's night longer than the travel time.

    Attributes
    ----------
    driver, vehicle : numbers in the network
    product : number of the product carried
    start_min, end_min : [min] departure from and return to the base
    stops : in order
    """

    driver: int
    vehicle: int
    product: int
    start_min: int
    end_min: int
    stops: tuple[Stop, ...]

    @property
    def dropped_kg(self) -> float:
        return sum(stop.kg for stop in self.stops if stop.kind == "drop")


@dataclass(frozen=True)
class Costs:
    """A plan's cost by part [currency]."""

    distance: float
    time: float
    nights: float
    missed: float

    @property
    def total(self) -> float:
        return self.distance + self.time + self.nights + self.missed


@dataclass(frozen=True)
class Plan:
    """The trips of the next days, in order of start, and what they leave undone.

    Attributes
    ----------
    time_min : [min] when the plan was made
    trips : in order of start
    missed : customers whose order is not served
    costs : by part
    complete : False where the router's far-away clock limit stopped it before its work budget did

    Examples
    --------
    >>> import lmrs_rl
    >>> world = lmrs_rl.open_world("demo", days=1)
    >>> plan = lmrs_rl.plan(world.network, world.days.start).plan
    >>> plan.time_min, plan.complete
    (0, True)
    """

    time_min: int
    trips: tuple[Trip, ...]
    missed: tuple[int, ...]
    costs: Costs
    complete: bool = True

    def starting_before(self, minute: int) -> tuple[Trip, ...]:
        """The trips that start before ``minute``: what is committed when that is tomorrow
        morning.
        """
        return tuple(trip for trip in self.trips if trip.start_min < minute)


@dataclass(frozen=True, eq=False)
class Executed:
    """What really happened from ``from_min`` to ``to_min``.

    Attributes
    ----------
    from_min, to_min : [min]
    trips : that started then, with the quantities really dropped and loaded; they may end later,
        and what they drop and load later is as planned
    arrived : the drops in transit at ``from_min``, with what really went in; as planned where they
        are still in transit
    level_kg : (hours, n) [kg] level of each tank at the end of each hour
    used_kg : (hours, n) [kg] what customers took
    unmet_kg : (hours, n) [kg] demand that the empty tank could not meet
    """

    from_min: int
    to_min: int
    trips: tuple[Trip, ...]
    level_kg: FloatArray
    used_kg: FloatArray
    unmet_kg: FloatArray
    arrived: Deliveries = field(default_factory=Deliveries.none)

    def __post_init__(self) -> None:
        if (self.to_min - self.from_min) % 60 or self.to_min <= self.from_min:
            raise InputError(
                "executed.to_min", self.to_min, "whole hours after from_min", "execute whole hours"
            )
        shape = (
            (self.to_min - self.from_min) // 60,
            np.shape(self.level_kg)[-1] if np.ndim(self.level_kg) else 0,
        )
        for name in ("level_kg", "used_kg", "unmet_kg"):
            _set(self, name, floats(f"executed.{name}", getattr(self, name), shape))
