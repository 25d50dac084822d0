"""Parts of the JSON formats: strict models, errors that name the field, and readable text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import ALIASES
from lmrs_rl.domain.arrays import FOREVER, BoolArray, FloatArray, IntArray, always_open

_FIRST_DATE, _LAST_DATE = np.datetime64("1900-01-01"), np.datetime64("2199-12-31")
"""Range of dates that are accepted: others are typing errors."""
_WIDTH = 120
"""Longest list or object that is written on one line."""


class StrictModel(BaseModel):
    """A part of a file: no unknown fields, no text for numbers, no NaN and no infinity."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, frozen=True)


Minutes = Annotated[int, Field(ge=-FOREVER, le=FOREVER)]
WholeNumber = Annotated[int, Field(ge=0, le=FOREVER)]
Id = Annotated[str, Field(min_length=1)]
Windows = list[tuple[Minutes, Minutes]] | None
AtLeast0 = Annotated[float, Field(ge=0)]
Above0 = Annotated[float, Field(gt=0)]

Model = TypeVar("Model", bound=StrictModel)
Item = TypeVar("Item")


def keys_of_field(kind: str, name: str) -> AliasChoices:
    """The keys by which a field is read: its name, and its old names in `ALIASES`.

    They are given to pydantic instead of renaming keys beforehand, so that a file is parsed and
    checked in one pass.
    """
    return AliasChoices(name, *(old for old, new in ALIASES[kind].items() if new == name))


def parse(model: type[Model], path: Path) -> Model:
    """Read a file into a model.

    Raises
    ------
    InputError
        Naming the file and the path of the first wrong field (``tanks[3].capacity_kg``).
    """
    text = _read(path)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise _translated(error, path) from error


def render(model: StrictModel) -> str:
    """A model as JSON that is read back to the same bits.

    Short lists and objects are on one line, and lists of numbers always are.
    """
    return _lines(model.model_dump(mode="json"), "") + "\n"


@contextmanager
def naming_file(path: Path) -> Iterator[None]:
    """Put the name of a file before the field of an `InputError` that is raised inside."""
    try:
        yield
    except InputError as error:
        raise InputError(
            f"{path.name}: {error.field}", error.got, error.wanted, error.remedy
        ) from error


def position(field: str, name: str, ids: Sequence[str], what: str) -> int:
    """Position of ``name`` in ``ids`` (`InputError` for an unknown one, of ``what``)."""
    if name not in ids:
        known = ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")
        raise InputError(
            field,
            repr(name),
            f"the id of one of the {len(ids)} {what} ({known or 'none'})",
            f"add it to the {what} or correct the id",
        )
    return ids.index(name)


def check_unique_ids(table: str, ids: Sequence[str]) -> None:
    """Refuse an id that occurs twice (`InputError`)."""
    for k, name in enumerate(ids):
        if name in ids[:k]:
            raise InputError(
                f"{table}[{k}].id", repr(name), "an id used once", "rename one of the two"
            )


def flags_of_lists(
    table: str, column: str, lists: Sequence[Sequence[str] | None], ids: Sequence[str]
) -> BoolArray:
    """Lists of ids as an array of flags.

    Parameters
    ----------
    table, column : names in errors
    lists : ids of each row; ``None`` for all ids
    ids : all ids

    Returns
    -------
    BoolArray
        (len(lists), len(ids)) whether each row lists each id.
    """
    result = np.zeros((len(lists), len(ids)), dtype=np.bool_)
    for k, members in enumerate(lists):
        if members is None:
            result[k] = True
            continue
        for j, member in enumerate(members):
            result[k, position(f"{table}[{k}].{column}[{j}]", member, ids, column)] = True
    return result


def in_order(
    field: str, items: Sequence[Item], key: Callable[[Item], str], ids: Sequence[str], what: str
) -> list[Item]:
    """Items in the order of ``ids``.

    Parameters
    ----------
    field : name in errors
    items : in any order
    key : id of an item
    ids : all ids
    what : name of the items in errors

    Raises
    ------
    InputError
        For an id that is unknown, missing or there twice.
    """
    check_unique_ids(field, [key(item) for item in items])
    found: dict[str, Item] = {}
    for k, item in enumerate(items):
        position(f"{field}[{k}].id", key(item), ids, what)
        found[key(item)] = item
    for name in ids:
        if name not in found:
            raise InputError(
                field,
                f"no entry for {name!r}",
                f"one entry for each of the {len(ids)} {what}",
                "add the missing entry",
            )
    return [found[name] for name in ids]


def check_row_lengths(field: str, matrix: Sequence[Sequence[Any]], count: int) -> None:
    """Refuse a matrix with a row that does not have ``count`` entries (`InputError`)."""
    for k, row in enumerate(matrix):
        if len(row) != count:
            raise InputError(
                f"{field}[{k}]",
                f"{len(row)} entries",
                f"{count} entries, as in the other rows",
                "check that the file is whole",
            )


def rate_from_file(value: float | None) -> float:
    """A rate of loading or unloading [kg/min]; ``None`` in a file: it takes no time of its own."""
    return float("inf") if value is None else value


def rate_to_file(value: float) -> float | None:
    """A rate of loading or unloading as a file has it, ``None`` for infinite."""
    return None if np.isinf(value) else float(value)


def flagged_ids(flags: BoolArray, ids: Sequence[str]) -> list[str]:
    """The ids whose flags are set."""
    return [name for name, flag in zip(ids, flags, strict=True) if flag]


def window_list(windows: IntArray) -> Windows:
    """Time windows as a file has them, ``None`` for always open."""
    if np.array_equal(windows, always_open()):
        return None
    return [(int(start), int(end)) for start, end in windows]


def calendar_date(field: str, text: str) -> np.datetime64:
    """A date written as year-month-day (`InputError` for other texts)."""
    wanted, remedy = "a date such as 2025-03-31", "write year-month-day"
    try:
        date = np.datetime64(text, "D")
    except ValueError as error:
        raise InputError(field, repr(text), wanted, remedy) from error
    # numpy also reads '', '2025-03' and 'today' without an error.
    if np.isnat(date) or str(date) != text or not _FIRST_DATE <= date <= _LAST_DATE:
        raise InputError(field, repr(text), wanted, remedy)
    return date


def to_floats(array: FloatArray) -> list[float]:
    """Numbers as Python floats, which JSON can hold."""
    return [float(value) for value in array]


def _read(path: Path) -> str:
    try:
        # Editors of Windows put a byte order mark before UTF-8.
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            str(path),
            f"{getattr(error, 'strerror', None) or 'text that is not UTF-8'}",
            "a readable JSON file",
            "check the path",
        ) from error
    if not text.strip():
        raise InputError(
            str(path),
            "an empty file",
            "a JSON object",
            "write the file again; it may have been cut",
        )
    return text


def _translated(error: ValidationError, path: Path) -> InputError:
    """The first error that pydantic found, as an `InputError`."""
    first = error.errors(include_url=False)[0]
    kind, message, context = first["type"], str(first["msg"]), first.get("ctx", {})
    if kind == "json_invalid":
        return InputError(
            str(path),
            f"broken JSON ({context.get('error', message)})",
            "a whole JSON object",
            "write the file again; it may have been cut",
        )
    where = f"{path.name}: {_path(first['loc'])}"
    wanted = message[0].lower() + message[1:]
    if kind == "extra_forbidden":
        return InputError(
            where,
            "an unknown field",
            "only the fields that the guide lists",
            "check the spelling or remove it",
        )
    if kind == "missing":
        return InputError(where, "nothing", "this field", "add it, or check that the file is whole")
    if kind == "literal_error":
        return InputError(
            where,
            repr(first["input"]),
            str(context["expected"]),
            "give a file of this kind and version",
        )
    return InputError(where, f"{first['input']!r:.60}", wanted, "replace the entry")


def _path(location: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return text.lstrip(".") or "the file"


def _lines(value: Any, indent: str) -> str:
    compact = json.dumps(value, allow_nan=False, ensure_ascii=False)
    short = len(compact) + len(indent) <= _WIDTH
    if short or not isinstance(value, (dict, list)) or _is_flat_list(value):
        return compact
    inner = indent + " "
    if isinstance(value, dict):
        parts = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_lines(each, inner)}"
            for key, each in value.items()
        ]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_lines(each, inner)}" for each in value) + f"\n{indent}]"


def _is_flat_list(value: Any) -> bool:
    return isinstance(value, list) and not any(isinstance(each, (dict, list)) for each in value)
