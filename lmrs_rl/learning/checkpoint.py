"""A training run in one folder that says all there is to know of it, and that it goes on from;
nothing in it is a pickle.

``recipe.json`` settings; ``problem.json`` all numbers of worlds and baseline; ``about.json``
environment, baseline, versions, commits; ``weights.npz`` the actor's arrays as ``latest/NAME`` and
``best/NAME``, and after how many days as ``days/latest`` and ``days/best``; ``progress.jsonl`` a
line for each generation or rollout; ``validation.jsonl`` a line for each judgement. What a run goes
on from: ``generations.jsonl`` what the candidates of each generation cost and ``moments.npz`` mean
and spread of features, or ``learner.npz``; ``start.npz`` the actor that was trained further, if
any.
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
PACKAGES = (
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
ROOT = Path(__file__).resolve().parents[2]
RUNS = ("lmrs_rl", "envs", "agents")
"""Folders of a checkout whose content a run hangs on."""
KINDS = ("latest", "best")
"""Of weights."""
ENVIRONMENT = "lmrs_rl.environment.LmrsEnv"
"""Of worlds that do not ship; those that do have an id."""


class Checkpoint:
    """The folder of a run.

    Parameters
    ----------
    folder : made if it is not there

    Raises
    ------
    InputError
        For a folder that holds a run of another recipe, or of one that was the same before its
        world or its baseline changed.
    """

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        self.folder, self.recipe = folder, recipe
        from_there = (
            read_start(recipe.start) if recipe.start and not (folder / START).exists() else None
        )
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / RECIPE
        if path.exists():
            _check_same(folder, recipe)
        if not path.exists() or not (folder / PROBLEM).exists():
            # Before the recipe, so that no recipe stands there without it; runs of earlier versions
            # have none.
            write_text_atomically(
                folder / PROBLEM, json.dumps(recipe.problem.as_json(), indent=1) + "\n"
            )
        write_text_atomically(path, json.dumps(recipe.as_json(), indent=1) + "\n")
        if not (folder / ABOUT).exists():
            write_text_atomically(folder / ABOUT, json.dumps(about(recipe), indent=1) + "\n")
        if from_there is not None:
            self.write_arrays(START, from_there)

    def append(self, name: str, row: Mapping[str, Any]) -> None:
        """A line more in one of the .jsonl files."""
        with (self.folder / name).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Lines of a .jsonl file; a last one that a killed run left half-written is cut off, and
        so is its place in the file.
        """
        path = self.folder / name
        whole = _whole_lines(path)
        if path.exists() and len(whole) < path.stat().st_size:
            write_bytes_atomically(path, whole)
        return read_rows(path)

    def keep(self, name: str, count: int) -> None:
        """Leave only the first ``count`` lines of a .jsonl file."""
        rows = self.rows(name)
        if len(rows) > count:
            write_text_atomically(
                self.folder / name, "".join(json.dumps(row) + "\n" for row in rows[:count])
            )

    def write_arrays(self, name: str, arrays: Mapping[str, Any]) -> None:
        """A .npz file, whole or not at all."""
        stream = io.BytesIO()
        named: dict[str, Any] = {key: np.asarray(value) for key, value in arrays.items()}
        np.savez(stream, **named)
        write_bytes_atomically(self.folder / name, stream.getvalue())

    def read_arrays(self, name: str) -> dict[str, np.ndarray]:
        """Arrays of a .npz file; none where there is no file."""
        path = self.folder / name
        if not path.exists():
            return {}
        with np.load(path, allow_pickle=False) as arrays:
            return {key: arrays[key] for key in arrays.files}

    def trained_here(self) -> None:
        """Notes the commit of the code that trains now, if the run was trained with others
        before.
        """
        told, commit = read_json(self.folder / ABOUT), _commit()
        known = commits_of(told)
        if commit is not None and commit not in known:
            write_text_atomically(
                self.folder / ABOUT,
                json.dumps({**told, COMMITS: [*known, commit]}, indent=1) + "\n",
            )

    def start(self) -> dict[str, np.ndarray] | None:
        """Arrays of the actor that the run starts from, none for a new one; a copy in the
        folder, which goes on without the other.
        """
        return self.read_arrays(START) if self.recipe.start else None

    def write_weights(
        self,
        latest: Mapping[str, Any],
        best: Mapping[str, Any],
        days: tuple[int, int] | None = None,
    ) -> None:
        """``weights.npz``; ``days`` of training that latest and best have had, which say what
        judgement is theirs.
        """
        named = {
            **{f"latest/{k}": v for k, v in latest.items()},
            **{f"best/{k}": v for k, v in best.items()},
        }
        if days is not None:
            named |= {"days/latest": days[0], "days/best": days[1]}
        self.write_arrays(WEIGHTS, named)

    def write_latest(self, latest: Mapping[str, Any], days: int) -> None:
        """``weights.npz`` with these as the latest; the best, if somebody judged any, stay."""
        there = {
            name: each
            for name, each in self.read_arrays(WEIGHTS).items()
            if name.startswith("best/") or name == "days/best"
        }
        self.write_arrays(
            WEIGHTS, {**{f"latest/{k}": v for k, v in latest.items()}, "days/latest": days, **there}
        )


def read_start(source: str) -> dict[str, np.ndarray]:
    """The actor's arrays from the folder of a run, the best, or of a learned agent, that may
    ship (`InputError` where there are none).
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
    """The actor's arrays from the folder of a run, "best" or "latest" (`InputError` where there
    are none).
    """
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
    if not found or which not in KINDS:
        raise InputError(
            str(path),
            f"nothing called {which!r}",
            "best or latest",
            "train for longer, or ask for the other",
        )
    return found


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Whole lines of a .jsonl file, which stays as it is; none where there is no file."""
    return [cast("dict[str, Any]", json.loads(line)) for line in _whole_lines(path).splitlines()]


def _whole_lines(path: Path) -> bytes:
    content = path.read_bytes() if path.exists() else b""
    return content[: content.rfind(b"\n") + 1]


def judgement_of(folder: Path, which: str = "best") -> dict[str, Any] | None:
    """The line of ``validation.jsonl`` on those weights, "best" or "latest"; none where they were
    not judged.

    Nobody judges the weights that a run begins with, which stay the best until others cost less
    than the baseline.
    """
    days = days_of(folder, which)
    return next(
        (row for row in reversed(read_rows(folder / VALIDATION)) if row["days"] == days), None
    )


def days_of(folder: Path, which: str = "best") -> int:
    """[days] of training that those weights have had."""
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        if f"days/{which}" in arrays.files:
            return int(arrays[f"days/{which}"])
    # Runs of earlier versions do not tell: the latest came with the last line, the best by the same
    # rule as now; means have but one judgement.
    rows = read_rows(folder / VALIDATION)
    if which == "latest" or "averaged" in read_json(folder / ABOUT):
        return max(
            (int(row["days"]) for row in (*rows[-1:], *read_rows(folder / PROGRESS)[-1:])),
            default=0,
        )
    least = min(rows, key=_smoothed, default=None)
    return int(least["days"]) if least is not None and _smoothed(least) < 0 else 0


def _smoothed(row: Mapping[str, Any]) -> float:
    return float(row.get("smoothed", row["cost"]))  # the first runs were judged by the cost


def read_recipe(folder: Path) -> Recipe:
    """Of the run in a folder, on the worlds and the baseline that it keeps; those on real ground
    are looked for where they were.
    """
    folder = Path(folder)
    recipe = from_table(Recipe(), read_json(folder / RECIPE))
    if not (folder / PROBLEM).exists():  # a run of an earlier version
        return recipe
    told = read_json(folder / PROBLEM)
    try:
        return recipe if told.get("data_sha256") else recipe.on(problem_of(told))
    except InputError as error:
        raise InputError(
            f"{folder / PROBLEM}: {error.field}", error.got, error.wanted, error.remedy
        ) from error


def check_same_problem(folder: Path, recipe: Recipe) -> None:
    """Refuse worlds or a baseline other than those of the run in a folder (`InputError`); runs
    of earlier versions do not tell.
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
    there = read_recipe(folder)
    same = there.of_the_search == recipe.of_the_search
    if not same or (not (folder / PROBLEM).exists() and there.world != recipe.world):
        raise InputError(
            str(folder / RECIPE),
            "the run of another recipe",
            "that of this one",
            "name an empty folder",
        )
    check_same_problem(folder, recipe)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file (`InputError` for a broken one)."""
    try:
        return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    except (OSError, json.JSONDecodeError) as error:
        raise InputError(
            str(path), f"unreadable ({error})", "a file of a training run", "name an empty folder"
        ) from error


def about(recipe: Recipe) -> dict[str, Any]:
    """Where a run comes from: environment, baseline, seeds, features and actions in the order of
    the weights, versions, commit.
    """
    world = recipe.world_class
    splits = world.splits
    return {
        "environment": env_id(world.name) if recipe.world.name in shipped_worlds() else ENVIRONMENT,
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
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        COMMITS: [] if (commit := _commit()) is None else [commit],
    }


def commits_of(told: Mapping[str, Any]) -> list[str]:
    """Of the code that a run was trained with, from ``about.json``: several where it went on
    with other code.
    """
    commit = told.get("commit")  # of earlier versions
    return list(told.get(COMMITS, [] if commit is None else [commit]))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit(root: Path = ROOT) -> str | None:
    """Of the checkout that the library runs from, "-dirty" behind it where what runs was changed
    since; none where it is installed.
    """
    if not (root / ".git").exists():
        return None
    commit = _git(root, "rev-parse", "HEAD")
    return (
        f"{commit}-dirty"
        if commit and _git(root, "--no-optional-locks", "status", "--porcelain", "--", *RUNS)
        else commit or None
    )


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
    ).stdout.strip()
