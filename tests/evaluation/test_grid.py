"""Grids from names; what is wrong with one is told before anything runs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lmrs_rl
from lmrs_rl.domain import InputError
from lmrs_rl.evaluation import Cell, make_grid
from lmrs_rl.evaluation.grid import NO_FIGURES, code_fingerprint, package_fingerprint
from tests.evaluation.grids import grid


def test_cells_are_everyone_in_every_scenario_those_of_a_scenario_together() -> None:
    assert grid().cells == (
        Cell("wee", 3_000_000, "default"),
        Cell("wee", 3_000_000, "extended"),
        Cell("wee", 3_000_001, "default"),
        Cell("wee", 3_000_001, "extended"),
    )


def test_names_become_a_grid_and_days_shorten_it() -> None:
    found = make_grid(["default"], ["demo", "calm"], 1, split="validation", days=5)
    assert [world.name for world in found.worlds] == ["demo", "calm"]
    assert found.days == 5
    # The class stays as it is: a class of other length draws other scenarios.
    assert [world.episode.days for world in found.worlds] == [30, 84]
    assert found.cells[0] == Cell("demo", 2_000_000, "default")


def test_as_many_seeds_as_there_are_may_be_drawn() -> None:
    assert len(make_grid(["default"], ["demo"], 1000).cells) == 1000


@pytest.mark.parametrize(
    ("arguments", "changes", "told"),
    [
        ((["nobody"], ["demo"], 1), {}, "dispatcher: got 'nobody'"),
        ((["default"], ["mars"], 1), {}, "world: got 'mars'; wanted one of calm"),
        ((["default"], ["demo"], 0), {}, "seeds: got 0; wanted a whole number, at least 1"),
        ((["default"], ["demo"], 1.5), {}, "seeds: got 1.5; wanted a whole number"),
        ((["default"], ["demo"], True), {}, "seeds: got True; wanted a whole number"),
        ((["default"], ["demo"], 1001), {}, "at most the 1000 test seeds of demo"),
        (
            (["default"], ["demo"], 1),
            {"split": "tests"},
            "split: got 'tests'; wanted train, validation or test",
        ),
        ((["default", "default"], ["demo"], 1), {}, "dispatchers: got default twice"),
        ((["default"], ["demo", "demo"], 1), {}, "worlds: got demo twice"),
        (([], ["demo"], 1), {}, "dispatchers: got none"),
        ((["default"], ["demo"], 1), {"preset": "fast"}, "preset"),
        ((["default"], ["demo"], 1), {"days": 31}, "1 to the 30 days of demo"),
        ((["default"], ["demo"], 1), {"days": 0}, "1 to the 30 days of demo"),
        ((["default"], ["demo"], 1), {"days": 2.5}, "days: got 2.5"),
        ((["default"], ["demo"], 1), {"days": True}, "days: got True"),
        (
            (["default"], ["demo"], 1),
            {"stockout_cost_factors": [1.0, 0.0]},
            "stockout_cost_factors",
        ),
        ((["default"], ["demo"], 1), {"stockout_cost_factors": [1.0, 1.0]}, "each once"),
        ((["default"], ["demo"], 1), {"forecast": "magic"}, "forecast"),
    ],
)
def test_bad_grids_are_refused(arguments: tuple, changes: dict, told: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(InputError) as error:
        make_grid(*arguments, **changes)
    assert told in str(error.value)


def test_numbers_of_numpy_are_numbers_too() -> None:
    assert grid(seeds=np.int64(1), days=np.int64(2)).as_json() == grid(seeds=1, days=2).as_json()  # type: ignore[arg-type]


def test_other_code_has_another_fingerprint_but_for_what_no_run_passes_through(
    tmp_path: Path,
) -> None:
    package = tmp_path / "lmrs_rl"
    shutil.copytree(
        Path(lmrs_rl.__file__).parent,
        package,
        ignore=lambda _, names: [name for name in names if name == "__pycache__"],
    )
    before = package_fingerprint(package)
    assert before == code_fingerprint()
    parts = sorted(path for path in package.iterdir() if path.is_dir())
    assert set(NO_FIGURES) - {"service"} <= {path.name for path in parts}
    for source in [
        package / "evaluation" / "run.py",
        package / "evaluation" / "scoring.py",
        *(part / "__init__.py" for part in parts),
    ]:
        kept = source.read_bytes()
        source.write_bytes(kept + b"\n")
        assert (package_fingerprint(package) == before) == (source.parent.name in NO_FIGURES), (
            source
        )
        source.write_bytes(kept)
    assert package_fingerprint(package) == before
    (package / "evaluation" / "run.py").rename(package / "evaluation" / "runs.py")
    assert package_fingerprint(package) != before


def test_all_that_decides_the_results_is_in_the_description() -> None:
    one = grid()
    other_world = replace(one.worlds[0], episode=replace(one.worlds[0].episode, days=2))
    changed = [
        grid(seeds=1),
        grid(preset="plan"),
        grid(split="train"),
        grid(stockout_cost_factors=(2.0,)),
        grid(days=2),
        grid(["default"]),
        replace(one, worlds=(other_world,)),
    ]
    assert len({str(each.as_json()) for each in (one, *changed)}) == len(changed) + 1
