"""Parameters that a world is drawn from, except for its demand.

One frozen dataclass per TOML table, every field with a default. Names of classes and fields are
part of a world's fingerprint: renaming one would invalidate recordings and training runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from lmrs_rl.domain.tables import require, require_range


def _require_between(field: str, value: float, least: float, most: float, wanted: str) -> None:
    require(field, value, least <= value <= most, wanted)


def _require_share(field: str, value: float) -> None:
    _require_between(field, value, 0, 1, "a share from 0 to 1")


@dataclass(frozen=True)
class Size:
    """Number of tanks.

    Attributes
    ----------
    tanks : (least, most) log-uniform, >= 1
    n_max : number of tanks that observations have room for, at least the most tanks
    """

    tanks: tuple[int, int] = (20, 60)
    n_max: int = 60

    def __post_init__(self) -> None:
        require_range("size.tanks", self.tanks, 1, 2000)
        require(
            "size.n_max",
            self.n_max,
            self.tanks[1] <= self.n_max <= 2000,
            f"at least the most tanks, {self.tanks[1]}, and at most 2000",
        )


@dataclass(frozen=True)
class Geography:
    """Customers in towns and between them, on a square with the base at its middle.

    Each (least, most) is drawn for each world. Distances are those as the crow flies times a detour
    drawn for each pair and direction; shortest paths over all points then ensure the triangle
    inequality. Customers out of a shift's reach are moved nearer.

    Attributes
    ----------
    side_km : (least, most) [km] in [1, 600]
    clusters : (least, most) number of towns, >= 1
    spread_km : [km] standard deviation of a customer's place around the middle of its town, >= 0
    rural_share : share of the customers that are anywhere on the square, in [0, 1]
    detour : (least, most) road km for each km as the crow flies, drawn for each pair of places, in
        [1, 3]
    slow_kmh, fast_kmh : [km/h] speed on the shortest and the longest distances, 0 < slow <= fast
    asymmetry : largest share by which a distance in one direction differs from the mean of both, in
        [0, 0.5]
    """

    side_km: tuple[float, float] = (120.0, 180.0)
    clusters: tuple[int, int] = (3, 6)
    spread_km: float = 10.0
    rural_share: float = 0.25
    detour: tuple[float, float] = (1.2, 1.45)
    slow_kmh: float = 35.0
    fast_kmh: float = 75.0
    asymmetry: float = 0.06

    def __post_init__(self) -> None:
        require_range("geography.side_km", self.side_km, 1.0, 600.0)
        require_range("geography.clusters", self.clusters, 1, 1000)
        _require_between("geography.spread_km", self.spread_km, 0, 600, "0 to 600 km")
        _require_share("geography.rural_share", self.rural_share)
        require_range("geography.detour", self.detour, 1.0, 3.0)
        require(
            "geography.slow_kmh",
            self.slow_kmh,
            5 <= self.slow_kmh <= self.fast_kmh,
            f"at least 5 and at most fast_kmh = {self.fast_kmh:g}",
        )
        require("geography.fast_kmh", self.fast_kmh, self.fast_kmh <= 130, "at most 130 km/h")
        _require_between("geography.asymmetry", self.asymmetry, 0, 0.5, "a share from 0 to 0.5")


@dataclass(frozen=True)
class TankMix:
    """The customers' tanks; their sizes follow from the demand and its ``cover_days``.

    Attributes
    ----------
    oversized_share : share of the tanks that hold one and a half truckloads of the largest tanker,
        in [0, 1]
    hit_share : (least, most) hit level as a share of the capacity, in [0, 0.5]
    min_drop_share : least drop as a share of the capacity, in [0, 0.3]
    access_share : share of the tanks with access hours; those with the shortest covers have none,
        in [0, 1]
    access_cover_days : [days] cover from which on a tank may have access hours, >= 0
    access_hours : (from, to) [h] of the day, on working days
    setup_min : [min] fixed time of a drop, >= 0
    unload_kg_per_min : [kg/min] > 0
    daytime_share : (least, most) share of a day's use that falls between 6 and 18 o'clock, in [0,
        1]
    start_level : (least, most) level on the first morning, as a share of the room between hit level
        and capacity, in [0, 1]
    """

    oversized_share: float = 0.05
    hit_share: tuple[float, float] = (0.1, 0.2)
    min_drop_share: float = 0.05
    access_share: float = 0.4
    access_cover_days: float = 6.0
    access_hours: tuple[float, float] = (7.0, 16.0)
    setup_min: int = 25
    unload_kg_per_min: float = 400.0
    daytime_share: tuple[float, float] = (0.5, 0.8)
    start_level: tuple[float, float] = (0.35, 0.95)

    def __post_init__(self) -> None:
        _require_share("tanks.oversized_share", self.oversized_share)
        require_range("tanks.hit_share", self.hit_share, 0.0, 0.5)
        _require_between(
            "tanks.min_drop_share", self.min_drop_share, 0, 0.3, "a share from 0 to 0.3"
        )
        _require_share("tanks.access_share", self.access_share)
        _require_between(
            "tanks.access_cover_days", self.access_cover_days, 0, 1e4, "0 to 10000 days"
        )
        require_range("tanks.access_hours", self.access_hours, 0.0, 24.0)
        _require_between("tanks.setup_min", self.setup_min, 0, 240, "0 to 240 minutes")
        _require_between(
            "tanks.unload_kg_per_min", self.unload_kg_per_min, 1, 1e6, "1 to 1e6 kg/min"
        )
        require_range("tanks.daytime_share", self.daytime_share, 0.0, 1.0)
        require_range("tanks.start_level", self.start_level, 0.0, 1.0)


@dataclass(frozen=True)
class Fleet:
    """Tankers of several types and their drivers.

    Their number follows from the number of tanks; the demand is scaled to their utilisation. Each
    tanker carries one product, in proportion to the tanks; where there are several products, each
    has two tankers or more. There is a driver for each tanker, unless the least number of tankers
    is more than the tanks need: then fewer drivers share them.

    Attributes
    ----------
    products : (least, most) number of products, in [1, 9]; fewer where there are not two tankers
        and a driver for each
    vehicles : (least, most) in [1, 200]
    tanks_per_driver : (least, most) drawn for each world, > 0
    payload_kg : [kg] of each type, from light to heavy, > 0
    cost_per_km : [EUR/km] of each type, >= 0
    refused : share of the customers that each type may not come to, in [0, 1); all take the two
        lightest tankers of their product
    utilisation : (least, most) share of the drivers' working time of a week without holidays, in
        the busiest four weeks, that trips are expected to fill, in (0, 2]
    """

    products: tuple[int, int] = (1, 2)
    vehicles: tuple[int, int] = (3, 20)
    tanks_per_driver: tuple[float, float] = (12.0, 18.0)
    payload_kg: tuple[float, ...] = (11000.0, 17000.0, 24000.0)
    cost_per_km: tuple[float, ...] = (1.1, 1.4, 1.7)
    refused: tuple[float, ...] = (0.0, 0.05, 0.15)
    utilisation: tuple[float, float] = (0.6, 0.7)

    def __post_init__(self) -> None:
        require_range("fleet.products", self.products, 1, 9)
        require_range("fleet.vehicles", self.vehicles, 1, 200)
        require_range("fleet.tanks_per_driver", self.tanks_per_driver, 0.1, 1000.0)
        payloads = list(self.payload_kg)
        ordered = (
            bool(payloads)
            and payloads[0] > 0
            and payloads == sorted(payloads)
            and payloads[-1] <= 1e6
        )
        require(
            "fleet.payload_kg",
            payloads,
            ordered,
            "one or more payloads over 0 and up to 1e6 kg, from light to heavy",
        )
        for name, most in (("cost_per_km", 1000.0), ("refused", 0.99)):
            each = list(getattr(self, name))
            good = len(each) == len(payloads) and all(0 <= value <= most for value in each)
            require(
                f"fleet.{name}",
                each,
                good,
                f"{len(payloads)} numbers from 0 to {most:g}, one for each payload",
            )
        require_range("fleet.utilisation", self.utilisation, 0.01, 2.0)


@dataclass(frozen=True)
class Sites:
    """Loading sites.

    Attributes
    ----------
    count : (least, most) in [1, 9]
    first_km : (least, most) [km] from the base to the first site, >= 0; the others lie anywhere but
        at the edge of the square
    offer_share : probability that a site offers a product, in [0, 1]; two sites (or the only one)
        offer each product in any case
    open_hours : (from, to) [h] of the day, every day; (0, 24) is always
    setup_min : [min] fixed time of a loading, >= 0
    load_kg_per_min : [kg/min] > 0
    """

    count: tuple[int, int] = (1, 2)
    first_km: tuple[float, float] = (3.0, 8.0)
    offer_share: float = 1.0
    open_hours: tuple[float, float] = (0.0, 24.0)
    setup_min: int = 20
    load_kg_per_min: float = 800.0

    def __post_init__(self) -> None:
        require_range("sites.count", self.count, 1, 9)
        require_range("sites.first_km", self.first_km, 0.0, 300.0)
        _require_share("sites.offer_share", self.offer_share)
        require_range("sites.open_hours", self.open_hours, 0.0, 24.0)
        _require_between("sites.setup_min", self.setup_min, 0, 240, "0 to 240 minutes")
        _require_between("sites.load_kg_per_min", self.load_kg_per_min, 1, 1e6, "1 to 1e6 kg/min")


@dataclass(frozen=True)
class Crew:
    """Shifts of the drivers: all work on working days, some of them on other days.

    Attributes
    ----------
    start_hour : (least, most) [h] of the day at which a driver's shifts start, in half hours
    shift_hours : (least, most) [h] length of a driver's shifts
    saturday_share, sunday_share, holiday_share : share of the drivers, in turn, who work on such a
        day, in [0, 1]
    vehicles_per_driver : number of tankers of the product that each may drive, >= 1; more where
        there are more tankers than drivers
    max_driving_min : [min] of a trip, > 0
    min_rest_min : [min] between trips, >= 0
    cost_per_min : [EUR/min] >= 0
    """

    start_hour: tuple[float, float] = (4.0, 6.0)
    shift_hours: tuple[float, float] = (11.0, 12.0)
    saturday_share: float = 0.35
    sunday_share: float = 0.0
    holiday_share: float = 0.35
    vehicles_per_driver: int = 1
    max_driving_min: int = 540
    min_rest_min: int = 45
    cost_per_min: float = 0.5

    def __post_init__(self) -> None:
        require_range("crew.start_hour", self.start_hour, 0.0, 20.0)
        require_range("crew.shift_hours", self.shift_hours, 4.0, 24.0 - self.start_hour[1])
        for name in ("saturday_share", "sunday_share", "holiday_share"):
            _require_share(f"crew.{name}", getattr(self, name))
        _require_between("crew.vehicles_per_driver", self.vehicles_per_driver, 1, 200, "1 to 200")
        _require_between(
            "crew.max_driving_min", self.max_driving_min, 60, 1440, "60 to 1440 minutes"
        )
        _require_between("crew.min_rest_min", self.min_rest_min, 0, 1440, "0 to 1440 minutes")
        _require_between("crew.cost_per_min", self.cost_per_min, 0, 1000, "0 to 1000 EUR/min")


@dataclass(frozen=True)
class Disruptions:
    """Outages: tankers break down in the morning, sites close for whole days or at an early hour.

    Every product always has a working tanker and an open site.

    Attributes
    ----------
    breakdowns_per_year : mean number of breakdowns of a tanker, >= 0
    breakdown_days : (least, most) [days] length of a repair, the day of the breakdown included
    closures_per_year, shortages_per_year : mean number of whole closures, and of periods with short
        hours, of a site, >= 0
    closure_days : (least, most) [days] length of either
    closure_notice_days : (least, most) [days] from the announcement to the first day; 0 for the
        same morning
    shortage_hour : [h] of the day at which a site with short hours closes, in [0, 24]
    """

    breakdowns_per_year: float = 1.0
    breakdown_days: tuple[int, int] = (1, 3)
    closures_per_year: float = 0.0
    shortages_per_year: float = 0.0
    closure_days: tuple[int, int] = (1, 4)
    closure_notice_days: tuple[int, int] = (0, 4)
    shortage_hour: float = 10.0

    def __post_init__(self) -> None:
        for name in ("breakdowns_per_year", "closures_per_year", "shortages_per_year"):
            _require_between(f"disruptions.{name}", getattr(self, name), 0, 100, "0 to 100")
        require_range("disruptions.breakdown_days", self.breakdown_days, 1, 60)
        require_range("disruptions.closure_days", self.closure_days, 1, 60)
        require_range("disruptions.closure_notice_days", self.closure_notice_days, 0, 60)
        _require_between("disruptions.shortage_hour", self.shortage_hour, 0, 24, "0 to 24")


@dataclass(frozen=True)
class Episode:
    """Length of a world, whose first morning is a Monday.

    Attributes
    ----------
    days : [days] that count, in [1, 3660]
    warmup_days : [days] before them, in which levels and plans settle, >= 0
    history_days : [days] of consumption known on the first morning, in [7, 3660]
    season : (least, most) day of the year of the first morning, drawn for each world; beyond 365 it
        goes on into the next year
    """

    days: int = 84
    warmup_days: int = 14
    history_days: int = 364
    season: tuple[int, int] = (0, 364)

    def __post_init__(self) -> None:
        _require_between("episode.days", self.days, 1, 3660, "1 to 3660 days")
        _require_between("episode.warmup_days", self.warmup_days, 0, 3660, "0 to 3660 days")
        _require_between("episode.history_days", self.history_days, 7, 3660, "7 to 3660 days")
        require_range("episode.season", self.season, 0, 730)


@dataclass(frozen=True)
class Cost:
    """Cost of stock-outs and value of inventory; vehicles and drivers have the costs of driving.

    Attributes
    ----------
    stockout_per_tank_day : [EUR] of each day on which a tank could not meet the demand, even for a
        part of it, >= 0
    lost_per_kg : [EUR/kg] of unmet demand, >= 0
    stock_value : value of a kg in a tank as a multiple of a rough cost of delivering it, >= 0;
        calibrated so that deliveries under the baseline cost as much as they add in value
    """

    stockout_per_tank_day: float = 2000.0
    lost_per_kg: float = 0.5
    stock_value: float = 1.3

    def __post_init__(self) -> None:
        for name in ("stockout_per_tank_day", "lost_per_kg"):
            _require_between(f"cost.{name}", getattr(self, name), 0, 1e9, "0 to 1e9 EUR")
        _require_between("cost.stock_value", self.stock_value, 0, 100, "0 to 100")


@dataclass(frozen=True)
class Splits:
    """Seeds for training, validation and test as [first, count]; no seed is in two of them.

    Attributes
    ----------
    train, validation, test : (first, count), first >= 0, count >= 1
    """

    train: tuple[int, int] = (1_000_000, 100_000)
    validation: tuple[int, int] = (2_000_000, 1000)
    test: tuple[int, int] = (3_000_000, 1000)

    def __post_init__(self) -> None:
        spans = {}
        for name in ("train", "validation", "test"):
            each = getattr(self, name)
            require(
                f"splits.{name}",
                list(each),
                len(each) == 2 and each[0] >= 0 and each[1] >= 1,
                "[first seed, count] with count >= 1",
            )
            spans[name] = range(each[0], each[0] + each[1])
        for a, b in (("train", "validation"), ("train", "test"), ("validation", "test")):
            apart = spans[a].stop <= spans[b].start or spans[b].stop <= spans[a].start
            require(
                f"splits.{b}",
                list(getattr(self, b)),
                apart,
                f"seeds that {a} = {list(getattr(self, a))} does not hold",
            )

    def seeds(self, split: str) -> range:
        """The seeds of ``train``, ``validation`` or ``test`` (`InputError` for another name)."""
        require(
            "split",
            repr(split),
            split in ("train", "validation", "test"),
            "train, validation or test",
        )
        first, count = getattr(self, split)
        return range(first, first + count)
