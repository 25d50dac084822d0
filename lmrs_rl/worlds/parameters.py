"""What a generated world is made from: one frozen dataclass a TOML table, every field with a default."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from lmrs_rl.domain import InputError

Table = TypeVar("Table")


@dataclass(frozen=True)
class Geography:
    """Customers in clusters on a square, with the base at its middle.

    Attributes
    ----------
    side_km : [km] > 0
    clusters : >= 1
    spread_km : [km] standard deviation of a customer's place around the middle of its cluster, >= 0
    detour : road km for each km as the crow flies, >= 1
    slow_kmh, fast_kmh : [km/h] speed on the shortest and the longest ways, 0 < slow <= fast
    asymmetry : largest share by which the two directions of a way differ from their mean, in [0, 0.5]
    """

    side_km: float = 160.0
    clusters: int = 3
    spread_km: float = 12.0
    detour: float = 1.3
    slow_kmh: float = 35.0
    fast_kmh: float = 75.0
    asymmetry: float = 0.06

    def __post_init__(self) -> None:
        _require("geography.side_km", self.side_km, self.side_km > 0, "more than 0 km")
        _require("geography.clusters", self.clusters, self.clusters >= 1, "at least 1")
        _require("geography.spread_km", self.spread_km, self.spread_km >= 0, "at least 0 km")
        _require("geography.detour", self.detour, self.detour >= 1, "at least 1")
        _require("geography.slow_kmh", self.slow_kmh, 0 < self.slow_kmh <= self.fast_kmh, f"more than 0 and at most fast_kmh = {self.fast_kmh:g}")
        _require("geography.asymmetry", self.asymmetry, 0 <= self.asymmetry <= 0.5, "a share from 0 to 0.5")


@dataclass(frozen=True)
class TankMix:
    """The customers' tanks.

    Attributes
    ----------
    count : >= 1
    oversized : how many of them hold one and a half truckloads of the largest tanker, in [0, count]
    use_kg_per_day : (least, most) [kg/day] mean use of the others, log-uniform, > 0
    cover_days : (least, most) [days] how long a full tank lasts at its mean use, log-uniform, >= 2
    hit_share : hit level as a share of the capacity, in [0, 0.5]
    min_drop_share : least drop as a share of the capacity, in [0, 0.5]
    access_share : share of the tanks with access hours; those that last five days or less have none, in [0, 1]
    access_hours : (from, to) [h] of the day, on weekdays
    setup_min : [min] fixed time of a drop, >= 0
    unload_kg_per_min : [kg/min] > 0
    """

    count: int = 12
    oversized: int = 1
    use_kg_per_day: tuple[float, float] = (400.0, 2500.0)
    cover_days: tuple[float, float] = (3.0, 25.0)
    hit_share: float = 0.15
    min_drop_share: float = 0.05
    access_share: float = 0.4
    access_hours: tuple[float, float] = (7.0, 16.0)
    setup_min: int = 25
    unload_kg_per_min: float = 400.0

    def __post_init__(self) -> None:
        _require("tanks.count", self.count, self.count >= 1, "at least 1")
        _require("tanks.oversized", self.oversized, 0 <= self.oversized <= self.count, f"0 to the count of {self.count}")
        _range("tanks.use_kg_per_day", self.use_kg_per_day, 1e-3, 1e7)
        _range("tanks.cover_days", self.cover_days, 2.0, 1e4)
        _require("tanks.hit_share", self.hit_share, 0 <= self.hit_share <= 0.5, "a share from 0 to 0.5")
        _require("tanks.min_drop_share", self.min_drop_share, 0 <= self.min_drop_share <= 0.5, "a share from 0 to 0.5")
        _require("tanks.access_share", self.access_share, 0 <= self.access_share <= 1, "a share from 0 to 1")
        _range("tanks.access_hours", self.access_hours, 0.0, 24.0)
        _require("tanks.setup_min", self.setup_min, self.setup_min >= 0, "at least 0 minutes")
        _require("tanks.unload_kg_per_min", self.unload_kg_per_min, self.unload_kg_per_min > 0, "more than 0 kg/min")


@dataclass(frozen=True)
class Fleet:
    """Tankers and where they load.

    Attributes
    ----------
    capacity_kg : [kg] payload of each tanker, > 0
    cost_per_km : [currency/km] >= 0
    loading_sites : how many; the first near the base, the others anywhere on the square, >= 1
    setup_min : [min] fixed time of a loading, >= 0
    load_kg_per_min : [kg/min] > 0
    """

    capacity_kg: tuple[float, ...] = (12000.0, 20000.0, 20000.0)
    cost_per_km: float = 1.2
    loading_sites: int = 2
    setup_min: int = 20
    load_kg_per_min: float = 800.0

    def __post_init__(self) -> None:
        _require("fleet.capacity_kg", list(self.capacity_kg), bool(self.capacity_kg) and min(self.capacity_kg) > 0, "one or more payloads over 0 kg")
        _require("fleet.cost_per_km", self.cost_per_km, self.cost_per_km >= 0, "at least 0")
        _require("fleet.loading_sites", self.loading_sites, self.loading_sites >= 1, "at least 1")
        _require("fleet.setup_min", self.setup_min, self.setup_min >= 0, "at least 0 minutes")
        _require("fleet.load_kg_per_min", self.load_kg_per_min, self.load_kg_per_min > 0, "more than 0 kg/min")


@dataclass(frozen=True)
class Crew:
    """Drivers, one a tanker, at work on weekdays.

    Attributes
    ----------
    shift_hours : (from, to) [h] of the day
    saturday_drivers : how many work on Saturdays too, >= 0
    max_driving_min : [min] of a trip, > 0
    min_rest_min : [min] between trips, >= 0
    cost_per_min : [currency/min] >= 0
    """

    shift_hours: tuple[float, float] = (5.0, 17.0)
    saturday_drivers: int = 1
    max_driving_min: int = 540
    min_rest_min: int = 60
    cost_per_min: float = 0.5

    def __post_init__(self) -> None:
        _range("crew.shift_hours", self.shift_hours, 0.0, 24.0)
        _require("crew.saturday_drivers", self.saturday_drivers, self.saturday_drivers >= 0, "at least 0")
        _require("crew.max_driving_min", self.max_driving_min, self.max_driving_min > 0, "more than 0 minutes")
        _require("crew.min_rest_min", self.min_rest_min, self.min_rest_min >= 0, "at least 0 minutes")
        _require("crew.cost_per_min", self.cost_per_min, self.cost_per_min >= 0, "at least 0")


@dataclass(frozen=True)
class Use:
    """How customers use product: a weekday rhythm, and noise that lasts from one day into the next.

    Attributes
    ----------
    weekend_share : (least, most) use on a Saturday or Sunday as a share of a weekday's, in [0, 1]
    working_share : (least, most) share of a day's use that falls between 6 and 18 o'clock, in [0, 1]
    noise : standard deviation of the logarithm of a day's use, >= 0
    persistence : correlation of that noise from one day to the next, in [0, 1)
    """

    weekend_share: tuple[float, float] = (0.3, 1.0)
    working_share: tuple[float, float] = (0.5, 0.8)
    noise: float = 0.2
    persistence: float = 0.5

    def __post_init__(self) -> None:
        _range("use.weekend_share", self.weekend_share, 0.0, 1.0)
        _range("use.working_share", self.working_share, 0.0, 1.0)
        _require("use.noise", self.noise, 0 <= self.noise <= 2, "0 to 2")
        _require("use.persistence", self.persistence, 0 <= self.persistence < 1, "from 0 to less than 1")


@dataclass(frozen=True)
class Calendar:
    """How long the world lasts; its first day is a Monday.

    Attributes
    ----------
    days : of truth, >= 1
    history_days : known on the first morning, >= 0
    """

    days: int = 30
    history_days: int = 42

    def __post_init__(self) -> None:
        _require("calendar.days", self.days, 1 <= self.days <= 3660, "1 to 3660 days")
        _require("calendar.history_days", self.history_days, 0 <= self.history_days <= 3660, "0 to 3660 days")


@dataclass(frozen=True)
class WorldParameters:
    """Everything that a generated world is made from; see the parts. The same ``seed`` gives the same bits."""

    seed: int = 1
    geography: Geography = field(default_factory=Geography)
    tanks: TankMix = field(default_factory=TankMix)
    fleet: Fleet = field(default_factory=Fleet)
    crew: Crew = field(default_factory=Crew)
    use: Use = field(default_factory=Use)
    calendar: Calendar = field(default_factory=Calendar)

    def __post_init__(self) -> None:
        _require("seed", self.seed, self.seed >= 0, "at least 0")

    @classmethod
    def from_file(cls, path: Path | str) -> WorldParameters:
        """Read a TOML file: one table a part, what is left out keeps its default.

        Raises
        ------
        InputError
            For a file that cannot be read, an unknown key, a value of the wrong type or out of range.
        """
        path = Path(path)
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(str(path), str(error.strerror), "a readable TOML file", "check the path") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(str(path), f"broken TOML ({error})", "a whole TOML file", "mend the line") from error
        try:
            return _from_table(cls, table, "")
        except InputError as error:
            raise InputError(f"{path.name}: {error.field}", error.got, error.wanted, error.remedy) from error


def _from_table(kind: type[Table], table: Mapping[str, Any], prefix: str) -> Table:
    """An instance of a dataclass from a TOML table; the type of each default is the type that is wanted."""
    default = kind()
    known = {each.name: getattr(default, each.name) for each in fields(cast("Any", kind))}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise InputError(f"{prefix}{key}", repr(value), f"one of the keys {', '.join(known)}", "check the spelling or remove it")
        values[key] = _typed(f"{prefix}{key}", value, known[key])
    return kind(**values)


def _typed(name: str, value: Any, default: Any) -> Any:
    if is_dataclass(default):
        if not isinstance(value, dict):
            raise InputError(name, repr(value), f"a table [{name}]", "write the settings below that heading")
        return _from_table(type(default), value, f"{name}.")
    if isinstance(default, tuple):
        if not isinstance(value, list):
            raise InputError(name, repr(value), "a list of numbers", "write [a, b]")
        return tuple(_number(f"{name}[{k}]", each) for k, each in enumerate(value))
    if isinstance(default, int):
        if isinstance(value, bool) or not isinstance(value, int):
            raise InputError(name, repr(value), "a whole number", "remove the fraction or the quotes")
        return value
    return _number(name, value)


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError(name, repr(value), "a finite number", "replace the entry")
    return float(value)


def _require(name: str, value: object, good: bool, wanted: str) -> None:
    if not good:
        raise InputError(name, value, wanted, "correct the setting")


def _range(name: str, value: tuple[float, ...], least: float, most: float) -> None:
    good = len(value) == 2 and least <= value[0] <= value[1] <= most
    _require(name, list(value), good, f"[least, most] with {least:g} <= least <= most <= {most:g}")
