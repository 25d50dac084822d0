"""The key figures that dispatchers are compared by: each is one sum over another, so that groups
of runs have them too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lmrs_rl.domain import InputError


@dataclass(frozen=True)
class Measure:
    """A key figure: ``scale * sum(over) / sum(under)`` over the runs of a group.

    Attributes
    ----------
    name : for files
    label, unit : for people
    over, under : figures of a run, see `lmrs_rl.evaluation.run`
    scale : of the quotient
    less_is_better : or more, or neither where ``None``
    form : how it is written
    """

    name: str
    label: str
    unit: str
    over: str
    under: str
    scale: float = 1.0
    less_is_better: bool | None = True
    form: str = ".2f"


AHEAD = (1, 2, 3, 4)
"""Days ahead of which a plan's changes are counted; the day that is driven is day 0."""

MEASURES: tuple[Measure, ...] = (
    Measure("cost", "cost", "EUR a tank-day", "cost", "tank_days"),
    Measure("km", "driven", "km a tank-day", "km", "tank_days"),
    Measure("kg_per_km", "logistic efficiency", "kg/km", "kg", "km", less_is_better=False),
    Measure(
        "stockouts", "stock-outs", "tank-days in 1000", "stockout_tank_days", "tank_days", 1000.0
    ),
    Measure(
        "unmet_kg", "not given", "kg in 1000 tank-days", "unmet_kg", "tank_days", 1000.0, form=".1f"
    ),
    Measure(
        "eta",
        "eta, limit over driven km",
        "%",
        "limit_km",
        "km",
        100.0,
        less_is_better=False,
        form=".1f",
    ),
    Measure(
        "missed_orders",
        "missed orders",
        "% of orders, by morning",
        "missed_orders",
        "orders",
        100.0,
        form=".1f",
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
        form=".1f",
    ),
    *(
        Measure(
            f"changed_{k}",
            f"plan for D+{k} changed",
            "% of drops",
            f"plan_changed_{k}",
            f"plan_drops_{k}",
            100.0,
            form=".1f",
        )
        for k in AHEAD
    ),
)
"""In the order of the score card."""

DRIVING = ("cost_distance", "cost_time", "cost_nights")
"""Figures that add up to what driving costs."""
STOCK = "cost_stock"
"""Figure of what the stock gained in worth."""
NEEDED = (
    *dict.fromkeys([name for each in MEASURES for name in (each.over, each.under)]),
    *DRIVING,
    STOCK,
    "broken_rules",
)
"""Figures of a run that score card, fronts and warnings are made from."""
TIMES = ("seconds_a_day", "dispatcher_seconds_a_day")
"""What is clocked of a run."""

BY_NAME = {measure.name: measure for measure in MEASURES}


def measures(names: Iterable[str]) -> tuple[Measure, ...]:
    """The measures of these names; stock-outs always follow kg/km, which rises when service falls.

    Raises
    ------
    InputError
        For an unknown name.
    """
    found: list[str] = []
    for name in names:
        if name not in BY_NAME:
            raise InputError(
                "measure", repr(name), f"one of {', '.join(BY_NAME)}", "check the spelling"
            )
        found += [name] if name != "kg_per_km" else [name, "stockouts"]
    return tuple(BY_NAME[name] for name in dict.fromkeys(found))
