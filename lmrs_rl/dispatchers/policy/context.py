"""All that a policy may look at on a morning, and what features are derived from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.dispatchers.policy.features import COVER_QUANTILES
from lmrs_rl.dispatchers.policy.geometry import Geometry
from lmrs_rl.domain import Forecast, Network, OrderParameters, Plan, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, BoolArray, FloatArray
from lmrs_rl.orders import Projection, project_all
from lmrs_rl.orders.demand_windows import DemandWindows, make_demand_windows
from lmrs_rl.orders.make import check_parameters

HORIZON_H = 120.0
"""[h] Within which the baseline's orders are looked at: the five days of a plan."""


@dataclass(frozen=True, eq=False)
class PolicyContext:
    """What a policy may know on a morning: never what will really be used.

    Attributes
    ----------
    network, snapshot, forecast : see their classes
    geometry : of the network
    base : what the baseline would choose
    plans : of the mornings before, the latest first, at most two
    date : of the morning
    counted : (n,) tanks that count for the features of others and of the network, ``None`` for all:
        impossible numbers of one must not reach the others
    """

    network: Network
    snapshot: Snapshot
    forecast: Forecast
    geometry: Geometry
    base: OrderParameters
    plans: tuple[Plan, ...]
    date: np.datetime64
    counted: BoolArray | None = None

    def of_counted(self, each: FloatArray) -> FloatArray:
        """Of ``each`` (n, ...) the rows of tanks that count."""
        return each if self.counted is None else each[self.counted]


@dataclass(frozen=True, eq=False)
class DerivedFeatures:
    """Intermediate results that several features share.

    Attributes
    ----------
    covers : projections at each of `COVER_QUANTILES`
    cover_h : (n,) [h] each, until the level reaches the hit level by each of them
    windows : demand windows of the baseline
    day_kg : (n, days) [kg] median consumption of the coming days, by the median of their sums
    room_kg : (n,) [kg] room when the baseline's window opens, at most a full truckload
    counted : as of the `PolicyContext`
    """

    covers: tuple[Projection, ...]
    cover_h: tuple[FloatArray, ...]
    windows: DemandWindows
    day_kg: FloatArray
    room_kg: FloatArray
    counted: BoolArray | None = None

    @classmethod
    def of(cls, context: PolicyContext) -> DerivedFeatures:
        """From the baseline's point of view: its windows, its quantile."""
        network, snapshot, forecast = context.network, context.snapshot, context.forecast
        check_parameters(network, context.base, HORIZON_H)
        levels = [*(np.full(network.n_tanks, q) for q in COVER_QUANTILES), context.base.z]
        *covers, planned = project_all(network, snapshot, forecast, levels)
        windows = make_demand_windows(network, planned, context.base, HORIZON_H)
        cover_h = tuple(cover.hours_to_level(network.tanks.hit_level_kg) for cover in covers)
        # The second of `COVER_QUANTILES` is the median.
        day_kg = np.diff(covers[1].cumulative_kg[:, ::HOURS_PER_DAY], axis=1)
        capacity = network.tanks.capacity_kg
        opens_at = (
            capacity
            - context.geometry.span_kg
            + np.minimum(context.base.x_kg, context.geometry.span_kg)
        )
        room = np.minimum(
            capacity - np.minimum(snapshot.level_kg, opens_at), context.geometry.truckload_kg
        )
        return cls(tuple(covers), cover_h, windows, day_kg, room, context.counted)

    def due_within(self, days: float) -> BoolArray:
        """(n,) whether the baseline's window opens within so many days; never that of a tank
        that does not count.
        """
        due = np.asarray(self.windows.due_h <= HOURS_PER_DAY * days, dtype=np.bool_)
        return due if self.counted is None else due & self.counted
