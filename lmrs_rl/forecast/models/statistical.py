"""Classical models of one series at a time, through statsforecast (extra ``[forecast]``)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.forecast.models.empirical import column_quantiles, monotone_quantiles
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from lmrs_rl.forecast.panel import View

Kind = Literal["AutoETS", "DynamicOptimizedTheta", "CrostonSBA", "ADIDA", "IMAPA", "SeasonalNaive"]
INTERMITTENT = ("CrostonSBA", "ADIDA", "IMAPA")
_SEASON = 7
LEVELS = (20, 40, 60, 80, 90, 95, 98)
"""[%] Central intervals whose ends are `QUANTILES` without the median."""
LONGEST_GAP = 28
"""[days] since the last measured day beyond which a series is left to the seasonal naive."""
_SAMPLE_DAYS = 182
"""[days] of past use that the shape of an intermittent demand is taken from."""

_Solver = Callable[[FloatArray, int], FloatArray]
"""From past use (D,) without gaps and days ahead to quantiles (days, Q) as the library has them."""


@dataclass(frozen=True)
class Statistical:
    """A model of statsforecast with default settings and a season of 7 days.

    It is fitted anew to each series every morning, in one thread. Days not measured are
    interpolated. Where the last days are missing, the forecast starts after the last measured day
    and is that much longer. A series that the library cannot fit (too few days, results that are
    not finite) is left to the `SeasonalNaive`, as is one that has not been measured for
    `LONGEST_GAP` days; `forecast` reports which.

    AutoETS and DynamicOptimizedTheta give intervals. The models of intermittent demand give a mean
    only: their quantiles are those of the last 182 days, scaled to that mean.

    Parameters
    ----------
    kind : "AutoETS" (Hyndman and Khandakar, 2008), "DynamicOptimizedTheta" (Fiorucci et al., 2016),
        "CrostonSBA" (Syntetos and Boylan, 2005), "ADIDA" (Nikolopoulos et al., 2011), "IMAPA"
        (Petropoulos and Kourentzes, 2015), or "SeasonalNaive", the library's own with normal
        intervals, for comparison with ours
    """

    kind: Kind = "AutoETS"

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise InputError(
                "statistical.kind",
                self.kind,
                f"one of {', '.join(get_args(Kind))}",
                "correct the name",
            )

    @property
    def name(self) -> str:
        return "SeasonalNaive of statsforecast" if self.kind == "SeasonalNaive" else self.kind

    def fit(self, view: View, days: int) -> Statistical:  # noqa: ARG002
        """Nothing is learned in advance (`MissingExtraError` if statsforecast is not installed)."""
        _library()
        return self

    def __call__(self, view: View, days: int) -> FloatArray:
        """Daily quantiles (N, days, Q) [kg]."""
        return self.forecast(view, days).quantiles

    def forecast(self, view: View, days: int) -> StatisticalForecast:
        """Quantiles, and the series that the library could not fit, with the reasons."""
        solver = _solver(self.kind, _library())
        result = SeasonalNaive()(view, days)
        failures: dict[str, str] = {}
        for k, series in enumerate(view.past.ids):
            found = _one_series(solver, view.past.use[:, k], days)
            if isinstance(found, str):
                failures[series] = found
            else:
                result[k] = found
        return StatisticalForecast(monotone_quantiles(result), failures)


@dataclass(frozen=True, eq=False)
class StatisticalForecast:
    """Quantiles (N, days, Q) [kg], and why the seasonal naive stands in for some series, by id."""

    quantiles: FloatArray
    failures: Mapping[str, str]


def _one_series(solver: _Solver, use: FloatArray, days: int) -> FloatArray | str:
    """Quantiles (days, Q) [kg], or why there are none."""
    known = np.flatnonzero(~np.isnan(use))
    if len(known) == 0:
        return "no measured day"
    gap = len(use) - 1 - int(known[-1])
    if gap > LONGEST_GAP:
        return f"not measured for {gap} days"
    row = np.arange(known[0], known[-1] + 1)
    filled = np.interp(row, known, use[known])
    if not filled.any():
        return np.zeros((days, len(QUANTILES)))  # the library divides by the mean
    try:
        # Whatever the library warns of shows in its results, which are checked below.
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = solver(filled, gap + days)[gap:]
    except Exception as error:
        # The library raises errors of any kind, bare `Exception` among them.
        return f"{type(error).__name__}: {error}"
    return result if np.all(np.isfinite(result)) else "numbers that are not finite"


def _solver(kind: Kind, library: Any) -> _Solver:
    """The function that forecasts one series with the model ``kind``."""
    model = getattr(library, kind)

    def intermittent(use: FloatArray, days: int) -> FloatArray:
        mean = model().forecast(y=use, h=days)["mean"]
        return _quantiles_of_mean(use, np.asarray(mean, dtype=np.float64))

    def seasonal(use: FloatArray, days: int) -> FloatArray:
        fitted = model(season_length=_SEASON)
        return _quantiles_of_intervals(fitted.forecast(y=use, h=days, level=list(LEVELS)))

    return intermittent if kind in INTERMITTENT else seasonal


def _quantiles_of_intervals(found: Mapping[str, Any]) -> FloatArray:
    """Quantiles (days, Q) from the ends of central intervals.

    The mean stands in for the median, cut to the narrowest interval.
    """
    low = [np.asarray(found[f"lo-{level}"], dtype=np.float64) for level in reversed(LEVELS)]
    high = [np.asarray(found[f"hi-{level}"], dtype=np.float64) for level in LEVELS]
    return np.stack([*low, np.clip(found["mean"], low[-1], high[0]), *high], axis=1)


def _quantiles_of_mean(use: FloatArray, mean: FloatArray) -> FloatArray:
    """Quantiles (days, Q): those of the past use (D,), scaled to the forecast ``mean`` (days,)."""
    sample = use[-_SAMPLE_DAYS:]
    usual = sample.mean()
    if usual <= 0:
        return np.repeat(mean[:, None], len(QUANTILES), axis=1)
    return np.asarray(
        np.maximum(mean, 0.0)[:, None] / usual * column_quantiles(sample[:, None]), dtype=np.float64
    )


def _library() -> Any:
    """statsforecast's models, imported when first used: other models do without them."""
    try:
        from statsforecast import models
    except ModuleNotFoundError as error:
        raise MissingExtraError("statsforecast", "forecast") from error
    return models
