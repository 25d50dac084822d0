"""Reports of a backtest: tables for the terminal, CSV and JSON files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from rich.table import Table

from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.forecast.backtests.backtest import BacktestResult
from lmrs_rl.forecast.backtests.metrics import BootstrapInterval
from lmrs_rl.forecast.backtests.scores import Scores, only, scaled_wql_ratio, scores

Ratios = dict[tuple[str, str], BootstrapInterval]
"""Ratios of mean scaled wQL by the names of two models: the one scored, the one compared with."""


def ratios(
    result: BacktestResult, *, quantiles: Sequence[float] | None = None, seed: int = 0
) -> Ratios:
    """Mean scaled wQL of the first model over each other's, with 95 % bootstrap intervals."""
    first, *others = (run.name for run in result.runs)
    return {
        (first, other): scaled_wql_ratio(
            result, first, other, np.random.default_rng((seed, k)), quantiles=quantiles
        )
        for k, other in enumerate(others)
    }


def score_table(result: BacktestResult, figures: Sequence[Scores]) -> Table:
    """Losses, coverage, calibration and CPU time, with a column for each model."""
    first, last = (result.first_day + int(result.origins[k]) for k in (0, -1))
    origins = f"{len(result.origins)} origins from {first} to {last}"
    title = f"{len(result.ids)} series, {origins}, {result.days} days ahead"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for each in figures:
        table.add_column(each.name, justify="right")
    rows: list[tuple[str, Callable[[Scores], str]]] = [
        ("mean scaled wQL", lambda of: _known(of.scaled_wql, ".4f")),
        ("wQL", lambda of: _known(of.wql, ".4f")),
        ("WAPE of the median", lambda of: _known(of.wape, ".4f")),
        ("MASE of the median", lambda of: _known(of.mase, ".3f")),
        ("RMSE of the mean, kg", lambda of: _known(of.rmse, ".4g")),
        *(
            (f"inside 80 | 95 %, {_span(k, figures)}", partial(_bands, k))
            for k in range(len(figures[0].coverage))
        ),
        (
            "stock-outs, Brier | ECE",
            lambda of: f"{_known(of.brier, '.4f')} | {_known(of.ece, '.4f')}",
        ),
        ("CPU s a fit | forecast", lambda of: f"{of.fit_s:.2f} | {of.predict_s:.3f}"),
    ]
    for head, of in rows:
        table.add_row(head, *(of(each) for each in figures))
    return table


def _bands(k: int, of: Scores) -> str:
    """Coverage of both bands as text, of the k-th span of days."""
    return f"{_known(of.coverage[k].band_80, '.1%')} | {_known(of.coverage[k].band_95, '.1%')}"


def _span(k: int, figures: Sequence[Scores]) -> str:
    days = figures[0].coverage[k].days
    return "daily" if days == 1 else f"sum of {days} days"


def type_table(
    result: BacktestResult, names: Sequence[str], quantiles: Sequence[float] | None = None
) -> Table:
    """The first model's losses and coverage for each customer type."""
    table = Table(title=f"{result.runs[0].name}, by customer type", title_justify="left")
    table.add_column("type")
    for head in ("series", "scaled wQL", "WAPE", "in 80 %", "in 95 %"):
        table.add_column(head, justify="right")
    for kind in map(int, np.unique(result.customer_type)):
        of = result.customer_type == kind
        each = scores(only(result, of), quantiles=quantiles)[0]
        daily = each.coverage[0]
        table.add_row(
            names[kind] if kind < len(names) and names[kind] else str(kind),
            str(int(of.sum())),
            _known(each.scaled_wql, ".4f"),
            _known(each.wape, ".4f"),
            _known(daily.band_80, ".1%"),
            _known(daily.band_95, ".1%"),
        )
    return table


def write_scores(
    folder: Path, result: BacktestResult, figures: Sequence[Scores], against: Ratios
) -> None:
    """Write ``scores.csv`` with a row for each model, and ``scores.json`` with setup and ratios.

    Unknown figures are empty or null.
    """
    rows = [each.as_dict() for each in figures]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(_without_nan(row, "") for row in rows)
    write_text_atomically(folder / "scores.csv", text.getvalue())
    # JSON knows no NaN; Python would write one, which other readers refuse.
    document = {
        "format": "lmrs-backtest/1",
        "series": len(result.ids),
        "origins": [str(result.first_day + int(origin)) for origin in result.origins],
        "days": result.days,
        "models": [_without_nan(row, None) for row in rows],
        "scaled_wql_ratios": [
            {
                "model": a,
                "against": b,
                "ratio": _finite(each.estimate),
                "low": _finite(each.low),
                "high": _finite(each.high),
            }
            for (a, b), each in against.items()
        ],
    }
    write_text_atomically(folder / "scores.json", json.dumps(document, indent=1) + "\n")


def write_forecasts(path: Path, result: BacktestResult) -> None:
    """Write all forecasts in long format, with a column for each quantile [kg].

    Rows hold model, origin, series, date and measured use [kg] before the quantiles.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = quantile_columns(result.quantiles.tolist())
    writer.writerow(["model", "origin", "series", "date", "actual", *columns])
    for run in result.runs:
        for o, k, d in np.ndindex(result.actual.shape):
            start = result.first_day + int(result.origins[o])
            actual = float(result.actual[o, k, d])
            measured = "" if np.isnan(actual) else f"{actual:.6g}"
            predicted = (f"{value:.6g}" for value in run.predicted[o, k, d].tolist())
            row = [run.name, str(start), result.ids[k], str(start + d), measured, *predicted]
            writer.writerow(row)
    write_text_atomically(path, text.getvalue())


def quantile_columns(quantiles: Sequence[float]) -> list[str]:
    """Column names such as ``q0.025``."""
    return [f"q{q:g}" for q in quantiles]


def _known(value: float, form: str) -> str:
    """The formatted value, a dash for NaN."""
    return "-" if np.isnan(value) else format(value, form)


def _without_nan(row: dict[str, str | float], missing: str | None) -> dict[str, str | float | None]:
    """The row with ``missing`` in place of NaN."""
    return {
        key: missing if isinstance(value, float) and np.isnan(value) else value
        for key, value in row.items()
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
