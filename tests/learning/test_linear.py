"""The linear actor without torch."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.dispatchers.policy import ACTIONS, NETWORK_FEATURES, TANK_FEATURES, Observation
from lmrs_rl.domain import InputError
from lmrs_rl.learning.linear import LEAST_STD, FeatureStats, LinearPolicy, LinearSubspace, names_of

F, G = len(TANK_FEATURES), len(NETWORK_FEATURES)
STATS = FeatureStats(
    np.linspace(0, 1, F), np.linspace(0.1, 0.5, F), np.linspace(-1, 1, G), np.linspace(0.2, 0.4, G)
)


def seen(seed: int, n: int = 5, places: int = 7) -> Observation:
    rng = np.random.default_rng(seed)
    tanks = np.zeros((places, F), dtype=np.float32)
    tanks[:n] = rng.uniform(size=(n, F))
    return {
        "tanks": tanks,
        "network": rng.uniform(size=G).astype(np.float32),
        "mask": (np.arange(places) < n).astype(np.int8),
    }


def choice() -> LinearSubspace:
    return LinearSubspace.named(["fill", "price"], ["board"], ["alpha", "z"], STATS)


def test_the_vector_is_told_in_standard_deviations() -> None:
    found = choice()
    assert found.size == 2 * (1 + 2 + 1)
    vector = np.arange(1.0, 9.0) / 10
    observation = seen(0)
    u = LinearPolicy(found.weights(vector))(observation)
    fill, price = (names_of(TANK_FEATURES).index(name) for name in ("fill", "price"))
    board = names_of(NETWORK_FEATURES).index("board")

    def standard(name: str, k: int) -> np.ndarray:
        values = observation[name][..., k]
        mean, spread = (
            (STATS.tank_mean, STATS.tank_std)
            if name == "tanks"
            else (STATS.network_mean, STATS.network_std)
        )
        return np.asarray((values - mean[k]) / spread[k])

    # alpha is the fourth action, z the sixth: a constant, fill, price, board each.
    for column, (constant, *w) in ((3, vector[:4]), (5, vector[4:])):
        wanted = np.tanh(
            constant
            + w[0] * standard("tanks", fill)
            + w[1] * standard("tanks", price)
            + w[2] * standard("network", board)
        )
        assert u[:5, column] == pytest.approx(wanted[:5], abs=1e-5)
    assert (u[:, [0, 1, 2, 4]] == 0).all()
    assert (u[5:] == 0).all()


def test_nothing_is_the_baseline_to_the_bit() -> None:
    u = LinearPolicy(choice().weights(np.zeros(8)))(seen(1))
    assert u.dtype == np.float32
    assert u.shape == (7, len(ACTIONS))
    assert (u == 0).all()


def test_it_answers_as_the_actor_of_torch_does() -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("stable_baselines3")
    from lmrs_rl.learning.actor import actor_of
    from lmrs_rl.learning.policies import act, load_weights

    rng = np.random.default_rng(2)
    names = names_of(TANK_FEATURES), names_of(NETWORK_FEATURES), [each.name for each in ACTIONS]
    every = LinearSubspace.named(*names, STATS)
    weights = every.weights(0.1 * rng.standard_normal(every.size))
    actor = actor_of("linear")
    load_weights(actor, dict(weights))
    observation = seen(3)
    with torch.no_grad():
        wanted = act(
            actor, {name: torch.from_numpy(each)[None] for name, each in observation.items()}
        )[0].numpy()
    assert np.abs(wanted).max() > 0.1
    assert LinearPolicy(weights)(observation) == pytest.approx(wanted, abs=1e-6)


def test_moments_are_of_the_tanks_that_there_are() -> None:
    observations = [seen(seed) for seed in range(3)]
    found = FeatureStats.of(observations)
    tanks = np.concatenate([each["tanks"][:5] for each in observations])
    assert found.tank_mean == pytest.approx(tanks.mean(axis=0), abs=1e-6)
    assert found.network_std == pytest.approx(
        np.stack([each["network"] for each in observations]).std(axis=0), abs=1e-6
    )
    # The same morning three times: no feature of the network moves.
    assert (FeatureStats.of([observations[0]] * 3).network_std == LEAST_STD).all()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ((["full"], [], ["x"]), "'full'"),
        ((["fill", "fill"], [], ["x"]), "each name once"),
        (([], [], ["y"]), "'y'"),
    ],
)
def test_unknown_and_repeated_names_are_refused(
    names: tuple[list[str], list[str], list[str]], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        LinearSubspace.named(*names, STATS)
