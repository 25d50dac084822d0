"""Boosted trees for the quantiles of the ridge's error, learned from all series together.

Trees alone cannot extrapolate beyond the range that they have seen (next winter); on top of a
linear base they need not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.forecast.models.empirical import measured_mean
from lmrs_rl.forecast.models.persistence import chance_of_use, faded_error
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.ridge import Ridge, RidgeForecast, normal_scores
from lmrs_rl.forecast.panel import View

_LEARNED: FloatArray = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
"""Levels that have trees of their own; the others are interpolated between them."""

_LEAST_ROWS = 500
"""Training rows below which nothing is learned."""
_LEAST_DAYS = 14
"""[days] A series must have been measured so long for its windows to be trained on."""
_MOST_ERROR = 30.0
"""Scaled errors are cut at this size, so that single outliers do not rule the trees."""
_NORMAL_SPREAD = 1.25
"""Standard deviation of a normal error over its mean size, about sqrt(pi / 2)."""

_FEATURES = (
    "lead",
    "weekday",
    "holiday",
    "season_cos",
    "season_sin",
    "temperature",
    "warming",
    "stopped",
    "base",
    "expected_change",
    "error_1",
    "error_3",
    "error_7",
    "error_28",
    "error_same_weekday",
    "spread_7",
    "spread_28",
    "zeros_7",
    "zeros_28",
    "days_since_use",
    "days_since_zero",
    "use_1",
    "use_when_on",
    "switches_28",
    "measured",
    "cover_days",
    "customer_type",
    "product",
    "chance_of_use",
    "gap_to_use",
    "gap_to_none",
    "faded_error",
)


@dataclass(frozen=True)
class BoostedModel:
    """LightGBM quantiles of the scaled error of the ridge.

    Attributes
    ----------
    ridge : the linear base
    trees, leaves, least_leaf, learning_rate : of each boosted model
    rows : maximum number of training rows; as many origins are taken as that needs
    past_days : [days] of the past that training origins are taken from
    seed : of LightGBM and of the choice of rows
    name : for tables and files
    """

    ridge: Ridge = field(default_factory=Ridge)
    trees: int = 220
    leaves: int = 8
    least_leaf: int = 200
    learning_rate: float = 0.05
    rows: int = 60_000
    past_days: int = 1100
    seed: int = 0
    name: str = "boosted"

    def fit(self, view: View, days: int) -> FittedBoosted:
        """Learn from windows of the past, each as it was known on its morning.

        Raises
        ------
        MissingExtraError
            If LightGBM is not installed.
        """
        lightgbm = _lightgbm()
        x, y = self._windows(view, days)
        if len(y) < _LEAST_ROWS:
            return FittedBoosted(self.ridge, ())
        # One thread and the settings for determinism give the same bits every time.
        settings = {
            "objective": "quantile",
            "num_leaves": self.leaves,
            "min_data_in_leaf": min(self.least_leaf, max(20, len(y) // 100)),
            "learning_rate": self.learning_rate,
            "feature_fraction": 0.8,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 1.0,
            "max_bin": 63,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": self.seed,
            "verbosity": -1,
        }
        data = lightgbm.Dataset(
            x,
            y,
            categorical_feature=[_FEATURES.index("customer_type"), _FEATURES.index("product")],
            free_raw_data=False,
        )
        models = [
            lightgbm.train({**settings, "alpha": float(q)}, data, num_boost_round=self.trees)
            for q in _LEARNED
        ]
        return FittedBoosted(self.ridge, tuple(model.model_to_string() for model in models))

    def _windows(self, view: View, days: int) -> tuple[FloatArray, FloatArray]:
        """Training rows (rows, F) and scaled errors (rows,) from mornings spread over the past."""
        last = view.origin - days
        earliest = max(28, view.origin - self.past_days)
        if last < earliest or view.n == 0:
            return np.zeros((0, len(_FEATURES))), np.zeros(0)
        wanted = max(8, -(-self.rows // (view.n * days)))
        origins = np.unique(
            np.linspace(earliest, last, min(wanted, last - earliest + 1)).round().astype(int)
        )
        rows, targets = [], []
        for origin in origins.tolist():
            then = view.at(origin)
            base = self.ridge(then, days)
            actual = view.past.use[origin : origin + days].T
            error = (actual - base.ahead) / base.scale[:, None]
            usable = ~np.isnan(error) & (base.measured >= _LEAST_DAYS)[:, None]
            rows.append(_features(then, base, days)[usable])
            targets.append(error[usable])
        x, y = np.concatenate(rows), np.concatenate(targets)
        if len(y) > self.rows:
            rng = np.random.default_rng(self.seed)
            keep = np.sort(rng.choice(len(y), self.rows, replace=False))
            x, y = x[keep], y[keep]
        return x, np.clip(y, -_MOST_ERROR, _MOST_ERROR)


@dataclass(frozen=True, eq=False)
class FittedBoosted:
    """Boosted models on top of a ridge.

    Attributes
    ----------
    ridge : the linear base
    models : LightGBM text, one for each level that has trees; none where there was too little to
        learn from
    """

    ridge: Ridge
    models: tuple[str, ...]

    def __post_init__(self) -> None:
        lightgbm = _lightgbm()
        # Parsed once, since every morning asks all of them.
        boosters = [lightgbm.Booster(model_str=text) for text in self.models]
        object.__setattr__(self, "_boosters", boosters)

    def __call__(self, view: View, days: int) -> FloatArray:
        """See `FittedModel`."""
        return self.on(self.ridge(view, days), view, days)

    def on(self, base: RidgeForecast, view: View, days: int) -> FloatArray:
        """The same forecast, given the ridge's ``base`` of that view."""
        shape = (view.n, days, len(QUANTILES))
        if not self.models:
            spread = np.broadcast_to(_NORMAL_SPREAD * normal_scores(QUANTILES), shape)
        else:
            x = _features(view, base, days).reshape(-1, len(_FEATURES))
            boosters: list[Any] = self._boosters  # type: ignore[attr-defined]
            predicted = [booster.predict(x, num_threads=1) for booster in boosters]
            # Models of single levels may cross: sorting them is the usual rearrangement.
            learned = np.sort(np.stack(predicted, axis=1), axis=1)
            spread = _fill_quantiles(learned, _LEARNED, QUANTILES).reshape(shape)
        quantiles = base.ahead[:, :, None] + base.scale[:, None, None] * spread
        return np.maximum(quantiles, 0.0)

    def save(self, folder: Path) -> None:
        """Write LightGBM text and the ridge's settings into ``folder``."""
        # Where nothing was learned there are levels, but no models.
        for level, text in zip(_LEARNED.tolist(), self.models, strict=False):
            write_text_atomically(folder / f"boosted_{level:g}.txt", text)
        about = {
            "ridge": self.ridge.__dict__,
            "features": list(_FEATURES),
            "levels": _LEARNED.tolist()[: len(self.models)],
        }
        write_text_atomically(folder / "boosted.json", json.dumps(about, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> FittedBoosted:
        """Read what `save` wrote; refuses models trained on other features (`InputError`)."""
        about = json.loads((folder / "boosted.json").read_text(encoding="utf-8"))
        if tuple(about["features"]) != _FEATURES:
            raise InputError(
                str(folder / "boosted.json"),
                "other features",
                "the features of this version",
                "fit the model again",
            )
        texts = tuple(
            (folder / f"boosted_{level:g}.txt").read_text(encoding="utf-8")
            for level in about["levels"]
        )
        return cls(Ridge(**about["ridge"]), texts)


def _features(view: View, base: RidgeForecast, days: int) -> FloatArray:
    """(N, days, F) inputs of the trees, in the order of `_FEATURES`.

    Errors are in units of the base's scale, amounts in units of the series' level.
    """
    columns = {
        **_calendar_and_weather(view, days),
        **_expected_use(base),
        **_recent_errors(base, days),
        **_recent_use(view, base),
        **_spells(base, days),
    }
    arrays = [np.asarray(columns[name], dtype=np.float64) for name in _FEATURES]
    return np.stack([np.broadcast_to(each, (view.n, days)) for each in arrays], axis=2)


def _calendar_and_weather(view: View, days: int) -> dict[str, Any]:
    origin, past = view.origin, view.past
    angle = 2 * np.pi * view.day_of_year(origin, days)
    ahead = view.temperature_ahead(days).T
    if origin >= 3:
        before = np.nan_to_num(past.temperature[-3:], nan=0.0).mean(axis=0)
    else:
        before = ahead.mean(axis=1)
    return {
        "lead": np.arange(1, days + 1),
        "weekday": view.weekday(origin, days),
        "holiday": view.holiday(origin, days),
        "season_cos": np.cos(angle),
        "season_sin": np.sin(angle),
        "temperature": ahead,
        "warming": ahead - before[:, None],
        "stopped": view.shutdown(origin, days).T,
    }


def _expected_use(base: RidgeForecast) -> dict[str, Any]:
    typical = _typical(base)
    change: Any = 0.0
    if len(base.fitted):
        change = base.ahead / typical - base.fitted[-7:].mean(axis=0)[:, None] / typical
    return {"base": base.ahead / typical, "expected_change": change}


def _recent_errors(base: RidgeForecast, days: int) -> dict[str, Any]:
    error = base.error / base.scale
    mean = {f"error_{k}": measured_mean(error[-k:])[:, None] for k in (1, 3, 7, 28)}
    spread = {f"spread_{k}": measured_mean(np.abs(error[-k:]))[:, None] for k in (7, 28)}
    return {**mean, **spread, "error_same_weekday": _same_weekday(error, days)}


def _recent_use(view: View, base: RidgeForecast) -> dict[str, Any]:
    past, typical = view.past, _typical(base)
    use = past.use[-56:]
    zero, some = (use == 0), (use > 0)
    share_7, share_28, switches = (np.zeros(view.n) for _ in range(3))
    if len(use):
        share_7, share_28 = (zero[-k:].mean(axis=0) for k in (7, 28))
        switches = np.abs(np.diff(zero[-28:].astype(int), axis=0)).sum(axis=0)
    return {
        "zeros_7": share_7[:, None],
        "zeros_28": share_28[:, None],
        "days_since_use": _days_since(some)[:, None],
        "days_since_zero": _days_since(zero)[:, None],
        "use_1": measured_mean(use[-1:])[:, None] / typical,
        "use_when_on": measured_mean(np.where(some, use, np.nan))[:, None] / typical,
        "switches_28": switches[:, None],
        "measured": np.minimum(base.measured, 400.0)[:, None],
        "cover_days": past.capacity[:, None] / typical,
        "customer_type": past.customer_type[:, None],
        "product": past.product[:, None],
    }


def _spells(base: RidgeForecast, days: int) -> dict[str, Any]:
    scale = base.scale[:, None]
    chance, amount = chance_of_use(base, days)
    return {
        "chance_of_use": chance,
        "gap_to_use": (amount[:, None] - 1.0) * base.ahead / scale,
        "gap_to_none": base.ahead / scale,
        "faded_error": faded_error(base, days) / scale,
    }


def _typical(base: RidgeForecast) -> FloatArray:
    """(N, 1) [kg] level of each series, > 0."""
    return np.maximum(base.level, 1e-9)[:, None]


def _lightgbm() -> Any:
    """LightGBM, imported when first used: forecasts by other models do without it."""
    try:
        import lightgbm
    except ModuleNotFoundError as error:
        raise MissingExtraError("lightgbm", "forecast") from error
    return lightgbm


def _fill_quantiles(learned: FloatArray, levels: FloatArray, wanted: FloatArray) -> FloatArray:
    """(rows, len(wanted)) quantiles between and beyond the ``learned`` ones (rows, levels).

    They are linear in normal scores; rows never fall.
    """
    known, score = normal_scores(levels), normal_scores(wanted)
    right = np.clip(np.searchsorted(known, score), 1, len(known) - 1)
    share = (score - known[right - 1]) / (known[right] - known[right - 1])
    return np.asarray(
        learned[:, right - 1] + share * (learned[:, right] - learned[:, right - 1]),
        dtype=np.float64,
    )


def _same_weekday(error: FloatArray, days: int) -> FloatArray:
    """(N, days) mean error of the last three days of the same weekday."""
    result = np.zeros((error.shape[1], days))
    for lead in range(days):
        # The remainder, since beyond a week ahead the weekday before is not known yet.
        back = [len(error) - k * 7 + lead % 7 for k in (1, 2, 3)]
        rows = [r for r in back if 0 <= r < len(error)]
        if rows:
            result[:, lead] = measured_mean(error[rows])
    return result


def _days_since(happened: np.ndarray[Any, np.dtype[np.bool_]]) -> FloatArray:
    """(N,) days since it last happened, the length of the record where it never did."""
    length = len(happened)
    if not length:
        return np.zeros(happened.shape[1])
    back = np.where(happened.any(axis=0), np.argmax(happened[::-1], axis=0), length)
    return back.astype(np.float64)
