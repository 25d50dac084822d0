"""The learned dispatcher: the baseline changed tank by tank, and kept where a feature cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmrs_rl.dispatchers.learned as learned
from lmrs_rl.dispatchers import FixedDispatcher, LearnedDispatcher, LearnedParameters, load_agent
from lmrs_rl.dispatchers.policy import NETWORK_FEATURES, TANK_FEATURES, PolicyContext, physical
from lmrs_rl.dispatchers.protocol import ContextualDispatcher
from lmrs_rl.domain import DailyForecast, Forecast, InputError, Network, OrderParameters, Snapshot
from lmrs_rl.forecast import WeekdayQuantiles
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.simulation import OrderPlanner, World, run
from tests import tiny
from tests.environment.small import BASELINE, first_morning

pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")

WILD = Path(__file__).resolve().parents[1] / "agents" / "wild"
MONDAY = np.datetime64("2024-01-01")


def wild(date: np.datetime64 | None = MONDAY) -> LearnedDispatcher:
    found = load_agent(WILD).dispatcher(np.random.default_rng(0))
    assert isinstance(found, LearnedDispatcher)
    return found.at(date, ())


def morning() -> tuple[Network, Snapshot, Forecast]:
    found = first_morning()
    return found.network, found.snapshot, found.forecast


def same(one: OrderParameters, other: OrderParameters, tank: int) -> bool:
    """To the bit, for one tank."""
    names = (each.name for each in fields(OrderParameters) if each.name != "call_in_penalty")
    return all(getattr(one, name)[tank] == getattr(other, name)[tank] for name in names)


def spoilt(
    monkeypatch: pytest.MonkeyPatch,
    *,
    tank: tuple[int, str, float] | None = None,
    network: tuple[str, float] | None = None,
) -> None:
    """One feature made something else."""

    def seen(sight: PolicyContext) -> tuple[np.ndarray, np.ndarray]:
        tanks, of_network = physical(sight)
        if tank is not None:
            tanks[tank[0], [each.name for each in TANK_FEATURES].index(tank[1])] = tank[2]
        if network is not None:
            of_network[[each.name for each in NETWORK_FEATURES].index(network[0])] = network[1]
        return tanks, of_network

    monkeypatch.setattr(learned, "physical", seen)


def test_every_tank_gets_other_numbers_than_the_baselines() -> None:
    choice, base = wild().choose(*morning()), FixedDispatcher(BASELINE)(*morning())
    assert choice.fallbacks == ()
    assert choice.base.x_kg.tolist() == base.x_kg.tolist()
    assert not any(same(choice.parameters, base, tank) for tank in range(len(base.x_kg)))
    assert np.abs(choice.u).max() <= 1
    # What the policy does not decide stays.
    assert choice.parameters.q_min_floor.tolist() == base.q_min_floor.tolist()
    assert choice.parameters.call_in_penalty == base.call_in_penalty


def test_the_same_morning_gives_the_same_bits_and_another_date_others() -> None:
    one, other = wild()(*morning()), wild()(*morning())
    assert one.alpha.tobytes() == other.alpha.tobytes()
    assert wild(np.datetime64("2024-07-06"))(*morning()).alpha.tobytes() != one.alpha.tobytes()


def test_the_date_must_be_known() -> None:
    with pytest.raises(InputError, match="date"):
        wild(None)(*morning())


@pytest.mark.parametrize(
    ("feature", "value"),
    [("fill", np.nan), ("fill", 30.0), ("price", np.inf), ("cover_50", -1.0), ("cover_50", np.nan)],
)
def test_a_tank_with_an_impossible_feature_keeps_the_baseline_and_changes_no_other(
    monkeypatch: pytest.MonkeyPatch, feature: str, value: float
) -> None:
    spoilt(monkeypatch, tank=(2, feature, value))
    one = wild().choose(*morning())
    spoilt(monkeypatch, tank=(2, "fill", np.nan))
    other = wild().choose(*morning())
    assert [each.tank for each in one.fallbacks] == [2]
    assert feature in one.fallbacks[0].why
    assert same(one.parameters, one.base, 2)
    assert not one.u[2].any()
    # The policy does not see the tank: whatever is wrong with it, the others get the same.
    for tank in (0, 1, 3):
        assert same(one.parameters, other.parameters, tank)
        assert not same(one.parameters, one.base, tank)


def test_covers_may_be_infinite(monkeypatch: pytest.MonkeyPatch) -> None:
    spoilt(monkeypatch, tank=(2, "cover_50", np.inf))
    choice = wild().choose(*morning())
    assert choice.fallbacks == ()
    assert not same(choice.parameters, choice.base, 2)


def test_an_impossible_feature_of_the_network_gives_all_tanks_the_baseline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoilt(monkeypatch, network=("due_3", np.nan))
    choice = wild().choose(*morning())
    n = len(choice.base.x_kg)
    assert [each.tank for each in choice.fallbacks] == list(range(n))
    assert "due_3" in choice.fallbacks[0].why
    assert all(same(choice.parameters, choice.base, tank) for tank in range(n))


def test_an_answer_that_is_not_finite_is_not_taken() -> None:
    good = wild()

    class Broken:
        reads = good.policy.reads

        def __call__(self, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
            found = good.policy(given)
            found["alpha"] = np.array(found["alpha"])
            found["alpha"][0, 1] = np.nan
            return found

    policy: Any = Broken()
    choice = replace(good, policy=policy).choose(*morning())
    assert [(each.tank, "finite" in each.why) for each in choice.fallbacks] == [(1, True)]
    assert same(choice.parameters, choice.base, 1)
    assert not same(choice.parameters, choice.base, 0)


def test_it_runs_in_the_rolling_horizon_with_the_date_alone() -> None:
    dispatcher = wild(None)
    assert isinstance(dispatcher, ContextualDispatcher)
    planner = OrderPlanner(dispatcher, OrToolsRouter(RouterSettings.preset("train")))
    days = replace(
        tiny.days(2), start=replace(tiny.snapshot(), history_kg=np.tile([240.0, 120.0], (14, 1)))
    )
    network, forecaster = tiny.network(), WeekdayQuantiles()
    dated = World.of_days(network, days, forecaster, first_date=MONDAY)
    assert len(run(dated, planner).days) == 2
    with pytest.raises(InputError, match="date"):
        run(World.of_days(network, days, forecaster), planner)


def reordered(network: Network, snapshot: Snapshot, order: np.ndarray) -> tuple[Network, Snapshot]:
    """The same tanks in another order."""
    tanks = network.tanks
    values = {each.name: getattr(tanks, each.name) for each in fields(tanks)}
    other: dict[str, Any] = {
        name: tuple(value[k] for k in order) if isinstance(value, tuple) else value[order]
        for name, value in values.items()
    }
    way = snapshot.in_transit
    moved = replace(way, tank=np.argsort(order)[way.tank])
    seen = replace(
        snapshot,
        level_kg=snapshot.level_kg[order],
        history_kg=snapshot.history_kg[:, order],
        in_transit=moved,
    )
    return replace(network, tanks=replace(tanks, **other)), seen


def test_the_order_of_a_networks_tanks_does_not_matter() -> None:
    network, snapshot, _ = morning()
    order = np.random.default_rng(4).permutation(network.n_tanks)
    other_network, other_snapshot = reordered(network, snapshot, order)
    one = wild()(network, snapshot, WeekdayQuantiles()(network, snapshot))
    other = wild()(other_network, other_snapshot, WeekdayQuantiles()(other_network, other_snapshot))
    for name in ("x_kg", "a", "b", "alpha", "beta", "z", "value_per_kg", "fill_days"):
        assert getattr(other, name) == pytest.approx(getattr(one, name)[order], rel=1e-4), name


def test_a_policy_of_another_baseline_is_refused() -> None:
    content = (WILD / "policy.onnx").read_bytes()
    LearnedDispatcher.of(LearnedParameters(BASELINE, content))
    with pytest.raises(InputError, match="baseline"):
        LearnedDispatcher.of(LearnedParameters(replace(BASELINE, alpha=1001.0), content))


def broken_meter(factor: float) -> tuple[Network, Snapshot, Forecast]:
    """The morning with the forecast of tank 2 so many times what it is."""
    network, snapshot, forecast = morning()
    assert isinstance(forecast, DailyForecast)
    daily_kg = np.array(forecast.daily_kg)
    daily_kg[2] *= np.float32(factor)
    return network, snapshot, replace(forecast, daily_kg=daily_kg)


@pytest.mark.filterwarnings("ignore:overflow")
def test_a_broken_meter_reaches_no_other_tank_by_way_of_neighbours_or_the_network() -> None:
    one, other = wild().choose(*broken_meter(1e3)), wild().choose(*broken_meter(1e8))
    assert [each.tank for each in one.fallbacks] == [each.tank for each in other.fallbacks] == [2]
    assert "use is" in one.fallbacks[0].why
    assert one.network.tolist() == other.network.tolist()
    for tank in set(range(len(one.u))) - {2}:
        assert same(one.parameters, other.parameters, tank)
        assert not same(one.parameters, one.base, tank)


def test_a_network_without_a_sound_tank_keeps_the_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    network, snapshot, forecast = morning()
    monkeypatch.setattr(
        learned,
        "possible",
        lambda table, values: (
            np.zeros(values.shape, dtype=bool)
            if values.ndim == 2
            else np.ones(values.shape, dtype=bool)
        ),
    )
    choice = wild().choose(network, snapshot, forecast)
    assert len(choice.fallbacks) == network.n_tanks
    assert not choice.u.any()
