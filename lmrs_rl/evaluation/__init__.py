"""Floor 6: what a run was worth."""

from lmrs_rl.evaluation.kpis import Kpis, kpis
from lmrs_rl.evaluation.table import figure_rows, kpi_table, table

__all__ = ["Kpis", "figure_rows", "kpi_table", "kpis", "table"]
