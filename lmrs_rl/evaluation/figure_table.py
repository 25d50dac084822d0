"""Key figures as a table for people."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from lmrs_rl.evaluation.key_figures import Kpis
from lmrs_rl.referee import Figures

Row = tuple[str, str, str]
"""What, how much, unit."""


def kpi_table(title: str, kpis: Kpis) -> Table:
    """The table at the end of a run."""
    own = [
        ("missed orders", f"{kpis.missed_orders}", "summed over mornings"),
        ("shift time used", f"{kpis.shift_use:.1%}", "of drivers' hours"),
        ("fill of tankers", f"{kpis.mean_fill:.1%}", "of payload sent out"),
        ("broken operating rules", f"{kpis.broken_rules}", "found by the referee"),
    ]
    stopped = (
        [("plans cut short", f"{kpis.unfinished_plans}", "mornings")]
        if kpis.unfinished_plans
        else []
    )
    return table(title, [("days", f"{kpis.days}", ""), *figure_rows(kpis.figures), *own, *stopped])


def figure_rows(figures: Figures) -> list[Row]:
    """The referee's figures, one a row."""
    return [
        ("delivered", f"{figures.kg:,.0f}", "kg"),
        ("driven", f"{figures.km:,.0f}", "km"),
        ("logistic efficiency", f"{figures.kg_per_km:,.2f}", "kg/km"),
        ("cost", f"{figures.cost:,.0f}", "currency"),
        ("logistic ratio (LR)", f"{figures.logistic_ratio:.6g}", "currency/kg"),
        ("trips", f"{figures.trips:,}", ""),
        ("drops", f"{figures.drops:,}", ""),
        ("dry", f"{figures.dry_tank_hours:,}", "tank-hours"),
        ("wanted but not there", f"{figures.unmet_kg:,.0f}", "kg"),
        ("below hit level", f"{figures.below_hit_tank_hours:,}", "tank-hours"),
    ]


def table(title: str, rows: Iterable[Row]) -> Table:
    """Rows as a table with a title."""
    result = Table(title=escape(title), show_header=False, title_justify="left")
    result.add_column()
    result.add_column(justify="right")
    result.add_column(style="dim")
    for row in rows:
        result.add_row(*row)
    return result
