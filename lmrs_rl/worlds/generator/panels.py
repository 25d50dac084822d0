"""Generate panels: consumption series with weather and its forecasts, calendar and shutdowns."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.domain.dates import weekdays
from lmrs_rl.forecast.panel import Panel, Shutdowns
from lmrs_rl.worlds.generator.panel_parameters import (
    CUSTOMER_TYPES,
    Demand,
    PanelParameters,
    Rhythm,
)
from lmrs_rl.worlds.generator.panel_weather import YEAR, autoregressive, draw_weather, holidays

_SATURDAY, _SUNDAY = 5, 6
DEGREE_DAYS = 6.0
"""[K] Mean heating degree-days a day over a year, for a heating limit of 15 and a mean of 10 deg C.

Degree-days are divided by it, so that a customer's mean factor of use is about 1.
"""


def generate_panel(parameters: PanelParameters, seed: int, *, series: int, days: int) -> Panel:
    """Draw a panel; the same arguments give the same bits.

    A longer panel of the same seed is another one. For the true continuation of a history draw a
    long panel and choose forecast origins inside it.

    Parameters
    ----------
    parameters : of the panel
    seed : >= 0
    series : number of series, >= 1
    days : number of days, >= 1

    Raises
    ------
    InputError
        For a number out of range.
    """
    for name, value, least in (("seed", seed, 0), ("series", series, 1), ("days", days, 1)):
        if value < least:
            raise InputError(name, value, f"at least {least}", "correct the argument")
    p = parameters
    first_day = np.datetime64(p.first_day, "D")
    customer_rng, *use_rngs, gap_rng = np.random.default_rng(seed).spawn(6)
    kind = draw_customer_types(p.mix, series, customer_rng)
    traits = draw_traits(p, kind, customer_rng)
    region = customer_rng.integers(p.weather.regions, size=series)
    year = int(str(first_day)[:4])
    free = holidays(year - 1, year + days // 365 + 2)
    streams = RandomStreams(*use_rngs)
    truth = draw_use(p, kind, traits, region, first_day, days, free, streams)
    absent = _not_measured(p, days, series, gap_rng)
    return Panel(
        ids=tuple(f"{CUSTOMER_TYPES[kind[k]]}-{k + 1:03d}" for k in range(series)),
        first_day=first_day,
        use=np.where(absent, np.nan, np.round(truth.use_kg, 1)),
        capacity=np.ceil(traits.level_kg * traits.cover_days / 10) * 10,
        customer_type=kind,
        product=customer_rng.integers(p.products, size=series),
        temperature=truth.temperature,
        issued=truth.issued,
        holidays=free,
        shutdowns=truth.shutdowns,
    )


def _not_measured(
    p: PanelParameters, days: int, series: int, rng: np.random.Generator
) -> BoolArray:
    """(days, series) days without a measurement: single ones, and those before a late series begins
    (in the last three quarters of the panel).
    """
    begin = np.where(
        rng.uniform(size=series) < p.late_share,
        rng.integers(days // 4, max(days - 3, days // 4 + 1), size=series),
        0,
    )
    missing = rng.uniform(size=(days, series)) < p.missing
    return np.asarray((np.arange(days)[:, None] < begin) | missing, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class RandomStreams:
    """Random generators of `draw_use`, one per purpose."""

    weather: np.random.Generator
    noise: np.random.Generator
    stops: np.random.Generator
    drift: np.random.Generator


@dataclass(frozen=True, eq=False)
class TrueUse:
    """Demand of ``N`` customers on ``D`` days, with what explains it.

    Attributes
    ----------
    use_kg : (D, N) [kg]
    measured : (D, N) whether the day's use will ever be known
    temperature, issued, shutdowns : see `Panel`
    """

    use_kg: FloatArray
    measured: BoolArray
    temperature: FloatArray
    issued: FloatArray
    shutdowns: Shutdowns


def draw_use(
    p: Demand,
    kind: IntArray,
    traits: Traits,
    region: IntArray,
    first_day: np.datetime64,
    days: int,
    free: tuple[np.datetime64, ...],
    streams: RandomStreams,
) -> TrueUse:
    """Draw the demand of customers, day by day.

    Parameters
    ----------
    p : parameters
    kind : (N,) customer types
    traits : of each customer
    region : (N,) weather regions
    first_day, days : dates
    free : holidays
    streams : random generators
    """
    temperature, issued = draw_weather(p.weather, first_day, days, streams.weather)
    stops, closed = _stops(p, kind, days, streams.stops)
    use = traits.level_kg * _weekday(traits, first_day, days, free)
    # Factors are multiplied in this order; another one would change the last bits of every world.
    use = (
        use
        * _heat(traits, temperature[:, region])
        * _drift(p, traits, days, streams.drift)
        * _noise(traits, days, streams.noise)
    )
    # Spells draw from the generator of the noise, after it; worlds depend on this order, too.
    use = np.where(closed >= 0, use * closed, use) * _spells(traits, days, streams.noise)
    return TrueUse(
        use, np.ones(use.shape, dtype=np.bool_), temperature[:, region], issued[:, :, region], stops
    )


def without_covariates(panel: Panel) -> Panel:
    """The same consumption with nothing else known.

    Without weather, holidays, shutdowns, customer types, products and capacities.
    """
    n, nothing = len(panel.ids), np.full_like(panel.use, np.nan)
    none = np.zeros(n, dtype=np.int64)
    return replace(
        panel,
        capacity=np.full(n, np.nan),
        customer_type=none,
        product=none,
        temperature=nothing,
        issued=np.zeros((panel.days, 0, n)),
        holidays=(),
        shutdowns=Shutdowns.none(),
    )


@dataclass(frozen=True, eq=False)
class Traits:
    """What was drawn for each series (N,) from the `Rhythm` of its type."""

    level_kg: FloatArray
    saturday: FloatArray
    sunday: FloatArray
    heating_share: FloatArray
    trend_per_year: FloatArray
    noise: FloatArray
    persistence: FloatArray
    on_days: FloatArray
    off_days: FloatArray
    cover_days: FloatArray
    heating_limit_c: FloatArray
    inertia: FloatArray


def draw_customer_types(mix: tuple[float, ...], n: int, rng: np.random.Generator) -> IntArray:
    """(N,) customer types in random order, in the shares of ``mix`` as exactly as whole numbers
    allow.
    """
    share = np.cumsum(mix) / np.sum(mix)
    return np.asarray(np.searchsorted(share, (rng.permutation(n) + 0.5) / n), dtype=np.int64)


def draw_traits(p: Demand, kind: IntArray, rng: np.random.Generator) -> Traits:
    """Draw the traits of customers of types ``kind`` (N,)."""
    n = len(kind)

    def uniform(name: str) -> FloatArray:
        span = np.array([getattr(rhythm, name) for rhythm in p.rhythms])[kind]
        return np.asarray(
            span[:, 0] + (span[:, 1] - span[:, 0]) * rng.uniform(size=n), dtype=np.float64
        )

    by_type = {each.name for each in fields(Rhythm)} - {"level_kg", "stops_per_year", "stop_days"}
    # Drawn in the order of the fields of `Traits`: another order would change every world.
    drawn = {each.name: uniform(each.name) for each in fields(Traits) if each.name in by_type}
    span = np.log(np.array([rhythm.level_kg for rhythm in p.rhythms])[kind])
    return Traits(
        level_kg=np.exp(span[:, 0] + (span[:, 1] - span[:, 0]) * rng.uniform(size=n)),
        cover_days=np.exp(rng.uniform(np.log(p.cover_days[0]), np.log(p.cover_days[1]), n)),
        heating_limit_c=rng.uniform(*p.heating_limit_c, n),
        inertia=rng.uniform(*p.inertia, n),
        **drawn,
    )


def _weekday(
    traits: Traits, first_day: np.datetime64, days: int, free: tuple[np.datetime64, ...]
) -> FloatArray:
    """(days, N) use as a share of a weekday's; holidays are like Sundays."""
    dates = first_day + np.arange(days)
    weekday = weekdays(dates)
    weekday = np.where(np.isin(dates, np.array(free)), _SUNDAY, weekday)[:, None]
    other = np.where(weekday == _SUNDAY, traits.sunday, 1.0)
    return np.asarray(np.where(weekday == _SATURDAY, traits.saturday, other), dtype=np.float64)


def _heat(traits: Traits, temperature: FloatArray) -> FloatArray:
    """(days, N) factor of use around 1: the heating share follows the degree-days of the felt
    temperature, which lags behind the true one with the inertia of the building.
    """
    felt = temperature.copy()
    for day in range(1, len(felt)):
        felt[day] = traits.inertia * felt[day - 1] + (1 - traits.inertia) * temperature[day]
    degree_days = np.maximum(traits.heating_limit_c - felt, 0.0) / DEGREE_DAYS
    return np.asarray(
        1 - traits.heating_share + traits.heating_share * degree_days, dtype=np.float64
    )


def _drift(p: Demand, traits: Traits, days: int, rng: np.random.Generator) -> FloatArray:
    """(days, N) factor of use by trend and lasting level shifts."""
    n = len(traits.level_kg)
    jump = np.where(
        rng.uniform(size=(days, n)) < p.shifts_per_year / YEAR,
        rng.normal(0.0, p.shift, (days, n)),
        0.0,
    )
    # The level that was drawn is that of the first day.
    jump[0] = 0.0
    trend = np.log1p(traits.trend_per_year) * np.arange(days)[:, None] / YEAR
    return np.exp(np.cumsum(jump, axis=0) + trend)


def _noise(traits: Traits, days: int, rng: np.random.Generator) -> FloatArray:
    """(days, N) lognormal noise with mean 1, correlated from day to day."""
    log = autoregressive(rng.normal(size=(days, len(traits.noise))), traits.persistence)
    return np.exp(traits.noise * log - traits.noise**2 / 2)


def _spells(traits: Traits, days: int, rng: np.random.Generator) -> BoolArray:
    """(days, N) whether a customer uses product at all: on and off spells of geometric length."""
    always = traits.on_days == 0
    on, off = np.where(always, 1.0, traits.on_days), np.where(always, 1.0, traits.off_days)
    draw = rng.uniform(size=(days, len(on)))
    result = np.ones((days, len(on)), dtype=bool)
    # The long-run share of days with use, so that the first spells are like all later ones.
    result[0] = draw[0] < on / (on + off)
    for day in range(1, days):
        result[day] = np.where(result[day - 1], draw[day] >= 1 / on, draw[day] < 1 / off)
    return np.asarray(result | always, dtype=bool)


def _stops(
    p: Demand, kind: IntArray, days: int, rng: np.random.Generator
) -> tuple[Shutdowns, FloatArray]:
    """Announced shutdowns, and the share of use (days, N) that is left in any shutdown, -1 outside
    of shutdowns.
    """
    left = np.full((days, len(kind)), -1.0)
    announced = []
    for k, rhythm in enumerate(p.rhythms[i] for i in kind):
        for known, rate in zip((True, False), rhythm.stops_per_year, strict=True):
            for first in np.sort(rng.integers(days, size=rng.poisson(rate * days / YEAR))).tolist():
                length = rng.uniform(*rhythm.stop_days) / (1.0 if known else 3.0)
                last = first + max(round(length), 1) - 1
                left[first : last + 1, k] = rng.uniform(0.0, p.stop_use)
                if known:
                    announced.append((k, first, last, first - round(rng.uniform(*p.notice_days))))
    if not announced:
        return Shutdowns.none(), left
    series, first_days, last_days, announced_days = np.array(announced).T
    return Shutdowns(series, first_days, last_days, announced_days), left
