"""The search that a recipe names is the one that runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.learning.recipe import EvolutionSettings, Recipe
from lmrs_rl.learning.search import SEARCHES, GradientSearch

RECIPE = Path(__file__).resolve().parents[2] / "training" / "universal.toml"
SETTINGS = EvolutionSettings(pairs=3, sigma=0.2, step=0.5, step_half_life=4.0, momentum=0.3)


def test_the_search_is_read_from_the_recipe(tmp_path: Path) -> None:
    text = RECIPE.read_text(encoding="utf-8")
    named = 'search = "gradient"'
    assert named in text
    shared = text.replace('worlds = "own"', 'worlds = "shared"')
    for name in SEARCHES:
        path = tmp_path / f"{name}.toml"
        path.write_text(shared.replace(named, f'search = "{name}"'), encoding="utf-8")
        assert Recipe.from_file(path).evolution.search == name
    assert EvolutionSettings().search == "gradient"


def test_gradient_makes_the_search_down_the_slope_with_its_settings() -> None:
    pytest.importorskip("torch")
    pytest.importorskip("stable_baselines3")
    from lmrs_rl.learning.evolution import _CANDIDATES_STREAM, _new_search

    made = _new_search(SETTINGS, 5, seed=7)
    assert isinstance(made, GradientSearch)
    rng = np.random.default_rng([7, _CANDIDATES_STREAM])
    by_hand = GradientSearch(
        np.zeros(5), 0.2, 3, step=0.5, step_half_life=4.0, momentum=0.3, rng=rng
    )
    for _ in range(3):
        candidates = made.ask()
        assert candidates.tolist() == by_hand.ask().tolist()
        for each in (made, by_hand):
            each.tell(candidates, candidates[:, 0])
    assert made.mean.tolist() == by_hand.mean.tolist()


@pytest.mark.parametrize("name", ["cma", "sep-cma"])
def test_the_others_make_a_covariance_search(name: str) -> None:
    for package in ("torch", "stable_baselines3", "cmaes"):
        pytest.importorskip(package)
    from lmrs_rl.learning.evolution import _new_search
    from lmrs_rl.learning.search import CmaSearch

    made = _new_search(EvolutionSettings(search=name, pairs=3), 5, seed=7)
    assert isinstance(made, CmaSearch)
    assert type(made._cma).__name__ == {"cma": "CMA", "sep-cma": "SepCMA"}[name]
