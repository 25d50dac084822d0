"""The dispatcher that draws lots."""

from __future__ import annotations

import numpy as np

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters, RandomDispatcher
from lmrs_rl.domain import OrderParameters
from lmrs_rl.forecast import KnownUse
from tests import tiny

BASE = FixedParameters(z=0.5, alpha=100.0)


def answers(seed: int, count: int = 1) -> list[OrderParameters]:
    network, snapshot = tiny.network(), tiny.snapshot()
    dispatcher = RandomDispatcher(BASE, np.random.default_rng(seed))
    return [
        dispatcher(network, snapshot, KnownUse(tiny.days())(network, snapshot))
        for _ in range(count)
    ]


def test_the_same_seed_draws_the_same_lots() -> None:
    for a, b in zip(answers(1, 3), answers(1, 3), strict=True):
        assert (a.z == b.z).all()
        assert (a.alpha == b.alpha).all()
    assert (answers(1)[0].z != answers(2)[0].z).all()


def test_lots_differ_by_tank_and_by_morning_and_stay_around_the_parameters() -> None:
    first, second = answers(1, 2)
    assert first.z[0] != first.z[1]
    assert first.z[0] != second.z[0]
    # alpha is multiplied by at most exp(2), see ACTIONS.
    for each in (first, second):
        assert np.all((each.alpha >= 100 * np.exp(-2)) & (each.alpha <= 100 * np.exp(2)))
    fixed = FixedDispatcher(BASE)(
        tiny.network(), tiny.snapshot(), KnownUse(tiny.days())(tiny.network(), tiny.snapshot())
    )
    assert (fixed.z == 0.5).all()
