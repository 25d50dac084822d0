"""TOML files whose tables are frozen dataclasses: the defaults say which keys there are and of
which type.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, cast

from lmrs_rl.domain.aliases import with_new_names
from lmrs_rl.errors import InputError

Table = TypeVar("Table")


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file (`InputError` for one that cannot be read)."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            str(path), str(error.strerror), "a readable TOML file", "check the path"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            str(path), f"broken TOML ({error})", "a whole TOML file", "mend the line"
        ) from error


def from_table(default: Table, table: Mapping[str, Any], prefix: str = "") -> Table:
    """``default`` (an instance of a dataclass) with what a TOML table says instead; what it leaves
    out stays. Old names of keys are read, see `lmrs_rl.domain.aliases`.

    Raises
    ------
    InputError
        For an unknown key, a value of another type than the default's, or one that the dataclass
        refuses.
    """
    known = {each.name: getattr(default, each.name) for each in fields(cast("Any", default))}
    values: dict[str, Any] = {}
    for key, value in with_new_names(type(default).__name__, table, prefix).items():
        if key not in known:
            raise InputError(
                f"{prefix}{key}",
                repr(value),
                f"one of the keys {', '.join(known)}",
                "check the spelling or remove it",
            )
        values[key] = _typed(f"{prefix}{key}", value, known[key])
    return cast("Table", replace(cast("Any", default), **values))


def _typed(name: str, value: Any, default: Any) -> Any:
    if is_dataclass(default):
        if not isinstance(value, dict):
            raise InputError(
                name, repr(value), f"a table [{name}]", "write the settings below that heading"
            )
        return from_table(default, value, f"{name}.")
    if isinstance(default, tuple):
        texts = bool(default) and all(isinstance(each, str) for each in default)
        if not isinstance(value, list) or (
            texts and not all(isinstance(each, str) for each in value)
        ):
            raise InputError(
                name, repr(value), f"a list of {'texts' if texts else 'numbers'}", "write [a, b]"
            )
        if texts:
            return tuple(value)
        whole = bool(default) and all(isinstance(each, int) for each in default)
        return tuple(
            (_whole if whole else _number)(f"{name}[{k}]", each) for k, each in enumerate(value)
        )
    if isinstance(default, str):
        if not isinstance(value, str):
            raise InputError(name, repr(value), "a text", "write it in quotes")
        return value
    return _whole(name, value) if isinstance(default, int) else _number(name, value)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(name, repr(value), "a whole number", "remove the fraction or the quotes")
    return value


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise InputError(name, repr(value), "a finite number", "replace the entry")
    return float(value)


def require(name: str, value: object, good: bool, wanted: str) -> None:
    """Refuse a setting that is not ``good`` (`InputError`)."""
    if not good:
        raise InputError(name, value, wanted, "correct the setting")


def require_range(name: str, value: tuple[float, ...], least: float, most: float) -> None:
    """Refuse what is no pair (least, most) in order within the limits (`InputError`); NaN is in
    no range.
    """
    good = len(value) == 2 and least <= value[0] <= value[1] <= most
    require(name, list(value), good, f"[least, most] with {least:g} <= least <= most <= {most:g}")
