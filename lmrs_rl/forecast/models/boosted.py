"""Boosted trees for the quantiles of what the ridge leaves over, learned from all series together.

Trees alone cannot say anything outside the range they have seen (next winter); on top of a linear
base they need not.
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
from lmrs_rl.forecast.models.echo import chance_of_use, faded_error
from lmrs_rl.forecast.models.empirical import measured_mean
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.ridge import Base, Ridge, normal_scores
from lmrs_rl.forecast.panel import View

LEARNED: FloatArray = np.array([0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975])
"""Levels that have trees of their own; the others are interpolated between them."""

FEATURES = (
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
    ridge : the base
    trees, leaves, least_leaf, learning_rate : of each boosted model
    rows : most training rows; origins are spread over the past so that they suffice
    past_days : [days] of the past that training origins are taken from
    seed : of LightGBM and of the choice of rows
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
        """Learn from windows of the past, each seen as it was known on its morning."""
        import lightgbm

        x, y = self._windows(view, days)
        if len(y) < 500:
            return FittedBoosted(self.ridge, ())
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
            categorical_feature=[FEATURES.index("customer_type"), FEATURES.index("product")],
            free_raw_data=False,
        )
        models = [
            lightgbm.train({**settings, "alpha": float(q)}, data, num_boost_round=self.trees)
            for q in LEARNED
        ]
        return FittedBoosted(self.ridge, tuple(model.model_to_string() for model in models))

    def _windows(self, view: View, days: int) -> tuple[FloatArray, FloatArray]:
        """Training rows (rows, F) and scaled errors (rows,) from mornings spread over the past."""
        last = view.origin - days
        earliest = max(28, view.origin - self.past_days)
        if last < earliest or view.n == 0:
            return np.zeros((0, len(FEATURES))), np.zeros(0)
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
            usable = ~np.isnan(error) & (base.measured >= 14)[:, None]
            rows.append(features(then, base, days)[usable])
            targets.append(error[usable])
        x, y = np.concatenate(rows), np.concatenate(targets)
        if len(y) > self.rows:
            keep = np.sort(
                np.random.default_rng(self.seed).choice(len(y), self.rows, replace=False)
            )
            x, y = x[keep], y[keep]
        return x, np.clip(y, -30.0, 30.0)


@dataclass(frozen=True, eq=False)
class FittedBoosted:
    """Boosted models, one for each level in `LEARNED`, as LightGBM text; none where there was
    too little to learn from.
    """

    ridge: Ridge
    models: tuple[str, ...]

    def __post_init__(self) -> None:
        import lightgbm

        object.__setattr__(
            self, "_boosters", [lightgbm.Booster(model_str=text) for text in self.models]
        )

    def __call__(self, view: View, days: int) -> FloatArray:
        """See `FittedModel`."""
        return self.on(self.ridge(view, days), view, days)

    def on(self, base: Base, view: View, days: int) -> FloatArray:
        """The same on what the ridge has said already."""
        if not self.models:
            spread = np.broadcast_to(
                1.25 * normal_scores(QUANTILES), (view.n, days, len(QUANTILES))
            )
        else:
            x = features(view, base, days).reshape(-1, len(FEATURES))
            boosters: list[Any] = self._boosters  # type: ignore[attr-defined]
            learned = np.sort(
                np.stack([booster.predict(x, num_threads=1) for booster in boosters], axis=1),
                axis=1,
            )
            spread = fill_quantiles(learned, LEARNED, QUANTILES).reshape(
                view.n, days, len(QUANTILES)
            )
        quantiles = base.ahead[:, :, None] + base.scale[:, None, None] * spread
        return np.maximum(quantiles, 0.0)

    def save(self, folder: Path) -> None:
        """Write LightGBM text and the ridge's settings into ``folder``."""
        for level, text in zip(LEARNED.tolist(), self.models, strict=False):
            write_text_atomically(folder / f"boosted_{level:g}.txt", text)
        about = {
            "ridge": self.ridge.__dict__,
            "features": list(FEATURES),
            "levels": LEARNED.tolist()[: len(self.models)],
        }
        write_text_atomically(folder / "boosted.json", json.dumps(about, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> FittedBoosted:
        """Read what `save` wrote; refuses models trained on other features (`InputError`)."""
        about = json.loads((folder / "boosted.json").read_text(encoding="utf-8"))
        if tuple(about["features"]) != FEATURES:
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


def features(view: View, base: Base, days: int) -> FloatArray:
    """(N, days, F) what the trees look at, in the order of `FEATURES`; errors in units of the
    base's scale.
    """
    n, origin, past = view.n, view.origin, view.past
    lead = np.arange(1, days + 1)
    error = base.error / base.scale
    week, angle = view.weekday(origin, days), 2 * np.pi * view.day_of_year(origin, days)
    ahead = view.temperature_ahead(days).T
    before = (
        np.nan_to_num(past.temperature[-3:], nan=0.0).mean(axis=0)
        if origin >= 3
        else ahead.mean(axis=1)
    )
    use = past.use[-56:]
    zero, some = (use == 0), (use > 0)
    typical, scale = np.maximum(base.level, 1e-9)[:, None], base.scale[:, None]
    chance, amount = chance_of_use(base, days)
    columns: list[Any] = [
        lead,
        week,
        view.holiday(origin, days),
        np.cos(angle),
        np.sin(angle),
        ahead,
        ahead - before[:, None],
        view.shutdown(origin, days).T,
        base.ahead / typical,
        base.ahead / typical - base.fitted[-7:].mean(axis=0)[:, None] / typical
        if len(base.fitted)
        else 0.0,
        *[measured_mean(error[-k:])[:, None] for k in (1, 3, 7, 28)],
        _same_weekday(error, days),
        *[measured_mean(np.abs(error[-k:]))[:, None] for k in (7, 28)],
        *[zero[-k:].mean(axis=0)[:, None] if len(use) else 0.0 for k in (7, 28)],
        _days_since(some)[:, None],
        _days_since(zero)[:, None],
        measured_mean(use[-1:])[:, None] / typical,
        measured_mean(np.where(some, use, np.nan))[:, None] / typical,
        (np.abs(np.diff(zero[-28:].astype(int), axis=0)).sum(axis=0) if len(use) else np.zeros(n))[
            :, None
        ],
        np.minimum(base.measured, 400.0)[:, None],
        past.capacity[:, None] / typical,
        past.customer_type[:, None],
        past.product[:, None],
        chance,
        (amount[:, None] - 1.0) * base.ahead / scale,
        base.ahead / scale,
        faded_error(base, days) / scale,
    ]
    return np.stack(
        [np.broadcast_to(np.asarray(column, dtype=np.float64), (n, days)) for column in columns],
        axis=2,
    )


def fill_quantiles(learned: FloatArray, levels: FloatArray, wanted: FloatArray) -> FloatArray:
    """(rows, len(wanted)) quantiles between and beyond the learned ones, linear in normal
    scores; rows never fall.
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
    return np.where(happened.any(axis=0), np.argmax(happened[::-1], axis=0), length).astype(
        np.float64
    )
