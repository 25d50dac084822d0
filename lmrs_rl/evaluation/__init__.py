"""Floor 8: key figures of a run, and comparisons of dispatchers on the same scenarios."""

from lmrs_rl.evaluation.card_text import card_table, sentences, times_table, write_card
from lmrs_rl.evaluation.comparison import evaluate
from lmrs_rl.evaluation.controls import with_controls
from lmrs_rl.evaluation.execution import run_grid
from lmrs_rl.evaluation.figure_table import figure_rows, kpi_table, table
from lmrs_rl.evaluation.grid import Cell, Grid, make_grid
from lmrs_rl.evaluation.key_figures import Kpis, kpis
from lmrs_rl.evaluation.measure import MEASURES, Measure, measures
from lmrs_rl.evaluation.scoring import Score, ScoreCard, score_card
from lmrs_rl.evaluation.store import Row, Store, open_store, write_tables

__all__ = [
    "MEASURES",
    "Cell",
    "Grid",
    "Kpis",
    "Measure",
    "Row",
    "Score",
    "ScoreCard",
    "Store",
    "card_table",
    "evaluate",
    "figure_rows",
    "kpi_table",
    "kpis",
    "make_grid",
    "measures",
    "open_store",
    "run_grid",
    "score_card",
    "sentences",
    "table",
    "times_table",
    "with_controls",
    "write_card",
    "write_tables",
]
