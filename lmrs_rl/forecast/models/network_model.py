"""A small neural network for all series: six weeks of the past in, quantiles of coming days out."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.forecast.models.empirical import monotone_quantiles
from lmrs_rl.forecast.models.network_layout import MEDIAN, NeuralSettings, layer_shapes
from lmrs_rl.forecast.models.network_training import fit_network
from lmrs_rl.forecast.models.network_windows import Prior, Windows, known_kind, make_windows
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from lmrs_rl.forecast.panel import View

_FORMAT = 1


@dataclass(frozen=True)
class NeuralModel:
    """A quantile network, trained with PyTorch (extra ``[train]``) on windows of the past.

    Each window holds what was known on its morning. The past and the static features of a series
    give a state; the state with the features of a coming day gives that day's quantiles: the
    median, and from it outwards the cumulative sum of softplus steps, so that quantiles never cross
    (as in Gasthaus et al., 2019). The loss is the pinball loss of scaled use. Training takes one
    thread; the same seed gives the same bits on the same machine.
    """

    settings: NeuralSettings = field(default_factory=NeuralSettings)

    @property
    def name(self) -> str:
        return "Network"

    def fit(self, view: View, days: int) -> FittedNeuralModel:
        """Learn from the windows of ``view``.

        With fewer windows than `network_layout.LEAST_WINDOWS` nothing is learned, and the fitted
        model answers with the seasonal naive.

        Raises
        ------
        MissingExtraError
            If there is something to learn and PyTorch is not installed.
        """
        prior = Prior.learn(view)
        weights = fit_network(view, days, prior, self.settings)
        return FittedNeuralModel(self.settings, days, prior, weights)


@dataclass(frozen=True, eq=False)
class FittedNeuralModel:
    """A trained network, which needs numpy alone.

    Attributes
    ----------
    settings, days : settings and forecast length that it was trained with
    prior : expected use by customer type, for series with a short history
    weights : float32 arrays by name, empty where there was too little to learn from
    """

    settings: NeuralSettings
    days: int
    prior: Prior
    weights: Mapping[str, Float32Array]

    def __call__(self, view: View, days: int) -> FloatArray:
        """Daily quantiles (N, days, Q) [kg]; `InputError` for more days than it was trained for."""
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
        scaled = quantiles(self.weights, windows).astype(np.float64)
        return monotone_quantiles(scaled * windows.scale[:, None, None])

    def save(self, folder: Path) -> None:
        """Write ``network.npz`` and ``network.json``, each atomically, into an existing folder."""
        weights: dict[str, Any] = {f"weight_{name}": value for name, value in self.weights.items()}
        temporary = folder / ".network.npz.tmp"
        try:
            # Opened here, because numpy would add its own ending to the temporary name.
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
        header = {"format": _FORMAT, "days": self.days, "settings": asdict(self.settings)}
        write_text_atomically(folder / "network.json", json.dumps(header, indent=2) + "\n")

    @staticmethod
    def load(folder: Path) -> FittedNeuralModel:
        """Read what `save` wrote; `InputError` for files of another format and for damaged ones."""
        try:
            header = json.loads((folder / "network.json").read_text(encoding="utf-8"))
            if header["format"] != _FORMAT:
                raise ValueError(f"format {header['format']}, not {_FORMAT}")
            # The file is opened here because numpy leaves a damaged one open.
            with (
                (folder / "network.npz").open("rb") as stream,
                np.load(stream, allow_pickle=False) as file,
            ):
                arrays = {name: file[name] for name in file.files}
            settings, days = NeuralSettings(**header["settings"]), int(header["days"])
            prior = Prior(arrays.pop("prior_share"), arrays.pop("prior_level"))
            weights = {name.removeprefix("weight_"): array for name, array in arrays.items()}
            _check_weights(weights, settings)
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
                "a network written by save",
                "train and save it again",
            ) from error
        return FittedNeuralModel(settings, days, prior, weights)


def _check_weights(weights: Mapping[str, NDArray[Any]], settings: NeuralSettings) -> None:
    """Refuse weights that do not fit a network with ``settings`` (`ValueError`).

    None at all are accepted: nothing was learned then.
    """
    if not weights:
        return
    wanted: dict[str, tuple[int, ...]] = {}
    for name, (rows, columns) in layer_shapes(settings).items():
        wanted |= {f"{name}_w": (rows, columns), f"{name}_b": (columns,)}
    for name in ("kind", "product"):
        wanted[name] = (len(weights.get(name, ())), settings.embedding)
    found = {name: array.shape for name, array in weights.items()}
    finite = all(
        array.dtype == np.float32 and np.all(np.isfinite(array)) for array in weights.values()
    )
    if found != wanted or not finite:
        raise ValueError(f"weights of shapes {found}, not finite float32 of {wanted}")


def quantiles(weights: Mapping[str, Float32Array], windows: Windows) -> Float32Array:
    """Scaled quantiles (W, days, Q) of the network.

    `network_training.network_output` is the same in PyTorch; change both together.
    """
    kind = _embed(weights["kind"], windows.kind)
    product = _embed(weights["product"], windows.product)
    inputs = np.concatenate([windows.past, windows.static, kind, product], axis=1)
    state = _layer(weights, "mix", _layer(weights, "state", inputs))
    repeated = np.broadcast_to(state[:, None, :], (*windows.ahead.shape[:2], state.shape[1]))
    day = _layer(weights, "day", np.concatenate([repeated, windows.ahead], axis=2))
    day = _layer(weights, "deep", day)
    out = day @ weights["out_w"] + weights["out_b"]
    # The softplus of the training, in a form that cannot overflow.
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
