"""What a policy sees: one table of features, the source of the observation space and of its
page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

COVER_QUANTILES = (0.1, 0.5, 0.9)
"""Levels of the cumulative consumption at which days of cover are given."""
RISK_DAYS = (1, 2, 3, 5)
"""[days] by whose end the risk of falling under the hit level is given."""
AHEAD = 7
"""[days] of the calendar and the fleet that are looked at, today included."""
LONGEST_DAYS = 14.0
"""[days] Covers are cut there."""
NEAR_KM = 25.0
"""[km] Tanks this near to each other are neighbours."""
DUE_DAYS = (1, 3)
"""[days] within which a neighbour counts as due."""
ROUNDING = 1e-6
"""A number this far outside of what is possible is there by rounding."""
MOST = 1e6
"""No number with an end is larger, in its unit."""
FASTEST = 10.0
"""[capacities a day] No tank is used faster: a meter that says so is broken."""
ANY, NOT_BELOW, SHARE, ENDLESS = (-MOST, MOST), (0.0, MOST), (0.0, 1.0), (0.0, math.inf)
"""What numbers can be."""


@dataclass(frozen=True)
class Feature:
    """One number.

    Attributes
    ----------
    name : used once in its table
    unit : of the number
    low, high : bounds of the scaled number, cut there
    meaning : for people
    scale : the number is divided by that, > 0
    possible : what the number can be, in its unit; where it is anything else (NaN too), something
        upstream is wrong and no policy should judge by it
    version : goes up when the number comes to mean something else, in the same unit or not;
        policies that read it as it was are refused from then on
    """

    name: str
    unit: str
    low: float
    high: float
    meaning: str
    scale: float = 1.0
    possible: tuple[float, float] = ANY
    version: int = 1

    @property
    def one(self) -> str:
        """What 1 stands for after scaling."""
        return self.unit if self.scale == 1.0 else f"{self.scale:.6g} {self.unit}"


TRUCK = "full truckload"
"""Unit of several features."""

_COVER = tuple(
    Feature(
        f"cover_{round(100 * q)}",
        "days",
        0,
        1,
        f"until the level reaches the hit level if consumption is at its {q:g} quantile",
        LONGEST_DAYS,
        ENDLESS,
    )
    for q in COVER_QUANTILES
)
_RISK = tuple(
    Feature(
        f"risk_{d}",
        "probability",
        0,
        1,
        f"of falling to the hit level by the end of day {d} without a delivery; today is day 1",
        1,
        SHARE,
    )
    for d in RISK_DAYS
)
_NEAR = tuple(
    f
    for d in DUE_DAYS
    for f in (
        Feature(
            f"near_due_{d}",
            "tanks",
            0,
            1,
            f"neighbours within {NEAR_KM:g} km that the same vehicle serves, due within {d} days",
            8,
            NOT_BELOW,
        ),
        Feature(
            f"near_kg_{d}",
            "full truckloads",
            0,
            1,
            f"what those neighbours have room for, due within {d} days",
            2,
            NOT_BELOW,
        ),
    )
)
TANK_FEATURES: tuple[Feature, ...] = (
    Feature("fill", "share", 0, 1, "level over capacity", 1, (-1, 2)),
    Feature(
        "above_hit",
        "share",
        -1,
        1,
        "level above the hit level, of what the tank holds above it; negative below",
    ),
    *_COVER,
    *_RISK,
    Feature(
        "full_cover_q90",
        "days",
        0,
        1,
        "that a full tank lasts, down to the hit level, if consumption is at its 0.9 quantile",
        LONGEST_DAYS,
        ENDLESS,
    ),
    Feature(
        "daily_fill_rate_q90",
        "full tanks a day",
        0,
        1,
        "mean consumption over those days: one over `full_cover_q90`",
        1,
        NOT_BELOW,
    ),
    Feature("room", TRUCK, 0, 2, "room in the tank now"),
    Feature("room_2_days", TRUCK, 0, 2, "room in two days if consumption is at its median"),
    Feature("truck", "capacity", 0, 2, "full truckload that may come", 1, NOT_BELOW),
    Feature("in_transit", TRUCK, 0, 1, "product in transit to the tank", 1, NOT_BELOW),
    Feature(
        "radial_km",
        "km",
        0,
        1,
        "from the nearest site that has the product to the tank and back",
        300,
        NOT_BELOW,
    ),
    Feature(
        "price",
        "EUR/kg",
        0,
        2,
        "radial price of a kg: distance and time there and back on a full truck",
        0.2,
        NOT_BELOW,
    ),
    Feature(
        "detour_km",
        "km",
        0,
        1,
        "least extra distance of the tank on a trip to another tank",
        100,
        ENDLESS,
    ),
    Feature(
        "detour_due_km",
        "km",
        0,
        1,
        f"the same on a trip to a tank due within {DUE_DAYS[-1]} days; infinite without any",
        100,
        ENDLESS,
    ),
    *_NEAR,
    Feature("open_today", "h", 0, 1, "access hours left today", 24, (0, 24)),
    Feature("open_tomorrow", "h", 0, 1, "access hours tomorrow", 24, (0, 24)),
    Feature("days_open", "days", 0, 1, "with access hours among the next seven", AHEAD, (0, AHEAD)),
    Feature(
        "use",
        "capacities",
        0,
        2,
        "median consumption of a day, mean of the forecast",
        0.1,
        (0, FASTEST),
    ),
    Feature(
        "trend", "factor e", -1, 1, "logarithm of the forecast's later half over its earlier half"
    ),
    Feature(
        "surprise",
        "factor e",
        -1,
        1,
        "logarithm of the forecast's mean over the mean of the last seven measured days",
    ),
    # Without median consumption it is divided by 2e-3 kg (`LEAST_KG`), hence more than `MOST`.
    Feature(
        "spread",
        "median",
        0,
        2,
        "cumulative consumption to the forecast's third day: 0.9 less 0.1 quantile, over twice "
        "the median",
        1,
        (0, 1e12),
    ),
    Feature(
        "planned", "yes", 0, 1, "whether yesterday's plan has a drop here from today on", 1, SHARE
    ),
    Feature(
        "planned_day", "days", 0, 1, "when that is, today being 0; 5 without any", 5, NOT_BELOW
    ),
    Feature("planned_kg", TRUCK, 0, 1, "how much that is", 1, NOT_BELOW),
    Feature(
        "moved",
        "yes",
        0,
        1,
        "whether yesterday's plan changed the day of the drop that the plan before had here, or "
        "dropped it",
        1,
        SHARE,
    ),
    Feature(
        "missed", "yes", 0, 1, "whether yesterday's plan left the tank's order unserved", 1, SHARE
    ),
    Feature("served", "yes", 0, 1, "whether a trip that started yesterday dropped here", 1, SHARE),
    Feature(
        "base_x",
        "share",
        0,
        1,
        "baseline: share of the span from h' to full at which the window opens",
        1,
        SHARE,
    ),
    Feature("base_due", "days", 0, 1, "baseline: until the window opens", LONGEST_DAYS, ENDLESS),
    Feature("base_late", "days", 0, 1, "baseline: until the window closes", LONGEST_DAYS, ENDLESS),
    Feature(
        "base_kg",
        TRUCK,
        0,
        1,
        "baseline: the most that is dropped when the window opens",
        1,
        NOT_BELOW,
    ),
    Feature("base_least", "the most", 0, 1, "baseline: the least that is dropped then", 1, SHARE),
    Feature(
        "base_penalty",
        "ln EUR",
        0,
        1,
        "baseline: logarithm of 1 + penalty of a miss; scaled by that of 1e5",
        math.log1p(1e5),
        NOT_BELOW,
    ),
)
"""Columns of the observation's ``tanks``."""

_DRIVERS = tuple(
    Feature(
        f"drivers_{d}",
        "drivers' busiest day",
        0,
        1,
        f"drivers' working time {d} days from today, of the busiest of seven days",
        1,
        SHARE,
    )
    for d in range(AHEAD)
)
NETWORK_FEATURES: tuple[Feature, ...] = (
    Feature("weekday_sin", "1", -1, 1, "sine of the day of the week", 1, (-1, 1)),
    Feature("weekday_cos", "1", -1, 1, "cosine of the day of the week", 1, (-1, 1)),
    Feature("season_sin", "1", -1, 1, "sine of the day of the year", 1, (-1, 1)),
    Feature("season_cos", "1", -1, 1, "cosine of the day of the year", 1, (-1, 1)),
    *_DRIVERS,
    Feature(
        "until_off",
        "days",
        0,
        1,
        "until drivers have less than half of the busiest day's time; 7 without such a day",
        AHEAD,
        (0, AHEAD),
    ),
    Feature("off_days", "days", 0, 1, "how many such days then follow each other", 4, (0, AHEAD)),
    Feature(
        "vehicles_today",
        "share of payload",
        0,
        1,
        "vehicles free within today's first twelve hours",
        1,
        SHARE,
    ),
    Feature(
        "vehicles_ahead", "share of payload", 0, 1, "vehicles free within three days", 1, SHARE
    ),
    Feature(
        "sites_today",
        "share",
        0,
        1,
        "opening hours of loading sites left today, of all hours",
        1,
        SHARE,
    ),
    Feature("sites_ahead", "share", 0, 1, "opening hours of the four days after", 1, SHARE),
    Feature("board", "payload", 0, 1, "product on board of the fleet", 1, (0, 2)),
    Feature(
        "work_today",
        "drivers' time",
        0,
        2,
        "minutes that today's forecast consumption takes to bring on full trucks, over today's "
        "working time",
        1,
        NOT_BELOW,
    ),
    Feature("work_3", "drivers' time", 0, 2, "the same over three days", 1, NOT_BELOW),
    Feature("work_7", "drivers' time", 0, 2, f"the same over {AHEAD} days", 1, NOT_BELOW),
    Feature(
        "due_1",
        "drivers' time",
        0,
        2,
        "minutes to fill tanks due within a day, over the day's working time",
        1,
        NOT_BELOW,
    ),
    Feature("due_3", "drivers' time", 0, 2, "the same over three days", 1, NOT_BELOW),
    Feature("fill", "share", 0, 1, "mean level over capacity", 1, (-1, 2)),
    Feature("at_hit_share", "share", 0, 1, "tanks at or under their hit level", 1, SHARE),
    Feature(
        "low_cover_share",
        "share",
        0,
        1,
        "tanks with a median cover of less than two days",
        1,
        SHARE,
    ),
    Feature(
        "planned_kg",
        "payload of the fleet",
        0,
        2,
        "what yesterday's plan drops from today on",
        1,
        NOT_BELOW,
    ),
    Feature("missed", "share", 0, 1, "tanks whose order yesterday's plan left unserved", 1, SHARE),
    Feature("tanks", "tanks", 0, 1, "number of tanks", 200, NOT_BELOW),
)
"""Entries of the observation's ``network``."""
