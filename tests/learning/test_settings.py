"""Settings of a recipe are taken at the ends of their ranges and refused beyond them."""

from __future__ import annotations

from typing import Any

import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.learning.settings import (
    ActorRecipe,
    EvolutionSettings,
    PpoSettings,
    SacSettings,
    ValidationSettings,
    WorldSettings,
)

TABLES: dict[str, type] = {
    "world": WorldSettings,
    "actor": ActorRecipe,
    "evolution": EvolutionSettings,
    "ppo": PpoSettings,
    "sac": SacSettings,
    "validation": ValidationSettings,
}

LIMITS = [
    # field, the last value that is taken, the next one, which is refused
    ("world.days", 1, 0),
    ("actor.hidden", 1, 0),
    ("actor.queries", 1, 0),
    ("evolution.pairs", 1, 0),
    ("evolution.scenarios", 1, 0),
    ("evolution.norm_scenarios", 1, 0),
    ("evolution.sigma", 1e-9, 0.0),
    ("evolution.step", 1e-9, 0.0),
    ("evolution.step_half_life", 1e-9, 0.0),
    ("evolution.clip_relative_cost", 1e-9, 0.0),
    ("evolution.momentum", 0.0, -0.1),
    ("evolution.momentum", 0.99, 1.0),
    ("evolution.shaping_weight", 0.0, -0.1),
    ("evolution.shaping_weight", 1.0, 1.1),
    ("evolution.shaping_cost", 0.0, -0.1),
    ("ppo.n_envs", 1, 0),
    ("ppo.episodes", 1, 0),
    ("ppo.batch", 2, 1),
    ("ppo.epochs", 1, 0),
    ("ppo.critic", 1, 0),
    ("ppo.learning_rate", 1e-9, 0.0),
    ("ppo.clip", 1e-9, 0.0),
    ("ppo.max_norm", 1e-9, 0.0),
    ("ppo.init_std", 1e-9, 0.0),
    ("ppo.ent_coef", 0.0, -0.1),
    ("ppo.gamma", 0.0, -0.1),
    ("ppo.gamma", 1.0, 1.1),
    ("ppo.gae_lambda", 0.0, -0.1),
    ("ppo.gae_lambda", 1.0, 1.1),
    ("sac.n_envs", 1, 0),
    ("sac.batch", 1, 0),
    ("sac.buffer", 1, 0),
    ("sac.learning_starts", 0, -1),
    ("sac.save_every_days", 1, 0),
    ("sac.learning_rate", 1e-9, 0.0),
    ("sac.ent_coef", 1e-9, 0.0),
    ("sac.init_std", 1e-9, 0.0),
    ("sac.gamma", 0.0, -0.1),
    ("sac.gamma", 0.99, 1.0),
    ("validation.every_days", 1, 0),
    ("validation.scenarios", 1, 0),
    ("validation.shaping_weight", 0.0, -0.1),
    ("validation.shaping_weight", 1.0, 1.1),
    ("validation.shaping_cost", 0.0, -0.1),
]


@pytest.mark.parametrize(("field", "good", "bad"), LIMITS)
def test_a_limit_is_taken_and_what_is_beyond_is_refused(
    field: str, good: float, bad: float
) -> None:
    table, name = field.split(".")
    assert getattr(TABLES[table](**{name: good}), name) == good
    with pytest.raises(InputError) as error:
        TABLES[table](**{name: bad})
    assert error.value.field == field


@pytest.mark.parametrize("search", ["cma", "sep-cma"])
def test_a_search_that_ranks_needs_two_pairs_on_the_same_worlds(search: str) -> None:
    assert EvolutionSettings(search=search, pairs=2).pairs == 2
    with pytest.raises(InputError, match=r"evolution\.pairs: got 1; wanted at least 2"):
        EvolutionSettings(search=search, pairs=1)
    with pytest.raises(InputError, match=r"evolution\.worlds: got 'own'; wanted shared"):
        EvolutionSettings(search=search, worlds="own")
    assert EvolutionSettings(worlds="own").worlds == "own"


@pytest.mark.parametrize(
    ("table", "changes", "field"),
    [
        ("world", {"forecast": "magic"}, "world.forecast"),
        ("world", {"preset": "magic"}, "preset"),
        ("actor", {"form": "magic"}, "actor.form"),
        ("actor", {"pooling": "magic"}, "actor.pooling"),
        ("actor", {"tank_features": ("magic",)}, "actor.tank_features"),
        ("actor", {"network_features": ("magic",)}, "actor.network_features"),
        ("actor", {"actions": ("magic",)}, "actor.actions"),
        ("actor", {"actions": ()}, "actor.actions"),
        ("evolution", {"search": "magic"}, "evolution.search"),
        ("evolution", {"worlds": "magic"}, "evolution.worlds"),
    ],
)
def test_unknown_names_are_refused(table: str, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InputError) as error:
        TABLES[table](**changes)
    assert error.value.field.endswith(field)


@pytest.mark.parametrize("names", [("z", "x"), ("fill",)])
def test_some_actions_are_enough(names: tuple[str, ...]) -> None:
    assert ActorRecipe(actions=names).actions == names
