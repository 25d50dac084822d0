"""The environment keeps Gymnasium's contract, and its own."""

from __future__ import annotations

import copy
import pickle
import warnings
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import lmrs_rl.environment
from lmrs_rl.dispatchers import load_agent
from lmrs_rl.dispatchers.policy import Observation
from lmrs_rl.domain import InputError
from lmrs_rl.environment import LmrsEnv, Memory
from lmrs_rl.environment.rewards import EUR_PER_TANK_DAY
from lmrs_rl.simulation import run
from lmrs_rl.simulation.forecasts import hindsight
from tests.environment.small import DISPATCHER, ROUTER, SEED, SMALL, nothing, small_env, small_world

OPTIONS = {"seed_of_world": SEED}


def same(a: Observation, b: Observation) -> bool:
    return all(a[name].tobytes() == b[name].tobytes() for name in a)


def played(
    env: gym.Env, actions: list[np.ndarray]
) -> list[tuple[Observation, float, dict[str, float]]]:
    return [(o, float(r), i) for o, r, _, _, i in (env.step(action) for action in actions)]


def random_actions(env: LmrsEnv, count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.uniform(-1, 1, (env.n_max, 7)).astype(np.float32) for _ in range(count)]


def test_gymnasiums_check_finds_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gym.make("lmrs/Demo-v0", days=2).unwrapped)


def test_zero_action_is_the_baseline_to_the_bit() -> None:
    env = small_env()
    env.reset(options=OPTIONS)
    rewards = [env.step(nothing(env))[1] for _ in range(3)]
    world = small_world()
    days = run(world, DISPATCHER, ROUTER).days[world.scenario.warmup_days :]
    n = world.scenario.network.n_tanks
    assert rewards == [-day.costs.total / (EUR_PER_TANK_DAY * n) for day in days]


def test_an_action_changes_what_happens() -> None:
    env = small_env()
    env.reset(options=OPTIONS)
    still = [env.step(nothing(env))[1] for _ in range(3)]
    env.reset(options=OPTIONS)
    assert [env.step(action)[1] for action in random_actions(env, 3)] != still


def test_rows_without_a_tank_do_not_count() -> None:
    env = small_env()
    observation, info = env.reset(options=OPTIONS)
    action = nothing(env)
    action[int(info["tanks"]) :] = 1.0
    one = env.step(action)
    env.reset(options=OPTIONS)
    other = env.step(nothing(env))
    assert one[1] == other[1]
    assert same(one[0], other[0])
    assert observation["mask"].sum() == info["tanks"] < env.n_max
    assert not observation["tanks"][int(info["tanks"]) :].any()


def test_the_same_seed_gives_the_same_bits_and_another_another_world() -> None:
    env, twin = small_env(), small_env()
    first, one = env.reset(seed=5)
    again, two = twin.reset(seed=5)
    assert one == two
    assert same(first, again)
    assert env.reset(seed=6)[1]["seed_of_world"] != one["seed_of_world"]
    assert one["seed_of_world"] in small_env().world_class.splits.seeds("train")


def test_episodes_after_another_are_the_same_for_twins_and_differ() -> None:
    env, twin = small_env(), small_env()
    env.reset(seed=5)
    twin.reset(seed=5)
    second = env.reset()[1]["seed_of_world"]
    assert second == twin.reset()[1]["seed_of_world"]
    assert second != env.reset()[1]["seed_of_world"]


def test_a_warm_start_is_the_same_as_a_fresh_one() -> None:
    env = small_env()
    fresh = env.reset(options=OPTIONS)[0]
    for action in random_actions(env, 2):
        env.step(action)
    assert same(env.reset(options=OPTIONS)[0], fresh)
    assert len(env.memory) == 1


def test_split_chooses_the_seeds() -> None:
    env = small_env(split="validation")
    assert env.reset(seed=0)[1]["seed_of_world"] in env.world_class.splits.seeds("validation")
    assert env.reset(seed=0, options={"split": "test"})[1][
        "seed_of_world"
    ] in env.world_class.splits.seeds("test")


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_in_the_middle_goes_on_alike(copied) -> None:  # type: ignore[no-untyped-def]
    env = small_env()
    env.reset(options=OPTIONS)
    first, *rest = random_actions(env, 3)
    env.step(first)
    twin = copied(env)
    for (o, r, i), (o2, r2, i2) in zip(played(env, rest), played(twin, rest), strict=True):
        assert same(o, o2)
        assert r == r2
        assert i == i2
    assert env.reset()[1] == twin.reset()[1]


def test_an_episode_is_truncated_after_its_days_and_asks_for_a_reset() -> None:
    env = small_env(days=2)
    env.reset(options=OPTIONS)
    assert env.step(nothing(env))[2:4] == (False, False)
    assert env.step(nothing(env))[2:4] == (False, True)
    with pytest.raises(InputError, match=r"reset\(\)"):
        env.step(nothing(env))


def test_a_step_before_the_first_reset_is_refused() -> None:
    with pytest.raises(InputError, match="not reset yet"):
        small_env().step(nothing(small_env()))


def test_info_tells_every_part_once_and_they_add_up() -> None:
    env = small_env()
    env.reset(options=OPTIONS)
    for action in random_actions(env, 3):
        _, reward, _, _, info = env.step(action)
        assert all(type(value) is float for value in info.values())
        parts = ("distance_eur", "time_eur", "nights_eur", "stockouts_eur", "lost_eur")
        assert info["reward_eur"] == pytest.approx(
            info["stock_eur"] - sum(info[name] for name in parts), abs=1e-9
        )
        assert reward * EUR_PER_TANK_DAY * env.state.context.network.n_tanks == pytest.approx(
            info["reward_eur"]
        )
        assert not [name for name in info if "time" in name and name != "time_eur"]


def test_no_array_is_returned_twice() -> None:
    env = small_env()
    seen = [
        env.reset(options=OPTIONS)[0],
        env.reset(options=OPTIONS)[0],
        *[env.step(nothing(env))[0] for _ in range(2)],
    ]
    arrays = [each[name] for each in seen for name in each]
    assert not any(np.shares_memory(a, b) for k, a in enumerate(arrays) for b in arrays[k + 1 :])


def test_what_is_done_to_an_observation_changes_nothing() -> None:
    env = small_env()
    env.reset(options=OPTIONS)[0]["tanks"][:] = np.nan
    reward = env.step(nothing(env))[1]
    env.reset(options=OPTIONS)
    assert env.step(nothing(env))[1] == reward


def test_observations_lie_in_their_space_and_hold_no_nan() -> None:
    env = small_env()
    observations = [
        env.reset(options=OPTIONS)[0],
        *[o for o, _, _ in played(env, random_actions(env, 3))],
    ]
    assert all(o in env.observation_space for o in observations)
    assert all(np.isfinite(o[name]).all() for o in observations for name in o)


def test_unknown_arguments_and_options_are_errors() -> None:
    with pytest.raises(TypeError, match="speed"):
        small_env(speed=2)
    with pytest.raises(TypeError, match="speed"):
        gym.make("lmrs/Demo-v0", speed=2)
    with pytest.raises(InputError, match="seed_of_the_world"):
        small_env().reset(options={"seed_of_the_world": 1})
    with pytest.raises(InputError, match="options: got 'test'; wanted a dict"):
        small_env().reset(options="test")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("split", "dev", "test"),
        ("days", 0, 1),
        ("days", 4, 3),
        ("preset", "fast", "plan"),
        ("forecast", "oracle", "ridge"),
        ("render_mode", "human", "rgb_array"),
        ("days", 2.5, 2),
        ("days", True, np.int64(1)),
        ("days", "2", None),
        ("memory", 3, Memory(3)),
        ("cubes", 3, None),
        ("cubes", "", None),
        ("preset", ["train"], "train"),
        ("cubes", "no/such/folder", None),
    ],
)
def test_bad_arguments_are_refused_and_the_nearest_good_ones_are_not(
    name: str, bad: object, good: object
) -> None:
    with pytest.raises(InputError, match=name):
        small_env(**{name: bad})
    small_env(**{name: good})


@pytest.mark.parametrize("bad", ["tuned", 3, True, {"z": 0.5}, load_agent("price").parameters])
def test_a_baseline_is_a_file_or_fixed_parameters_and_the_error_says_so(bad: object) -> None:
    with pytest.raises(
        InputError,
        match=r"baseline: .*wanted a TOML file of fixed parameters, FixedParameters, or "
        r"None.*load_agent",
    ):
        LmrsEnv(SMALL, baseline=bad)  # type: ignore[arg-type]
    assert (
        LmrsEnv(SMALL).baseline
        == LmrsEnv(SMALL, baseline=load_agent("extended").parameters).baseline
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [3, None, ["calm"]])
def test_a_world_is_a_name_a_file_or_a_class(bad: object) -> None:
    with pytest.raises(InputError, match=r"world: .*wanted one of calm"):
        LmrsEnv(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [-1, 1.5, "1", True])
def test_a_world_is_named_by_a_whole_number(bad: object) -> None:
    with pytest.raises(InputError, match="seed_of_world"):
        small_env().reset(options={"seed_of_world": bad})


@pytest.mark.parametrize(
    "bad",
    [np.zeros((9, 6)), np.zeros((8, 7)), np.full((9, 7), 1.01), [[0.0] * 7, [0.0]], "up", None],
)
def test_bad_actions_are_refused(bad: object) -> None:
    env = small_env()
    env.reset(options=OPTIONS)
    with pytest.raises(InputError, match="action"):
        env.step(bad)  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.25])
def test_a_bad_number_in_an_action_is_named_with_its_place(bad: float) -> None:
    env = small_env()
    env.reset(options=OPTIONS)
    action = nothing(env)
    action[2, 5] = bad
    with pytest.raises(InputError, match=rf"action\[2, 5\]: got {bad:.3g}"):
        env.step(action)


def test_simulate_leaves_the_episode_as_it_is() -> None:
    env = small_env()
    env.reset(options=OPTIONS)
    actions = random_actions(env, 2)
    env.step(actions[0])
    what_if = env.simulate(DISPATCHER)
    assert [day.day for day in what_if.days] == [3, 4]
    after = env.step(actions[1])
    env.reset(options=OPTIONS)
    env.step(actions[0])
    assert env.step(actions[1])[1] == after[1]


def test_simulate_with_a_seed_draws_the_future_and_without_one_tells_it() -> None:
    env = small_env()
    env.reset(options=OPTIONS)
    truth = env.simulate(DISPATCHER, 1).days[0]
    assert (
        truth.costs
        == run(env.state.warm.world, DISPATCHER, ROUTER, begin=env.state.morning, days=1)
        .days[0]
        .costs
    )
    drawn = [
        env.simulate(DISPATCHER, 1, seed=seed).days[0].executed.used_kg.sum() for seed in (0, 0, 1)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    assert truth.executed.used_kg.sum() not in drawn
    for days in (4, -1, 1.5, True):
        with pytest.raises(InputError, match="days"):
            env.simulate(DISPATCHER, days)  # type: ignore[arg-type]
    for seed in (-1, 1.5, "1", True):
        with pytest.raises(InputError, match="seed"):
            env.simulate(DISPATCHER, 1, seed=seed)  # type: ignore[arg-type]


def test_hindsight_is_told_what_comes_and_takes_no_seed() -> None:
    env, agent = small_env(), load_agent("hindsight")
    env.reset(options=OPTIONS)
    env.step(nothing(env))
    known = env.simulate(agent)
    # As evaluation plays it: the same dispatcher in a world whose forecasts are the truth.
    world, morning = env.state.warm.world, env.state.morning
    told = replace(world, forecaster=hindsight(world.scenario))
    begin = replace(morning, forecast=told.forecaster(morning.network, morning.snapshot))
    alone = agent.dispatcher(np.random.default_rng(0))
    assert [day.costs for day in known.days] == [
        day.costs for day in run(told, alone, ROUTER, begin=begin, days=2).days
    ]
    assert [day.costs for day in known.days] != [day.costs for day in env.simulate(alone).days]
    with pytest.raises(
        InputError, match="seed: got 0; wanted None with an agent that sees the truth"
    ):
        env.simulate(agent, seed=0)


def test_simulate_takes_agents_and_refuses_what_is_none() -> None:
    env = small_env()
    env.reset(options=OPTIONS)
    extended = load_agent("extended")
    alone = extended.dispatcher(np.random.default_rng(0))
    assert env.simulate(extended, 1).days[0].costs == env.simulate(alone, 1).days[0].costs
    for bad in ("hindsight", load_agent("lookahead")):
        with pytest.raises(InputError, match="dispatcher: got"):
            env.simulate(bad, 1)  # type: ignore[arg-type]


def test_every_shipped_world_has_an_id() -> None:
    wanted = {
        f"lmrs/{name}-v0" for name in ("Calm", "Tight", "Uncertain", "MultiSite", "Mixed", "Demo")
    }
    assert wanted == {name for name in gym.registry if name.startswith("lmrs/")}
    lmrs_rl.environment.register_worlds()  # a second time is no error
    for name in wanted:
        env = gym.make(name).unwrapped
        assert isinstance(env, LmrsEnv)
        assert env.observation_space["mask"].shape == (env.n_max,)  # type: ignore[index]


def test_a_picture_of_the_day() -> None:
    pytest.importorskip("matplotlib")
    env = small_env(render_mode="rgb_array")
    env.reset(options=OPTIONS)
    before = env.render()
    for _ in range(3):
        env.step(nothing(env))
    after = env.render()
    assert before is not None
    assert after is not None
    assert before.shape == after.shape == (700, 900, 3)
    assert before.dtype == np.uint8
    assert (before != after).any()
    assert small_env().render() is None


def test_a_world_on_real_data_says_how_to_get_them() -> None:
    with pytest.raises(
        InputError, match=r"world: got 'air-liquide'.*read_world_class\(name, data=folder\)"
    ):
        LmrsEnv("air-liquide")
