"""A training run in one folder that says all there is to know of it, and that it goes on from; nothing in it is a pickle.

``recipe.json`` settings; ``about.json`` environment, baseline, versions, commit; ``weights.npz`` the actor's arrays as ``latest/NAME`` and
``best/NAME``; ``progress.jsonl`` a line for each generation or rollout; ``validation.jsonl`` a line for each judgement. What a run goes on from:
``generations.jsonl`` what the candidates of each generation cost and ``moments.npz`` mean and spread of features, or ``learner.npz``; ``start.npz``
the actor that was trained further, if any.
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
from lmrs_rl.dispatchers.policy import ACTION_NAMES, NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.domain import InputError
from lmrs_rl.domain.files import write_bytes_atomically, write_text_atomically
from lmrs_rl.environment import env_id
from lmrs_rl.learning.linear import names_of
from lmrs_rl.learning.recipe import Recipe
from lmrs_rl.worlds.shipped import shipped_folder, shipped_worlds
from lmrs_rl.worlds.tables import from_table

RECIPE, ABOUT, WEIGHTS, START = "recipe.json", "about.json", "weights.npz", "start.npz"
GENERATIONS, PROGRESS, VALIDATION = "generations.jsonl", "progress.jsonl", "validation.jsonl"
PACKAGES = ("torch", "stable-baselines3", "sb3-contrib", "cmaes", "numpy", "numba", "ortools", "gymnasium")
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
        For a folder that holds a run of another recipe.
    """

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        self.folder, self.recipe = folder, recipe
        from_there = read_start(recipe.start) if recipe.start and not (folder / START).exists() else None
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / RECIPE
        if path.exists() and read_recipe(folder).of_the_search != recipe.of_the_search:
            raise InputError(str(path), "the run of another recipe", "that of this one", "name an empty folder")
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
        """Lines of a .jsonl file; a last one that a killed run left half-written is cut off, and so is its place in the file."""
        path = self.folder / name
        if not path.exists():
            return []
        text = path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        if whole != text:
            write_text_atomically(path, whole)
        return [cast("dict[str, Any]", json.loads(line)) for line in whole.splitlines()]

    def keep(self, name: str, count: int) -> None:
        """Leave only the first ``count`` lines of a .jsonl file."""
        rows = self.rows(name)
        if len(rows) > count:
            write_text_atomically(self.folder / name, "".join(json.dumps(row) + "\n" for row in rows[:count]))

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

    def start(self) -> dict[str, np.ndarray] | None:
        """Arrays of the actor that the run starts from, none for a new one; a copy in the folder, which goes on without the other."""
        return self.read_arrays(START) if self.recipe.start else None

    def write_weights(self, latest: Mapping[str, Any], best: Mapping[str, Any]) -> None:
        """``weights.npz``."""
        self.write_arrays(WEIGHTS, {**{f"latest/{k}": v for k, v in latest.items()}, **{f"best/{k}": v for k, v in best.items()}})


def read_start(source: str) -> dict[str, np.ndarray]:
    """The actor's arrays from the folder of a run, the best, or of a learned agent, that may ship (`InputError` where there are none)."""
    folder = Path(source) if Path(source).is_dir() else shipped_folder("agents") / source
    path = folder / WEIGHTS
    if not path.is_file():
        raise InputError("start", repr(source), f"a shipped agent, or the folder of a run or agent, with {WEIGHTS}", "check the spelling or the path")
    with np.load(path, allow_pickle=False) as arrays:
        of_a_run = any(key.startswith("best/") for key in arrays.files)
        return read_weights(folder) if of_a_run else {key: arrays[key] for key in arrays.files}


def read_weights(folder: Path, which: str = "best") -> dict[str, np.ndarray]:
    """The actor's arrays from the folder of a run, "best" or "latest" (`InputError` where there are none)."""
    path = Path(folder) / WEIGHTS
    if not path.is_file():
        raise InputError(str(path), "no such file", "the folder of a training run", "check the path")
    with np.load(path, allow_pickle=False) as arrays:
        found = {key.removeprefix(f"{which}/"): arrays[key] for key in arrays.files if key.startswith(f"{which}/")}
    if not found:
        raise InputError(str(path), f"nothing called {which!r}", "best or latest", "train for longer, or ask for the other")
    return found


def read_recipe(folder: Path) -> Recipe:
    """Of the run in a folder."""
    return from_table(Recipe(), read_json(Path(folder) / RECIPE))


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file (`InputError` for a broken one)."""
    try:
        return cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    except (OSError, json.JSONDecodeError) as error:
        raise InputError(str(path), f"unreadable ({error})", "a file of a training run", "name an empty folder") from error


def about(recipe: Recipe) -> dict[str, Any]:
    """Where a run comes from: environment, baseline, seeds, features and actions in the order of the weights, versions, commit."""
    world = recipe.world_class
    splits = world.splits
    return {
        "environment": env_id(world.name) if recipe.world.name in shipped_worlds() else ENVIRONMENT,
        "world": world.name,
        "baseline": asdict(recipe.env().baseline),
        "features": {"tanks": names_of(TANK_FEATURES), "network": names_of(NETWORK_FEATURES), "actions": list(ACTION_NAMES)},
        "seeds": {"learner": recipe.seed, "train": list(splits.train), "validation": list(splits.validation)},
        "lmrs_rl": __version__,
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "commit": _commit(),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Of the checkout that the library runs from; none where it is installed."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    told = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=False)
    return told.stdout.strip() or None
