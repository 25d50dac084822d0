"""A small neural network for all series together: six weeks of the past in, quantiles of the
coming days out.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.forecast.models.empirical import monotone_quantiles
from lmrs_rl.forecast.models.network_windows import (
    AHEAD_FEATURES,
    CONTEXT,
    PAST_CHANNELS,
    STATIC_FEATURES,
    Prior,
    Windows,
    known_kind,
    make_windows,
)
from lmrs_rl.forecast.models.protocol import QUANTILES
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from lmrs_rl.forecast.panel import View

MEDIAN = len(QUANTILES) // 2
LEAST_WINDOWS = 64
"""Windows under which nothing is learned and the seasonal naive answers."""
FORMAT = 1


@dataclass(frozen=True)
class NeuralSettings:
    """How the network is built and trained.

    Attributes
    ----------
    hidden : width of every layer, >= 1
    embedding : width of the embeddings of customer type and product, >= 1
    windows : most windows of the past that are trained on, >= 1
    epochs : passes over them, >= 1
    batch : windows a step, >= 1
    learning_rate : of AdamW at the start; falls to 0 along a cosine; > 0
    weight_decay : of AdamW, >= 0
    shortened : share of windows that see only 0 to 28 days of their series, so that the network
        learns to start cold
    seed : of weights, order and choice of windows
    """

    hidden: int = 96
    embedding: int = 4
    windows: int = 30_000
    epochs: int = 12
    batch: int = 512
    learning_rate: float = 4e-3
    weight_decay: float = 1e-2
    shortened: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("hidden", "embedding", "windows", "epochs", "batch"):
            if getattr(self, name) < 1:
                raise InputError(f"network.{name}", getattr(self, name), "at least 1", "raise it")
        if not self.learning_rate > 0 or self.weight_decay < 0 or not 0 <= self.shortened <= 1:
            got = (self.learning_rate, self.weight_decay, self.shortened)
            raise InputError(
                "network.learning_rate, weight_decay, shortened",
                got,
                "> 0, >= 0 and a share in [0, 1]",
                "correct them",
            )


@dataclass(frozen=True)
class NeuralModel:
    """A quantile network trained with PyTorch (extra ``[train]``) on windows of the past, each as
    it was known on its morning.

    The context and what is known of the series give a state; the state with what is known of a
    coming day gives that day's quantiles: the median, and from it outwards the cumulative sum of
    softplus steps, so that quantiles never cross (Gasthaus et al., 2019, build theirs so). The loss
    is the pinball loss of scaled use. One thread; the same seed gives the same bits on the same
    machine.
    """

    settings: NeuralSettings = NeuralSettings()

    @property
    def name(self) -> str:
        return "Network"

    def fit(self, view: View, days: int) -> FittedNeuralModel:
        """Learn from the windows of ``view``. With fewer than `LEAST_WINDOWS` of them the seasonal
        naive will answer.

        Raises
        ------
        InputError
            If there is something to learn and PyTorch is not installed.
        """
        from lmrs_rl.forecast.models.network_training import fit_network

        prior = Prior.learn(view)
        return FittedNeuralModel(
            self.settings, days, prior, fit_network(view, days, prior, self.settings)
        )


@dataclass(frozen=True, eq=False)
class FittedNeuralModel:
    """A trained network, which runs on numpy alone.

    Attributes
    ----------
    settings, days : it was trained with
    prior : level by customer type, for series that begin
    weights : float32 arrays by name, empty where there was too little to learn from
    """

    settings: NeuralSettings
    days: int
    prior: Prior
    weights: Mapping[str, Float32Array]

    def __call__(self, view: View, days: int) -> FloatArray:
        """Daily quantiles (N, days, Q) [kg]; `InputError` beyond the days that it was trained
        for.
        """
        if days > self.days:
            raise InputError(
                "days",
                days,
                f"at most {self.days}, which the network was trained for",
                "train it for more days",
            )
        if not self.weights:
            return SeasonalNaive()(view, days)
        windows = make_windows(view, days, self.prior)
        return monotone_quantiles(
            quantiles(self.weights, windows).astype(np.float64) * windows.scale[:, None, None]
        )

    def save(self, folder: Path) -> None:
        """Write ``network.npz`` and ``network.json`` into an existing folder, each wholly or not
        at all.
        """
        weights: dict[str, Any] = {f"weight_{name}": value for name, value in self.weights.items()}
        temporary = folder / ".network.npz.tmp"
        try:
            with temporary.open("wb") as file:
                np.savez(
                    file,
                    allow_pickle=False,
                    prior_share=self.prior.share,
                    prior_level=self.prior.level,
                    **weights,
                )
            temporary.replace(folder / "network.npz")
        finally:
            temporary.unlink(missing_ok=True)
        header = {"format": FORMAT, "days": self.days, "settings": asdict(self.settings)}
        write_text_atomically(folder / "network.json", json.dumps(header, indent=2) + "\n")

    @staticmethod
    def load(folder: Path) -> FittedNeuralModel:
        """Read what `save` wrote; `InputError` for files of another format and for damaged ones."""
        try:
            header = json.loads((folder / "network.json").read_text(encoding="utf-8"))
            if header["format"] != FORMAT:
                raise ValueError(f"format {header['format']}, not {FORMAT}")
            # Opened here: numpy leaves a damaged file open.
            with (
                (folder / "network.npz").open("rb") as stream,
                np.load(stream, allow_pickle=False) as file,
            ):
                arrays = {name: file[name] for name in file.files}
            settings, days = NeuralSettings(**header["settings"]), int(header["days"])
            prior = Prior(arrays.pop("prior_share"), arrays.pop("prior_level"))
            weights = {name.removeprefix("weight_"): array for name, array in arrays.items()}
            _check(weights, settings)
        except (
            OSError,
            EOFError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            zipfile.BadZipFile,
        ) as error:
            raise InputError(
                str(folder),
                f"{type(error).__name__}: {error}",
                "a network as written by save",
                "train and save it again",
            ) from error
        return FittedNeuralModel(settings, days, prior, weights)


def layer_shapes(settings: NeuralSettings) -> dict[str, tuple[int, int]]:
    """(inputs, outputs) of every layer, in the order in which they are run."""
    h, e = settings.hidden, settings.embedding
    return {
        "state": (CONTEXT * PAST_CHANNELS + STATIC_FEATURES + 2 * e, h),
        "mix": (h, h),
        "day": (h + AHEAD_FEATURES, h),
        "deep": (h, h),
        "out": (h, len(QUANTILES)),
    }


def _check(weights: Mapping[str, NDArray[Any]], settings: NeuralSettings) -> None:
    """Refuse weights that are not those of a network with ``settings`` (`ValueError`); none at
    all are fine.
    """
    if not weights:
        return
    wanted: dict[str, tuple[int, ...]] = {}
    for name, (rows, columns) in layer_shapes(settings).items():
        wanted |= {f"{name}_w": (rows, columns), f"{name}_b": (columns,)}
    for name in ("kind", "product"):
        wanted[name] = (len(weights.get(name, ())), settings.embedding)
    found = {name: array.shape for name, array in weights.items()}
    if found != wanted or not all(
        array.dtype == np.float32 and np.all(np.isfinite(array)) for array in weights.values()
    ):
        raise ValueError(f"weights of shapes {found}, not finite float32 of {wanted}")


def quantiles(weights: Mapping[str, Float32Array], windows: Windows) -> Float32Array:
    """Scaled quantiles (W, days, Q) of the network; `network_training.forward` is the same in
    PyTorch.
    """
    kind, product = (
        _embed(weights["kind"], windows.kind),
        _embed(weights["product"], windows.product),
    )
    state = _layer(
        weights, "state", np.concatenate([windows.past, windows.static, kind, product], axis=1)
    )
    state = _layer(weights, "mix", state)
    repeated = np.broadcast_to(state[:, None, :], (*windows.ahead.shape[:2], state.shape[1]))
    day = _layer(weights, "day", np.concatenate([repeated, windows.ahead], axis=2))
    day = _layer(weights, "deep", day)
    out = day @ weights["out_w"] + weights["out_b"]
    step = np.logaddexp(np.float32(0), out)
    up = np.cumsum(step[..., MEDIAN + 1 :], axis=-1)
    down = np.cumsum(step[..., MEDIAN - 1 :: -1], axis=-1)[..., ::-1]
    median = out[..., MEDIAN : MEDIAN + 1]
    return np.asarray(
        np.concatenate([median - down, median, median + up], axis=-1), dtype=np.float32
    )


def _layer(weights: Mapping[str, Float32Array], name: str, x: Float32Array) -> Float32Array:
    return np.asarray(
        np.maximum(x @ weights[f"{name}_w"] + weights[f"{name}_b"], np.float32(0)), dtype=np.float32
    )


def _embed(table: Float32Array, kind: IntArray) -> Float32Array:
    return table[known_kind(kind, len(table) - 1)]
