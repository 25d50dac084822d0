"""Parameters of generated consumption series: weather, customer types and disturbances."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lmrs_rl.domain.tables import require, require_range

CUSTOMER_TYPES = ("heating", "industry", "process", "intermittent", "hospital")
"""Names of the generated customer types; a series' ``customer_type`` is the position here."""


@dataclass(frozen=True)
class Weather:
    """Daily mean temperature of a region: a yearly wave, persistent anomalies, cold snaps, and
    forecasts issued at the end of every day.

    A forecast is the expectation of the coming anomaly given what is known when it is issued (a
    martingale over the issues for one target day), so with the lead its error grows and its
    amplitude shrinks to the climate.

    Attributes
    ----------
    regions : number of weather regions, >= 1
    mean_c : (least, most) [deg C] yearly mean of a region
    swing_c : (least, most) [deg C] half the range of the yearly wave
    anomaly_c : [deg C] standard deviation of the anomaly, > 0
    persistence : correlation of the anomaly from a day to the next, in [0, 1)
    shared : share of the anomaly's variance common to all regions, in [0, 1]
    snaps_per_year : mean number of cold snaps of a region in a winter, >= 0
    snap_c : (least, most) [deg C] depth of a snap
    snap_days : (least, most) [days] its length
    leads : [days] how far forecasts reach, 0 for none
    skill : share of the anomaly's variance that the forecast explains (one day, ``leads`` days)
        ahead, 1 > first >= last > 0
    """

    regions: int = 3
    mean_c: tuple[float, float] = (8.0, 11.0)
    swing_c: tuple[float, float] = (8.0, 10.5)
    anomaly_c: float = 3.6
    persistence: float = 0.78
    shared: float = 0.5
    snaps_per_year: float = 2.0
    snap_c: tuple[float, float] = (3.0, 9.0)
    snap_days: tuple[float, float] = (3.0, 9.0)
    leads: int = 7
    skill: tuple[float, float] = (0.94, 0.3)

    def __post_init__(self) -> None:
        require("weather.regions", self.regions, self.regions >= 1, "at least 1")
        require_range("weather.mean_c", self.mean_c, -40.0, 40.0)
        require_range("weather.swing_c", self.swing_c, 0.0, 40.0)
        require(
            "weather.anomaly_c",
            self.anomaly_c,
            0 < self.anomaly_c <= 20,
            "more than 0 and at most 20 deg C",
        )
        require(
            "weather.persistence",
            self.persistence,
            0 <= self.persistence < 1,
            "from 0 to less than 1",
        )
        require("weather.shared", self.shared, 0 <= self.shared <= 1, "a share from 0 to 1")
        require(
            "weather.snaps_per_year", self.snaps_per_year, 0 <= self.snaps_per_year <= 50, "0 to 50"
        )
        require_range("weather.snap_c", self.snap_c, 0.0, 40.0)
        require_range("weather.snap_days", self.snap_days, 1.0, 60.0)
        require("weather.leads", self.leads, 0 <= self.leads <= 30, "0 to 30 days")
        good = len(self.skill) == 2 and 1 > self.skill[0] >= self.skill[1] > 0
        require("weather.skill", list(self.skill), good, "[first, last] with 1 > first >= last > 0")


@dataclass(frozen=True)
class Rhythm:
    """The consumption pattern of a customer type; each (least, most) is drawn uniformly per series.

    Attributes
    ----------
    level_kg : (least, most) [kg/day] mean use on a normal day, log-uniform
    saturday, sunday : (least, most) use as a share of a weekday's, in [0, 1.5]; a holiday is like a
        Sunday
    heating_share : (least, most) share of the yearly use that follows heating degree-days, in [0,
        1]
    trend_per_year : (least, most) relative growth of the level in a year
    noise : (least, most) standard deviation of the logarithm of a day's use
    persistence : (least, most) correlation of that noise from a day to the next, in [0, 1)
    stops_per_year : (announced, unannounced) mean number of shutdowns in a year
    stop_days : (least, most) [days] length of an announced shutdown; unannounced ones last up to a
        third of it
    on_days, off_days : (least, most) [days] mean length of spells with and without use; (0, 0) for
        always on
    """

    level_kg: tuple[float, float] = (80.0, 1500.0)
    saturday: tuple[float, float] = (1.0, 1.0)
    sunday: tuple[float, float] = (1.0, 1.0)
    heating_share: tuple[float, float] = (0.0, 0.0)
    trend_per_year: tuple[float, float] = (-0.05, 0.05)
    noise: tuple[float, float] = (0.1, 0.2)
    persistence: tuple[float, float] = (0.2, 0.5)
    stops_per_year: tuple[float, float] = (0.0, 0.0)
    stop_days: tuple[float, float] = (2.0, 14.0)
    on_days: tuple[float, float] = (0.0, 0.0)
    off_days: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        require_range("rhythm.level_kg", self.level_kg, 1e-3, 1e7)
        for name in ("saturday", "sunday"):
            require_range(f"rhythm.{name}", getattr(self, name), 0.0, 1.5)
        require_range("rhythm.heating_share", self.heating_share, 0.0, 1.0)
        require_range("rhythm.trend_per_year", self.trend_per_year, -0.9, 5.0)
        require_range("rhythm.noise", self.noise, 0.0, 2.0)
        require_range("rhythm.persistence", self.persistence, 0.0, 0.99)
        good = len(self.stops_per_year) == 2 and all(
            0 <= rate <= 50 for rate in self.stops_per_year
        )
        require(
            "rhythm.stops_per_year",
            list(self.stops_per_year),
            good,
            "[announced, unannounced], each 0 to 50",
        )
        require_range("rhythm.stop_days", self.stop_days, 1.0, 60.0)
        require_range("rhythm.on_days", self.on_days, 0.0, 365.0)
        require_range("rhythm.off_days", self.off_days, 0.0, 365.0)
        always_on = self.on_days == self.off_days == (0.0, 0.0)
        spells = min(self.on_days[0], self.off_days[0]) >= 1
        require(
            "rhythm.on_days",
            list(self.on_days),
            always_on or spells,
            "at least 1 day for both on_days and off_days, or 0 for all four",
        )


def _heating() -> Rhythm:
    return Rhythm(
        (40.0, 900.0), heating_share=(0.55, 0.9), noise=(0.12, 0.3), persistence=(0.3, 0.6)
    )


def _industry() -> Rhythm:
    return Rhythm(
        (150.0, 2500.0),
        (0.1, 0.8),
        (0.0, 0.6),
        (0.0, 0.2),
        noise=(0.1, 0.25),
        stops_per_year=(2.0, 0.7),
        stop_days=(3.0, 16.0),
    )


def _process() -> Rhythm:
    return Rhythm(
        (300.0, 4000.0),
        (0.9, 1.0),
        (0.85, 1.0),
        noise=(0.05, 0.12),
        persistence=(0.4, 0.8),
        stops_per_year=(0.7, 0.5),
        stop_days=(2.0, 8.0),
    )


def _intermittent() -> Rhythm:
    return Rhythm(
        (60.0, 900.0),
        (0.5, 1.0),
        (0.4, 1.0),
        noise=(0.3, 0.6),
        persistence=(0.0, 0.3),
        on_days=(2.0, 8.0),
        off_days=(2.0, 9.0),
    )


def _hospital() -> Rhythm:
    return Rhythm(
        (100.0, 1500.0),
        (0.85, 0.97),
        (0.8, 0.95),
        (0.05, 0.15),
        (-0.1, 0.15),
        (0.06, 0.12),
        (0.3, 0.7),
    )


@dataclass(frozen=True)
class Demand:
    """Demand of the customers: weather, customer types and disturbances.

    Attributes
    ----------
    weather : see `Weather`
    heating, industry, process, intermittent, hospital : see `Rhythm`
    mix : shares of the customer types in that order, >= 0, not all 0
    cover_days : (least, most) [days] how long a full tank lasts, log-uniform; at mean use in a
        panel, at the use of a busy day in a world
    heating_limit_c : (least, most) [deg C] temperature under which a customer heats
    inertia : (least, most) how much of a building's felt temperature is yesterday's, in [0, 1)
    shifts_per_year : mean number of lasting level shifts of a series in a year, >= 0
    shift : standard deviation of the logarithm of a shift, >= 0
    notice_days : (least, most) [days] from the announcement of a shutdown to its first day
    stop_use : largest use in a shutdown as a share of normal use, in [0, 1]
    late_share : share of the series that begin inside the panel, in [0, 1]
    missing : probability that a day is not measured, in [0, 1)
    """

    weather: Weather = field(default_factory=Weather)
    heating: Rhythm = field(default_factory=_heating)
    industry: Rhythm = field(default_factory=_industry)
    process: Rhythm = field(default_factory=_process)
    intermittent: Rhythm = field(default_factory=_intermittent)
    hospital: Rhythm = field(default_factory=_hospital)
    mix: tuple[float, ...] = (0.3, 0.25, 0.15, 0.15, 0.15)
    cover_days: tuple[float, float] = (5.0, 25.0)
    heating_limit_c: tuple[float, float] = (13.0, 18.0)
    inertia: tuple[float, float] = (0.1, 0.5)
    shifts_per_year: float = 0.3
    shift: float = 0.25
    notice_days: tuple[float, float] = (2.0, 45.0)
    stop_use: float = 0.1
    late_share: float = 0.1
    missing: float = 0.003

    def __post_init__(self) -> None:
        mixed = len(self.mix) == len(CUSTOMER_TYPES) and min(self.mix) >= 0 and sum(self.mix) > 0
        require(
            "mix", list(self.mix), mixed, f"{len(CUSTOMER_TYPES)} shares, none negative, not all 0"
        )
        require_range("cover_days", self.cover_days, 1.0, 1e4)
        require_range("heating_limit_c", self.heating_limit_c, -40.0, 40.0)
        require_range("inertia", self.inertia, 0.0, 0.95)
        require("shifts_per_year", self.shifts_per_year, 0 <= self.shifts_per_year <= 50, "0 to 50")
        require("shift", self.shift, 0 <= self.shift <= 3, "0 to 3")
        require_range("notice_days", self.notice_days, 0.0, 365.0)
        require("stop_use", self.stop_use, 0 <= self.stop_use <= 1, "a share from 0 to 1")
        require("late_share", self.late_share, 0 <= self.late_share <= 1, "a share from 0 to 1")
        require("missing", self.missing, 0 <= self.missing < 1, "from 0 to less than 1")

    @property
    def rhythms(self) -> tuple[Rhythm, ...]:
        """The consumption patterns in the order of `CUSTOMER_TYPES`."""
        return (self.heating, self.industry, self.process, self.intermittent, self.hospital)


@dataclass(frozen=True)
class PanelParameters(Demand):
    """Parameters of a generated panel: those of `Demand`, and two more.

    Attributes
    ----------
    first_day : date of the first row, ISO text
    products : number of products, >= 1
    """

    first_day: str = "2022-01-01"
    products: int = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            np.datetime64(self.first_day, "D")
        except ValueError:
            good = False
        else:
            good = len(self.first_day) == 10
        require("first_day", repr(self.first_day), good, "a date such as 2022-01-01")
        require("products", self.products, self.products >= 1, "at least 1")
