"""Adapters from fitted models to the planner's forecasts: from a panel, or a snapshot alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np

from lmrs_rl.domain import DailyForecast, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, FloatArray, IntArray
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.forecast.models.protocol import QUANTILES, FittedModel
from lmrs_rl.forecast.panel import Panel, Shutdowns, View
from lmrs_rl.forecast.paths import default_rank_pool

_DRAWS = 200
"""Number of rank vectors in the pool of a model that does not bring its own."""

DEFAULT_RANKS_SEED = 20_160_314
"""Seed of the pool of a model that does not bring its own: any number, the same for all forecasts.
"""


@runtime_checkable
class JointModel(Protocol):
    """A fitted model that also knows the dependence between days (as a rank copula)."""

    def __call__(self, view: View, days: int) -> FloatArray: ...

    def ranks(self, view: View, days: int) -> Float32Array | FloatArray:
        """A pool of rank vectors (S, N, days), see `paths.rank_pool`.

        The same view gives the same pool.
        """
        ...


def default_ranks(n: int, days: int) -> Float32Array:
    """The pool (200, n, days) that stands in for that of a model which is no `JointModel`."""
    return default_rank_pool(_DRAWS, n, days, np.random.default_rng(DEFAULT_RANKS_SEED))


@dataclass(frozen=True, eq=False)
class PanelForecaster:
    """Forecasts the mornings of a panel, each from what was known then and no more.

    The forecast is the model's, rounded to float32; a forecast cube holds the same bits.

    Parameters
    ----------
    panel : histories with all that is known about them; its series are the network's tanks, in
        order
    fitted : a model that learned on a morning not later than the first one to forecast
    days : [days] length of the forecast, >= 1
    first_min : [min] start of the panel's row 0 on the network's clock
    profile : (n, 24) hourly profile, see `DailyForecast`
    """

    panel: Panel
    fitted: FittedModel
    days: int = 7
    first_min: int = 0
    profile: FloatArray | None = None

    def __post_init__(self) -> None:
        _check_days(self.days)

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the tanks that are forecast."""
        return self.panel.ids

    def at(self, day: int) -> DailyForecast:
        """The forecast on the morning of day ``day`` (`InputError` outside the panel)."""
        view = self.panel.known_at(day)
        if isinstance(self.fitted, JointModel):
            ranks = self.fitted.ranks(view, self.days)
        else:
            ranks = self._default_ranks
        start_min = self.first_min + MINUTES_PER_DAY * day
        return _forecast(start_min, self.fitted(view, self.days), ranks, self.profile)

    def __call__(self, network: Network, snapshot: Snapshot) -> DailyForecast:
        return self.at(morning(network, snapshot, self.ids, self.first_min))

    @cached_property
    def _default_ranks(self) -> Float32Array:
        return default_ranks(len(self.ids), self.days)


@dataclass(frozen=True, eq=False)
class SnapshotForecaster:
    """Forecasts from a snapshot's history alone: no weather, no announced shutdowns.

    A tank without a history is a column without a measured day, which the model starts cold.

    Parameters
    ----------
    fitted : a model that learned elsewhere, or from `snapshot_view`
    day_zero : date of the network's minute 0; minute 1440 begins the next day
    days : [days] length of the forecast, >= 1
    customer_type : (n,) whole numbers >= 0; all 0 where not given
    holidays : dates without normal work
    profile : (n, 24) hourly profile, see `DailyForecast`
    """

    fitted: FittedModel
    day_zero: np.datetime64
    days: int = 7
    customer_type: IntArray | None = None
    holidays: tuple[np.datetime64, ...] = ()
    profile: FloatArray | None = None

    def __post_init__(self) -> None:
        _check_days(self.days)

    def __call__(self, network: Network, snapshot: Snapshot) -> DailyForecast:
        view = snapshot_view(
            network,
            snapshot,
            self.day_zero,
            customer_type=self.customer_type,
            holidays=self.holidays,
        )
        ranks = (
            self.fitted.ranks(view, self.days)
            if isinstance(self.fitted, JointModel)
            else default_ranks(view.n, self.days)
        )
        return _forecast(snapshot.time_min, self.fitted(view, self.days), ranks, self.profile)


def snapshot_view(
    network: Network,
    snapshot: Snapshot,
    day_zero: np.datetime64,
    *,
    customer_type: IntArray | None = None,
    holidays: tuple[np.datetime64, ...] = (),
) -> View:
    """A snapshot as a model's input: use of past days, capacity, product, calendar.

    A day of 24 hours belongs to the date on which it starts; the last day of the history ended at
    the snapshot.

    Parameters
    ----------
    network, snapshot : with a history of the network's tanks
    day_zero, customer_type, holidays : see `SnapshotForecaster`

    Raises
    ------
    InputError
        For a history of another network or with negative use, or customer types for another number
        of tanks.
    """
    history = snapshot.history_kg
    days, n = history.shape
    if n != network.n_tanks:
        raise InputError(
            "history_kg",
            f"{n} tanks",
            f"{network.n_tanks} tanks",
            "give the history of this network",
        )
    if np.any(history < 0):
        d, k = (int(i) for i in np.argwhere(history < 0)[0])
        raise InputError(
            f"history_kg[{d}, {k}]",
            float(history[d, k]),
            "at least 0",
            "a refill booked as negative use is no use: repair it first",
        )
    first_day = day_zero.astype("datetime64[D]") + np.timedelta64(
        snapshot.time_min // MINUTES_PER_DAY - days, "D"
    )
    unknown = np.full((days, n), np.nan)
    types = np.zeros(n, dtype=np.int64) if customer_type is None else customer_type
    tanks, none = network.tanks, np.zeros((days, 0, n))
    return Panel(
        tanks.ids,
        first_day,
        history,
        tanks.capacity_kg,
        types,
        tanks.product,
        unknown,
        none,
        holidays,
        Shutdowns.none(),
    ).known_at(days)


def morning(network: Network, snapshot: Snapshot, ids: tuple[str, ...], first_min: int) -> int:
    """Number of the snapshot's day, counted from ``first_min``.

    Raises
    ------
    InputError
        For other tanks than ``ids``, or a time that is not whole days after ``first_min``.
    """
    if network.tanks.ids != ids:
        raise InputError(
            "tanks.ids",
            f"{network.n_tanks} tanks",
            f"the {len(ids)} tanks of the forecasts, in their order",
            "use a forecaster of this network",
        )
    day, off = divmod(snapshot.time_min - first_min, MINUTES_PER_DAY)
    if off:
        raise InputError(
            "time_min",
            snapshot.time_min,
            f"whole days after {first_min}",
            "forecast in the morning, when the panel's days end",
        )
    return day


def _forecast(
    start_min: int, kg: FloatArray, ranks: Float32Array | FloatArray, profile: FloatArray | None
) -> DailyForecast:
    return DailyForecast(
        start_min,
        QUANTILES,
        np.asarray(kg, dtype=np.float32),
        np.asarray(ranks, dtype=np.float32),
        profile,
    )


def _check_days(days: int) -> None:
    if days < 1:
        raise InputError("days", days, "at least 1", "the planner looks a week ahead")
