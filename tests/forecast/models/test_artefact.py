"""Fitted models in folders, and panels brought into a model's order."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.forecast.models.artefact import (
    ArtefactInfo,
    aligned,
    read_artefact,
    read_artefact_info,
    write_artefact,
)
from lmrs_rl.worlds.generator.panel_parameters import PanelParameters
from lmrs_rl.worlds.generator.panels import generate_panel

ABOUT = ArtefactInfo("auto", 7, "2024-05-01", ("a", "b"), ("bakery",), ("LIN",), None, 7)
PANEL = generate_panel(PanelParameters(mix=(0, 1.0, 0, 0, 0)), 2, series=4, days=300)


@dataclass(frozen=True)
class Note:
    text: str

    def save(self, folder: Path) -> None:
        (folder / "note.txt").write_text(self.text)


def load(folder: Path) -> Note:
    return Note((folder / "note.txt").read_text())


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_artefact(tmp_path / "new" / "folder", Note("x"), ABOUT)
    assert read_artefact(tmp_path / "new" / "folder", load) == (Note("x"), ABOUT)


def test_a_fit_that_breaks_off_leaves_no_artefact(tmp_path: Path) -> None:
    class Broken:
        def save(self, folder: Path) -> None:
            raise OSError(28, "No space left on device", str(folder))

    write_artefact(tmp_path, Note("x"), ABOUT)
    with pytest.raises(OSError, match="No space"):
        write_artefact(tmp_path, Broken(), ABOUT)
    with pytest.raises(InputError, match=r"artefact\.json"):
        read_artefact_info(tmp_path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "lmrs-forecast/0"}, "format: got lmrs-forecast/0"),
        ({"colour": "red"}, "the keys"),
        ({"days": "seven"}, "days: got 'seven'"),
        ({"ids": 3}, "ids: got 3"),
    ],
)
def test_another_format_is_refused(tmp_path: Path, change: dict[str, object], told: str) -> None:
    write_artefact(tmp_path, Note("x"), ABOUT)
    path = tmp_path / "artefact.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=told):
        read_artefact_info(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{", '"x"'])
def test_a_broken_description_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "artefact.json").write_text(content)
    with pytest.raises(InputError, match=r"artefact\.json"):
        read_artefact_info(tmp_path)


def test_series_come_into_the_models_order_with_all_that_is_theirs() -> None:
    ids = (PANEL.ids[2], "gone", PANEL.ids[0], PANEL.ids[1], PANEL.ids[3])
    found = aligned(PANEL, ids)
    assert found.ids == ids
    back = [2, 0, 1, 3]
    for name in ("use", "temperature", "issued"):
        mine, theirs = np.delete(getattr(found, name), 1, axis=-1), getattr(PANEL, name)[..., back]
        assert np.array_equal(mine, theirs, equal_nan=True), name
    assert np.array_equal(np.delete(found.capacity, 1), PANEL.capacity[back])
    assert np.isnan(found.use[:, 1]).all()
    assert len(PANEL.shutdowns) > 0
    closed = found.known_at(300).shutdown(0, 300)
    assert np.array_equal(
        np.delete(closed, 1, axis=1), PANEL.known_at(300).shutdown(0, 300)[:, back]
    )


def test_series_that_the_model_does_not_know_come_after_those_that_it_does() -> None:
    found = aligned(PANEL, (PANEL.ids[3], "gone"))
    assert found.ids == (PANEL.ids[3], "gone", *PANEL.ids[:3])
    back = [3, 0, 1, 2]
    assert np.array_equal(np.delete(found.use, 1, axis=1), PANEL.use[:, back], equal_nan=True)
    closed = found.known_at(300).shutdown(0, 300)
    assert np.array_equal(
        np.delete(closed, 1, axis=1), PANEL.known_at(300).shutdown(0, 300)[:, back]
    )


def test_the_same_order_changes_nothing() -> None:
    found = aligned(PANEL, PANEL.ids)
    assert np.array_equal(found.use, PANEL.use, equal_nan=True)
    assert (
        replace(found, ids=PANEL.ids).shutdowns.series.tolist() == PANEL.shutdowns.series.tolist()
    )
