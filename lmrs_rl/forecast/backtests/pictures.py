"""Pictures of a backtest, drawn with matplotlib (extra ``[forecast]``) without a display."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.files import write_bytes_atomically
from lmrs_rl.forecast.backtests.backtest import BacktestResult, ModelRun
from lmrs_rl.forecast.backtests.metrics import BINS, covered
from lmrs_rl.forecast.panel import Panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FANS = 6
HISTORY = 42
"""[days] of measured use before the forecast."""
LEVELS = np.arange(0.1, 1.0, 0.1)


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def write_pictures(folder: Path, panel: Panel, result: BacktestResult) -> tuple[Path, ...]:
    """``fans.png`` of the first model, ``calibration.png`` of all (`InputError` where matplotlib
    is missing).
    """
    if not can_draw():
        raise InputError(
            "pictures", "no matplotlib", "the extra [forecast]", "pip install 'lmrs-rl[forecast]'"
        )
    paths = (folder / "fans.png", folder / "calibration.png")
    for path, figure in zip(
        paths, (fan_chart(panel, result), calibration_chart(result)), strict=True
    ):
        drawn = io.BytesIO()
        figure.savefig(drawn, dpi=110, format="png")
        write_bytes_atomically(path, drawn.getvalue())
    return paths


def fan_chart(panel: Panel, result: BacktestResult) -> Figure:
    """Six weeks of use, the first model's bands and what came, at the last origin, of series
    spread over the panel.
    """
    figure = _figure(12.0, 7.0)
    run, origin = result.runs[0], int(result.origins[-1])
    shown = np.unique(
        np.linspace(0, len(result.ids) - 1, min(FANS, len(result.ids))).astype(np.int64)
    ).tolist()
    start = max(origin - HISTORY, 0)
    for place, k in enumerate(shown, start=1):
        axes = figure.add_subplot(2, 3, place)
        axes.plot(
            np.arange(start, origin) - origin, panel.use[start:origin, k], color="0.3", linewidth=1
        )
        ahead = np.arange(result.days)
        q = run.predicted[-1, k]
        for low, high, shade in ((0.025, 0.975, 0.15), (0.1, 0.9, 0.25), (0.3, 0.7, 0.35)):
            a, b = (int(np.abs(result.quantiles - level).argmin()) for level in (low, high))
            axes.fill_between(ahead, q[:, a], q[:, b], color="C0", alpha=shade, linewidth=0)
        axes.plot(ahead, q[:, int(np.abs(result.quantiles - 0.5).argmin())], color="C0")
        axes.plot(ahead, result.actual[-1, k], color="C1", marker="o", markersize=3, linewidth=1)
        axes.set_title(result.ids[k], fontsize=9)
        axes.set_ylim(bottom=0)
    figure.suptitle(
        f"{run.name} on {result.first_day + origin}: use [kg/day], measured and foretold (40, 80, "
        f"95 %)",
        fontsize=10,
    )
    return figure


def calibration_chart(result: BacktestResult) -> Figure:
    """Share inside each central band, of single days and of the whole horizon, and frequency of
    stock-outs against their probability.
    """
    figure = _figure(12.0, 4.2)
    daily, whole, dry = (figure.add_subplot(1, 3, k) for k in (1, 2, 3))
    for axes, title in (
        (daily, "inside the band, single days"),
        (whole, f"inside the band, {result.days} days together"),
        (dry, "stock-outs"),
    ):
        axes.plot([0, 1], [0, 1], color="0.7", linewidth=1)
        axes.set_title(title, fontsize=10)
    for run in result.runs:
        daily.plot(
            LEVELS,
            _curve(result.actual, run.predicted, result.quantiles),
            marker="o",
            markersize=3,
            label=run.name,
        )
        if run.cumulative is not None:
            whole.plot(
                LEVELS,
                _curve(result.actual.sum(axis=2), run.cumulative[:, :, -1], result.quantiles),
                marker="o",
                markersize=3,
            )
        _stockouts(dry, run)
    daily.legend(fontsize=8)
    return figure


def _stockouts(axes: Any, run: ModelRun) -> None:
    if run.stockout is not None:
        some = run.stockout.count > 0
        x, y = (
            total[some] / run.stockout.count[some]
            for total in (run.stockout.probability, run.stockout.happened)
        )
        axes.plot(x, y, marker="o", markersize=3)
        axes.set_xlabel(f"probability ({BINS} bins)")


def _curve(actual: FloatArray, predicted: Any, quantiles: FloatArray) -> list[float]:
    if np.isnan(actual).all():
        return [float("nan")] * len(LEVELS)
    return [
        float(np.nanmean(covered(actual, predicted, quantiles, float(level)))) for level in LEVELS
    ]


def _figure(width: float, height: float) -> Figure:
    """A figure of its own; no state of pyplot."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
