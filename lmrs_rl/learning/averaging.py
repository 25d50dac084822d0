"""The mean of several runs that differ in their seeds: what one run finds is partly noise, what
they have in common is less so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import with_new_names
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.learning.checkpoint import (
    ABOUT,
    COMMITS,
    VALIDATION,
    Checkpoint,
    check_same_problem,
    commits_of,
    read_json,
    read_recipe,
    read_weights,
)
from lmrs_rl.learning.policies import TorchPolicy
from lmrs_rl.learning.problem import first_difference
from lmrs_rl.learning.recipe import Recipe
from lmrs_rl.learning.rollout import EnvSpec
from lmrs_rl.learning.run_features import run_columns
from lmrs_rl.learning.search_space import settings_of
from lmrs_rl.learning.validation import ValidationEvaluator, ValidationResult

SEEDS = "averaged_seeds"
"""Key of ``about.json``: the learners' seeds."""


def average_runs(
    runs: Sequence[Path], folder: Path, *, which: str = "latest", length: float = 1.0
) -> None:
    """Write a folder that `lmrs_rl.learning.export_run.export_run` reads: the runs' mean weights
    times ``length``, as latest and as best.

    The weights of a linear actor are changes of the baseline, so that their mean is a policy
    half-way between those of the runs (with a network it would be anything), and 0 times them is
    the baseline. The mean of stochastic-gradient runs loses the noise that they do not share:
    Polyak & Juditsky 1992, doi:10.1137/0330046.

    Parameters
    ----------
    runs : folders that `lmrs_rl.learning.training.train` wrote, of one recipe but for seed and
        budget
    which : "latest" or "best" of each
    length : >= 0; to be chosen on training or validation worlds

    Raises
    ------
    InputError
        For no runs, runs of different recipes or baselines, one run twice, actors that are not
        linear, a folder with another run in it.
    """
    if not runs:
        raise InputError("runs", "none", "one at least", "name folders of training runs")
    if not 0 <= length < np.inf:
        raise InputError(
            "length", length, "a finite number, at least 0", "1 leaves the mean as it is"
        )
    recipes, told = [read_recipe(each) for each in runs], [read_json(each / ABOUT) for each in runs]
    _check(runs, recipes, told)
    each = [read_weights(run, which) for run in runs]
    mean = {
        name: np.asarray(length * np.mean([one[name] for one in each], axis=0), dtype=np.float32)
        for name in each[0]
    }
    recipe = replace(recipes[0], budget_days=sum(recipe.budget_days for recipe in recipes)).on(
        recipes[0].problem
    )
    checkpoint = Checkpoint(folder, recipe)
    commits = list(dict.fromkeys(commit for each in told for commit in commits_of(each)))
    rest = {
        name: value for name, value in told[0].items() if name != "commit"
    }  # of earlier versions, and of the first run alone
    about = {
        **rest,
        COMMITS: commits,
        SEEDS: [recipe.seed for recipe in recipes],
        "averaged": {"weights": which, "length": length},
    }
    write_text_atomically(folder / ABOUT, json.dumps(about, indent=1) + "\n")
    checkpoint.write_weights(mean, mean, (recipe.budget_days, recipe.budget_days))


def judge_mean(folder: Path, jobs: int = 1) -> ValidationResult:
    """Judge what `average_runs` wrote on the recipe's validation worlds, as its runs were, and
    keep the verdict beside it for the export.
    """
    recipe = read_recipe(folder)
    check_same_problem(folder, recipe)
    settings, arena = recipe.validation, EnvSpec.of(recipe.env())
    seeds = arena.world.splits.seeds("validation")[: settings.scenarios]
    actor = recipe.actor
    policy = TorchPolicy(actor.form, settings_of(actor, recipe.seed), read_weights(folder))
    with WorkerPool(jobs, option="jobs", single_threaded=True) as pool:
        found = ValidationEvaluator(arena, seeds, pool, settings.near, settings.near_price)(policy)
    Checkpoint(folder, recipe).append(VALIDATION, {"days": recipe.budget_days, **asdict(found)})
    return found


def _check(runs: Sequence[Path], recipes: Sequence[Recipe], told: Sequence[dict[str, Any]]) -> None:
    first, problem = {**recipes[0].of_the_search, "seed": 0}, recipes[0].problem.as_json()
    for run, recipe, about in zip(runs, recipes, told, strict=True):
        if recipe.actor.form != "linear":
            raise InputError(
                str(run),
                f"a {recipe.actor.form} actor",
                "a linear one",
                "the mean of others' weights is no policy between them",
            )
        same = {**recipe.of_the_search, "seed": 0} == first
        same = same and _baseline(about) == _baseline(told[0])
        same = same and first_difference(problem, recipe.problem) is None
        if not same or run_columns(about) != run_columns(told[0]):
            raise InputError(
                str(run),
                "another recipe, world, baseline or features",
                f"those of {runs[0]}",
                "average runs that differ in their seeds alone",
            )
    seeds = [recipe.seed for recipe in recipes]
    if len(set(seeds)) != len(seeds):
        raise InputError("runs", f"seeds {seeds}", "each seed once", "a run counts once")


def _baseline(about: dict[str, Any]) -> dict[str, Any]:
    return with_new_names("FixedParameters", about.get("baseline", {}), "baseline.")
