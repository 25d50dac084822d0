"""Where the data of worlds on real ground are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.evaluation import make_grid
from lmrs_rl.worlds.ground.ground_data import ground_folder


def parent(tmp_path: Path) -> Path:
    """A folder with both kinds of data below it, and a challenge's plan beside its instances."""
    files = {
        "lpg/lpg_tanks.csv": "",
        "challenge/instances/a.xml": "<IRP_Roadef_Challenge_Instance><unit>60</unit>"
        "</IRP_Roadef_Challenge_Instance>",
        "challenge/plans/a.xml": "<IRP_Roadef_Challenge_Output/>",
        "challenge/broken/a.xml": "<IRP",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("start", ["", "challenge", "challenge/instances"])
def test_instances_are_found_from_above_and_plans_are_none(start: str, tmp_path: Path) -> None:
    top = parent(tmp_path)
    assert ground_folder("air-liquide", top / start) == top / "challenge/instances"


@pytest.mark.parametrize("start", ["", "lpg"])
def test_series_are_found_from_above(start: str, tmp_path: Path) -> None:
    assert ground_folder("lpg-tanks", parent(tmp_path) / start) == tmp_path / "lpg"


def test_two_floors_below_are_looked_at_and_three_are_not(tmp_path: Path) -> None:
    for name in ("a/b/lpg_tanks.csv", "c/d/e/lpg_tanks.csv"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
    assert ground_folder("lpg-tanks", tmp_path) == tmp_path / "a/b"
    assert ground_folder("lpg-tanks", tmp_path / "c") == tmp_path / "c/d/e"


def test_of_two_folders_none_is_guessed_and_without_any_the_reader_says_so(tmp_path: Path) -> None:
    (parent(tmp_path) / "other").mkdir()
    (tmp_path / "other/lpg_tanks.csv").write_text("")
    with pytest.raises(InputError, match=r"data: got .*lpg, .*other; wanted one folder"):
        ground_folder("lpg-tanks", tmp_path)
    assert ground_folder("lpg-tanks", tmp_path / "challenge") == tmp_path / "challenge"


@pytest.mark.heavy
def test_one_folder_serves_worlds_of_both_kinds(shared_data: Path) -> None:
    found = make_grid(["default"], ["air-liquide", "demo", "lpg-tanks"], 1, data=shared_data)
    assert [type(world.ground).__name__ for world in found.worlds] == [
        "InstanceGround",
        "NoneType",
        "SeriesGround",
    ]
