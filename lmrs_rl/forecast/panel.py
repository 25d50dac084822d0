"""Consumption series with all that is known about them, and when it became known.

Models see a panel only through a `View`, which holds what was known on a morning: that keeps the
future out of their forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import (
    BoolArray,
    FloatArray,
    IntArray,
    indices,
    integers,
    names,
    not_below,
)
from lmrs_rl.domain.dates import weekdays

_YEAR = 365.25
PERSISTENCE = 0.8
"""[1/day] Correlation of a temperature's departure from the climatology with that of the day
before, typical of mid-latitudes.
"""

CLIMATE_DAYS = 14
"""[days] With fewer measured temperatures a climatology is only their mean."""


@dataclass(frozen=True, eq=False)
class Shutdowns:
    """Announced shutdowns of customers, ``k`` of them; days are counted from the panel's first.

    Attributes
    ----------
    series : (k,) series number
    first_day, last_day : (k,) first and last day without normal use
    announced_day : (k,) the morning from which the shutdown is known
    """

    series: IntArray
    first_day: IntArray
    last_day: IntArray
    announced_day: IntArray

    def __len__(self) -> int:
        return len(self.series)

    def __post_init__(self) -> None:
        k = len(self.series)
        for name in ("series", "first_day", "last_day", "announced_day"):
            object.__setattr__(self, name, integers(f"shutdowns.{name}", getattr(self, name), (k,)))
        if np.any(self.first_day > self.last_day):
            at = int(np.argmax(self.first_day > self.last_day))
            raise InputError(
                f"shutdowns.first_day[{at}]",
                int(self.first_day[at]),
                f"at most last_day = {self.last_day[at]}",
                "swap the two",
            )

    def known_at(self, day: int) -> Shutdowns:
        keep = self.announced_day <= day
        return Shutdowns(
            self.series[keep], self.first_day[keep], self.last_day[keep], self.announced_day[keep]
        )

    @staticmethod
    def none() -> Shutdowns:
        empty = np.zeros(0, dtype=np.int64)
        return Shutdowns(empty, empty, empty, empty)


@dataclass(frozen=True, eq=False)
class Panel:
    """``N`` series over ``D`` days; row ``d`` is the calendar day ``first_day + d``.

    Models never see a panel, but the `View` that `known_at` gives for a morning.

    Attributes
    ----------
    ids : (N,) text
    first_day : date of row 0
    use : (D, N) [kg] consumption, >= 0, NaN where not measured or before the series began
    capacity : (N,) [kg] of the tank, NaN where not known
    customer_type, product : (N,) whole numbers >= 0
    temperature : (D, N) [deg C] daily mean at the customer's site, NaN where not measured
    issued : (D, L, N) [deg C] temperature forecast issued at the end of day d for the days d + 1 ..
        d + L, NaN where there was none; L may be 0
    holidays : dates without normal work, known at all times
    shutdowns : see `Shutdowns`
    """

    ids: tuple[str, ...]
    first_day: np.datetime64
    use: FloatArray
    capacity: FloatArray
    customer_type: IntArray
    product: IntArray
    temperature: FloatArray
    issued: FloatArray
    holidays: tuple[np.datetime64, ...]
    shutdowns: Shutdowns

    def __post_init__(self) -> None:
        n = len(names("panel.ids", self.ids))
        # Arrays with another number of dimensions are refused below, by their shape.
        days = int(np.shape(self.use)[0]) if np.ndim(self.use) == 2 else 0
        leads = int(np.shape(self.issued)[1]) if np.ndim(self.issued) == 3 else 0
        for name, shape in (
            ("use", (days, n)),
            ("temperature", (days, n)),
            ("issued", (days, leads, n)),
            ("capacity", (n,)),
        ):
            object.__setattr__(self, name, _with_gaps(f"panel.{name}", getattr(self, name), shape))
        for name in ("customer_type", "product"):
            object.__setattr__(self, name, integers(f"panel.{name}", getattr(self, name), (n,)))
            not_below(f"panel.{name}", getattr(self, name), 0, "number them from 0")
        if np.any(self.use < 0):
            d, k = (int(i) for i in np.argwhere(self.use < 0)[0])
            raise InputError(
                f"panel.use[{d}, {k}]",
                float(self.use[d, k]),
                "at least 0",
                "a refill booked as negative use is no use: repair it first",
            )
        object.__setattr__(self, "first_day", self.first_day.astype("datetime64[D]"))
        object.__setattr__(
            self, "holidays", tuple(sorted(day.astype("datetime64[D]") for day in self.holidays))
        )
        indices("shutdowns.series", self.shutdowns.series, (len(self.shutdowns),), n, "series")

    @property
    def days(self) -> int:
        return int(self.use.shape[0])

    @property
    def leads(self) -> int:
        return int(self.issued.shape[1])

    def known_at(self, day: int) -> View:
        """What was known on the morning of day ``day`` (`InputError` outside the panel).

        That is consumption and weather of the days before, and the forecasts issued and shutdowns
        announced by then.
        """
        if not 0 <= day <= self.days:
            raise InputError(
                "day", day, f"0 to {self.days}", "forecast from a day that the panel reaches"
            )
        # Slices of read-only arrays are neither copied nor checked again, see `_with_gaps`.
        past = Panel(
            self.ids,
            self.first_day,
            self.use[:day],
            self.capacity,
            self.customer_type,
            self.product,
            self.temperature[:day],
            self.issued[:day],
            self.holidays,
            self.shutdowns.known_at(day),
        )
        return View(past)


@dataclass(frozen=True, eq=False)
class View:
    """What was known on a morning: a panel that ends the day before."""

    past: Panel

    @property
    def origin(self) -> int:
        """Number of the morning's day, the first one that is not known."""
        return self.past.days

    @property
    def n(self) -> int:
        return len(self.past.ids)

    def at(self, day: int) -> View:
        """What was known on an earlier morning."""
        return self.past.known_at(day)

    def weekday(self, first: int, count: int) -> IntArray:
        """(count,) weekday of the days from ``first`` on, 0 = Monday .. 6 = Sunday."""
        return weekdays(self.past.first_day + np.arange(first, first + count))

    def day_of_year(self, first: int, count: int) -> FloatArray:
        """(count,) position in the year in [0, 1)."""
        days = self.past.first_day + np.arange(first, first + count).astype("timedelta64[D]")
        return np.asarray(
            (days - days.astype("datetime64[Y]")).astype(np.float64) / _YEAR, dtype=np.float64
        )

    def holiday(self, first: int, count: int) -> BoolArray:
        """(count,) whether each day from ``first`` on is a holiday."""
        days = self.past.first_day + np.arange(first, first + count).astype("timedelta64[D]")
        return np.isin(days, np.array(self.past.holidays, dtype="datetime64[D]"))

    def shutdown(self, first: int, count: int) -> BoolArray:
        """(count, N) whether a shutdown known by now covers the day."""
        closed = np.zeros((count, self.n), dtype=bool)
        stops = self.past.shutdowns
        for series, a, b in zip(
            stops.series.tolist(), stops.first_day.tolist(), stops.last_day.tolist(), strict=True
        ):
            closed[max(a - first, 0) : max(b - first + 1, 0), series] = True
        return closed

    def climatology(self, first: int, count: int) -> FloatArray:
        """(count, N) [deg C] a yearly wave fitted to the temperatures measured so far.

        Their mean while they are few, 0 without any.
        """
        measured = self.past.temperature
        known = ~np.isnan(measured)
        wave, value = _wave(self.day_of_year(0, self.origin)), np.where(known, measured, 0.0)
        count_known = known.sum(axis=0)
        mean = value.sum(axis=0) / np.maximum(count_known, 1)
        # Normal equations of mean, cosine and sine, for all series at once; the ridge on the waves
        # keeps a short record from being extrapolated to a season that was never seen.
        square = (wave[:, :, None] * wave[:, None, :]).reshape(-1, 9).T @ known  # (9, N)
        # The 1e-6 keeps the matrix of a series without any temperature invertible.
        normal = square.T.reshape(-1, 3, 3) + np.diag([1e-6, 5.0, 5.0])
        waves = np.linalg.solve(normal, (wave.T @ value).T[:, :, None])[:, :, 0]  # (N, 3)
        few = count_known < CLIMATE_DAYS
        return np.asarray(
            np.where(few, mean, _wave(self.day_of_year(first, count)) @ waves.T), dtype=np.float64
        )

    def temperature_ahead(self, count: int) -> FloatArray:
        """(count, N) [deg C] of the coming days, as forecast last.

        Where there is no forecast: the climatology known now, plus yesterday's departure from it,
        which fades by the factor `PERSISTENCE` a day.
        """
        ahead = self.climatology(self.origin, count)
        if not self.origin:
            return ahead
        departure = np.nan_to_num(
            self.past.temperature[-1] - self.climatology(self.origin - 1, 1)[0], nan=0.0
        )
        ahead += departure * PERSISTENCE ** np.arange(1, count + 1)[:, None]
        leads = min(self.past.leads, count)
        issued = self.past.issued[-1, :leads]
        ahead[:leads] = np.where(np.isnan(issued), ahead[:leads], issued)
        return ahead


def _wave(day_of_year: FloatArray) -> FloatArray:
    """(days, 3) regressors of a yearly wave: 1, cosine, sine."""
    angle = 2 * np.pi * day_of_year
    return np.stack([np.ones_like(angle), np.cos(angle), np.sin(angle)], axis=1)


def _with_gaps(field: str, value: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """A read-only array in which NaN means not known; infinities are refused.

    A read-only float array is not copied: `known_at` cuts views of a panel many thousand times.
    """
    if (
        isinstance(value, np.ndarray)
        and value.dtype == np.float64
        and not value.flags.writeable
        and value.shape == shape
    ):
        return value
    array = np.array(value, dtype=np.float64)
    if array.shape != shape:
        raise InputError(
            field,
            f"shape {array.shape}",
            f"shape {shape}",
            "give one entry for each day and series",
        )
    if np.any(np.isinf(array)):
        raise InputError(
            field, "an infinite entry", "a number, or NaN where not known", "replace it"
        )
    array.setflags(write=False)
    return array
