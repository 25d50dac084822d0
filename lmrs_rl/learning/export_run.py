"""Export of a training run as an agent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.domain.shipped import shipped_worlds
from lmrs_rl.domain.tables import from_table
from lmrs_rl.learning.actor import actor_of
from lmrs_rl.learning.averaging import SEEDS
from lmrs_rl.learning.checkpoint import (
    ABOUT,
    check_same_problem,
    commits_of,
    read_json,
    read_recipe,
    read_weights,
    validation_of,
)
from lmrs_rl.learning.export_agent import PolicyInfo, sample_mornings, write_agent
from lmrs_rl.learning.run_features import library_columns, run_columns
from lmrs_rl.learning.search_space import settings_of
from lmrs_rl.learning.settings import ActorRecipe
from lmrs_rl.registration import env_id

NO_CARD = "## What\n\nExported from a training run; no description has been written yet."


def export_run(
    run: Path,
    folder: Path,
    which: str = "best",
    *,
    card: str = NO_CARD,
    scores: Mapping[str, Any] | None = None,
) -> None:
    """Write the agent of a run, see `write_agent`.

    Parameters
    ----------
    run : folder that `lmrs_rl.learning.training.train` wrote
    folder : of the agent, to write
    which : "best" by validation, or "latest"
    card : text for card.md
    scores : figures for the metadata; by default those of the validation of these weights

    Raises
    ------
    InputError
        For a folder without a run or without such weights, weights of another actor or for other
        features, an actor that cannot be exported.
    """
    recipe, facts = read_recipe(run), read_json(run / ABOUT)
    # By name: shapes do not tell features in another order or with another meaning.
    _check_features(facts)
    check_same_problem(run, recipe)
    actor = actor_with_weights(recipe.actor, read_weights(run, which))
    env = recipe.env()
    baseline = env.baseline
    if "baseline" in facts:
        baseline = from_table(FixedParameters(), facts["baseline"])
    world = str(facts.get("world", recipe.world.name))
    environment = env_id(world) if world in shipped_worlds() else Path(world).name
    about = PolicyInfo(
        recipe.actor.form,
        baseline,
        environment,
        tuple(facts.get(SEEDS, (recipe.seed,))),
        ", ".join(commits_of(facts)) or None,
        _validation_scores(run, which) if scores is None else scores,
    )
    write_agent(folder, actor, about, sample_mornings(env), card)


def actor_with_weights(settings: ActorRecipe, weights: Mapping[str, Any]) -> nn.Module:
    """The actor of a recipe with ``weights`` (`InputError` if they do not fit)."""
    # Any seed will do, since all weights are replaced below.
    actor = actor_of(settings.form, settings_of(settings, seed=0))
    wanted = {name: tuple(value.shape) for name, value in actor.state_dict().items()}
    got = {name: tuple(value.shape) for name, value in weights.items()}
    if got != wanted:
        raise InputError(
            "weights",
            got,
            f"{wanted} as in the recipe",
            "take the recipe and the weights of one run, made with these features",
        )
    actor.load_state_dict({name: torch.as_tensor(value) for name, value in weights.items()})
    return actor


def _check_features(facts: Mapping[str, Any]) -> None:
    """Raise `InputError` for weights that were trained with other features or actions."""
    theirs = run_columns(facts)
    for part, wanted in library_columns().items():
        got = theirs[part]
        if got != wanted:
            raise InputError(
                f"features.{part}",
                got,
                f"{', '.join(wanted)} as in this version",
                "export with the version that trained, or train anew",
            )


def _validation_scores(run: Path, which: str) -> dict[str, Any]:
    found = validation_of(run, which)
    return {} if found is None else {"validation": found}
