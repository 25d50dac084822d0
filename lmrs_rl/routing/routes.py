"""Routes as plain data: which visits each slot makes, and when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Visit:
    """One stop of a route.

    Attributes
    ----------
    order, site : order number or loading-site number; the other one is -1
    arrival_min, departure_min : [min] since the morning; service lies between
    sleeps : whether the driver spends a night after it
    """

    order: int
    site: int
    arrival_min: int
    departure_min: int
    sleeps: bool = False


@dataclass(frozen=True)
class Route:
    """A slot that became a trip.

    Attributes
    ----------
    slot : number of the slot
    start_min, end_min : [min] since the morning
    visits : in order
    """

    slot: int
    start_min: int
    end_min: int
    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class Routes:
    """Routes in order of their slots, and whether the search ended by its work budget (complete)
    rather than by the clock.
    """

    routes: tuple[Route, ...]
    complete: bool = True
