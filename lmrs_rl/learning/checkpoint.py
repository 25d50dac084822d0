"""The folder of a training run: all that describes it and all that it needs to continue.

No file is a pickle.

- ``recipe.json`` : settings
- ``problem.json`` : all numbers of worlds and baseline
- ``about.json`` : environment, baseline, versions, commits
- ``weights.npz`` : arrays of the actor as ``latest/NAME`` and ``best/NAME``, with their days of
  training as ``days/latest`` and ``days/best``
- ``progress.jsonl`` : a line for each generation or rollout
- ``validation.jsonl`` : a line for each validation
- ``generations.jsonl`` and ``moments.npz`` : costs of all candidates, and mean and standard
  deviation of features, from which an evolution continues
- ``learner.npz`` : weights and optimisers, from which other learners continue
- ``start.npz`` : the actor that the run started from, if any
"""

from __future__ import annotations

import io
import json
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, cast

import numpy as np

from lmrs_rl import __version__
from lmrs_rl.domain import InputError
from lmrs_rl.domain.files import write_bytes_atomically, write_text_atomically
from lmrs_rl.domain.shipped import shipped_folder, shipped_worlds
from lmrs_rl.domain.tables import from_table
from lmrs_rl.learning.problem import first_difference, problem_of
from lmrs_rl.learning.recipe import Recipe
from lmrs_rl.learning.run_features import library_columns
from lmrs_rl.registration import env_id

RECIPE, PROBLEM, ABOUT, WEIGHTS, START = (
    "recipe.json",
    "problem.json",
    "about.json",
    "weights.npz",
    "start.npz",
)
GENERATIONS, PROGRESS, VALIDATION = "generations.jsonl", "progress.jsonl", "validation.jsonl"
_PACKAGES = (
    "torch",
    "stable-baselines3",
    "sb3-contrib",
    "cmaes",
    "numpy",
    "numba",
    "ortools",
    "gymnasium",
)
COMMITS = "commits"
"""Key of ``about.json``, see `commits_of`."""
_ROOT = Path(__file__).resolve().parents[2]
_SOURCES = ("lmrs_rl", "envs", "agents")
"""Folders of a checkout that can change the result of a run."""
_ENVIRONMENT = "lmrs_rl.environment.LmrsEnv"
"""Stands for the environment id where the worlds do not ship, which have none."""


class Checkpoint:
    """The folder of a run, see the module.

    Parameters
    ----------
    folder : made if it does not exist
    recipe : of the run

    Raises
    ------
    InputError
        For a folder with a run of another recipe, or on a world or baseline that has changed since.
    """

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        self.folder, self.recipe = folder, recipe
        start = None
        # Read before anything is written, so that a start that does not exist leaves no folder.
        if recipe.start and not (folder / START).exists():
            start = read_start(recipe.start)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / RECIPE
        if path.exists():
            _check_same(folder, recipe)
        if not path.exists() or not (folder / PROBLEM).exists():
            # Before the recipe, so that a killed run leaves no recipe without a problem. Runs of
            # earlier versions have none.
            _write_json(folder / PROBLEM, recipe.problem.as_json())
        # Also when a run continues, since its length and validation may have changed.
        _write_json(path, recipe.as_json())
        if not (folder / ABOUT).exists():
            _write_json(folder / ABOUT, about(recipe))
        if start is not None:
            self.write_arrays(START, start)

    def append(self, name: str, row: Mapping[str, Any]) -> None:
        """Append a line to a .jsonl file."""
        with (self.folder / name).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Lines of a .jsonl file; a last line that a killed run left incomplete is removed."""
        path = self.folder / name
        whole = _whole_lines(path)
        if path.exists() and len(whole) < path.stat().st_size:
            write_bytes_atomically(path, whole)
        return read_rows(path)

    def truncate(self, name: str, count: int) -> None:
        """Remove all but the first ``count`` lines of a .jsonl file."""
        rows = self.rows(name)
        if len(rows) > count:
            lines = "".join(json.dumps(row) + "\n" for row in rows[:count])
            write_text_atomically(self.folder / name, lines)

    def write_arrays(self, name: str, arrays: Mapping[str, Any]) -> None:
        """Write a .npz file atomically."""
        stream = io.BytesIO()
        named: dict[str, Any] = {key: np.asarray(value) for key, value in arrays.items()}
        np.savez(stream, **named)
        write_bytes_atomically(self.folder / name, stream.getvalue())

    def read_arrays(self, name: str) -> dict[str, np.ndarray]:
        """Arrays of a .npz file; empty if there is no file."""
        path = self.folder / name
        if not path.exists():
            return {}
        with np.load(path, allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}

    def record_commit(self) -> None:
        """Add the commit of the present code to ``about.json``, if it is a new one."""
        facts, commit = read_json(self.folder / ABOUT), _commit()
        known = commits_of(facts)
        if commit is not None and commit not in known:
            _write_json(self.folder / ABOUT, {**facts, COMMITS: [*known, commit]})

    def start(self) -> dict[str, np.ndarray] | None:
        """Arrays of the actor that the run starts from, ``None`` for a new actor.

        They are a copy in the folder, so that the run continues if the other folder is gone.
        """
        return self.read_arrays(START) if self.recipe.start else None

    def write_weights(
        self,
        latest: Mapping[str, Any],
        best: Mapping[str, Any],
        days: tuple[int, int] | None = None,
    ) -> None:
        """Write ``weights.npz``.

        ``days`` of training of the latest and the best weights identify their validations.
        """
        named = {
            **{f"latest/{k}": v for k, v in latest.items()},
            **{f"best/{k}": v for k, v in best.items()},
        }
        if days is not None:
            named |= {"days/latest": days[0], "days/best": days[1]}
        self.write_arrays(WEIGHTS, named)

    def write_latest(self, latest: Mapping[str, Any], days: int) -> None:
        """Write ``weights.npz`` with new latest weights; the best ones, if any, stay."""
        best = {
            name: each
            for name, each in self.read_arrays(WEIGHTS).items()
            if name.startswith("best/") or name == "days/best"
        }
        named = {f"latest/{k}": v for k, v in latest.items()}
        self.write_arrays(WEIGHTS, {**named, "days/latest": days, **best})


def read_start(source: str) -> dict[str, np.ndarray]:
    """Arrays of the actor of a learned agent, or the best ones of a run.

    ``source`` is the name of a shipped agent or the folder of an agent or a run.

    Raises
    ------
    InputError
        Where there are none.
    """
    folder = Path(source) if Path(source).is_dir() else shipped_folder("agents") / source
    path = folder / WEIGHTS
    if not path.is_file():
        raise InputError(
            "start",
            repr(source),
            f"a shipped agent, or the folder of a run or agent, with {WEIGHTS}",
            "check the spelling or the path",
        )
    with np.load(path, allow_pickle=False) as arrays:
        of_a_run = any(key.startswith("best/") for key in arrays.files)
        return read_weights(folder) if of_a_run else {key: arrays[key] for key in arrays.files}


def read_weights(folder: Path, which: str = "best") -> dict[str, np.ndarray]:
    """Arrays of the actor of a run, "best" or "latest" (`InputError` if there are none)."""
    path = Path(folder) / WEIGHTS
    if not path.is_file():
        raise InputError(
            str(path), "no such file", "the folder of a training run", "check the path"
        )
    with np.load(path, allow_pickle=False) as arrays:
        found = {
            key.removeprefix(f"{which}/"): arrays[key]
            for key in arrays.files
            if key.startswith(f"{which}/")
        }
    if not found or which not in ("latest", "best"):
        raise InputError(
            str(path),
            f"nothing called {which!r}",
            "best or latest",
            "train for longer, or ask for the other",
        )
    return found


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Complete lines of a .jsonl file, without changing it; none if there is no file."""
    return [cast("dict[str, Any]", json.loads(line)) for line in _whole_lines(path).splitlines()]


def _whole_lines(path: Path) -> bytes:
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def validation_of(folder: Path, which: str = "best") -> dict[str, Any] | None:
    """The line of ``validation.jsonl`` on the "best" or "latest" weights; ``None`` without one.

    The weights that a run starts with are not validated, and they stay the best until others cost
    less than the baseline.
    """
    days = days_of(folder, which)
    return next(
        (row for row in reversed(read_rows(folder / VALIDATION)) if row["days"] == days), None
    )


def days_of(folder: Path, which: str = "best") -> int:
    """Days of training that the "best" or "latest" weights have had."""
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        if f"days/{which}" in arrays.files:
            return int(arrays[f"days/{which}"])
    # Runs of earlier versions do not store the days: the latest weights came with the last line,
    # the best by the same rule as now; averages of runs have a single validation.
    rows = read_rows(folder / VALIDATION)
    if which == "latest" or "averaged" in read_json(folder / ABOUT):
        return max(
            (int(row["days"]) for row in (*rows[-1:], *read_rows(folder / PROGRESS)[-1:])),
            default=0,
        )
    least = min(rows, key=_smoothed, default=None)
    return int(least["days"]) if least is not None and _smoothed(least) < 0 else 0


def _smoothed(row: Mapping[str, Any]) -> float:
    return float(row.get("smoothed", row["cost"]))  # the first runs were validated by cost


def read_recipe(folder: Path) -> Recipe:
    """The recipe of the run in a folder, with the worlds and the baseline stored there.

    Worlds on real ground are read again from where their data were.
    """
    folder = Path(folder)
    recipe = from_table(Recipe(), read_json(folder / RECIPE))
    if not (folder / PROBLEM).exists():  # a run of an earlier version
        return recipe
    stored = read_json(folder / PROBLEM)
    try:
        return recipe if stored.get("data_sha256") else recipe.on(problem_of(stored))
    except InputError as error:
        raise InputError(
            f"{folder / PROBLEM}: {error.field}", error.got, error.wanted, error.remedy
        ) from error


def check_same_problem(folder: Path, recipe: Recipe) -> None:
    """Raise `InputError` for worlds or a baseline other than those stored in a run's folder.

    Runs of earlier versions did not store them and pass.
    """
    path = folder / PROBLEM
    found = first_difference(read_json(path), recipe.problem) if path.exists() else None
    if found is not None:
        name, now, then = found
        raise InputError(
            f"{path}: {name}",
            f"{now} now",
            f"{then}, as the run began",
            "give the changed file its content back, or name an empty folder",
        )


def _check_same(folder: Path, recipe: Recipe) -> None:
    stored = read_recipe(folder)
    same = stored.of_the_search == recipe.of_the_search
    # Where a run of an earlier version did not store its problem, names of files must do.
    if not same or (not (folder / PROBLEM).exists() and stored.world != recipe.world):
        raise InputError(
            str(folder / RECIPE),
            "the run of another recipe",
            "that of this one",
            "name an empty folder",
        )
    check_same_problem(folder, recipe)


def read_json(path: Path) -> dict[str, Any]:
    """The table in a JSON file (`InputError` if it is missing or broken)."""
    try:
        return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    except (OSError, json.JSONDecodeError) as error:
        raise InputError(
            str(path), f"unreadable ({error})", "a file of a training run", "name an empty folder"
        ) from error


def _write_json(path: Path, table: Mapping[str, Any]) -> None:
    write_text_atomically(path, json.dumps(table, indent=1) + "\n")


def about(recipe: Recipe) -> dict[str, Any]:
    """The content of ``about.json``: environment, baseline, seeds, features, versions, commit.

    Features and actions stand in the order of the weights.
    """
    world = recipe.world_class
    splits = world.splits
    return {
        "environment": env_id(world.name)
        if recipe.world.name in shipped_worlds()
        else _ENVIRONMENT,
        "world": world.name,
        "baseline": asdict(recipe.problem.baseline),
        "features": library_columns(),
        "seeds": {
            "learner": recipe.seed,
            "train": list(splits.train),
            "validation": list(splits.validation),
        },
        "lmrs_rl": __version__,
        "python": platform.python_version(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        COMMITS: [] if (commit := _commit()) is None else [commit],
    }


def commits_of(facts: Mapping[str, Any]) -> list[str]:
    """Commits of the code that trained a run, from its ``about.json``.

    There are several where the run was continued with other code.
    """
    commit = facts.get("commit")  # of earlier versions
    return list(facts.get(COMMITS, [] if commit is None else [commit]))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit(root: Path = _ROOT) -> str | None:
    """Commit of the checkout that the library runs from, ``None`` for an installed library.

    "-dirty" is appended where sources have changed since the commit.
    """
    # Otherwise git would answer for a repository around the folder of an installed library.
    if not (root / ".git").exists():
        return None
    commit = _git(root, "rev-parse", "HEAD")
    if not commit:
        return None
    # Without locks, so that no other git command in the checkout is disturbed.
    changes = _git(root, "--no-optional-locks", "status", "--porcelain", "--", *_SOURCES)
    return f"{commit}-dirty" if changes else commit


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
    ).stdout.strip()
