"""Numbers of the challenge's XML; a missing element or a wrong text is an error that names it."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FOREVER, BoolArray, IntArray, always_open

T = TypeVar("T", int, float)

_WHOLE_FILE = "check that the file is whole"


def parse_xml(path: Path, tag: str) -> ET.Element:
    """The root of an XML file.

    Raises
    ------
    InputError
        For a file that is missing or damaged, or whose root is not ``<tag>``.
    """
    try:
        root = ET.parse(path).getroot()
    except FileNotFoundError as error:
        raise InputError(str(path), "no such file", "a readable file", "check the path") from error
    except OSError as error:
        raise InputError(
            str(path), error.strerror, "a readable file", "check the path and its permissions"
        ) from error
    except (ET.ParseError, UnicodeDecodeError) as error:
        raise InputError(
            str(path),
            f"broken XML ({error})",
            "a whole XML file",
            "fetch the file again; it may have been cut",
        ) from error
    if root.tag != tag:
        raise InputError(
            str(path), f"<{root.tag}>", f"<{tag}>", "give a file of the ROADEF/EURO Challenge 2016"
        )
    return root


def child(element: ET.Element, tag: str) -> ET.Element:
    """The first child ``<tag>``; `InputError` where there is none."""
    found = element.find(tag)
    if found is None:
        raise InputError(element_name(element), f"no <{tag}>", f"an element <{tag}>", _WHOLE_FILE)
    return found


def element_text(element: ET.Element, tag: str) -> str:
    """The text of the child ``<tag>``."""
    return (child(element, tag).text or "").strip()


def flag(element: ET.Element, tag: str) -> bool:
    """Whether the child ``<tag>`` is 1; one that is missing (format V1.1) counts as 0."""
    if element.find(tag) is None:
        return False
    value = integer(element, tag)
    if value not in (0, 1):
        raise InputError(f"{element_name(element)} {tag}", value, "0 or 1", "correct the entry")
    return value == 1


def integer(element: ET.Element, tag: str) -> int:
    """The whole number in the child ``<tag>``."""
    return parsed_number(child(element, tag).text, f"{element_name(element)} {tag}", int)


def real(element: ET.Element, tag: str) -> float:
    """The finite number in the child ``<tag>``."""
    return parsed_number(child(element, tag).text, f"{element_name(element)} {tag}", float)


def parsed_number(value: str | None, field: str, kind: Callable[[str], T]) -> T:
    """The finite number in a text (`InputError` for others, naming ``field``)."""
    try:
        result = kind(value or "")
        # Overflows for a whole number that no float can hold.
        finite = math.isfinite(result)
    except (ValueError, OverflowError) as error:
        wanted = "a whole number" if kind is int else "a number"
        raise InputError(field, repr(value), wanted, "replace the entry") from error
    if not finite:
        raise InputError(field, result, "a finite number", "replace the entry")
    return result


def column(elements: Sequence[ET.Element], tag: str, default: float | None = None) -> NDArray[Any]:
    """(n,) the number in each element's child ``<tag>``; ``default`` replaces a missing one."""
    values = [
        default if default is not None and e.find(tag) is None else real(e, tag) for e in elements
    ]
    return np.array(values, dtype=np.float64)


def integer_list(element: ET.Element, tag: str) -> list[int]:
    """The whole numbers listed in the child ``<tag>``."""
    return [
        parsed_number(item.text, f"{element_name(element)} {tag}", int)
        for item in child(element, tag)
    ]


def hourly_numbers(element: ET.Element, tag: str, length: int) -> list[float]:
    """The numbers listed in the child ``<tag>``, one for each of ``length`` hours."""
    field, items = f"{element_name(element)} {tag}", list(child(element, tag))
    if len(items) != length:
        raise InputError(
            field,
            f"{len(items)} steps",
            f"{length} steps, one each hour of the horizon",
            _WHOLE_FILE,
        )
    return [parsed_number(item.text, field, float) for item in items]


def allowed_trailers(allowed: Sequence[Sequence[int]], count: int, field: str) -> BoolArray:
    """Lists of trailers as flags.

    Parameters
    ----------
    allowed : (n) numbers of the trailers that each entry lists
    count : number of trailers
    field : name in errors

    Returns
    -------
    BoolArray
        (n, count)
    """
    result = np.zeros((len(allowed), count), dtype=np.bool_)
    for k, members in enumerate(allowed):
        for member in members:
            if not 0 <= member < count:
                raise InputError(
                    f"{field}[{k}]",
                    member,
                    f"a trailer number from 0 to {count - 1}",
                    "add the trailer or correct the number",
                )
            result[k, member] = True
    return result


def time_windows(element: ET.Element) -> IntArray:
    """(k, 2) [min] windows in the child ``<timewindows>``, in order of start.

    Always open where it is missing (format V1.1).
    """
    found = element.find("timewindows")
    if found is None:
        return always_open()
    # Later ends mean never, but arrays of minutes refuse them.
    pairs = sorted((integer(w, "start"), min(integer(w, "end"), FOREVER)) for w in found)
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def matrix(root: ET.Element, tag: str) -> NDArray[Any]:
    """(P, P) the square matrix in the child ``<tag>``, whose children are its rows."""
    rows = [
        [parsed_number(cell.text, f"{tag} row {k}", float) for cell in row]
        for k, row in enumerate(child(root, tag))
    ]
    for k, row in enumerate(rows):
        if len(row) != len(rows):
            raise InputError(
                f"{tag} row {k}",
                f"{len(row)} entries",
                f"{len(rows)} entries: a square matrix",
                _WHOLE_FILE,
            )
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(rows))


def check_numbering(field: str, elements: Sequence[ET.Element]) -> None:
    """Refuse elements whose ``<index>`` is not their position (`InputError`)."""
    for k, element in enumerate(elements):
        index = integer(element, "index")
        if index != k:
            raise InputError(
                f"{field}[{k}].index", index, str(k), "number them from 0 in file order"
            )


def element_name(element: ET.Element) -> str:
    """The name of an element in errors: its tag, with its index where it has one."""
    index = element.findtext("index")
    return f"<{element.tag}>" if index is None else f"<{element.tag}> {index.strip()}"
