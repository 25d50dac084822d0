"""Policy gradients from stable-baselines3 with our actors: they begin at the baseline, learn
something easy and go on where they were cut off.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmrs_rl.dispatchers.policy import NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.domain import InputError
from lmrs_rl.learning.info_averager import InfoAverager
from lmrs_rl.learning.recipe import (
    ActorRecipe,
    EvolutionSettings,
    PpoSettings,
    Recipe,
    SacSettings,
    ValidationSettings,
)
from lmrs_rl.learning.rollout import run_episode

torch = pytest.importorskip("torch")
pytest.importorskip("stable_baselines3")

from lmrs_rl.domain.workers import WorkerPool  # noqa: E402
from lmrs_rl.learning.actor import ActorSettings  # noqa: E402
from lmrs_rl.learning.callbacks import TrainingProgress  # noqa: E402
from lmrs_rl.learning.gaussian import TankGaussianPolicy  # noqa: E402
from lmrs_rl.learning.pooled import PooledObservation  # noqa: E402
from lmrs_rl.learning.ppo import surrogate  # noqa: E402
from lmrs_rl.learning.training import learner_of, load_trained_actor, train  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SMOKE = Recipe.from_file(ROOT / "training" / "smoke.toml")
BASE = replace(
    SMOKE,
    world=replace(SMOKE.world, days=3),
    validation=ValidationSettings(every_days=12, scenarios=2),
)
PPO = replace(
    BASE,
    learner="ppo",
    budget_days=18,
    ppo=PpoSettings(n_envs=2, batch=3, epochs=2),
    actor=ActorRecipe(form="network", hidden=4),
)
SAC = replace(
    BASE,
    learner="sac",
    budget_days=24,
    actor=ActorRecipe(form="shared", hidden=8),
    sac=SacSettings(learning_starts=6, batch=4, save_every_days=6),
)


def quiet(told: TrainingProgress) -> None:
    """Told of progress that no test looks at."""


def arrays(folder: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name in ("weights.npz", "learner.npz"):
        with np.load(folder / name) as read:
            found |= {f"{name} {key}": read[key].tobytes() for key in read.files}
    return found


def morning(recipe: Recipe) -> dict[str, np.ndarray]:
    return recipe.env().reset(options={"seed_of_world": 1_000_000})[0]


@pytest.mark.parametrize("recipe", [PPO, SAC], ids=lambda recipe: recipe.learner)
def test_a_new_learner_answers_the_baseline(tmp_path: Path, recipe: Recipe) -> None:
    learner = learner_of(recipe, tmp_path, WorkerPool())
    assert (learner.actor_policy()(morning(recipe)) == 0).all()


def test_ppo_learns_to_visit_a_tank_that_runs_dry(tmp_path: Path) -> None:
    ppo = PpoSettings(n_envs=4, batch=20, epochs=10, learning_rate=0.05, init_std=0.7, gamma=0.5)
    validation = ValidationSettings(every_days=400, scenarios=4)
    recipe = replace(
        SMOKE, learner="ppo", budget_days=400, actor=ActorRecipe(), ppo=ppo, validation=validation
    )
    learner = train(recipe, tmp_path, 1, quiet)
    assert json.loads((tmp_path / "validation.jsonl").read_text().splitlines()[-1])["cost"] < -0.9
    visited = run_episode(
        recipe.env(), 2_000_000, lambda seen: learner.predict(seen, deterministic=True)[0]
    )
    assert visited.figures["trips"] >= 2


def test_ppo_that_was_interrupted_ends_as_one_that_was_not(tmp_path: Path) -> None:
    train(PPO, tmp_path / "whole", 1, quiet)

    def interrupt(each: TrainingProgress) -> None:
        if each.days == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(PPO, tmp_path / "cut", 1, interrupt)
    train(PPO, tmp_path / "cut", 1, quiet)
    assert arrays(tmp_path / "whole") == arrays(tmp_path / "cut")
    for name in ("validation.jsonl", "progress.jsonl"):
        assert (tmp_path / "whole" / name).read_text() == (tmp_path / "cut" / name).read_text()
    rows = [
        json.loads(line) for line in (tmp_path / "cut" / "progress.jsonl").read_text().splitlines()
    ]
    # Two passes over each of three rollouts, in the run that went on too.
    assert [row["updates"] for row in rows] == [2, 4, 6]


@pytest.mark.heavy
def test_processes_change_nothing(tmp_path: Path) -> None:
    train(PPO, tmp_path / "one", 1, quiet)
    train(PPO, tmp_path / "two", 2, quiet)
    assert arrays(tmp_path / "one") == arrays(tmp_path / "two")


def test_the_actor_of_sac_answers_as_it_does(tmp_path: Path) -> None:
    learner = train(SAC, tmp_path, 1, quiet)
    env = PooledObservation(SAC.env())
    observation = morning(SAC)
    action, _ = learner.predict(env.observation(observation), deterministic=True)
    assert np.abs(action).max() > 0
    actor = load_trained_actor(tmp_path, "latest")
    with torch.no_grad():
        u = actor(
            *(
                torch.from_numpy(observation[name])[None].float()
                for name in ("tanks", "network", "mask")
            )
        )[0]
    assert u.numpy() == pytest.approx(np.tile(action, (1, 1)), abs=1e-6)


def test_sac_goes_on_from_its_weights(tmp_path: Path) -> None:
    train(replace(SAC, budget_days=12), tmp_path, 1, quiet)
    before = load_trained_actor(tmp_path, "latest").state_dict()
    learner = learner_of(SAC, tmp_path, WorkerPool())
    assert learner.num_timesteps == 12
    for name, value in learner.actor_weights().items():
        assert value == pytest.approx(before[name].numpy())
    updates = learner._n_updates
    assert updates > 0
    again = train(SAC, tmp_path, 1, quiet)
    assert again.num_timesteps == 24
    assert again._n_updates > updates


def test_what_the_days_brought_is_told(tmp_path: Path) -> None:
    train(PPO, tmp_path, 1, quiet)
    row = json.loads((tmp_path / "progress.jsonl").read_text().splitlines()[0])
    figures = row["figures"]
    parts = (
        figures[f"{name}_eur"] for name in ("distance", "time", "nights", "stockouts", "lost_sales")
    )
    assert figures["reward_eur"] == pytest.approx(figures["stock_eur"] - sum(parts))


def test_parts_of_the_reward_are_on_the_board(tmp_path: Path) -> None:
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    train(PPO, tmp_path, 1, quiet)
    events = accumulator.EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    tags = set(events.Tags()["scalars"])
    assert {
        "days/reward_eur",
        "days/distance_eur",
        "days/stockouts_eur",
        "validation/cost",
        "train/value_loss",
    } <= tags


def test_the_clipped_loss_by_hand() -> None:
    # Two mornings, two tanks, the last place empty: ratios 1.5 and 0.5, then 1.1 and nothing.
    log_prob = torch.log(torch.tensor([[1.5, 0.5], [1.1, 9.0]]))
    loss, cut = surrogate(
        log_prob,
        torch.zeros((2, 2)),
        torch.tensor([2.0, -1.0]),
        torch.tensor([[1.0, 1.0], [1.0, 0.0]]),
        0.2,
    )
    # Gain 2: min(3, 2.4) and min(1, 1.6); gain -1: min(-1.1, -1.1).
    assert float(loss) == pytest.approx(-(2.4 + 1.0 - 1.1) / 3)
    assert float(cut) == pytest.approx(2 / 3)


def policy(init_std: float = 0.3) -> Any:
    space = BASE.env()
    return TankGaussianPolicy(
        space.observation_space,
        space.action_space,
        lambda _: 1e-3,
        form="linear",
        settings=ActorSettings(),
        init_std=init_std,
        critic=4,
    )


def seen(mask: list[float]) -> dict[str, Any]:
    generator = torch.Generator().manual_seed(0)
    n = len(mask)
    tanks, network = (
        torch.rand((1, n, len(TANK_FEATURES)), generator=generator),
        torch.rand((1, len(NETWORK_FEATURES)), generator=generator),
    )
    return {"tanks": tanks, "network": network, "mask": torch.tensor([mask])}


def test_empty_places_get_no_noise_and_count_for_nothing() -> None:
    found = policy()
    with torch.no_grad():
        actions, values, log_prob = found(seen([1.0, 1.0, 0.0]))
        each = found(seen([1.0, 1.0, 0.0]), actions=actions)
    assert (actions[0, 2] == 0).all()
    assert (actions[0, :2] != 0).all()
    assert values.shape == (1, 1)
    assert each[0, 2] == 0
    assert float(log_prob[0]) == pytest.approx(float(each.sum()), rel=1e-5)


def test_probabilities_are_those_of_a_normal_distribution() -> None:
    actions = torch.zeros((1, 1, 7))
    actions[0, 0, 0] = 0.3
    with torch.no_grad():
        found = float(policy(0.3)(seen([1.0]), actions=actions)[0, 0])
    # Six densities 1 / (0.3 sqrt(2 pi)), one of them a standard deviation away.
    assert found == pytest.approx(-7 * np.log(0.3 * np.sqrt(2 * np.pi)) - 0.5, rel=1e-5)


def test_a_pooled_row_is_mean_greatest_and_network() -> None:
    env = PooledObservation(BASE.env())
    observation: dict[str, np.ndarray] = {
        "tanks": np.stack(
            [np.full(len(TANK_FEATURES), k, dtype=np.float32) for k in (1.0, 4.0, 9.0)]
        ),
        "mask": np.array([1, 1, 0], dtype=np.int8),
        "network": np.full(len(NETWORK_FEATURES), 0.5, dtype=np.float32),
    }
    row = env.observation(observation)
    assert env.observation_space.shape == row.shape
    n = len(TANK_FEATURES)
    assert (row[:n] == 2.5).all()
    assert (row[n : 2 * n] == 4.0).all()
    assert (row[2 * n :] == 0.5).all()
    assert env.observation({**observation, "mask": np.zeros(3, dtype=np.int8)})[: 2 * n].max() == 0


def test_a_daybook_takes_means_of_numbers() -> None:
    book = InfoAverager()
    book.add([{"km": 1.0, "TimeLimit.truncated": True}, {"km": 3.0, "what": "text"}])
    assert book.close() == {"km": 2.0}
    assert book.close() == {}


@pytest.mark.parametrize(
    ("learner", "form", "good"),
    [
        ("sac", "linear", False),
        ("sac", "shared", True),
        ("ppo", "shared", False),
        ("ppo", "linear", True),
    ],
)
def test_learners_and_forms_must_fit(learner: str, form: str, good: bool) -> None:
    if good:
        assert Recipe(learner=learner, actor=ActorRecipe(form=form)).learner == learner
    else:
        with pytest.raises(InputError, match=r"actor\.form"):
            Recipe(learner=learner, actor=ActorRecipe(form=form))


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: PpoSettings(batch=1), "ppo.batch"),
        (lambda: PpoSettings(init_std=0.0), "ppo.init_std"),
        (lambda: PpoSettings(gamma=1.1), "ppo.gamma"),
        (lambda: SacSettings(gamma=1.0), "sac.gamma"),
        (lambda: SacSettings(ent_coef=0.0), "sac.ent_coef"),
        (lambda: SacSettings(buffer=0), "sac.buffer"),
    ],
)
def test_bad_settings_are_refused(make: Any, name: str) -> None:
    with pytest.raises(InputError, match=name):
        make()


EVOLUTION = replace(
    BASE,
    budget_days=9,
    evolution=EvolutionSettings(pairs=1, scenarios=1, norm_scenarios=1, sigma=0.5, step=0.5),
)


@pytest.mark.parametrize("recipe", [EVOLUTION, PPO, SAC], ids=lambda recipe: recipe.learner)
def test_a_trained_actor_is_trained_further(tmp_path: Path, recipe: Recipe) -> None:
    first, further = tmp_path / "first", replace(recipe, start=str(tmp_path / "first"))
    # The arrays of an agent have plain names; any will do.
    shape = learner_of(recipe, tmp_path / "new", WorkerPool()).actor_weights()
    rng = np.random.default_rng(0)
    given = {
        name: (0.1 * rng.standard_normal(each.shape)).astype(np.float32)
        for name, each in shape.items()
    }
    first.mkdir()
    np.savez(first / "weights.npz", **given)
    learner = learner_of(further, tmp_path / "second", WorkerPool())
    for name, each in learner.actor_weights().items():
        assert each == pytest.approx(given[name]), name
    # From now on the folder needs no other.
    (first / "weights.npz").unlink()
    train(further, tmp_path / "second", 1, quiet)
    moved = load_trained_actor(tmp_path / "second", "latest").state_dict()
    assert any(np.abs(moved[name].numpy() - given[name]).max() > 1e-6 for name in given)


def test_a_run_is_a_start_and_another_form_is_none(tmp_path: Path) -> None:
    train(EVOLUTION, tmp_path / "run", 1, quiet)
    further = replace(EVOLUTION, start=str(tmp_path / "run"))
    assert set(learner_of(further, tmp_path / "further", WorkerPool()).actor_weights()) == {
        "tanks.weight",
        "tanks.bias",
        "network.weight",
    }
    with pytest.raises(InputError, match="weights: got"):
        learner_of(replace(PPO, start=str(tmp_path / "run")), tmp_path / "other", WorkerPool())
    with pytest.raises(InputError, match="start: got"):
        learner_of(replace(PPO, start=str(tmp_path / "nowhere")), tmp_path / "none", WorkerPool())
    assert not (tmp_path / "none").exists()
