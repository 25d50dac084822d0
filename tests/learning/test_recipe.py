"""Recipes of training runs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.tables import from_table
from lmrs_rl.learning.recipe import EvolutionSettings, Recipe, WorldSettings

ROOT = Path(__file__).resolve().parents[2]
TRAINING = [
    path for path in sorted((ROOT / "training").glob("*.toml")) if "learner" in path.read_text()
]


@pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.stem)
def test_the_recipes_that_ship_are_read_and_fit_their_worlds(path: Path) -> None:
    recipe = Recipe.from_file(path)
    assert recipe.validation.scenarios <= recipe.world_class.splits.validation[1]
    assert recipe.env().days == recipe.world.days


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text("")
    assert Recipe.from_file(tmp_path / "r.toml") == Recipe()


def test_a_recipe_comes_back_from_its_json() -> None:
    recipe = Recipe.from_file(ROOT / "training" / "universal.toml")
    assert from_table(Recipe(), json.loads(json.dumps(recipe.as_json()))) == recipe


def test_files_beside_the_recipe_are_found(tmp_path: Path) -> None:
    for name in ("world.toml", "mine.toml"):
        (tmp_path / name).write_text("")
    (tmp_path / "r.toml").write_text(
        '[world]\nname = "world.toml"\nbaseline = "mine.toml"\ntanks = [2, 3]\n'
    )
    recipe = Recipe.from_file(tmp_path / "r.toml")
    assert (recipe.world.name, recipe.world.baseline) == (
        str(tmp_path / "world.toml"),
        str(tmp_path / "mine.toml"),
    )
    assert recipe.world_class.size.tanks == (2, 3)
    # Nothing in it but defaults, which are those of the source and not of *extended*.
    assert recipe.env().baseline.alpha == 1000.0


def test_a_name_is_a_shipped_world_where_no_toml_file_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("not a world")
    (tmp_path / "r.toml").write_text('[world]\nname = "demo"\n')
    assert Recipe.from_file(tmp_path / "r.toml").world.name == "demo"


def test_the_recipe_in_the_guide_is_one(tmp_path: Path) -> None:
    (block,) = re.findall(
        r"^```toml\n(.*?)^```",
        (ROOT / "docs" / "training.md").read_text(),
        flags=re.DOTALL | re.MULTILINE,
    )
    for name in ("my_world.toml", "my_numbers.toml"):
        (tmp_path / name).write_text("")
    (tmp_path / "r.toml").write_text(block)
    recipe = Recipe.from_file(tmp_path / "r.toml")
    assert recipe.world_class.size.tanks == (30, 30)
    assert recipe.actor.actions == ("x", "b", "alpha", "z")


@pytest.mark.heavy
def test_worlds_on_real_ground_are_read_from_the_folder_of_their_data() -> None:
    data = ROOT.parent / "shared" / "data" / "lpg_tanks"
    if not (data / "lpg_tanks.csv").is_file():
        pytest.skip("no readings of LPG tanks in ../shared/data/lpg_tanks")
    recipe = Recipe(world=WorldSettings(name="lpg-tanks", data=str(data)))
    assert recipe.world_class.ground is not None
    with pytest.raises(InputError, match="data"):
        _ = Recipe(world=WorldSettings(name="lpg-tanks")).world_class


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("learner = 'ppo'\n[actor]\nactions = ['x']\n", "actions"),
        (
            "learner = 'sac'\n[actor]\nform = 'shared'\ntank_features = ['risk_3']\n",
            "tank_features",
        ),
        ("[actor]\nform = 'network'\nnetwork_features = ['work_3']\n", "network_features"),
        ("[actor]\nform = 'shared'\nactions = ['x']\n", "actions"),
        ("[actor]\nhidden = 8\n", "hidden"),
        ("[actor]\nform = 'shared'\npooling = 'attention'\n", "pooling"),
        ("[actor]\nform = 'network'\nqueries = 2\n", "queries"),
    ],
)
def test_settings_of_the_actor_that_would_do_nothing_are_refused(
    tmp_path: Path, text: str, name: str
) -> None:
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(InputError, match=rf"r\.toml: actor\.{name}: got set for the learner"):
        Recipe.from_file(tmp_path / "r.toml")


def test_settings_of_the_actor_that_are_used_are_not(tmp_path: Path) -> None:
    text = "[actor]\nform = 'network'\nhidden = 8\npooling = 'attention'\nqueries = 2\n"
    for learner in ("evolution", "ppo"):
        (tmp_path / "r.toml").write_text(f"learner = '{learner}'\n{text}")
        assert Recipe.from_file(tmp_path / "r.toml").actor.queries == 2


def test_budget_and_validation_may_change_when_a_run_goes_on() -> None:
    recipe = Recipe()
    assert replace(recipe, budget_days=7).of_the_search == recipe.of_the_search
    assert replace(recipe, seed=7).of_the_search != recipe.of_the_search


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("learner = 'guess'\n", "learner: got 'guess'"),
        ("sead = 1\n", "sead"),
        ("seed = -1\n", "seed: got -1"),
        ("budget_days = 0\n", "budget_days: got 0"),
        ("[world]\nname = 'mixed'\nday = 3\n", "world.day"),
        ("[world]\nforecast = 'magic'\n", "world.forecast"),
        ("[world]\npreset = 'fast'\n", "preset"),
        ("[actor]\nform = 'deep'\n", "actor.form"),
        ("[actor]\nactions = []\n", "actor.actions"),
        ("[actor]\ntank_features = ['full']\n", "actor.tank_features: got 'full'"),
        ("[actor]\ntank_features = [1]\n", "a list of texts"),
        ("[evolution]\nsearch = 'luck'\n", "evolution.search"),
        ("[evolution]\nworlds = 'mine'\n", "evolution.worlds"),
        (
            "[evolution]\nworlds = 'own'\nsearch = 'cma'\n",
            "evolution.worlds: got 'own'; wanted shared",
        ),
        ("[evolution]\nshaping_weight = 1.1\n", "evolution.shaping_weight: got 1.1"),
        ("[evolution]\nmomentum = 1.0\n", "evolution.momentum"),
        ("[evolution]\nsearch = 'cma'\npairs = 1\n", "evolution.pairs: got 1; wanted at least 2"),
        ("[validation]\nscenarios = 0\n", "validation.scenarios"),
    ],
)
def test_bad_recipes_are_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(InputError) as error:
        Recipe.from_file(tmp_path / "r.toml")
    assert told in str(error.value)
    assert EvolutionSettings(search="gradient", pairs=1).pairs == 1
