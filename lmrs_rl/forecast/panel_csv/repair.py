"""Repairs of measured consumption, and a log of them in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray, IntArray

_DEVIATIONS = 6.0
"""Outliers lie more than so many robust standard deviations above the median, in logarithms."""
_LEAST_DEVIATION = 0.25
"""Lower bound of that standard deviation, so that a very steady series has no outliers below 4.5
times its median.
"""
_LEAST_DAYS = 20
"""[days] with use below which a series has no outliers."""
_NORMAL_MAD = 1.4826
"""Standard deviation of a normal distribution over its median absolute deviation."""
_SHOWN = 5
"""Number of examples in a sentence."""


class RepairLog:
    """Collects sentences about one file.

    Where nothing may be repaired, a repair is an `InputError` instead.
    """

    def __init__(self, name: str, repair: bool) -> None:
        self._name, self._repair = name, repair
        self._sentences: list[str] = []

    @property
    def sentences(self) -> tuple[str, ...]:
        """All sentences, in order."""
        return tuple(self._sentences)

    def note(self, sentence: str) -> None:
        """Report something worth knowing that changed nothing."""
        self._sentences.append(sentence)

    def repair(self, sentence: str, remedy: str) -> None:
        """Report something that was changed, or refuse it, with ``remedy`` for the user."""
        if not self._repair:
            raise InputError(
                self._name, sentence, "nothing to repair", f"{remedy}, or let it be repaired"
            )
        self._sentences.append(sentence)


def without_negatives(
    use: FloatArray, line: IntArray, ids: Sequence[str], log: RepairLog
) -> FloatArray:
    """Use (D, N) with negative days as not measured.

    A negative value is a refill booked as use, and what was used on that day is not known.
    """
    negative = use < 0
    for k in np.flatnonzero(negative.any(axis=0)).tolist():
        where = line_list(line[negative[:, k], k].tolist())
        log.repair(
            f"series {ids[k]!r}: {int(negative[:, k].sum())} negative values count as not "
            f"measured ({where})",
            "book refills elsewhere",
        )
    return np.where(negative, np.nan, use)


def find_outliers(
    use: FloatArray, ids: Sequence[str], first_day: int, log: RepairLog, *, drop: bool
) -> FloatArray:
    """Report days far above all others of their series; with ``drop`` they count as not measured.

    The limit is exp(median + 6 s) of the logarithm of the series' days with use, s = 1.4826 times
    their median absolute deviation (the robust standard deviation of Hampel 1974), at least 0.25.
    """
    limit = outlier_limits(use)
    far = use > limit
    for k in np.flatnonzero(far.any(axis=0)).tolist():
        days = np.flatnonzero(far[:, k])
        shown = ", ".join(
            f"{np.datetime64(int(first_day + d), 'D')} {use[d, k]:.6g}" for d in days[:_SHOWN]
        )
        more = ", ..." if len(days) > _SHOWN else ""
        found = f"{len(days)} outliers above {limit[k]:.6g} kg ({shown}{more})"
        if drop:
            log.repair(f"series {ids[k]!r}: {found} count as not measured", "correct them")
        else:
            log.note(f"series {ids[k]!r}: {found} are kept")
    return np.where(far, np.nan, use) if drop else use


def outlier_limits(use: FloatArray) -> FloatArray:
    """(N,) [kg] limits above which days are outliers, see `find_outliers`.

    Infinite for a series with few days of use.
    """
    limit = np.full(use.shape[1], np.inf)
    for k in range(use.shape[1]):
        log_use = np.log(use[use[:, k] > 0, k])
        if len(log_use) >= _LEAST_DAYS:
            median = np.median(log_use)
            robust = _NORMAL_MAD * float(np.median(np.abs(log_use - median)))
            limit[k] = np.exp(median + _DEVIATIONS * max(robust, _LEAST_DEVIATION))
    return limit


def line_list(numbers: Sequence[int]) -> str:
    """Lines of a file in words, such as ``lines 3, 7``; the first few of many."""
    shown = ", ".join(str(each) for each in sorted(numbers)[:_SHOWN])
    more = ", ..." if len(numbers) > _SHOWN else ""
    return f"line{'s' if len(numbers) > 1 else ''} {shown}{more}"
