"""A learned dispatcher in front of and within a look-ahead."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.dispatchers import LearnedDispatcher, load_agent
from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.lookahead import LookAhead
from lmrs_rl.lookahead.agents import DispatcherProposes
from lmrs_rl.routing import RouterSettings
from tests.environment.small import DISPATCHER, first_morning, small_world

pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")

WILD = Path(__file__).resolve().parents[1] / "agents" / "wild"
FEW = LookAheadSettings(candidates=4, seeds=1, days=2, paths=4, budget=12)
TRAIN = RouterSettings.preset("train")


def wild() -> LearnedDispatcher:
    found = load_agent(WILD).dispatcher(np.random.default_rng(0))
    assert isinstance(found, LearnedDispatcher)
    return found


def test_a_learned_base_chooses_for_its_own_candidate() -> None:
    morning, cost = first_morning(), small_world().cost
    learned = LookAhead(wild(), cost, FEW, TRAIN).consider(morning)
    chosen = wild().at(morning.date, morning.plans)(
        morning.network, morning.snapshot, morning.forecast
    )
    assert np.array_equal(learned.candidates[0].parameters.alpha, chosen.alpha)
    # The same candidates of a fixed base, rolled on by it, cost something else.
    fixed = LookAhead(DISPATCHER, cost, FEW, TRAIN).consider(morning)
    assert not np.array_equal(learned.costs, fixed.costs, equal_nan=True)


@pytest.mark.heavy
def test_a_learned_base_decides_the_same_on_two_processes() -> None:
    morning, cost = first_morning(), small_world().cost
    with WorkerPool(2) as workers:
        two = LookAhead(wild(), cost, FEW, TRAIN, workers=workers).consider(morning)
    one = LookAhead(wild(), cost, FEW, TRAIN).consider(morning)
    assert np.array_equal(one.costs, two.costs, equal_nan=True)
    assert one.decision.plan == two.decision.plan


def test_a_learned_proposer_is_a_candidate_by_its_name() -> None:
    morning = first_morning()
    found = LookAhead(
        DISPATCHER, small_world().cost, FEW, TRAIN, proposer=DispatcherProposes("wild", wild())
    ).consider(morning)
    named = {each.name: each.parameters for each in found.candidates}
    chosen = wild().at(morning.date, morning.plans)(
        morning.network, morning.snapshot, morning.forecast
    )
    assert np.array_equal(named["wild"].alpha, chosen.alpha)
