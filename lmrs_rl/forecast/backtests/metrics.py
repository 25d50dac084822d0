"""Metrics of quantile forecasts: losses, coverage, calibration, bootstrap intervals.

Arrays: actual (O, N, H) over origins, series and days ahead, NaN where not measured (skipped
everywhere); predicted quantiles (O, N, H, Q), which never fall along the last axis. Where a
function does not mention series, any leading shape will do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray

Quantiles = NDArray[np.floating[Any]]

BINS = 10
"""Number of equal bins of the probability in the expected calibration error."""


def pinball(actual: FloatArray, predicted: FloatArray, quantiles: FloatArray) -> FloatArray:
    """Quantile loss max(q (y - f), (q - 1) (y - f)) (Koenker & Bassett 1978).

    It has the shape of ``predicted``.
    """
    error = actual[..., None] - predicted
    return np.maximum(quantiles * error, (quantiles - 1) * error)


def quantile_losses(
    actual: FloatArray, predicted: FloatArray, quantiles: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Sums (O, N) over the days ahead of the quantile loss and of ``|actual|``.

    The quantile loss is twice the pinball loss, averaged over quantiles.
    """
    known = ~np.isnan(actual)
    loss = 2.0 * pinball(np.where(known, actual, 0.0), predicted, quantiles).mean(axis=-1)
    size = np.where(known, np.abs(actual), 0.0)
    return np.where(known, loss, 0.0).sum(axis=-1), size.sum(axis=-1)


def weighted_quantile_loss(loss: FloatArray, size: FloatArray) -> float:
    """Total loss over total use (wQL), in which large series dominate; NaN without any use."""
    return float(loss.sum() / size.sum()) if size.sum() > 0 else float("nan")


def scaled_quantile_losses(loss: FloatArray, size: FloatArray) -> FloatArray:
    """(N,) wQL of every series over all its origins.

    NaN for a series that used nothing in any window: there is nothing to scale its loss with.
    """
    total = size.sum(axis=0)
    return np.where(total > 0, loss.sum(axis=0) / np.where(total > 0, total, 1.0), np.nan)


def wape(actual: FloatArray, point: FloatArray) -> float:
    """Weighted absolute percentage error: sum of ``|y - f|`` over sum of ``|y|``, or NaN."""
    size = float(np.nansum(np.abs(actual)))
    return float(np.nansum(np.abs(actual - point))) / size if size > 0 else float("nan")


def mase(actual: FloatArray, point: FloatArray, naive: FloatArray) -> float:
    """Mean absolute scaled error (Hyndman & Koehler 2006), averaged over series.

    Errors are scaled by ``naive`` (N,), the in-sample error of the seasonal naive; series for which
    that is 0 or not known are left out.
    """
    known = ~np.isnan(actual)
    count = known.sum(axis=(0, 2))
    error = np.where(known, np.abs(actual - point), 0.0).sum(axis=(0, 2)) / np.maximum(count, 1)
    fits = (count > 0) & (naive > 0)
    return float(np.mean(error[fits] / naive[fits])) if fits.any() else float("nan")


def naive_errors(use: FloatArray, season: int = 7) -> FloatArray:
    """(N,) mean absolute difference of days a season apart in ``use`` (D, N).

    NaN where no two such days are known.
    """
    difference = np.abs(use[season:] - use[:-season])
    known = ~np.isnan(difference)
    count = known.sum(axis=0)
    total = np.where(known, difference, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def rmse(actual: FloatArray, point: FloatArray) -> float:
    """Root mean squared error; NaN without any measured day."""
    known = ~np.isnan(actual)
    if not known.any():
        return float("nan")
    return float(np.sqrt(np.mean((actual[known] - point[known]) ** 2)))


def means_of_quantiles(predicted: FloatArray, quantiles: FloatArray) -> FloatArray:
    """Expectations of distributions given by their quantiles, without the last axis.

    The quantile function is linear between the levels and constant beyond the outermost.
    """
    width = np.diff(quantiles)
    weight = np.zeros(len(quantiles))
    weight[:-1] += width / 2
    weight[1:] += width / 2
    weight[0] += quantiles[0]
    weight[-1] += 1 - quantiles[-1]
    return np.asarray(predicted @ weight, dtype=np.float64)


def covered(
    actual: FloatArray, predicted: Quantiles, quantiles: FloatArray, level: float
) -> FloatArray:
    """Share in [0, 1] of each actual that lies in the central band of ``level``.

    1 strictly inside, 0 strictly outside, NaN where not measured. Where several quantiles coincide
    with the actual (days of zero use), it has an interval of ranks instead of one, and the share of
    that interval inside the band counts. That is the expectation over the randomised rank (Czado,
    Gneiting & Held 2009), with which a perfect forecast covers exactly ``level`` despite atoms.
    """
    low, high = ranks(actual, predicted, quantiles)
    tail = (1 - level) / 2
    inside = np.minimum(high, 1 - tail) - np.maximum(low, tail)
    tie = high > low
    tied_share = np.clip(inside, 0.0, None) / np.where(tie, high - low, 1.0)
    # Levels such as (1 - 0.8) / 2 miss those of the quantiles by a last digit.
    untied = (low >= tail - 1e-9) & (high <= 1 - tail + 1e-9)
    return np.where(np.isnan(actual), np.nan, np.where(tie, tied_share, untied))


def ranks(
    actual: FloatArray, predicted: Quantiles, quantiles: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Forecast probabilities of less than the actual, and of at most the actual.

    They are linear between quantiles, which are constant beyond the outermost. The two differ where
    quantiles tie with the actual. The probability of zero use lies between the level of the last
    quantile that is 0 and the next level; the midpoint is taken, so that coverage errs to neither
    side. Values are compared in the precision of ``predicted``.
    """
    f, q, last = predicted, quantiles, len(quantiles) - 1
    y = actual.astype(f.dtype)
    below, most = (f < y[..., None]).sum(axis=-1), (f <= y[..., None]).sum(axis=-1)
    end = np.append((q[:-1] + q[1:]) / 2, 1.0)  # probability of zero use, by its last quantile
    # Outside the quantiles any pair will do, since `between` is overwritten there.
    i = np.clip(below, 1, last)
    f0, f1 = (np.take_along_axis(f, k[..., None], axis=-1)[..., 0] for k in (i - 1, i))
    share = np.clip((y - f0) / np.where(f1 > f0, f1 - f0, 1.0), 0.0, 1.0)
    left = np.where(f0 == 0, end[i - 1], q[i - 1])
    between = left + share * (q[i] - left)
    between = np.where(below == 0, 0.0, np.where(below > last, 1.0, between))
    met, tied = most > below, np.maximum(most, 1) - 1
    low = np.where(met, np.where(below == 0, 0.0, q[np.minimum(below, last)]), between)
    high = np.where(met, np.where(most > last, 1.0, np.where(y == 0, end[tied], q[tied])), between)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Reliability:
    """Probabilities against frequencies in `BINS` equal bins; reliabilities can be added.

    Attributes
    ----------
    count : (BINS,) number of forecasts
    probability, happened : (BINS,) sums of the probabilities and of the events
    squares : sum of the squared differences of probability and event
    """

    count: FloatArray
    probability: FloatArray
    happened: FloatArray
    squares: float

    @classmethod
    def of(cls, probability: FloatArray, happened: FloatArray) -> Reliability:
        """Sort forecasts into bins; NaN entries of either are skipped."""
        known = ~np.isnan(happened) & ~np.isnan(probability)
        p, y = probability[known], happened[known]
        # A probability of 1 belongs to the last bin.
        at = np.minimum((p * BINS).astype(np.int64), BINS - 1)
        sums = (np.bincount(at, weights=w, minlength=BINS) for w in (np.ones_like(p), p, y))
        count, total, events = (np.asarray(each, dtype=np.float64) for each in sums)
        return cls(count, total, events, float(np.sum((p - y) ** 2)))

    @classmethod
    def none(cls) -> Reliability:
        """Without any forecast."""
        return cls(np.zeros(BINS), np.zeros(BINS), np.zeros(BINS), 0.0)

    def __add__(self, other: Reliability) -> Reliability:
        return Reliability(
            self.count + other.count,
            self.probability + other.probability,
            self.happened + other.happened,
            self.squares + other.squares,
        )

    @property
    def brier(self) -> float:
        """Mean squared difference of probability and event (Brier 1950); NaN without a forecast."""
        return self.squares / float(self.count.sum()) if self.count.sum() else float("nan")

    @property
    def ece(self) -> float:
        """Expected calibration error (Naeini et al. 2015).

        Mean over forecasts of ``|mean probability - frequency|`` in their bin; NaN without any.
        """
        if not self.count.sum():
            return float("nan")
        return float(np.abs(self.probability - self.happened).sum() / self.count.sum())


@dataclass(frozen=True)
class BootstrapInterval:
    """An estimate and its central bootstrap interval."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.estimate:.3f} [{self.low:.3f}, {self.high:.3f}]"


def scaled_loss_interval(
    loss: FloatArray,
    size: FloatArray,
    rng: np.random.Generator,
    *,
    against: FloatArray | None = None,
    draws: int = 2000,
    level: float = 0.95,
) -> BootstrapInterval:
    """Bootstrap interval of the mean scaled wQL, or of its ratio to another model's.

    Series and origins are drawn with replacement, independently of each other (the pigeonhole
    bootstrap, Owen 2007). The ratio is paired: both models get the same draws.

    Parameters
    ----------
    loss, size : (O, N) from `quantile_losses`
    rng : of the draws
    against : (O, N) loss of the other model on the same windows
    draws : number of draws, >= 1
    level : of the interval, in (0, 1)
    """
    if draws < 1 or not 0 < level < 1:
        raise InputError(
            "draws, level",
            (draws, level),
            "at least one draw and a level in (0, 1)",
            "2000 and 0.95 are usual",
        )
    origins, n = size.shape
    # How often each origin and each series is drawn: a resampling as a weighting.
    weight_o = rng.multinomial(origins, np.full(origins, 1 / origins), size=draws)
    weight_o = weight_o.astype(np.float64)
    weight_n = rng.multinomial(n, np.full(n, 1 / n), size=draws).astype(np.float64)
    scale = weight_o @ size
    used = scale > 0
    # A series without use in the drawn origins has no scale and stays out of that draw.
    weight = np.where(used, weight_n, 0.0)

    def mean(of: FloatArray) -> FloatArray:
        each = np.where(used, (weight_o @ of) / np.where(used, scale, 1.0), 0.0)
        total = weight.sum(axis=1)
        return np.where(total > 0, (weight * each).sum(axis=1) / np.maximum(total, 1.0), np.nan)

    def estimate(of: FloatArray) -> float:
        each = scaled_quantile_losses(of, size)
        return float(np.nanmean(each)) if not np.isnan(each).all() else float("nan")

    drawn, centre = mean(loss), estimate(loss)
    if against is not None:
        drawn, centre = drawn / mean(against), centre / estimate(against)
    if np.isnan(drawn).all():
        return BootstrapInterval(centre, float("nan"), float("nan"))
    low, high = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return BootstrapInterval(centre, float(low), float(high))
