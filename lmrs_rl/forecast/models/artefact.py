"""A fitted model in a folder: the model's own files, and ``artefact.json`` about its series.

Nothing is pickled, so that reading a folder runs no code.
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

_FORMAT = "lmrs-forecast/1"
Fitted = TypeVar("Fitted")


class Saveable(Protocol):
    """A fitted model that can write itself into a folder."""

    def save(self, folder: Path) -> None:
        """Write text, JSON and npz files into an existing folder."""
        ...


@dataclass(frozen=True)
class ArtefactInfo:
    """What has to be known to give a fitted model later data.

    Attributes
    ----------
    model : name of the model
    days : [days] length of its forecasts
    fitted_to : ISO date of the morning it was fitted on
    ids : its series, in its order
    customer_types, products : names of the numbers of types and products
    zone : time zone whose calendar days count; None takes dates as written
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
    """Write a fitted model.

    ``artefact.json`` is written last, so that a folder that has it is complete.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # An older description must not vouch for a mixture of old and new files.
    (folder / "artefact.json").unlink(missing_ok=True)
    fitted.save(folder)
    text = json.dumps({"format": _FORMAT, **asdict(about)}, indent=1) + "\n"
    write_text_atomically(folder / "artefact.json", text)


def read_artefact_info(folder: Path) -> ArtefactInfo:
    """Read ``artefact.json`` (`InputError` for a folder without it or of another format)."""
    path = folder / "artefact.json"
    document = _read_document(path)
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


def _read_document(path: Path) -> dict[str, Any]:
    """The JSON object in ``artefact.json``, of the format that this version writes."""
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
    found = document.get("format") if isinstance(document, dict) else "no object"
    if found != _FORMAT:
        raise InputError(f"{path}: format", found, _FORMAT, "fit the model again")
    return dict(document)


def read_artefact(folder: Path, load: Callable[[Path], Fitted]) -> tuple[Fitted, ArtefactInfo]:
    """A fitted model, read by ``load``, and its `ArtefactInfo`."""
    about = read_artefact_info(folder)
    return load(folder), about


def aligned(panel: Panel, ids: Sequence[str]) -> Panel:
    """The panel with the known series ``ids`` first, in their order, then its other series.

    Fitted models number series by position. Known series that the panel lacks get a column without
    a measured day.
    """
    known = set(ids)
    ids = (*ids, *(name for name in panel.ids if name not in known))
    position = {name: k for k, name in enumerate(panel.ids)}
    # -1 reads the last series, in whose place `present` puts what stands for not known.
    source = np.array([position.get(name, -1) for name in ids], dtype=np.int64)
    present = source >= 0
    target = {position[name]: k for k, name in enumerate(ids) if name in position}
    s = panel.shutdowns
    series = np.array([target[k] for k in s.series.tolist()], dtype=np.int64)
    return replace(
        panel,
        ids=tuple(ids),
        use=np.where(present, panel.use[:, source], np.nan),
        capacity=np.where(present, panel.capacity[source], np.nan),
        customer_type=np.where(present, panel.customer_type[source], 0),
        product=np.where(present, panel.product[source], 0),
        temperature=np.where(present, panel.temperature[:, source], np.nan),
        issued=np.where(present, panel.issued[:, :, source], np.nan),
        shutdowns=Shutdowns(series, s.first_day, s.last_day, s.announced_day),
    )
