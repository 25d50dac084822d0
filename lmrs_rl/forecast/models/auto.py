"""The production model: several models, weighted by series for past losses, then calibrated."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.domain.files import write_bytes_atomically, write_text_atomically
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.forecast.models.boosted import BoostedModel, FittedBoosted
from lmrs_rl.forecast.models.cold import with_cold_start
from lmrs_rl.forecast.models.empirical import column_quantiles
from lmrs_rl.forecast.models.network_model import FittedNeuralModel
from lmrs_rl.forecast.models.protocol import QUANTILES, FittedModel, TrainableModel
from lmrs_rl.forecast.models.ridge import Ridge, RidgeForecast, RidgeModel
from lmrs_rl.forecast.panel import View
from lmrs_rl.forecast.paths import pit_values, push_ranks, rank_pool

_SHRINK_WINDOWS = 8.0
"""Number of measured windows at which a series' own losses weigh as much as the panel's."""

_SHARPNESS = 30.0
"""Exponent of the weights: a tenth more loss leaves a model 1.1 ** -30 of the other's weight."""

_PERFECT_RANKS = 3000.0
"""Number of ranks of a customer type that weigh as much as the prior of perfect calibration."""

_ATOM_SHARE, _ATOM_DAYS, _ATOM_LEVEL = 0.02, 364, 0.1
"""A series has an atom at zero if more than this share of its last so many days was without use;
quantile level of its use on other days below which only zero happens.
"""

_LEAST_PAST = 56
"""[days] of past that a model needs before its first window."""

_LOWEST, _HIGHEST = 0.002, 0.998
"""Calibrated levels stay inside these: few ranks tell about the tails beyond."""


def _default_models() -> tuple[TrainableModel, ...]:
    """Boosted trees on the ridge, and the ridge alone."""
    return BoostedModel(), RidgeModel()


@dataclass(frozen=True)
class AutoModel:
    """Weights and calibrates ``models`` on past windows only.

    The weight of a model for a series falls with its weighted quantile loss in the last ``windows``
    windows, forecast out of sample by models that had learned before them. The series' own losses
    weigh k / (k + 8) with k measured windows, the panel's the rest: shrinkage is safer than a plain
    choice of the best. The levels of the weighted quantiles are then corrected by the ranks of what
    happened, for each customer type as far as it has enough of them.

    Attributes
    ----------
    models : to weight
    windows : number of past windows, each as long as the forecast, >= 0; a year of weeks contains
        every season
    folds : groups of successive windows, before each of which the models learn anew, >= 1
    seed : of the ranks drawn for days without use, and of the pools of paths
    name : for tables and files
    """

    models: tuple[TrainableModel, ...] = field(default_factory=_default_models)
    windows: int = 52
    folds: int = 2
    seed: int = 0
    name: str = "auto"

    def __post_init__(self) -> None:
        if not self.models:
            raise InputError(
                "models", "an empty list", "at least one model", "give the models to choose among"
            )
        if self.windows < 0:
            raise InputError("windows", self.windows, "at least 0", "0 weights all models alike")
        if self.folds < 1:
            raise InputError(
                "folds", self.folds, "at least 1", "2 learns anew in the middle of the windows"
            )

    def fit(self, view: View, days: int) -> FittedAuto:
        """Weight the models on past windows, then let each learn from everything that is known."""
        origins = _past_origins(view.origin, days, self.windows)
        fitted = tuple(model.fit(view, days) for model in self.models)
        if not origins:
            return self._unweighted(fitted, view, days)
        predicted = np.stack(self._backtest(view, days, origins))  # (K, M, N, days, Q)
        actual = np.stack([view.past.use[o : o + days].T for o in origins])  # (K, N, days)
        weights = weigh(predicted, actual)
        # As known at each origin: later days must not tell which quantiles are 0.
        least = np.stack([least_use(view.at(origin)) for origin in origins])  # (K, N)
        combined = with_atom(np.einsum("kmndq,nm->kndq", predicted, weights), least)
        rng = np.random.default_rng(self.seed)
        pit = pit_values(QUANTILES, combined, actual, rng)
        levels = _calibrated_levels(pit, view.past.customer_type)
        # Ranks for paths are taken anew in the calibrated distributions, one draw per window.
        calibrated = np.stack([_relevel(each, levels) for each in combined])
        ranks = pit_values(
            QUANTILES, calibrated, actual, np.random.default_rng(self.seed), window=True
        )
        return FittedAuto(fitted, weights, levels, ranks, self.seed)

    def _unweighted(self, fitted: tuple[FittedModel, ...], view: View, days: int) -> FittedAuto:
        """The models with equal weights and no calibration, for want of past windows."""
        weights = np.full((view.n, len(self.models)), 1.0 / len(self.models))
        levels = np.broadcast_to(QUANTILES, (view.n, len(QUANTILES)))
        return FittedAuto(fitted, weights, levels, np.zeros((0, view.n, days)), self.seed)

    def _backtest(self, view: View, days: int, origins: list[int]) -> list[FloatArray]:
        """Out-of-sample forecasts (M, N, days, Q) from each of ``origins``.

        The models learn once a fold, on the morning of its first origin.
        """
        folds = [fold for fold in np.array_split(origins, self.folds) if len(fold)]
        return [each for fold in folds for each in self._out_of_sample(view, days, fold)]

    def _out_of_sample(self, view: View, days: int, origins: IntArray) -> list[FloatArray]:
        """Forecasts (M, N, days, Q) from each origin by models that learned at the first one."""
        before = [model.fit(view.at(int(origins[0])), days) for model in self.models]
        return [np.stack(forecasts_of(before, view.at(int(origin)), days)) for origin in origins]

    @staticmethod
    def load(folder: Path) -> FittedAuto:
        """Read what `FittedAuto.save` wrote.

        Raises
        ------
        InputError
            For a missing or broken file, or models of another version.
        """
        try:
            about = json.loads((folder / "auto.json").read_text(encoding="utf-8"))
            with np.load(folder / "auto.npz", allow_pickle=False) as arrays:
                weights, levels, ranks = (
                    np.array(arrays[name], dtype=np.float64)
                    for name in ("weights", "levels", "ranks_past")
                )
            fitted = tuple(_load_model(folder, each) for each in about["models"])
        except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            # An InputError is a ValueError, and already says what is wrong.
            if isinstance(error, InputError):
                raise
            raise InputError(
                str(folder),
                f"no complete model ({error})",
                "a folder that 'lmrs forecast fit' wrote",
                "fit the model again",
            ) from error
        return FittedAuto(fitted, weights, levels, ranks, int(about["seed"]))


@dataclass(frozen=True, eq=False)
class FittedAuto:
    """Fitted models with their weights and calibration.

    The first N series of a view are those it was fitted on; any after them are new. New series take
    weights and calibration from their customer type, and while they have few measured days their
    peers stand in for them (`cold`).

    Attributes
    ----------
    fitted : the M models
    weights : (N, M) of each model for each series, rows sum to 1
    levels : (N, Q) levels at which the weighted quantiles have the probabilities `QUANTILES`
    ranks_past : (K, N, days) ranks of the use in the past windows, NaN where not measured
    seed : of the pools of paths
    """

    fitted: tuple[FittedModel, ...]
    weights: FloatArray
    levels: FloatArray
    ranks_past: FloatArray
    seed: int

    def __call__(self, view: View, days: int) -> FloatArray:
        """See `FittedModel`."""
        kind = view.past.customer_type
        weights, levels = (with_new_series(each, kind) for each in (self.weights, self.levels))
        predicted = np.stack(forecasts_of(self.fitted, view, days))
        combined = with_atom(np.einsum("mndq,nm->ndq", predicted, weights), least_use(view))
        return with_cold_start(view, _relevel(combined, levels))

    def ranks(self, view: View, days: int, size: int = 400) -> Float32Array:
        """Pool (size, N, days) of rank vectors, half the series' own, half of its customer type."""
        if days > self.ranks_past.shape[2]:
            raise InputError(
                "days",
                days,
                f"at most {self.ranks_past.shape[2]}, which the model was fitted for",
                "fit it for more days",
            )
        rng = np.random.default_rng(self.seed)
        return rank_pool(self._past(view, days), view.past.customer_type, size, rng)

    def save(self, folder: Path) -> None:
        """Write the models and their weights into ``folder`` as LightGBM text, npz and JSON.

        Raises
        ------
        InputError
            For a model other than boosted trees, the ridge and the network.
        """
        kinds: list[dict[str, Any]] = []
        for model in self.fitted:
            if isinstance(model, FittedBoosted):
                model.save(folder)
                kinds.append({"kind": "boosted"})
            elif isinstance(model, FittedNeuralModel):
                model.save(folder)
                kinds.append({"kind": "network"})
            elif isinstance(model, RidgeModel):
                kinds.append({"kind": "ridge", "ridge": asdict(model.ridge)})
            else:
                raise InputError(
                    "models",
                    type(model).__name__,
                    "boosted trees, the ridge or the network",
                    "fit the automatic model with these",
                )
        arrays = {"weights": self.weights, "levels": self.levels, "ranks_past": self.ranks_past}
        write_bytes_atomically(folder / "auto.npz", _npz(arrays))
        write_text_atomically(
            folder / "auto.json", json.dumps({"models": kinds, "seed": self.seed}, indent=1) + "\n"
        )

    def sample(self, view: View, days: int, n: int, rng: np.random.Generator) -> FloatArray:
        """(n, N, days) [kg] sample paths, joint over the days."""
        pool = rank_pool(self._past(view, days), view.past.customer_type, n, rng)
        return push_ranks(QUANTILES, self(view, days), pool)

    def _past(self, view: View, days: int) -> FloatArray:
        """(K, view.n, days) past ranks; new series have none."""
        past = self.ranks_past[:, :, :days]
        new = max(0, view.n - past.shape[1])
        return np.concatenate([past, np.full((len(past), new, past.shape[2]), np.nan)], axis=1)


def _load_model(folder: Path, about: dict[str, Any]) -> FittedModel:
    """One of the models that `FittedAuto.save` wrote."""
    if about["kind"] == "network":
        return FittedNeuralModel.load(folder)
    if about["kind"] == "boosted":
        return FittedBoosted.load(folder)
    return RidgeModel(Ridge(**about["ridge"]))


def forecasts_of(fitted: Sequence[FittedModel], view: View, days: int) -> list[FloatArray]:
    """The forecast (N, days, Q) [kg] of each model; a ridge shared by several is solved once."""
    bases: dict[Ridge, RidgeForecast] = {}
    answers = []
    for model in fitted:
        if isinstance(model, RidgeModel | FittedBoosted):
            if model.ridge not in bases:
                bases[model.ridge] = model.ridge(view, days)
            answers.append(model.on(bases[model.ridge], view, days))
        else:
            answers.append(model(view, days))
    return answers


def with_new_series(rows: FloatArray, customer_type: IntArray) -> FloatArray:
    """``rows`` (N, ...) of known series, followed by rows for new series.

    A new series takes the mean over its customer type, or over all where its type is new, too.

    Raises
    ------
    InputError
        For fewer series than those known.
    """
    known, n = len(rows), len(customer_type)
    if n < known:
        raise InputError(
            "series",
            n,
            f"at least the {known} that the model was fitted on",
            "give those first, in their order",
        )
    if n == known:
        return rows
    kinds = customer_type[:known]
    same_type = [kinds == kind for kind in customer_type[known:].tolist()]
    new = [rows[mine if mine.any() else slice(None)].mean(axis=0) for mine in same_type]
    return np.concatenate([rows, np.stack(new)])


def _past_origins(origin: int, days: int, windows: int) -> list[int]:
    """Mornings of the last windows that lie end to end before ``origin``, the oldest first.

    There are fewer where the past is short.
    """
    possible = [origin - days * k for k in range(windows, 0, -1)]
    return [day for day in possible if day >= _LEAST_PAST]


def weigh(predicted: FloatArray, actual: FloatArray) -> FloatArray:
    """(N, M) weights of the models, see `AutoModel`.

    Parameters
    ----------
    predicted : (K, M, N, days, Q) [kg] quantiles of K windows
    actual : (K, N, days) [kg] measured use, NaN where not measured
    """
    known = ~np.isnan(actual)
    error = np.where(known, actual, 0.0)[:, None, :, :, None] - predicted
    loss = np.maximum(QUANTILES * error, (QUANTILES - 1) * error).mean(axis=-1)
    loss = np.where(known[:, None], loss, 0.0).sum(axis=(0, 3))  # (M, N)
    mean = loss.mean(axis=0)
    has_loss = mean > 0
    # Relative to the mean of the models, so that large series do not rule the panel's losses.
    relative = np.where(has_loss, loss / np.where(has_loss, mean, 1.0), 1.0)
    panel = relative[:, has_loss].mean(axis=1) if has_loss.any() else np.ones(len(loss))
    k = known.any(axis=2).sum(axis=0) * has_loss
    own = k / (k + _SHRINK_WINDOWS)
    shrunk = own * relative + (1 - own) * panel[:, None]
    # Without the floor a loss of 0 would have an infinite weight, and NaN as its share.
    weight = np.maximum(shrunk, 1e-3) ** -_SHARPNESS
    return np.asarray((weight / weight.sum(axis=0)).T, dtype=np.float64)


def _calibrated_levels(ranks: FloatArray, customer_type: IntArray) -> FloatArray:
    """(N, Q) levels at which a share `QUANTILES` of the past ranks (K, N, days) lay.

    Those of a customer type are shrunk to the panel's, and those to perfect calibration.
    """

    def shrunk(sample: FloatArray, prior: FloatArray) -> FloatArray:
        if not len(sample):
            return prior
        share = len(sample) / (len(sample) + _PERFECT_RANKS)
        return np.asarray(share * np.quantile(sample, QUANTILES) + (1 - share) * prior)

    panel = shrunk(ranks[~np.isnan(ranks)], QUANTILES)
    result = np.broadcast_to(panel, (ranks.shape[1], len(QUANTILES))).copy()
    for kind in np.unique(customer_type):
        mine = ranks[:, customer_type == kind]
        result[customer_type == kind] = shrunk(mine[~np.isnan(mine)], panel)
    return np.clip(result, _LOWEST, _HIGHEST)


def least_use(view: View) -> FloatArray:
    """(N,) [kg] daily use below which a series uses nothing at all.

    0 for a series that is rarely without use.
    """
    use = view.past.use[-_ATOM_DAYS:]
    measured = (~np.isnan(use)).sum(axis=0)
    idle = (use == 0).sum(axis=0) > _ATOM_SHARE * np.maximum(measured, 1)
    least = column_quantiles(np.where(use > 0, use, np.nan), np.array([_ATOM_LEVEL]))[:, 0]
    return np.where(idle, np.nan_to_num(least, nan=0.0), 0.0)


def with_atom(quantiles: FloatArray, least: FloatArray) -> FloatArray:
    """Quantiles (..., N, days, Q) with 0 for those below ``least`` (..., N).

    Models that forecast quantiles one by one smear an atom at zero into small amounts that never
    happen. The ranks of days without use would then all lie below those amounts, and calibration
    would shift the median with them.
    """
    return np.where(quantiles < least[..., None, None], 0.0, quantiles)


def _relevel(quantiles: FloatArray, levels: FloatArray) -> FloatArray:
    """Quantiles (N, days, Q) read at other ``levels`` (N, Q)."""
    ranks = np.broadcast_to(levels.T[:, :, None], (levels.shape[1], *quantiles.shape[:2]))
    return np.maximum(np.moveaxis(push_ranks(QUANTILES, quantiles, ranks), 0, 2), 0.0)


def _npz(arrays: dict[str, FloatArray]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()
