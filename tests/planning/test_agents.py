"""An agent is found by name, by folder, or by a file of fixed parameters; what is wrong is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.planning.agents import find_agent


def file(folder: Path, text: str, name: str = "mine.toml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_nothing_given_is_the_default() -> None:
    found = find_agent()
    assert (found.name, found.kind) == ("default", "fixed")
    assert found.parameters == FixedParameters()


def test_a_file_of_parameters_is_an_agent_of_its_name(tmp_path: Path) -> None:
    found = find_agent(parameters=file(tmp_path, "z = 0.7\n"))
    assert (found.name, found.kind) == ("mine", "fixed")
    assert found.parameters == FixedParameters(z=0.7)


def test_an_agent_and_parameters_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"parameters: got .*mine\.toml with agent default"):
        find_agent("default", file(tmp_path, "z = 0.7\n"))


def test_a_folder_is_an_agent_and_needs_its_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"agent: got .*; wanted one of default"):
        find_agent(str(tmp_path))
    file(tmp_path, "z = 0.7\n", "parameters.toml")
    assert find_agent(str(tmp_path)).parameters == FixedParameters(z=0.7)


def test_an_empty_name_is_not_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(tmp_path, "z = 0.7\n", "parameters.toml")
    monkeypatch.chdir(tmp_path)
    assert find_agent(".").parameters == FixedParameters(z=0.7)
    with pytest.raises(InputError, match=r"agent: got ''; wanted one of default.*; check the sp"):
        find_agent("")


def test_who_knows_the_future_is_found_only_where_that_is_allowed() -> None:
    assert find_agent("hindsight", sees_truth=True).sees_truth
    assert not find_agent("extended", sees_truth=True).sees_truth
    with pytest.raises(InputError, match="agent: got 'hindsight', which knows the future"):
        find_agent("hindsight")


@pytest.mark.parametrize(("sees_truth", "told"), [(True, True), (False, False)])
def test_the_agents_told_are_those_allowed(sees_truth: bool, told: bool) -> None:
    with pytest.raises(InputError) as error:
        find_agent("nobody", sees_truth=sees_truth)
    assert ("hindsight" in error.value.wanted) == told
    assert {"default", "random", "lookahead"} <= set(error.value.wanted[7:].split(", "))


def test_what_is_wrong_with_parameters_is_told_with_the_name_of_the_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for text, field in (
        ("z = 1.0\n", "mine.toml: z"),  # by the numbers, which do not know of a file
        ("zz = 0.7\n", "mine.toml: zz"),  # by the reader of the file
        ("z = \n", "mine.toml"),
    ):
        file(tmp_path, text)
        with pytest.raises(InputError) as error:
            find_agent(parameters=Path("mine.toml"))
        assert error.value.field == field
