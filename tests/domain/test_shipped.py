"""Content that ships: which worlds there are, and where they lie."""

from __future__ import annotations

from pathlib import Path

import pytest

import lmrs_rl.domain.shipped as module
from lmrs_rl.domain import InputError
from lmrs_rl.domain.shipped import (
    real_worlds,
    shipped_folder,
    shipped_world,
    shipped_worlds,
)


def test_both_folders_are_found_by_what_they_hold() -> None:
    assert (shipped_folder("envs") / "demo.toml").is_file()
    assert (shipped_folder("agents") / "README.md").is_file()


def test_a_folder_that_is_nowhere_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"^nowhere: got no such folder.*install lmrs-rl again"):
        shipped_folder("nowhere")  # type: ignore[arg-type]


def test_generated_and_real_worlds_are_told_apart_and_sorted() -> None:
    generated, real = shipped_worlds(), real_worlds()
    assert generated == tuple(sorted(generated))
    assert real == tuple(sorted(real))
    assert {"demo", "tight"} <= set(generated)
    assert {"air-liquide", "lpg-tanks"} <= set(real)
    assert not set(generated) & set(real)


def test_every_world_has_its_file() -> None:
    envs = shipped_folder("envs")
    for name in shipped_worlds():
        assert shipped_world(name) == envs / f"{name}.toml"
    for name in real_worlds():
        assert shipped_world(name) == envs / "real" / f"{name}.toml"
        assert shipped_world(name).is_file()


@pytest.mark.parametrize("name", ["dem", "demo.toml", "", "README"])
def test_an_unknown_world_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(InputError) as told:
        shipped_world(name)
    assert str(told.value).startswith(f"world: got {name!r}; wanted one of calm, demo, ")


def test_an_installed_copy_comes_before_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a wheel the folders lie inside the package; a folder without its README is none."""
    package = tmp_path / "lmrs_rl"
    inside, beside = package / "_data" / "envs", tmp_path / "envs"
    for folder in (inside, beside):
        folder.mkdir(parents=True)
    (beside / "README.md").touch()
    monkeypatch.setattr(module, "files", lambda name: package)
    assert shipped_folder("envs") == beside
    (inside / "README.md").touch()
    assert shipped_folder("envs") == inside
