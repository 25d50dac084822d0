"""A fitted model in a folder: what the model writes itself, and ``artefact.json`` about the
series that it knows. No pickle.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
from pydantic import TypeAdapter, ValidationError

from lmrs_rl.domain import InputError
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.forecast.panel import Panel, Shutdowns

FORMAT = "lmrs-forecast/1"
Fitted = TypeVar("Fitted")


class Saveable(Protocol):
    """A fitted model that can write itself."""

    def save(self, folder: Path) -> None:
        """Text, JSON and npz files into an existing folder."""
        ...


@dataclass(frozen=True)
class ArtefactInfo:
    """What a fitted model has to be told about data it meets later.

    Attributes
    ----------
    model : name
    days : that it foretells
    fitted_to : ISO date of the morning it was fitted on
    ids : of its series, in its order
    customer_types, products : names of its numbers
    zone : whose calendar days count, None as written
    leads : [days] of the temperature forecasts it learned from
    """

    model: str
    days: int
    fitted_to: str
    ids: tuple[str, ...]
    customer_types: tuple[str, ...]
    products: tuple[str, ...]
    zone: str | None
    leads: int


def write_artefact(folder: Path, fitted: Saveable, about: ArtefactInfo) -> None:
    """Write a fitted model; ``artefact.json`` comes last, so that a folder that has it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "artefact.json").unlink(missing_ok=True)
    fitted.save(folder)
    write_text_atomically(
        folder / "artefact.json", json.dumps({"format": FORMAT, **asdict(about)}, indent=1) + "\n"
    )


def read_about(folder: Path) -> ArtefactInfo:
    """What `write_artefact` noted (`InputError` for a folder without it or of another format)."""
    path = folder / "artefact.json"
    remedy = "give the folder that 'lmrs forecast fit' wrote"
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            str(path), str(error.strerror), "the description of a fitted model", remedy
        ) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            str(path),
            f"broken JSON ({error})",
            "the description of a fitted model",
            "fit the model again",
        ) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(
            f"{path}: format",
            document.get("format") if isinstance(document, dict) else "no object",
            FORMAT,
            "fit the model again",
        )
    wanted = {each.name for each in fields(ArtefactInfo)}
    if document.keys() - {"format"} != wanted:
        raise InputError(
            str(path),
            f"the keys {sorted(document)}",
            f"the keys {sorted(wanted)}",
            "fit the model again",
        )
    try:
        return TypeAdapter(ArtefactInfo).validate_python({key: document[key] for key in wanted})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(each) for each in first["loc"])
        raise InputError(
            f"{path}: {where}", repr(first["input"])[:60], first["msg"], "fit the model again"
        ) from error


def read_artefact(folder: Path, load: Callable[[Path], Fitted]) -> tuple[Fitted, ArtefactInfo]:
    """A fitted model, read by ``load``, and what to know about it."""
    about = read_about(folder)
    return load(folder), about


def aligned(panel: Panel, ids: Sequence[str]) -> Panel:
    """The panel with the series that a model knows, in its order, then those that it does not;
    known ones without data have none measured.
    """
    known = set(ids)
    ids = (*ids, *(name for name in panel.ids if name not in known))
    place = {name: k for k, name in enumerate(panel.ids)}
    at = np.array([place.get(name, -1) for name in ids], dtype=np.int64)
    there = at >= 0
    to = {place[name]: k for k, name in enumerate(ids) if name in place}
    s = panel.shutdowns
    series = np.array([to[k] for k in s.series.tolist()], dtype=np.int64)
    return replace(
        panel,
        ids=tuple(ids),
        use=np.where(there, panel.use[:, at], np.nan),
        capacity=np.where(there, panel.capacity[at], np.nan),
        customer_type=np.where(there, panel.customer_type[at], 0),
        product=np.where(there, panel.product[at], 0),
        temperature=np.where(there, panel.temperature[:, at], np.nan),
        issued=np.where(there, panel.issued[:, :, at], np.nan),
        shutdowns=Shutdowns(series, s.first_day, s.last_day, s.announced_day),
    )
