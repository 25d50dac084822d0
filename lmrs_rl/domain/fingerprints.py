"""Tells two definitions apart that go by the same name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import first_name


def definition_sha256(definition: object) -> str:
    """SHA-256 of what a value holds: dataclasses by their fields, down to numbers, texts, dates and
    arrays.

    Fields go by their first names, so that a renamed field changes nothing. Equal numbers count as
    the same, whether written 4 or 4.0; arrays go in whole, with their type
    and shape.

    Raises
    ------
    InputError
        For a value of another kind.
    """
    digest = hashlib.sha256()
    for part in _parts(definition):
        # With its length before it no part runs into the next.
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def folder_sha256(folder: Path) -> str:
    """SHA-256 of the files of a folder, names and content, subfolders left out."""
    digest = hashlib.sha256()
    for path in sorted(each for each in folder.iterdir() if each.is_file()):
        with path.open("rb") as stream:
            # Names have no zero byte and all digests one length, so no file runs into the next.
            digest.update(
                path.name.encode() + b"\0" + hashlib.file_digest(stream, "sha256").digest()
            )
    return digest.hexdigest()


def _parts(value: object) -> Iterator[bytes]:
    if is_dataclass(value) and not isinstance(value, type):
        yield f"{type(value).__name__} {len(fields(value))}".encode()
        for each in fields(value):
            yield first_name(type(value).__name__, each.name).encode()
            yield from _parts(getattr(value, each.name))
    elif isinstance(value, tuple | list):
        yield f"list {len(value)}".encode()
        for entry in value:
            yield from _parts(entry)
    elif isinstance(value, np.ndarray) and value.dtype.kind in "biufMU":
        yield f"array {value.dtype.str} {value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, int | float | np.number):
        # Whole numbers beyond 2^53 have no float of their own; NaN is no number's equal.
        exact = float(value) == value or value != value
        yield f"number {float(value).hex() if exact else value}".encode()
    elif value is None or isinstance(value, str | np.datetime64):
        yield f"{type(value).__name__} {value}".encode()
    else:
        raise InputError(
            "definition",
            type(value).__name__,
            "dataclasses, lists, arrays, numbers, texts and dates",
            "give what consists of these",
        )
