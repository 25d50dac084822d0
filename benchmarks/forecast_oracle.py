"""How well a generated panel can be foretold at all: a model that knows the generator, the traits
of every series and its state.

What follows a morning is drawn from the generator's own processes, set out from the true state of
that morning: level, noise, spell of use, stop under way, felt temperature. The weather ahead is
drawn given the forecasts issued by then, the last two days' of them and the measured temperatures,
by the regression that holds in a long run of the same weather. No forecaster that has to learn from
the series can be expected to do better, so its loss is the floor of any bar on such a panel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel import View
from lmrs_rl.worlds.generator.panel_parameters import PanelParameters, Weather
from lmrs_rl.worlds.generator.panel_weather import COLDEST_DAY, YEAR, draw_weather, holidays
from lmrs_rl.worlds.generator.panels import (
    Traits,
    _drift,
    _heat,
    _noise,
    _spells,
    _stops,
    _weekday,
    draw_customer_types,
    draw_traits,
)

MEASURED = 3
"""[days] of measured temperature, and `ROWS` of issues, that the coming weather is regressed on."""
ROWS = 2
WEATHER_YEARS, WEATHER_REGIONS = 25, 20
"""Length and width of the run of weather that the regression is learned from."""


@dataclass(frozen=True, eq=False)
class Truth:
    """Everything that a generated panel was made from; D days, N series.

    Attributes
    ----------
    kind, traits : of each series
    climate, temperature : (D, N) [deg C]
    issued : (D, leads, N) [deg C]
    closed : (D, N) share of use left in a stop, -1 outside
    drift, weekday, noise : (D, N) factors
    felt : (D, N) [deg C] what the buildings feel
    on : (D, N) whether the customer uses product
    use : (D, N) [kg] of it all, also where the panel has not measured it
    """

    kind: IntArray
    traits: Traits
    climate: FloatArray
    temperature: FloatArray
    issued: FloatArray
    closed: FloatArray
    drift: FloatArray
    weekday: FloatArray
    noise: FloatArray
    felt: FloatArray
    on: BoolArray
    use: FloatArray


def rebuild(p: PanelParameters, seed: int, series: int, days: int) -> Truth:
    """What `worlds.panels.generate_panel` draws, with its random streams in its order."""
    first_day = np.datetime64(p.first_day, "D")
    who, weather, noise, stop, shift, _ = np.random.default_rng(seed).spawn(6)
    kind = draw_customer_types(p.mix, series, who)
    traits = draw_traits(p, kind, who)
    region = who.integers(p.weather.regions, size=series)
    temperature, issued = draw_weather(p.weather, first_day, days, weather)
    free = holidays(int(p.first_day[:4]) - 1, int(p.first_day[:4]) + days // 365 + 2)
    _, closed = _stops(p, kind, days, stop)
    drift, weekday = _drift(p, traits, days, shift), _weekday(traits, first_day, days, free)
    factor, on = _noise(traits, days, noise), _spells(traits, days, noise)
    warm = temperature[:, region]
    use = traits.level_kg * weekday * _heat(traits, warm) * drift * factor
    use = np.round(np.where(closed >= 0, use * closed, use) * on, 1)
    climate = _climate(
        p.weather,
        _day_of_year(first_day) + np.arange(days),
        np.random.default_rng(seed).spawn(6)[1],
    )[:, region]
    felt = warm.copy()
    for day in range(1, days):
        felt[day] = traits.inertia * felt[day - 1] + (1 - traits.inertia) * warm[day]
    return Truth(
        kind,
        traits,
        climate,
        warm,
        issued[:, :, region],
        closed,
        drift,
        weekday,
        factor,
        felt,
        on,
        use,
    )


@dataclass(frozen=True, eq=False)
class WeatherAhead:
    """How the coming anomalies of a region follow from what is known: by half-year (winter 1,
    summer 0), with what is left open.

    Attributes
    ----------
    slope : two arrays (F, leads)
    residual : two arrays (rows, leads) [deg C], each row one past morning's
    """

    slope: tuple[FloatArray, FloatArray]
    residual: tuple[FloatArray, FloatArray]

    @staticmethod
    def learn(weather: Weather, first_day: np.datetime64, rng: np.random.Generator) -> WeatherAhead:
        """From a long run of the same weather about a climate of 0."""
        bare = replace(weather, regions=WEATHER_REGIONS, mean_c=(0.0, 0.0), swing_c=(0.0, 0.0))
        days, leads = round(WEATHER_YEARS * YEAR), weather.leads
        warm, issued = draw_weather(bare, first_day, days, rng)
        mornings = np.arange(MEASURED, days - leads)
        x = np.concatenate(
            [
                known_weather(warm[day - MEASURED : day], issued[day - ROWS : day])
                for day in mornings.tolist()
            ]
        )
        y = np.concatenate([warm[day : day + leads].T for day in mornings.tolist()])
        winter = np.repeat(is_winter(_day_of_year(first_day) + mornings), WEATHER_REGIONS)
        slopes, rest = [], []
        for season in (~winter, winter):
            slope = np.linalg.lstsq(x[season], y[season], rcond=None)[0]
            slopes.append(slope)
            rest.append(y[season] - x[season] @ slope)
        return WeatherAhead((slopes[0], slopes[1]), (rest[0], rest[1]))

    def draw(self, known: FloatArray, winter: bool, n: int, rng: np.random.Generator) -> FloatArray:
        """(n, N, leads) anomalies [deg C] given ``known`` (N, F)."""
        residual = self.residual[int(winter)]
        return np.asarray(
            known @ self.slope[int(winter)]
            + residual[rng.integers(len(residual), size=(n, len(known)))],
            dtype=np.float64,
        )


@dataclass(frozen=True, eq=False)
class KnowsGenerator:
    """The model; ``seed``, ``series`` and ``length`` are those that the panel was generated
    with, ``paths`` how many futures are drawn.
    """

    parameters: PanelParameters
    seed: int
    series: int
    length: int
    paths: int = 2000
    name: str = "knows the generator"

    @cached_property
    def truth(self) -> Truth:
        return rebuild(self.parameters, self.seed, self.series, self.length)

    @cached_property
    def weather(self) -> WeatherAhead:
        return WeatherAhead.learn(
            self.parameters.weather, self.first_day, np.random.default_rng((self.seed, 1))
        )

    @property
    def first_day(self) -> np.datetime64:
        return np.datetime64(self.parameters.first_day, "D")

    def fit(self, view: View, days: int) -> KnowsGenerator:
        """Nothing is left to learn; other panels and days beyond the weather forecast are
        refused (`InputError`).
        """
        use = view.past.use
        if not np.array_equal(
            np.where(np.isnan(use), np.nan, self.truth.use[: view.origin]), use, equal_nan=True
        ):
            raise InputError(
                "panel",
                "other use than generated",
                "the panel of these parameters and seed",
                "give those that it was generated with",
            )
        if days > self.parameters.weather.leads:
            raise InputError(
                "days",
                days,
                f"at most {self.parameters.weather.leads}, as the weather is forecast",
                "ask for fewer days",
            )
        return self

    def __call__(self, view: View, days: int) -> FloatArray:
        """See `FittedModel`."""
        sample = self.sample(
            view, days, self.paths, np.random.default_rng((self.seed, view.origin))
        )
        return np.ascontiguousarray(np.moveaxis(np.quantile(sample, QUANTILES, axis=0), 0, -1))

    def sample(self, view: View, days: int, n: int, rng: np.random.Generator) -> FloatArray:
        """(n, N, days) [kg] paths, each series by itself."""
        t, o = self.truth, view.origin
        use = t.traits.level_kg * t.weekday[o : o + days] * self._drift(o, days, n, rng)
        use = (
            use
            * self._heat(o, days, n, rng)
            * self._noise(o, days, n, rng)
            * self._on(o, days, n, rng)
        )
        return np.round(use * self._left(view, days, n, rng), 1).transpose(0, 2, 1)

    def _drift(self, o: int, days: int, n: int, rng: np.random.Generator) -> FloatArray:
        """(n, days, N) factor that sets out from yesterday's level."""
        t, p = self.truth, self.parameters
        shape = (n, days, self.series)
        jump = np.where(
            rng.uniform(size=shape) < p.shifts_per_year / YEAR, rng.normal(0.0, p.shift, shape), 0.0
        )
        trend = np.log1p(t.traits.trend_per_year) * np.arange(1, days + 1)[:, None] / YEAR
        return np.asarray(
            t.drift[o - 1] * np.exp(np.cumsum(jump, axis=1) + trend), dtype=np.float64
        )

    def _heat(self, o: int, days: int, n: int, rng: np.random.Generator) -> FloatArray:
        """(n, days, N) factor of the weather, drawn given the forecasts that stand."""
        t, leads = self.truth, self.parameters.weather.leads
        issued = np.stack(
            [t.issued[day] - t.climate[day + 1 : day + 1 + leads] for day in range(o - ROWS, o)]
        )
        known = known_weather(t.temperature[o - MEASURED : o] - t.climate[o - MEASURED : o], issued)
        ahead = self.weather.draw(
            known, bool(is_winter(_day_of_year(self.first_day) + np.array([o]))[0]), n, rng
        )
        felt, rows = np.broadcast_to(t.felt[o - 1], (n, self.series)), []
        for day in range(days):
            felt = t.traits.inertia * felt + (1 - t.traits.inertia) * (
                t.climate[o + day] + ahead[:, :, day]
            )
            degree_days = np.maximum(t.traits.heating_limit_c - felt, 0.0) / 6.0
            rows.append(1 - t.traits.heating_share + t.traits.heating_share * degree_days)
        return np.stack(rows, axis=1)

    def _noise(self, o: int, days: int, n: int, rng: np.random.Generator) -> FloatArray:
        """(n, days, N) factor that sets out from yesterday's."""
        traits = self.truth.traits
        state = np.broadcast_to(
            (np.log(self.truth.noise[o - 1]) + traits.noise**2 / 2) / traits.noise, (n, self.series)
        )
        rows = []
        for _ in range(days):
            state = traits.persistence * state + np.sqrt(1 - traits.persistence**2) * rng.normal(
                size=state.shape
            )
            rows.append(np.exp(traits.noise * state - traits.noise**2 / 2))
        return np.stack(rows, axis=1)

    def _on(self, o: int, days: int, n: int, rng: np.random.Generator) -> BoolArray:
        """(n, days, N) whether there is use, set out from yesterday's spell."""
        traits = self.truth.traits
        always = traits.on_days == 0
        on, off = np.where(always, 1.0, traits.on_days), np.where(always, 1.0, traits.off_days)
        state: BoolArray = np.broadcast_to(self.truth.on[o - 1], (n, self.series))
        rows = []
        for _ in range(days):
            draw = rng.uniform(size=state.shape)
            state = np.asarray(np.where(state, draw >= 1 / on, draw < 1 / off), dtype=bool)
            rows.append(state | always)
        return np.stack(rows, axis=1)

    def _left(self, view: View, days: int, n: int, rng: np.random.Generator) -> FloatArray:
        """(n, days, N) share of use that is left: stops announced, stops under way, stops that
        nobody knows of yet.
        """
        left = np.ones((n, days, self.series))
        announced, closed, o = view.shutdown(view.origin, days), self.truth.closed, view.origin
        told = view.shutdown(o - 1, 1)[0]
        for k, rhythm in enumerate(self.parameters.rhythms[kind] for kind in self.truth.kind):
            now = closed[o - 1, k]
            shares = rng.uniform(0.0, self.parameters.stop_use, n)
            for known, rate in zip((True, False), rhythm.stops_per_year, strict=True):
                hidden = (
                    rate / YEAR * (_short_notice(self.parameters, days) if known else np.ones(days))
                )
                for path, first in np.argwhere(rng.uniform(size=(n, days)) < hidden).tolist():
                    left[path, first : first + _length(rhythm.stop_days, known, rng), k] = shares[
                        path
                    ]
            if now >= 0 and not told[k]:
                age = int(np.argmax(closed[o - 1 :: -1, k] != now))
                for path in range(n):
                    left[path, : _length(rhythm.stop_days, False, rng, age) - age, k] = now
            left[:, announced[:, k], k] = now if now >= 0 and told[k] else shares[:, None]
        return left


def known_weather(measured: FloatArray, issued: FloatArray) -> FloatArray:
    """(N, F) what the weather ahead is regressed on: anomalies (MEASURED, N) measured and (ROWS,
    leads, N) issued last, and 1.
    """
    n = measured.shape[1]
    return np.concatenate([measured, issued.reshape(-1, n), np.ones((1, n))]).T


def is_winter(day_of_year: IntArray) -> BoolArray:
    """Days that cold snaps start on, as in the generator."""
    phase = day_of_year % YEAR
    return np.asarray((phase < 90) | (phase >= 305), dtype=bool)


def _day_of_year(day: np.datetime64) -> int:
    return int((day - day.astype("datetime64[Y]")).astype(np.int64))


def _climate(weather: Weather, day_of_year: IntArray, rng: np.random.Generator) -> FloatArray:
    """(days, regions) [deg C] the yearly waves, which are the first that the generator draws of
    its weather.
    """
    mean, swing = (
        rng.uniform(*weather.mean_c, weather.regions),
        rng.uniform(*weather.swing_c, weather.regions),
    )
    return np.asarray(
        mean - swing * np.cos(2 * np.pi * (day_of_year[:, None] - COLDEST_DAY) / YEAR),
        dtype=np.float64,
    )


def _short_notice(p: PanelParameters, days: int) -> FloatArray:
    """(days,) probability that the notice of an announced stop is shorter than the days until
    it.
    """
    least, most = p.notice_days
    return np.clip((np.arange(days) - 0.5 - least) / max(most - least, 1e-9), 0.0, 1.0)


def _length(
    span: tuple[float, float], announced: bool, rng: np.random.Generator, age: int = 0
) -> int:
    """[days] of a stop that has lasted ``age`` days; ``age`` where no stop of its kind lasts
    longer.
    """
    shortest, longest = (each / (1.0 if announced else 3.0) for each in span)
    if age > max(round(longest), 1):
        return age
    while (length := max(round(rng.uniform(shortest, longest)), 1)) < age:
        pass
    return length
