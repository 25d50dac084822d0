"""What a policy sees: one table of features, the source of the observation space and of its page."""

from __future__ import annotations

from dataclasses import dataclass

COVER_QUANTILES = (0.1, 0.5, 0.9)
"""Levels of the cumulative consumption at which days of cover are told."""
RISK_DAYS = (1, 2, 3, 5)
"""[days] by whose end the risk of falling under the hit level is told."""
AHEAD = 7
"""[days] of the calendar and the fleet that are looked at, today included."""
LONGEST_DAYS = 14.0
"""[days] Covers are cut there."""
NEAR_KM = 25.0
"""[km] Tanks this near to each other are neighbours."""
DUE_DAYS = (1, 3)
"""[days] within which a neighbour counts as due."""


@dataclass(frozen=True)
class Feature:
    """One number.

    Attributes
    ----------
    name : used once in its table
    unit : what 1 stands for; the number is divided by that
    low, high : bounds, cut there
    meaning : for people
    """

    name: str
    unit: str
    low: float
    high: float
    meaning: str


DAY, SHARE, TRUCK = f"{LONGEST_DAYS:g} days", "share", "full truckload"
"""Units of several features."""

_COVER = tuple(
    Feature(f"cover_{round(100 * q)}", DAY, 0, 1, f"days until the level reaches the hit level if consumption is at its {q:g} quantile")
    for q in COVER_QUANTILES
)
_RISK = tuple(
    Feature(f"risk_{d}", "probability", 0, 1, f"of falling to the hit level by the end of day {d} without a delivery; today is day 1")
    for d in RISK_DAYS
)
_NEAR = tuple(
    f
    for d in DUE_DAYS
    for f in (
        Feature(f"near_due_{d}", "8 tanks", 0, 1, f"neighbours within {NEAR_KM:g} km that the same vehicle serves, due within {d} days"),
        Feature(f"near_kg_{d}", "2 full truckloads", 0, 1, f"what those neighbours have room for, due within {d} days"),
    )
)
TANK_FEATURES: tuple[Feature, ...] = (
    Feature("fill", SHARE, 0, 1, "level over capacity"),
    Feature("above_hit", SHARE, -1, 1, "level above the hit level, of what the tank holds above it; negative below"),
    *_COVER,
    *_RISK,
    Feature("room", TRUCK, 0, 2, "room in the tank now"),
    Feature("room_2_days", TRUCK, 0, 2, "room in two days if consumption is at its median"),
    Feature("truck", "capacity", 0, 2, "full truckload that may come"),
    Feature("coming", TRUCK, 0, 1, "product on its way to the tank"),
    Feature("radial_km", "300 km", 0, 1, "from the nearest site that has the product to the tank and back"),
    Feature("price", "0.2 EUR/kg", 0, 2, "radial price of a kg: distance and time there and back on a full truck"),
    Feature("detour_km", "100 km", 0, 1, "least extra way for the tank on a trip to another tank"),
    Feature("detour_due_km", "100 km", 0, 1, f"the same on a trip to a tank due within {DUE_DAYS[-1]} days; 1 without any"),
    *_NEAR,
    Feature("open_today", "24 h", 0, 1, "access hours left today"),
    Feature("open_tomorrow", "24 h", 0, 1, "access hours tomorrow"),
    Feature("days_open", f"{AHEAD} days", 0, 1, "days with access hours among the next seven"),
    Feature("use", "10 % of capacity", 0, 2, "median consumption of a day, mean of the forecast"),
    Feature("trend", "factor e", -1, 1, "logarithm of the forecast's later half over its earlier half"),
    Feature("surprise", "factor e", -1, 1, "logarithm of the forecast's mean over the mean of the last seven measured days"),
    Feature("spread", "median", 0, 2, "cumulative consumption to the forecast's third day: 0.9 less 0.1 quantile, over twice the median"),
    Feature("planned", "yes", 0, 1, "whether yesterday's plan has a drop here from today on"),
    Feature("planned_day", "5 days", 0, 1, "when that is, today being 0; 1 without any"),
    Feature("planned_kg", TRUCK, 0, 1, "how much that is"),
    Feature("moved", "yes", 0, 1, "whether yesterday's plan changed the day of the drop that the plan before had here, or dropped it"),
    Feature("missed", "yes", 0, 1, "whether yesterday's plan left the tank's order unserved"),
    Feature("served", "yes", 0, 1, "whether a trip that started yesterday dropped here"),
    Feature("base_x", SHARE, 0, 1, "baseline: share of the way from h' to full at which the window opens"),
    Feature("base_due", DAY, 0, 1, "baseline: until the window opens"),
    Feature("base_late", DAY, 0, 1, "baseline: until the window closes"),
    Feature("base_kg", TRUCK, 0, 1, "baseline: the most that is dropped when the window opens"),
    Feature("base_least", "the most", 0, 1, "baseline: the least that is dropped then"),
    Feature("base_penalty", "factor 1e5", 0, 1, "baseline: logarithm of 1 + penalty of a miss [EUR], over that of 1e5"),
)
"""Columns of the observation's ``tanks``."""

_DRIVERS = tuple(
    Feature(f"drivers_{d}", "drivers' busiest day", 0, 1, f"drivers' working time {d} days from today, of the busiest of seven days")
    for d in range(AHEAD)
)
NETWORK_FEATURES: tuple[Feature, ...] = (
    Feature("weekday_sin", "1", -1, 1, "sine of the day of the week"),
    Feature("weekday_cos", "1", -1, 1, "cosine of the day of the week"),
    Feature("season_sin", "1", -1, 1, "sine of the day of the year"),
    Feature("season_cos", "1", -1, 1, "cosine of the day of the year"),
    *_DRIVERS,
    Feature("until_off", f"{AHEAD} days", 0, 1, "days until drivers have less than half of the busiest day's time; 1 if not in sight"),
    Feature("off_days", "4 days", 0, 1, "how many such days then follow each other"),
    Feature("vehicles_today", "share of payload", 0, 1, "vehicles free within today's first twelve hours"),
    Feature("vehicles_ahead", "share of payload", 0, 1, "vehicles free within three days"),
    Feature("sites_today", "share", 0, 1, "opening hours of loading sites left today, of all hours"),
    Feature("sites_ahead", "share", 0, 1, "opening hours of the four days after"),
    Feature("board", "payload", 0, 1, "product on board of the fleet"),
    Feature(
        "work_today", "drivers' time", 0, 2, "minutes that today's forecast consumption takes to bring on full trucks, over today's working time"
    ),
    Feature("work_3", "drivers' time", 0, 2, "the same over three days"),
    Feature("work_7", "drivers' time", 0, 2, f"the same over {AHEAD} days"),
    Feature("due_1", "drivers' time", 0, 2, "minutes to fill tanks due within a day, over the day's working time"),
    Feature("due_3", "drivers' time", 0, 2, "the same over three days"),
    Feature("fill", "share", 0, 1, "mean level over capacity"),
    Feature("low", "share", 0, 1, "tanks at or under their hit level"),
    Feature("short", "share", 0, 1, "tanks with a median cover of less than two days"),
    Feature("planned_kg", "payload of the fleet", 0, 2, "what yesterday's plan drops from today on"),
    Feature("missed", "share", 0, 1, "tanks whose order yesterday's plan left unserved"),
    Feature("tanks", "200 tanks", 0, 1, "number of tanks"),
)
"""Entries of the observation's ``network``."""
