"""Charts of a backtest, drawn with matplotlib (extra ``[forecast]``) without a display."""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.files import write_bytes_atomically
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.forecast.backtests.backtest import BacktestResult, ModelRun
from lmrs_rl.forecast.backtests.metrics import BINS, covered
from lmrs_rl.forecast.panel import Panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FANS = 6
"""Number of series in a fan chart."""
_HISTORY = 42
"""[days] of measured use before the forecast."""
_LEVELS = np.arange(0.1, 1.0, 0.1)
"""Levels of the bands in a calibration chart."""


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def write_pictures(folder: Path, panel: Panel, result: BacktestResult) -> tuple[Path, ...]:
    """Draw ``fans.png`` of the first model and ``calibration.png`` of all models.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    if not can_draw():
        raise MissingExtraError("matplotlib", "forecast")
    charts = {
        folder / "fans.png": fan_chart(panel, result),
        folder / "calibration.png": _calibration_chart(result),
    }
    for path, figure in charts.items():
        drawn = io.BytesIO()
        figure.savefig(drawn, dpi=110, format="png")
        write_bytes_atomically(path, drawn.getvalue())
    return tuple(charts)


def fan_chart(panel: Panel, result: BacktestResult) -> Figure:
    """Forecast bands of the first model at the last origin, for series spread over the panel.

    With six weeks of measured use before, and the measured use afterwards.
    """
    figure = _figure(12.0, 7.0)
    run, origin = result.runs[0], int(result.origins[-1])
    count = min(_FANS, len(result.ids))
    shown = np.unique(np.linspace(0, len(result.ids) - 1, count).astype(np.int64)).tolist()
    for place, k in enumerate(shown, start=1):
        _fan(figure.add_subplot(2, 3, place), panel, result, k)
    day = result.first_day + origin
    figure.suptitle(
        f"{run.name} on {day}: use [kg/day], measured and forecast (40, 80, 95 %)", fontsize=10
    )
    return figure


def _fan(axes: Any, panel: Panel, result: BacktestResult, k: int) -> None:
    """Draw series ``k`` into the axes of a fan chart."""
    origin, ahead = int(result.origins[-1]), np.arange(result.days)
    start = max(origin - _HISTORY, 0)
    past = np.arange(start, origin) - origin
    axes.plot(past, panel.use[start:origin, k], color="0.3", linewidth=1)
    q = result.runs[0].predicted[-1, k]
    for low, high, shade in ((0.025, 0.975, 0.15), (0.1, 0.9, 0.25), (0.3, 0.7, 0.35)):
        a, b = (int(np.abs(result.quantiles - level).argmin()) for level in (low, high))
        axes.fill_between(ahead, q[:, a], q[:, b], color="C0", alpha=shade, linewidth=0)
    axes.plot(ahead, q[:, int(np.abs(result.quantiles - 0.5).argmin())], color="C0")
    axes.plot(ahead, result.actual[-1, k], color="C1", marker="o", markersize=3, linewidth=1)
    axes.set_title(result.ids[k], fontsize=9)
    axes.set_ylim(bottom=0)


def _calibration_chart(result: BacktestResult) -> Figure:
    """Coverage of central bands, and frequency of stock-outs against their probability.

    Coverage is shown of single days and of the use of all days together.
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
            _LEVELS,
            _curve(result.actual, run.predicted, result.quantiles),
            marker="o",
            markersize=3,
            label=run.name,
        )
        if run.cumulative is not None:
            whole.plot(
                _LEVELS,
                _curve(result.actual.sum(axis=2), run.cumulative[:, :, -1], result.quantiles),
                marker="o",
                markersize=3,
            )
        _stockouts(dry, run)
    daily.legend(fontsize=8)
    return figure


def _stockouts(axes: Any, run: ModelRun) -> None:
    """Draw the reliability diagram of a model's stock-out probabilities."""
    if run.stockout is not None:
        some = run.stockout.count > 0
        x, y = (
            total[some] / run.stockout.count[some]
            for total in (run.stockout.probability, run.stockout.happened)
        )
        axes.plot(x, y, marker="o", markersize=3)
        axes.set_xlabel(f"probability ({BINS} bins)")


def _curve(actual: FloatArray, predicted: Any, quantiles: FloatArray) -> list[float]:
    """Coverage of the bands of all `_LEVELS`."""
    if np.isnan(actual).all():
        return [float("nan")] * len(_LEVELS)
    return [
        float(np.nanmean(covered(actual, predicted, quantiles, float(level)))) for level in _LEVELS
    ]


def _figure(width: float, height: float) -> Figure:
    """A figure outside of pyplot, whose global state needs a display and is never freed."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")
