"""The measures that dispatchers are compared by.

Each is a quotient of two sums over runs, so it is defined for one run and for a group of runs, in
which every tank-day counts the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lmrs_rl.domain import InputError


@dataclass(frozen=True)
class Measure:
    """A measure: ``scale * sum(numerator) / sum(denominator)`` over the runs of a group.

    Attributes
    ----------
    name : in files
    label, unit : in tables and charts
    numerator, denominator : names of figures of a run, see `run_figures`
    scale : factor on the quotient
    less_is_better : ``None`` where neither more nor less is better
    number_format : format specification of a value
    """

    name: str
    label: str
    unit: str
    numerator: str
    denominator: str
    scale: float = 1.0
    less_is_better: bool | None = True
    number_format: str = ".2f"


DAYS_AHEAD = (1, 2, 3, 4)
"""Days of a plan whose changes are counted; day 0 is executed as planned."""

MEASURES: tuple[Measure, ...] = (
    Measure("cost", "cost", "EUR a tank-day", "cost", "tank_days"),
    Measure("km", "driven", "km a tank-day", "km", "tank_days"),
    Measure("kg_per_km", "logistic efficiency", "kg/km", "kg", "km", less_is_better=False),
    Measure(
        "stockouts", "stock-outs", "tank-days in 1000", "stockout_tank_days", "tank_days", 1000.0
    ),
    Measure(
        "unmet_kg",
        "unmet demand",
        "kg in 1000 tank-days",
        "unmet_kg",
        "tank_days",
        1000.0,
        number_format=".1f",
    ),
    Measure(
        "eta",
        "eta, limit over driven km",
        "%",
        "limit_km",
        "km",
        100.0,
        less_is_better=False,
        number_format=".1f",
    ),
    Measure(
        "missed_orders",
        "missed orders",
        "% of orders, by morning",
        "missed_orders",
        "orders",
        100.0,
        number_format=".1f",
    ),
    Measure("trips", "trips", "in 100 tank-days", "trips", "tank_days", 100.0, less_is_better=None),
    Measure("drops", "drops", "in 100 tank-days", "drops", "tank_days", 100.0, less_is_better=None),
    Measure(
        "fill",
        "fill of trucks",
        "% of payload sent out",
        "kg",
        "sent_kg",
        100.0,
        less_is_better=False,
        number_format=".1f",
    ),
    *(
        Measure(
            f"changed_{k}",
            f"plan for D+{k} changed",
            "% of drops",
            f"plan_changed_{k}",
            f"plan_drops_{k}",
            100.0,
            number_format=".1f",
        )
        for k in DAYS_AHEAD
    ),
)
"""All measures, in the order of the score card."""

DRIVING_COSTS = ("cost_distance", "cost_time", "cost_nights")
"""Figures whose sum is the cost of driving."""
INVENTORY_CHANGE = "cost_stock"
"""Figure of the change in inventory value; the cost of a run is net of it."""
REQUIRED_FIGURES = (
    *dict.fromkeys([name for each in MEASURES for name in (each.numerator, each.denominator)]),
    *DRIVING_COSTS,
    INVENTORY_CHANGE,
    "broken_rules",
)
"""Figures of a run that score cards, fronts and warnings are computed from."""
TIMES = ("seconds_a_day", "dispatcher_seconds_a_day")
"""Times that are measured of a run [s]."""

_BY_NAME = {measure.name: measure for measure in MEASURES}


def measures(names: Iterable[str]) -> tuple[Measure, ...]:
    """The measures of these names.

    kg/km always brings stock-outs with it: it rises when service falls, so alone it misleads.

    Raises
    ------
    InputError
        For an unknown name.
    """
    found: list[str] = []
    for name in names:
        if name not in _BY_NAME:
            raise InputError(
                "measure", repr(name), f"one of {', '.join(_BY_NAME)}", "check the spelling"
            )
        found += [name] if name != "kg_per_km" else [name, "stockouts"]
    return tuple(_BY_NAME[name] for name in dict.fromkeys(found))
