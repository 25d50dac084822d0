"""Errors of the library, named as the command line names things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lmrs_rl.domain import InputError


@contextmanager
def naming_options(names: Mapping[str, str]) -> Iterator[None]:
    """Inside, an `InputError` about a field that begins with a key of ``names`` names its value
    instead: an option, or a file.
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
"""Options that are called as the library calls them."""
