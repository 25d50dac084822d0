"""Validated read-only arrays: shape, type and range are checked once, when a dataclass of the
domain is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lmrs_rl.errors import InputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FOREVER = 10**9
"""[min] Later than any time in a network: the end of a window that never closes."""

MINUTES_PER_HOUR = 60
MINUTES_PER_DAY = 1440
HOURS_PER_DAY = 24


def floats(
    field: str, value: ArrayLike, shape: tuple[int, ...], *, allow_inf: bool = False
) -> FloatArray:
    """A read-only float64 copy of ``value`` with the given shape.

    Raises
    ------
    InputError
        Naming the first entry that is NaN (or infinite, unless ``allow_inf``), or the wrong shape.
    """
    array = _copy(field, value, np.float64, shape)
    if array.size:
        bad = np.isnan(array) if allow_inf else ~np.isfinite(array)
        refuse_entries(field, array, bad, "a finite number", "replace or remove the entry")
    return array


def integers(field: str, value: ArrayLike, shape: tuple[int, ...]) -> IntArray:
    """A read-only int64 copy of ``value`` with the given shape; fractions are refused, not
    rounded.
    """
    whole = isinstance(value, np.ndarray) and value.dtype == np.int64
    raw: NDArray[Any] = (
        _copy(field, value, np.int64, shape) if whole else floats(field, value, shape)
    )
    # Before the conversion, in which a float beyond 64 bits would become some other number.
    if raw.size and (raw.max() > FOREVER or raw.min() < -FOREVER):
        refuse_entries(
            field, raw, (raw > FOREVER) | (raw < -FOREVER), f"at most {FOREVER}", "check the unit"
        )
    if whole:
        return raw
    refuse_entries(
        field, raw, raw != np.rint(raw), "a whole number", "round it where the file is written"
    )
    return _frozen(raw.astype(np.int64))


def booleans(field: str, value: ArrayLike, shape: tuple[int, ...]) -> BoolArray:
    """A read-only bool copy of ``value`` with the given shape."""
    return _copy(field, value, np.bool_, shape)


def not_below(field: str, array: FloatArray | IntArray, least: float, remedy: str) -> None:
    """Refuse entries under ``least``."""
    if array.size:
        refuse_entries(field, array, array < least, f"at least {least:g}", remedy)


def above(field: str, array: FloatArray | IntArray, limit: float, remedy: str) -> None:
    """Refuse entries that are not strictly over ``limit``."""
    refuse_entries(field, array, array <= limit, f"more than {limit:g}", remedy)


def not_over(field: str, array: FloatArray | IntArray, most: float, remedy: str) -> None:
    """Refuse entries over ``most``."""
    refuse_entries(field, array, array > most, f"at most {most:g}", remedy)


def indices(
    field: str, value: ArrayLike, shape: tuple[int, ...], count: int, what: str, *, least: int = 0
) -> IntArray:
    """Whole numbers in ``[least, count)``: positions in a list of ``count`` things called
    ``what``.
    """
    array = integers(field, value, shape)
    wanted = f"the number of one of the {count} {what} (0 to {count - 1})"
    refuse_entries(
        field,
        array,
        (array < least) | (array >= count),
        wanted,
        f"add the missing entry to the {what} or correct the number",
    )
    return array


def names(field: str, value: Sequence[str]) -> tuple[str, ...]:
    """Identifiers, each a non-empty text used once."""
    seen: set[str] = set()
    for k, name in enumerate(value):
        if not isinstance(name, str) or not name:
            raise InputError(
                f"{field}[{k}]", repr(name), "a non-empty text", "give the entry an id"
            )
        if name in seen:
            raise InputError(
                f"{field}[{k}]", repr(name), "an id used once", "rename one of the two"
            )
        seen.add(name)
    return tuple(value)


def windows(field: str, value: ArrayLike | None) -> IntArray:
    """Windows ``(k, 2)`` [min], each (first, last minute), in order and without overlap;
    ``None`` is always open.
    """
    if value is None:
        return always_open()
    array = np.asarray(value, dtype=np.float64)
    # An empty list is a place that never opens, unlike None. It has the shape (0,), so it is taken
    # before the shape is checked.
    if array.size == 0:
        return _frozen(np.zeros((0, 2), dtype=np.int64))
    if array.ndim != 2 or array.shape[1] != 2:
        raise InputError(
            field,
            f"shape {array.shape}",
            "shape (k, 2)",
            "give every window as [start, end] in minutes",
        )
    result = integers(field, array, array.shape)
    if np.any(result[:, 1] < result[:, 0]):
        k = int(np.argmax(result[:, 1] < result[:, 0]))
        raise InputError(f"{field}[{k}]", result[k].tolist(), "start <= end", "swap the two")
    if np.any(result[1:, 0] < result[:-1, 1]):
        k = int(np.argmax(result[1:, 0] < result[:-1, 1])) + 1
        raise InputError(
            f"{field}[{k}]",
            result[k].tolist(),
            "a start at or after the previous window's end",
            "sort or merge the windows",
        )
    return result


def always_open() -> IntArray:
    """The one window of a place without hours, shape (1, 2) [min]."""
    return _frozen(np.array([[0, FOREVER]], dtype=np.int64))


def refuse_entries(
    field: str, array: NDArray[Any], bad: NDArray[np.bool_], wanted: str, remedy: str
) -> None:
    """Refuse an array with ``bad`` entries, naming the first of them (`InputError`)."""
    if bad.any():
        at = tuple(int(k) for k in np.argwhere(bad)[0])
        where = f"{field}[{', '.join(map(str, at))}]" if at else field
        raise InputError(where, array[at].item(), wanted, remedy)


def _copy(field: str, value: ArrayLike, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    try:
        array = np.array(value, dtype=dtype)
    except (TypeError, ValueError) as error:
        raise InputError(
            field, f"{value!r:.60}", f"numbers of shape {shape}", "check for text or ragged rows"
        ) from error
    if array.shape != shape:
        raise InputError(
            field,
            f"shape {array.shape}",
            f"shape {shape}",
            "give one entry for each item, in the same order",
        )
    return _frozen(array)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array
