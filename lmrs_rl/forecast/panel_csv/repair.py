"""What is wrong with measured consumption, said in sentences, and what of it is mended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray, IntArray

SPREADS = 6.0
"""An outlier lies so many robust standard deviations of the logarithm over the median of the
days with use.
"""
LEAST_SPREAD = 0.25
"""Spread of the logarithm that every series is granted, so that a very steady one has no
outliers under 4.5 times its median.
"""
LEAST_DAYS = 20
"""Days with use under which nothing is called an outlier."""
SHOWN = 5


class Statements:
    """Collects sentences about one file; where nothing may be repaired, a repair is an
    `InputError` instead.
    """

    def __init__(self, name: str, repair: bool) -> None:
        self._name, self._repair = name, repair
        self._said: list[str] = []

    @property
    def said(self) -> tuple[str, ...]:
        """All sentences, in order."""
        return tuple(self._said)

    def noted(self, sentence: str) -> None:
        """Something worth knowing that changed nothing."""
        self._said.append(sentence)

    def repaired(self, sentence: str, remedy: str) -> None:
        """Something that was changed."""
        if not self._repair:
            raise InputError(
                self._name, sentence, "nothing to repair", f"{remedy}, or let it be repaired"
            )
        self._said.append(sentence)


def without_negatives(
    use: FloatArray, line: IntArray, ids: Sequence[str], told: Statements
) -> FloatArray:
    """Use (D, N) with negative days as not measured: what was used on a day whose refill was
    booked as negative use is not known.
    """
    negative = use < 0
    for k in np.flatnonzero(negative.any(axis=0)).tolist():
        where = lines(line[negative[:, k], k].tolist())
        told.repaired(
            f"series {ids[k]!r}: {int(negative[:, k].sum())} negative values count as not "
            f"measured ({where})",
            "book refills elsewhere",
        )
    return np.where(negative, np.nan, use)


def find_outliers(
    use: FloatArray, ids: Sequence[str], first_day: int, told: Statements, *, drop: bool
) -> FloatArray:
    """Name days far above all others of their series; with ``drop`` they count as not measured.

    The limit is exp(median + 6 s) of the logarithm of the series' days with use, s = 1.4826 times
    their median absolute deviation (the robust standard deviation of Hampel 1974), at least 0.25.
    """
    limit = outlier_limits(use)
    far = use > limit
    for k in np.flatnonzero(far.any(axis=0)).tolist():
        days = np.flatnonzero(far[:, k])
        shown = ", ".join(
            f"{np.datetime64(int(first_day + d), 'D')} {use[d, k]:.6g}" for d in days[:SHOWN]
        )
        what = f"series {ids[k]!r}: {len(days)} outliers above {limit[k]:.6g} kg ({shown}{', ...' if len(days) > SHOWN else ''})"
        if drop:
            told.repaired(f"{what} count as not measured", "correct them")
        else:
            told.noted(f"{what} are kept")
    return np.where(far, np.nan, use) if drop else use


def outlier_limits(use: FloatArray) -> FloatArray:
    """(N,) [kg] see `find_outliers`; infinite for a series with few days of use."""
    limit = np.full(use.shape[1], np.inf)
    for k in range(use.shape[1]):
        log = np.log(use[use[:, k] > 0, k])
        if len(log) >= LEAST_DAYS:
            middle = np.median(log)
            limit[k] = np.exp(
                middle
                + SPREADS * max(1.4826 * float(np.median(np.abs(log - middle))), LEAST_SPREAD)
            )
    return limit


def lines(numbers: Sequence[int]) -> str:
    """Lines of a file in words, the first few of many."""
    shown = ", ".join(str(each) for each in sorted(numbers)[:SHOWN])
    return f"line{'s' if len(numbers) > 1 else ''} {shown}{', ...' if len(numbers) > SHOWN else ''}"
