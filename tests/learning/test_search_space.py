"""The actor that a vector of the search stands for."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.learning.linear import FeatureStats

pytest.importorskip("torch")
pytest.importorskip("stable_baselines3")

from lmrs_rl.dispatchers.policy import (
    ACTION_NAMES,
    NETWORK_FEATURES,
    TANK_FEATURES,
)
from lmrs_rl.learning.actor import ActorSettings
from lmrs_rl.learning.linear import LinearPolicy
from lmrs_rl.learning.policies import TorchPolicy
from lmrs_rl.learning.search_space import (
    LinearSearchSpace,
    NetworkSearchSpace,
    search_space_of,
    settings_of,
)
from lmrs_rl.learning.settings import ActorRecipe

STATS = FeatureStats(
    np.zeros(len(TANK_FEATURES)),
    np.full(len(TANK_FEATURES), 2.0),
    np.zeros(len(NETWORK_FEATURES)),
    np.full(len(NETWORK_FEATURES), 4.0),
)


def linear() -> ActorRecipe:
    """Two actions of one feature of a tank and two of the network: eight numbers."""
    return ActorRecipe(
        tank_features=("fill",), network_features=("board", "tanks"), actions=("x", "z")
    )


def test_a_linear_space_changes_the_weights_that_are_named() -> None:
    space = search_space_of(linear(), 0, STATS)
    assert isinstance(space, LinearSearchSpace)
    assert (space.form, space.size) == ("linear", 8)
    start = space.weights(np.zeros(8))
    found = space.weights(np.arange(8.0))
    x, z = ACTION_NAMES.index("x"), ACTION_NAMES.index("z")
    fill = [each.name for each in TANK_FEATURES].index("fill")
    change = found["tanks.weight"] - start["tanks.weight"]
    # Rows are bias, tank feature, network features: 0, 1, 2, 3 of x and 4, 5, 6, 7 of z.
    assert (change[x, fill], change[z, fill]) == (0.5, 2.5)
    assert np.count_nonzero(change) == 2
    bias = found["tanks.bias"] - start["tanks.bias"]
    assert np.flatnonzero(bias).tolist() == [z]
    assert (bias[x], bias[z]) == (0.0, 4.0)
    assert isinstance(space.policy(np.zeros(8)), LinearPolicy)


def test_a_linear_space_begins_where_it_is_told() -> None:
    first = search_space_of(linear(), 0, STATS).weights(np.arange(8.0))
    again = search_space_of(linear(), 0, STATS, first)
    for name, each in again.weights(np.zeros(8)).items():
        assert each == pytest.approx(first[name]), name
    with pytest.raises(InputError, match="weights"):
        search_space_of(linear(), 0, STATS, {"other": np.zeros(3)})


def test_a_network_space_changes_all_weights_by_the_inputs_of_their_layer() -> None:
    start = {"a": np.array([[1.0, 2.0, 3.0, 4.0]]), "b": np.array([5.0])}
    space = NetworkSearchSpace(ActorSettings(), start)
    assert (space.form, space.size) == ("network", 5)
    found = space.weights(np.array([2.0, 0.0, -2.0, 4.0, 7.0]))
    # Four inputs: half of the change; a bias of one number: all of it.
    assert found["a"].tolist() == [[2.0, 2.0, 2.0, 6.0]]
    assert found["b"].tolist() == [12.0]
    assert found["a"].dtype == np.float32


@pytest.mark.parametrize("form", ["network", "shared"])
def test_another_form_is_searched_whole(form: str) -> None:
    recipe = ActorRecipe(form=form, hidden=4)
    space = search_space_of(recipe, 3, STATS)
    assert isinstance(space, NetworkSearchSpace)
    assert space.form == form
    zero = space.weights(np.zeros(space.size))
    assert sum(each.size for each in zero.values()) == space.size
    for name, each in zero.items():
        assert np.array_equal(each, space.start[name]), name
    assert isinstance(space.policy(np.zeros(space.size)), TorchPolicy)


def test_the_shape_of_an_actor_is_the_recipes() -> None:
    recipe = ActorRecipe(form="network", hidden=5, pooling="attention", queries=3)
    assert settings_of(recipe, 7) == ActorSettings(hidden=5, pooling="attention", queries=3, seed=7)
