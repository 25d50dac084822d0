"""The average of training runs that differ only in their seeds, which has less noise than each."""

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
"""Key of ``about.json``: seeds of the runs averaged."""


def average_runs(
    runs: Sequence[Path], folder: Path, *, which: str = "latest", length: float = 1.0
) -> None:
    """Write the folder of an averaged run: the mean weights of ``runs`` times ``length``.

    They are both the latest and the best weights, and the folder can be exported like a run, see
    `lmrs_rl.learning.export_run.export_run`. The weights of a linear actor are changes of the
    baseline: their mean is a policy between those of the runs (a mean of networks would not be),
    and 0 times them is the baseline. Averaging stochastic-gradient runs removes the noise that they
    do not share: Polyak & Juditsky 1992, doi:10.1137/0330046.

    Parameters
    ----------
    runs : folders that `lmrs_rl.learning.training.train` wrote, with recipes that differ only in
        seed and budget
    folder : to write
    which : "latest" or "best" weights of each run
    length : factor on the mean, >= 0; to be chosen on training or validation worlds

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
    recipes, facts = (
        [read_recipe(each) for each in runs],
        [read_json(each / ABOUT) for each in runs],
    )
    _check_alike(runs, recipes, facts)
    weights = [read_weights(run, which) for run in runs]
    mean = {
        name: np.asarray(length * np.mean([one[name] for one in weights], axis=0), dtype=np.float32)
        for name in weights[0]
    }
    # `replace` drops the problem that was read, and the files may say something else by now.
    recipe = replace(recipes[0], budget_days=sum(recipe.budget_days for recipe in recipes)).on(
        recipes[0].problem
    )
    checkpoint = Checkpoint(folder, recipe)
    commits = list(dict.fromkeys(commit for each in facts for commit in commits_of(each)))
    # "commit" is the key of earlier versions, and would name that of the first run alone.
    shared = {name: value for name, value in facts[0].items() if name != "commit"}
    about = {
        **shared,
        COMMITS: commits,
        SEEDS: [recipe.seed for recipe in recipes],
        "averaged": {"weights": which, "length": length},
    }
    # In place of what `Checkpoint` wrote, which is about this code and not that of the runs.
    write_text_atomically(folder / ABOUT, json.dumps(about, indent=1) + "\n")
    checkpoint.write_weights(mean, mean, (recipe.budget_days, recipe.budget_days))


def validate_mean(folder: Path, jobs: int = 1) -> ValidationResult:
    """Validate an average of runs on the recipe's validation worlds, as its runs were.

    The result is also appended to the folder's ``validation.jsonl`` for the export.
    """
    recipe = read_recipe(folder)
    check_same_problem(folder, recipe)
    settings, spec = recipe.validation, EnvSpec.of(recipe.env())
    seeds = spec.world.splits.seeds("validation")[: settings.scenarios]
    actor = recipe.actor
    policy = TorchPolicy(actor.form, settings_of(actor, recipe.seed), read_weights(folder))
    with WorkerPool(jobs, option="jobs", single_threaded=True) as pool:
        evaluator = ValidationEvaluator(
            spec, seeds, pool, settings.shaping_weight, settings.shaping_cost
        )
        found = evaluator(policy)
    Checkpoint(folder, recipe).append(VALIDATION, {"days": recipe.budget_days, **asdict(found)})
    return found


def _check_alike(
    runs: Sequence[Path], recipes: Sequence[Recipe], facts: Sequence[dict[str, Any]]
) -> None:
    first, problem = {**recipes[0].of_the_search, "seed": 0}, recipes[0].problem.as_json()
    for run, recipe, about in zip(runs, recipes, facts, strict=True):
        if recipe.actor.form != "linear":
            raise InputError(
                str(run),
                f"a {recipe.actor.form} actor",
                "a linear one",
                "the mean of other actors' weights is not a policy between them",
            )
        same = {**recipe.of_the_search, "seed": 0} == first
        same = same and _baseline(about) == _baseline(facts[0])
        same = same and first_difference(problem, recipe.problem) is None
        if not same or run_columns(about) != run_columns(facts[0]):
            raise InputError(
                str(run),
                "another recipe, world, baseline or features",
                f"those of {runs[0]}",
                "average runs that differ in their seeds alone",
            )
    seeds = [recipe.seed for recipe in recipes]
    if len(set(seeds)) != len(seeds):
        raise InputError("runs", f"seeds {seeds}", "each seed once", "name each run once")


def _baseline(about: dict[str, Any]) -> dict[str, Any]:
    return with_new_names("FixedParameters", about.get("baseline", {}), "baseline.")
