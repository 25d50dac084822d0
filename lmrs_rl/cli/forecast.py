"""``lmrs forecast``: backtest forecasting models on a CSV file, fit the production model, and
forecast with it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from lmrs_rl.cli.models import MODELS, fit, load_fitted, make_models
from lmrs_rl.cli.outputs import check_file, check_folder
from lmrs_rl.domain import InputError
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.forecast.backtests.backtest import backtest as run_backtest
from lmrs_rl.forecast.backtests.backtest import spread_origins
from lmrs_rl.forecast.backtests.metrics import BINS
from lmrs_rl.forecast.backtests.pictures import can_draw, write_pictures
from lmrs_rl.forecast.backtests.report import (
    quantile_columns,
    ratios,
    score_table,
    type_table,
    write_forecasts,
    write_scores,
)
from lmrs_rl.forecast.backtests.scores import scores
from lmrs_rl.forecast.models.artefact import ArtefactInfo, aligned, read_artefact, write_artefact
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.panel_csv.files import PanelFile, read_panel_file

app = typer.Typer(
    no_args_is_help=True, help="Forecast consumption from a CSV file of daily series."
)

DataArgument = Annotated[
    Path,
    typer.Argument(
        help="Daily series in long format: series, date, value and known covariates.",
        show_default=False,
    ),
]
DaysOption = Annotated[int, typer.Option("--days", min=1, max=60, help="Days ahead.")]
ZoneOption = Annotated[
    str | None,
    typer.Option(
        "--zone",
        help="Zone whose calendar days count, such as Europe/Berlin; for times with offsets.",
        show_default=False,
    ),
]
StrictOption = Annotated[bool, typer.Option("--strict", help="Refuse data that need a repair.")]
OutlierOption = Annotated[
    bool, typer.Option("--drop-outliers", help="Treat outliers as not measured.")
]


@app.command(name="backtest")
def backtest_command(
    data: DataArgument,
    days: DaysOption = 7,
    origins: Annotated[
        int, typer.Option(min=1, help="Number of forecast origins, the last ones of the data.")
    ] = 12,
    step: Annotated[int, typer.Option(min=1, help="Days between origins.")] = 7,
    refit_every: Annotated[int, typer.Option(min=1, help="Fit again after this many origins.")] = 4,
    model: Annotated[
        list[str] | None,
        typer.Option(help=f"Repeat for several: {', '.join(MODELS)}.", show_default="auto, naive"),
    ] = None,
    quantile: Annotated[
        list[float] | None,
        typer.Option(
            help="Quantile to score; repeat for several.", show_default="all that are forecast"
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Folder for scores.csv, scores.json, forecasts.csv and pictures.",
            show_default=False,
        ),
    ] = None,
    zone: ZoneOption = None,
    strict: StrictOption = False,
    drop_outliers: OutlierOption = False,
) -> None:
    """Score models on past mornings, each forecast made with what was known then."""
    console = Console()
    check_folder("--output", output)
    # Before the data are read, so that a wrong name or missing package shows at once.
    models = make_models(model or ["auto", "naive"])
    found = _read(data, zone, strict, drop_outliers)
    chosen = spread_origins(found.panel.known_at(found.measured_to).past, days, origins, step)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    with _progress(console, len(chosen)) as on_origin:
        result = run_backtest(
            found.panel,
            models,
            origins=chosen,
            days=days,
            refit_every=refit_every,
            on_origin=on_origin,
        )
    figures = scores(result, quantiles=quantile)
    against = ratios(result, quantiles=quantile)
    console.print(score_table(result, figures))
    if len(np.unique(result.customer_type)) > 1:
        console.print(type_table(result, found.customer_types, quantile))
    for (a, b), each in against.items():
        print(
            f"mean scaled wQL of {a} over that of {b}: {each} (95 % bootstrap interval over "
            f"series and origins)"
        )
    if any(run.stockout is not None for run in result.runs):
        print(
            f"Brier and ECE ({BINS} bins): probability that a stock of 1 to 14 days of recent use "
            f"is used up by the end of each day"
        )
    if output is not None:
        write_scores(output, result, figures, against)
        write_forecasts(output / "forecasts.csv", result)
        if can_draw():
            write_pictures(output, found.panel, result)
        else:
            print("no pictures: they need matplotlib (pip install 'lmrs-rl[forecast]')")
        console.print(f"written to {output}", soft_wrap=True, highlight=False)


@app.command(name="fit")
def fit_command(
    data: DataArgument,
    output: Annotated[Path, typer.Option(help="Folder for the fitted model.", show_default=False)],
    days: DaysOption = 7,
    zone: ZoneOption = None,
    strict: StrictOption = False,
    drop_outliers: OutlierOption = False,
) -> None:
    """Fit the production model on all measured days and write it as text, JSON and npz files."""
    check_folder("--output", output)
    found = _read(data, zone, strict, drop_outliers)
    view = found.panel.known_at(found.measured_to)
    output.mkdir(parents=True, exist_ok=True)
    fitted = fit(view, days)
    about = ArtefactInfo(
        model="auto",
        days=days,
        fitted_to=str(found.panel.first_day + found.measured_to),
        ids=found.panel.ids,
        customer_types=found.customer_types,
        products=found.products,
        zone=zone,
        leads=found.panel.leads,
    )
    write_artefact(output, fitted, about)
    print(f"fitted on {len(about.ids)} series before {about.fitted_to} for {days} days ahead")
    Console().print(f"written to {output}", soft_wrap=True, highlight=False)


@app.command(name="predict")
def predict_command(
    folder: Annotated[
        Path, typer.Argument(help="What 'lmrs forecast fit' wrote.", show_default=False)
    ],
    data: DataArgument,
    output: Annotated[
        Path, typer.Option(help="CSV file for the daily quantiles.", show_default=False)
    ],
    origin: Annotated[
        str | None,
        typer.Option(
            help="First day to forecast, such as 2025-03-31.",
            show_default="the day after the last measured one",
        ),
    ] = None,
    strict: StrictOption = False,
    drop_outliers: OutlierOption = False,
) -> None:
    """Forecast the days after the last measured one, or from --origin on.

    Writes quantiles of each day's use in kg.
    """
    check_file("--output", output, inputs=(data,))
    fitted, about = read_artefact(folder, load_fitted)
    found = _read(data, about.zone, strict, drop_outliers, about)
    panel = aligned(found.panel, about.ids)
    at = found.measured_to if origin is None else _day(origin, found)
    start = panel.first_day + at
    # The model has seen the days before its fit, so it would forecast what it knows.
    if start < np.datetime64(about.fitted_to, "D"):
        raise InputError(
            "origin",
            str(start),
            f"{about.fitted_to} or later, the morning of the fit",
            "fit the model on earlier data",
        )
    quantiles = fitted(panel.known_at(at), about.days)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["series", "date", *quantile_columns(QUANTILES.tolist())])
    # The fitted model knows all series of its fit; only those of the file are written.
    requested = set(found.panel.ids)
    for k, name in enumerate(panel.ids):
        if name in requested:
            for d in range(about.days):
                writer.writerow(
                    [name, str(start + d), *(f"{value:.6g}" for value in quantiles[k, d].tolist())]
                )
    write_text_atomically(output, text.getvalue())
    print(f"{len(requested)} series, {about.days} days from {start} on")
    Console().print(f"written to {output}", soft_wrap=True, highlight=False)


def _read(
    data: Path,
    zone: str | None,
    strict: bool,
    drop_outliers: bool,
    about: ArtefactInfo | None = None,
) -> PanelFile:
    # A fitted model knows types and products by number, so they are numbered as in its fit.
    types, products = ((), ()) if about is None else (about.customer_types, about.products)
    found = read_panel_file(
        data,
        repair=not strict,
        zone=zone,
        drop_outliers=drop_outliers,
        customer_types=types,
        products=products,
    )
    for sentence in found.repairs:
        print(f"{data.name}: {sentence}")
    if found.measured_to == 0:
        raise InputError(
            data.name, "no measured day", "at least one value", "check the column 'value'"
        )
    return found


def _day(text: str, found: PanelFile) -> int:
    try:
        day = int((np.datetime64(text, "D") - found.panel.first_day).astype(int))
    except ValueError:
        raise InputError(
            "origin", repr(text), "a date such as 2024-03-31", "write year, month, day"
        ) from None
    if not 0 <= day <= found.panel.days:
        first, last = found.panel.first_day, found.panel.first_day + found.panel.days
        raise InputError(
            "origin",
            text,
            f"{first} to {last}, the days of the data and the one after",
            "choose one of them",
        )
    return day


@contextmanager
def _progress(console: Console, origins: int) -> Iterator[Callable[[str, int], None]]:
    """Yield a callback for each origin: a status line on a terminal, a line per model elsewhere."""
    if console.is_terminal:
        with console.status("reading") as status:
            yield lambda name, k: status.update(f"{name}: origin {k + 1} of {origins}")
    else:
        yield (
            lambda name, k: (
                print(f"{name}: {origins} origins", flush=True) if k + 1 == origins else None
            )
        )
