"""Key figures of a run as a table."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from lmrs_rl.evaluation.key_figures import Kpis
from lmrs_rl.referee import Figures

TableRow = tuple[str, str, str]
"""Name, value and unit of a figure."""


def kpi_table(title: str, kpis: Kpis) -> Table:
    """All key figures of a run as a table."""
    own = [
        ("missed orders", f"{kpis.missed_orders}", "summed over mornings"),
        ("shift time used", f"{kpis.shift_use:.1%}", "of drivers' hours"),
        ("fill of tankers", f"{kpis.mean_fill:.1%}", "of payload sent out"),
        ("broken operating rules", f"{kpis.broken_rules}", "found by the referee"),
    ]
    if kpis.unfinished_plans:
        own.append(("plans cut short", f"{kpis.unfinished_plans}", "mornings"))
    return table(title, [("days", f"{kpis.days}", ""), *figure_rows(kpis.figures), *own])


def figure_rows(figures: Figures) -> list[TableRow]:
    """The figures that the referee counts, one per row."""
    return [
        ("delivered", f"{figures.kg:,.0f}", "kg"),
        ("driven", f"{figures.km:,.0f}", "km"),
        ("logistic efficiency", f"{figures.kg_per_km:,.2f}", "kg/km"),
        ("cost", f"{figures.cost:,.0f}", "currency"),
        ("logistic ratio (LR)", f"{figures.logistic_ratio:.6g}", "currency/kg"),
        ("trips", f"{figures.trips:,}", ""),
        ("drops", f"{figures.drops:,}", ""),
        ("dry", f"{figures.dry_tank_hours:,}", "tank-hours"),
        ("unmet demand", f"{figures.unmet_kg:,.0f}", "kg"),
        ("below hit level", f"{figures.below_hit_tank_hours:,}", "tank-hours"),
    ]


def table(title: str, rows: Iterable[TableRow]) -> Table:
    """A table of figures with a title."""
    result = Table(title=escape(title), show_header=False, title_justify="left")
    result.add_column()
    result.add_column(justify="right")
    result.add_column(style="dim")
    for row in rows:
        result.add_row(*row)
    return result
