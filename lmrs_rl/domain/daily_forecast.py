"""The forecast of models: daily quantiles, and past ranks that tell how days hang together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.domain.arrays import (
    HOURS_PER_DAY,
    MINUTES_PER_HOUR,
    FloatArray,
    floats,
    integers,
    not_below,
)
from lmrs_rl.domain.forecast import (
    Forecast,
    count_of_paths,
    of_sorted,
    quantile_levels,
    wanted_level,
    wanted_levels,
)
from lmrs_rl.domain.network_parts import _set
from lmrs_rl.domain.quantile_function import Float32Array, PlacedRanks, push_ranks
from lmrs_rl.errors import InputError

SHARES_SUM = 1e-6
"""How far the shares of a tank's hours may sum from 1."""


@dataclass(frozen=True, eq=False)
class DailyForecast(Forecast):
    """Quantiles of each day, a pool of ``S`` draws that joins the days, and how a day's use spreads
    over its hours.

    A draw of the pool pushed through the quantile functions (`push_ranks`) is a possible future;
    the pool as a whole is the distribution that `cumulative` and `stockout_probability` read, at
    the resolution 1 / S.

    Quantiles between day ends follow the profile from one day's end to the next. That is exact on
    the first day; later, where days are independent, it overstates the spread within a day by at
    most a tenth of a day's, and by nothing at its end.

    Attributes
    ----------
    quantiles : (Q,) increasing, in (0, 1)
    daily_kg : (n, D, Q) [kg] of each day, stored as float32, >= 0, not decreasing in the quantile
    ranks : (S, n, D) in [0, 1], stored as float32; S = 1 for a future that is known
    profile : (n, 24) share of a day's use in each hour of the network's clock, >= 0, summing to 1;
        ``None`` is even
    """

    quantiles: FloatArray
    daily_kg: Float32Array
    ranks: Float32Array
    profile: FloatArray | None = None

    def __post_init__(self) -> None:
        _set(self, "start_min", int(integers("forecast.start_min", self.start_min, ())))
        _set(self, "quantiles", quantile_levels("forecast.quantiles", self.quantiles))
        shape = np.shape(self.daily_kg)
        if len(shape) != 3 or shape[1] < 1 or shape[2] != len(self.quantiles):
            raise InputError(
                "forecast.daily_kg",
                f"shape {shape}",
                f"shape (tanks, days, {len(self.quantiles)})",
                "give each tank's days in order",
            )
        _set(self, "daily_kg", _single("forecast.daily_kg", self.daily_kg, shape))
        if np.any(self.daily_kg < 0) or np.any(np.diff(self.daily_kg, axis=2) < 0):
            raise InputError(
                "forecast.daily_kg",
                "a negative entry or a decrease",
                "no decrease in the quantile",
                "sort quantiles, clip negative use",
            )
        # At least one draw, so that an empty pool is refused for its shape.
        draws = np.shape(self.ranks)[0] if np.ndim(self.ranks) == 3 else 0
        _set(self, "ranks", _single("forecast.ranks", self.ranks, (max(draws, 1), *shape[:2])))
        if np.any(self.ranks < 0) or np.any(self.ranks > 1):
            raise InputError(
                "forecast.ranks",
                "an entry outside [0, 1]",
                "ranks in [0, 1]",
                "divide by 100 if they are in per cent",
            )
        if self.profile is not None:
            _set(self, "profile", _shares(self.profile, shape[0]))

    @classmethod
    def trusted(
        cls,
        start_min: int,
        quantiles: FloatArray,
        daily_kg: Float32Array,
        ranks: Float32Array,
        profile: FloatArray | None,
        placed: PlacedRanks | None = None,
    ) -> DailyForecast:
        """A forecast of read-only arrays that were checked before, such as those of a forecast
        cube: nothing is checked or copied.

        ``placed`` are the ranks placed among the quantiles, by tank, where they are already.
        """
        made = object.__new__(cls)
        fields: Any = made.__dict__
        fields.update(
            start_min=start_min,
            quantiles=quantiles,
            daily_kg=daily_kg,
            ranks=ranks,
            profile=profile,
        )
        if placed is not None:
            # Where the cached property would keep them, which is then never computed.
            fields["_placed"] = placed
        return made

    @property
    def n_tanks(self) -> int:
        return int(self.daily_kg.shape[0])

    @property
    def days(self) -> int:
        return int(self.daily_kg.shape[1])

    @property
    def hours(self) -> int:
        return HOURS_PER_DAY * self.days

    def quantile(self, q: ArrayLike) -> FloatArray:
        """Quantile ``q`` of the use of each single day, (n, days) [kg]; beyond the outermost
        held, of `with_tails`.
        """
        ranks = np.broadcast_to(wanted_level(q, self.n_tanks)[:, None], self.daily_kg.shape[:2])
        return np.asarray(
            push_ranks(self.quantiles, self.daily_kg, ranks[None])[0], dtype=np.float64
        )

    def paths(self, n: int, rng: np.random.Generator) -> FloatArray:
        """``n`` draws of the pool, (n, tanks, days) [kg]: each as often as any other, give or
        take one; all tanks of a path from one draw.
        """
        return push_ranks(self.quantiles, self.daily_kg, self.ranks[draws(len(self.ranks), n, rng)])

    def cumulative(self, q: ArrayLike) -> FloatArray:
        levels = wanted_levels(q, self.n_tanks)
        by_day = np.zeros((*levels.shape, self.days + 1))
        by_day[..., 1:] = of_sorted(self._cumulative_pool, levels)
        by_hour = np.zeros((*levels.shape, self.hours + 1))
        spread = (
            by_day[..., :-1, None]
            + np.diff(by_day, axis=-1)[..., None] * self._share_used[:, None, :]
        )
        by_hour[..., 1:] = spread.reshape(*levels.shape, self.hours)
        if (
            by_hour[..., 1:] < by_hour[..., :-1]
        ).any():  # rounding may undo the order by a last digit
            by_hour = np.maximum.accumulate(by_hour, axis=-1)
        return by_hour

    def stockout_probability(self, levels: ArrayLike) -> FloatArray:
        """Share of the pool's draws in which ``levels`` (n,) [kg] are used up by the end of each
        day, (n, days).
        """
        held, size = floats("levels", levels, (self.n_tanks,)), len(self.ranks)
        used_up = (
            self._cumulative_pool >= held[:, None, None]
        )  # from some draw on, or in none: they are sorted
        return np.asarray(
            np.where(used_up[..., -1], size - used_up.argmax(axis=2), 0) / size, dtype=np.float64
        )

    @cached_property
    def _cumulative_pool(self) -> Float32Array:
        """(n, D, S) [kg] use from the start to each day's end in each draw, sorted over the
        draws.
        """
        pool = self._placed.pushed(self.quantiles, self.daily_kg)
        for day in range(
            1, self.days
        ):  # numpy's cumsum along a middle axis takes ten times as long
            pool[:, day] += pool[:, day - 1]
        pool.sort(axis=2)
        pool.setflags(write=False)
        return pool

    @cached_property
    def _placed(self) -> PlacedRanks:
        return PlacedRanks.of(self.quantiles, self.ranks).by_tank()

    @cached_property
    def _share_used(self) -> FloatArray:
        """(n, 24) or (1, 24) share of a day's use that is used by the end of each of its hours."""
        if self.profile is None:
            return np.arange(1, HOURS_PER_DAY + 1)[None] / HOURS_PER_DAY
        # Days count from `start_min`, the profile from midnight of the network's clock. Its sum may
        # be a little over 1 (`SHARES_SUM`), which the use of a day may not.
        first = self.start_min // MINUTES_PER_HOUR % HOURS_PER_DAY
        return np.asarray(
            np.minimum(np.cumsum(np.roll(self.profile, -first, axis=1), axis=1), 1.0),
            dtype=np.float64,
        )


def draws(size: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """``n`` positions (n,) of a pool of ``size``: whole rounds through it, then a part without
    repeats, in random order.
    """
    rounds, rest = divmod(count_of_paths(n), size)
    picked = np.concatenate([np.tile(np.arange(size), rounds), rng.permutation(size)[:rest]])
    return rng.permutation(picked)


def _shares(profile: FloatArray, n: int) -> FloatArray:
    """(n, 24) read-only shares of the hours (`InputError` for what are none)."""
    found = floats("forecast.profile", profile, (n, HOURS_PER_DAY))
    not_below("forecast.profile", found, 0, "clip negative use")
    off = np.abs(found.sum(axis=1) - 1)
    if np.any(off > SHARES_SUM):
        tank = int(np.argmax(off))
        raise InputError(
            f"forecast.profile[{tank}]",
            f"a sum of {found[tank].sum():g}",
            "shares that sum to 1",
            "divide by the sum",
        )
    return found


def _single(field: str, value: ArrayLike, shape: tuple[int, ...]) -> Float32Array:
    """A read-only finite float32 array of the given shape; one that is all that already is not
    copied.
    """
    if (
        isinstance(value, np.ndarray)
        and value.dtype == np.float32
        and not value.flags.writeable
        and value.shape == shape
        and np.isfinite(value).all()
    ):
        return value
    with np.errstate(over="ignore"):
        single = np.asarray(floats(field, value, shape), dtype=np.float32)
    if not np.isfinite(single).all():
        raise InputError(field, "a number beyond 3e38", "kg", "check the unit")
    single.setflags(write=False)
    return single
