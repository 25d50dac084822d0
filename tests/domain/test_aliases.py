"""Old names of keys are read as the new ones, never together with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import ALIASES, with_new_names

OLD_RECIPE = """
learner = "ppo"

[actor]
form = "network"

[evolution]
near = 0.7
near_price = 0.3
cut = 0.1
halfway = 40.0
measured = 3

[ppo]
envs = 2
entropy = 0.01
discount = 0.9
trace = 0.8
spread = 0.4

[sac]
envs = 3
before = 7
entropy = 0.02
discount = 0.95
spread = 0.5
kept_every_days = 11

[validation]
near = 0.6
near_price = 0.2
"""
NEW_RECIPE = """
learner = "ppo"

[actor]
form = "network"

[evolution]
shaping_weight = 0.7
shaping_cost = 0.3
clip_relative_cost = 0.1
step_half_life = 40.0
norm_scenarios = 3

[ppo]
n_envs = 2
ent_coef = 0.01
gamma = 0.9
gae_lambda = 0.8
init_std = 0.4

[sac]
n_envs = 3
learning_starts = 7
ent_coef = 0.02
gamma = 0.95
init_std = 0.5
save_every_days = 11

[validation]
shaping_weight = 0.6
shaping_cost = 0.2
"""


def test_a_table_without_old_names_stays_as_it_is() -> None:
    assert with_new_names("no such kind", {"near": 1}) == {"near": 1}
    assert with_new_names("PpoSettings", {"gamma": 0.9, "epochs": 2}) == {"gamma": 0.9, "epochs": 2}


def test_old_names_are_renamed_in_order() -> None:
    found = with_new_names("PpoSettings", {"trace": 0.8, "epochs": 2, "envs": 4})
    assert list(found.items()) == [("gae_lambda", 0.8), ("epochs", 2), ("n_envs", 4)]


@pytest.mark.parametrize("table", [{"trace": 1, "gae_lambda": 1}, {"gae_lambda": 1, "trace": 1}])
def test_both_names_of_a_key_are_refused(table: dict[str, int]) -> None:
    with pytest.raises(InputError, match=r"ppo\.trace: got also given as gae_lambda"):
        with_new_names("PpoSettings", table, "ppo.")


def test_no_old_name_is_a_new_one_of_the_same_table() -> None:
    for table in ALIASES.values():
        assert not set(table) & set(table.values())


def test_an_old_recipe_is_read_as_a_new_one(tmp_path: Path) -> None:
    pytest.importorskip("gymnasium")
    from lmrs_rl.learning.recipe import Recipe

    (tmp_path / "old.toml").write_text(OLD_RECIPE)
    (tmp_path / "new.toml").write_text(NEW_RECIPE)
    old, new = Recipe.from_file(tmp_path / "old.toml"), Recipe.from_file(tmp_path / "new.toml")
    assert old == new
    assert (old.ppo.gae_lambda, old.sac.learning_starts) == (0.8, 7)
    assert (old.evolution.clip_relative_cost, old.validation.shaping_cost) == (0.1, 0.2)
    (tmp_path / "r.toml").write_text("[ppo]\ntrace = 0.8\ngae_lambda = 0.8\n")
    with pytest.raises(InputError, match=r"r\.toml: ppo\.trace: got also given as gae_lambda"):
        Recipe.from_file(tmp_path / "r.toml")


def test_the_recipe_stored_in_an_old_run_is_read(tmp_path: Path) -> None:
    pytest.importorskip("gymnasium")
    from lmrs_rl.learning.checkpoint import RECIPE, Checkpoint, read_recipe
    from lmrs_rl.learning.recipe import Recipe

    recipe = Recipe(learner="evolution")
    Checkpoint(tmp_path, recipe)
    stored = json.loads((tmp_path / RECIPE).read_text())
    for kind, table in (("EvolutionSettings", "evolution"), ("PpoSettings", "ppo")):
        for old, new in ALIASES[kind].items():
            stored[table][old] = stored[table].pop(new)
    (tmp_path / RECIPE).write_text(json.dumps(stored))
    assert read_recipe(tmp_path) == recipe
    Checkpoint(tmp_path, recipe)  # continues, and writes the new names
    assert json.loads((tmp_path / RECIPE).read_text()) == recipe.as_json()


def test_a_recording_with_the_old_name_of_lost_sales_is_read(tmp_path: Path) -> None:
    pytest.importorskip("gymnasium")
    from lmrs_rl.environment import Recording
    from lmrs_rl.environment.recording import PARTS

    about: dict[str, Any] = dict.fromkeys(
        (
            "world",
            "world_sha256",
            "cube_sha256",
            "seed_of_world",
            "days",
            "preset",
            "forecast",
            "baseline",
        )
    )
    arrays = np.zeros((1, 2, 7), np.float32), np.zeros(1), np.arange(float(len(PARTS)))[None]
    Recording(about, *arrays, ("a", "b")).save(tmp_path / "new.npz")
    with np.load(tmp_path / "new.npz") as file:
        content = dict(file)
    text = str(content["about"])
    assert '"lost_sales_eur"' in text
    content["about"] = np.array(text.replace('"lost_sales_eur"', '"lost_eur"'))
    np.savez_compressed(tmp_path / "old.npz", allow_pickle=False, **content)
    found = Recording.load(tmp_path / "old.npz")
    assert found.differences(Recording.load(tmp_path / "new.npz")) == ()


def test_feature_statistics_of_an_old_run_are_read() -> None:
    old = {
        name: np.ones(1) for name in ("tank_mean", "tank_spread", "network_mean", "network_spread")
    }
    found = with_new_names("FeatureStats", old)
    assert list(found) == ["tank_mean", "tank_std", "network_mean", "network_std"]
