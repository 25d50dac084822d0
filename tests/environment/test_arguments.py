"""Arguments of the environment: what is taken, and the error for everything else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedParameters, load_agent
from lmrs_rl.domain import InputError
from lmrs_rl.domain.shipped import real_worlds, shipped_world
from lmrs_rl.environment.arguments import (
    baseline_file,
    baseline_of,
    folder_of,
    numbers_of,
    within_one,
    world_class_of,
)
from lmrs_rl.environment.errors import InvalidActionError
from lmrs_rl.worlds import read_world_class
from tests.worlds.small import SMALL


def test_an_action_may_be_anything_that_is_numbers_of_the_shape() -> None:
    found = numbers_of([[1, 2.5]], (1, 2))
    assert found.dtype == np.float64
    assert found.tolist() == [[1.0, 2.5]]


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ([1.0, 2.0], r"action: got shape \(2,\); wanted numbers of shape \(1, 2\)"),
        ([[1.0, 2.0, 3.0]], r"action: got shape \(1, 3\)"),
        ([["a", "b"]], "action: got no array of numbers"),
        ([[1.0], [1.0, 2.0]], "action: got no array of numbers"),
        (object(), "action: got no array of numbers"),
    ],
)
def test_other_actions_are_refused(action: object, told: str) -> None:
    with pytest.raises(InvalidActionError, match=told):
        numbers_of(action, (1, 2))


def test_an_action_goes_from_minus_one_to_one() -> None:
    action = np.array([[-1.0, 0.0], [1.0, 0.5]])
    assert within_one(action) is action


@pytest.mark.parametrize("bad", [1.0001, -1.0001, np.nan, np.inf])
def test_the_first_number_beyond_is_told_with_its_place(bad: float) -> None:
    action = np.array([[0.0, 1.0], [bad, 5.0]])
    with pytest.raises(InvalidActionError) as error:
        within_one(action)
    assert error.value.field == "action[1, 0]"
    assert str(bad) in str(error.value)


def test_a_world_is_a_class_its_name_or_its_file() -> None:
    assert world_class_of(SMALL) is SMALL
    shipped = read_world_class("demo")
    assert world_class_of("demo") == shipped
    assert world_class_of(shipped_world("demo")) == shipped
    for wrong in (None, 3, b"demo"):
        with pytest.raises(InputError, match=r"world: got .*or a WorldClass"):
            world_class_of(wrong)
    with pytest.raises(InputError, match="nowhere"):
        world_class_of("nowhere")


def test_a_world_on_data_that_do_not_ship_tells_how_to_give_them() -> None:
    with pytest.raises(InputError, match=r"world: got .*, which needs data that do not ship"):
        world_class_of(real_worlds()[0])


def test_a_baseline_is_numbers_or_their_file_and_extended_if_not_given(tmp_path: Path) -> None:
    own = FixedParameters(z=0.7)
    assert baseline_of(own) is own
    assert baseline_of(None) == load_agent("extended").parameters
    assert baseline_of(str(baseline_file())) == baseline_of(baseline_file()) == baseline_of(None)
    (tmp_path / "p.toml").write_text("z = 0.7\n")
    assert baseline_of(tmp_path / "p.toml") == own


@pytest.mark.parametrize("wrong", ["extended", 3, "", "nowhere.toml"])
def test_other_baselines_are_refused(wrong: object) -> None:
    with pytest.raises(InputError, match=r"baseline: got .*; wanted a TOML file"):
        baseline_of(wrong)


def test_a_folder_exists_or_is_not_given(tmp_path: Path) -> None:
    assert folder_of("cache", None) is None
    assert folder_of("cache", str(tmp_path)) == folder_of("cache", tmp_path) == tmp_path
    (tmp_path / "file").touch()
    for wrong in ("", tmp_path / "nowhere", tmp_path / "file", 3):
        with pytest.raises(InputError, match=r"^cache: got .*; wanted an existing folder, or None"):
            folder_of("cache", wrong)
