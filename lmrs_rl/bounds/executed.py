"""The physical limit of executed days: what was delivered, and how much a trip could drop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lmrs_rl.bounds.limit import LimitSettings, PhysicalLimit, physical_limit
from lmrs_rl.domain import Days, Network, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_HOUR, FloatArray


def limit_of_trips(
    network: Network, days: Days, trips: Sequence[Trip], *, settings: LimitSettings | None = None
) -> PhysicalLimit:
    """The least km with which any plan could have delivered what ``trips`` delivered.

    Parameters
    ----------
    network
        Where the trips were driven.
    days
        The days on which they were executed, with the stock at their start.
    trips
        The executed trips.
    settings
        How much effort is spent on the bound; see `LimitSettings`.
    """
    return physical_limit(
        network,
        delivered_kg(network, trips),
        max_drop_kg=max_drop_per_trip(network, days),
        start=days.start,
        settings=settings,
    )


def delivered_kg(network: Network, trips: Sequence[Trip]) -> FloatArray:
    """(customers,) [kg] that the trips dropped at each tank and call-in customer."""
    drops = [stop for trip in trips for stop in trip.stops if stop.kind == "drop"]
    # Typed, because without any drop the array would be one of floats, which `bincount` refuses.
    place = np.array([stop.place for stop in drops], dtype=np.int64)
    kg = np.array([stop.kg for stop in drops])
    return np.bincount(place, kg, minlength=len(network.customers)).astype(np.float64)


def max_drop_per_trip(network: Network, days: Days) -> FloatArray:
    """(customers,) [kg] the most that one trip can drop at each customer.

    For a tank this is its capacity and the most that it uses during the longest trip: a trip that
    waits, or comes back, can drop again what was used meanwhile. A trip lies within one of its
    driver's working windows, so it touches at most one hour more than the longest window has.
    Call-in customers have no tank, so their limit is infinite. Drops after the last hour of the
    days, whose use is not known, are taken to be no larger.
    """
    longest = max(
        (int(np.max(np.diff(shifts, axis=1), initial=0)) for shifts in network.drivers.shift_min),
        default=0,
    )
    hours = min(-(-longest // MINUTES_PER_HOUR) + 1, days.hours)
    used = np.concatenate([np.zeros((1, network.n_tanks)), np.cumsum(days.use_kg, axis=0)])
    most_used = np.max(used[hours:] - used[: len(used) - hours], axis=0)
    return np.concatenate(
        [network.tanks.capacity_kg + most_used, np.full(len(network.call_ins), np.inf)]
    )
