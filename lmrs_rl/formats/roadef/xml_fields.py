"""The challenge's XML as numbers: every gap or odd text becomes one error that names its
element.
"""

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

WHOLE_FILE = "check that the file is whole"


def parse_xml(path: Path, tag: str) -> ET.Element:
    """The root of an XML file, which must be ``<tag>``; `InputError` where the file is missing,
    cut or of another kind.
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
        raise InputError(name(element), f"no <{tag}>", f"an element <{tag}>", WHOLE_FILE)
    return found


def element_text(element: ET.Element, tag: str) -> str:
    """The text of the child ``<tag>``."""
    return (child(element, tag).text or "").strip()


def flag(element: ET.Element, tag: str) -> bool:
    """Whether the child ``<tag>`` holds 1; one that is missing (form V1.1) counts as 0."""
    if element.find(tag) is None:
        return False
    value = integer(element, tag)
    if value not in (0, 1):
        raise InputError(f"{name(element)} {tag}", value, "0 or 1", "correct the entry")
    return value == 1


def integer(element: ET.Element, tag: str) -> int:
    """The child ``<tag>`` as whole number."""
    return parsed_number(child(element, tag).text, f"{name(element)} {tag}", int)


def real(element: ET.Element, tag: str) -> float:
    """The child ``<tag>`` as finite number."""
    return parsed_number(child(element, tag).text, f"{name(element)} {tag}", float)


def parsed_number(value: str | None, field: str, kind: Callable[[str], T]) -> T:
    """``value`` as finite number of the given kind; ``field`` is named in the error."""
    try:
        result = kind(value or "")
        finite = math.isfinite(result)
    except (ValueError, OverflowError) as error:
        wanted = "a whole number" if kind is int else "a number"
        raise InputError(field, repr(value), wanted, "replace the entry") from error
    if not finite:
        raise InputError(field, result, "a finite number", "replace the entry")
    return result


def column(elements: Sequence[ET.Element], tag: str, default: float | None = None) -> NDArray[Any]:
    """(n,) the child ``<tag>`` of each element as float; ``default`` where it is missing, if one
    is given.
    """
    values = [
        default if default is not None and e.find(tag) is None else real(e, tag) for e in elements
    ]
    return np.array(values, dtype=np.float64)


def integer_list(element: ET.Element, tag: str) -> list[int]:
    """The whole numbers listed in the child ``<tag>``."""
    return [parsed_number(item.text, f"{name(element)} {tag}", int) for item in child(element, tag)]


def steps(element: ET.Element, tag: str, length: int) -> list[float]:
    """The child ``<tag>``'s list of numbers, one for each of ``length`` steps."""
    field, items = f"{name(element)} {tag}", list(child(element, tag))
    if len(items) != length:
        raise InputError(
            field,
            f"{len(items)} steps",
            f"{length} steps, one each hour of the horizon",
            WHOLE_FILE,
        )
    return [parsed_number(item.text, field, float) for item in items]


def flags(allowed: Sequence[Sequence[int]], count: int, field: str) -> BoolArray:
    """(n, count) which of ``count`` trailers each entry lists."""
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
    """(k, 2) [min] the child ``<timewindows>`` in order of start; always open where it is
    missing (form V1.1).
    """
    found = element.find("timewindows")
    if found is None:
        return always_open()
    pairs = sorted((integer(w, "start"), min(integer(w, "end"), FOREVER)) for w in found)
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def matrix(root: ET.Element, tag: str) -> NDArray[Any]:
    """(P, P) float, the child ``<tag>``, one ``<ArrayOf...>`` a row."""
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
                WHOLE_FILE,
            )
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(rows))


def numbered(field: str, elements: Sequence[ET.Element]) -> None:
    """Refuse elements whose ``<index>`` is not their position."""
    for k, element in enumerate(elements):
        index = integer(element, "index")
        if index != k:
            raise InputError(
                f"{field}[{k}].index", index, str(k), "number them from 0 in file order"
            )


def name(element: ET.Element) -> str:
    """What errors call an element: its tag, with its index where it has one."""
    index = element.findtext("index")
    return f"<{element.tag}>" if index is None else f"<{element.tag}> {index.strip()}"
