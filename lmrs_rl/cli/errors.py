"""Errors of the library, reworded with the names of command line options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lmrs_rl.domain import InputError


@contextmanager
def naming_options(names: Mapping[str, str]) -> Iterator[None]:
    """Rename the fields of an `InputError` raised inside.

    Parameters
    ----------
    names : field of the library to the name that the user knows, such as ``{"date": "--date"}``; a
        key that ends with a dot stands for all fields that begin with it
    """
    try:
        yield
    except InputError as error:
        for key, name in names.items():
            if error.field == key.rstrip(".") or (
                key.endswith(".") and error.field.startswith(key)
            ):
                field = f"{name}{error.field[len(key) :]}"
                raise InputError(field, error.got, error.wanted, error.remedy) from error
        raise


OPTIONS = {name: f"--{name}" for name in ("agent", "parameters", "date", "days", "seed", "data")}
"""Options that have the same names as parameters of the library."""
