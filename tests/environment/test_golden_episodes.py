"""Recorded episodes again: observations, actions, rewards and parts are what they were."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.dispatchers.policy import NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.environment.recording import digest
from tests.environment.golden_episodes import (
    EPISODES,
    PARTS,
    arithmetic_sha256,
    differing_features,
    golden,
    play_again,
)

CLOSE = 1e-5
"""Scaled features of another machine, whose last digits may be others, are this close."""

STILL = {"in_transit"}
"""No trip of a generated world lasts until the next morning; tests of features have such trips."""


@pytest.mark.parametrize("name", EPISODES)
def test_a_golden_episode_is_what_it_was(name: str) -> None:
    """Where a change is meant: ``python -m tests.environment.golden_episodes``.

    To the bit where the machine computes as the one that recorded, closely elsewhere.
    """
    then, seen_then, arithmetic = golden(name)
    now, seen_now = play_again(then)
    exact = arithmetic == arithmetic_sha256()
    assert differing_features(seen_then, seen_now, 0.0 if exact else CLOSE) == []
    if exact:
        assert then.differences(now) == ()
    assert now.actions.tobytes() == then.actions.tobytes()
    assert now.parts == pytest.approx(then.parts, rel=1e-6, abs=1e-6)
    assert now.rewards == pytest.approx(then.rewards, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", EPISODES)
def test_the_two_files_of_an_episode_belong_together(name: str) -> None:
    then, seen, _ = golden(name)
    mornings = [{part: seen[part][day] for part in PARTS} for day in range(len(then.digests))]
    assert tuple(digest(each) for each in mornings) == then.digests
    assert np.abs(then.actions).max() > 0.3


def test_every_feature_takes_several_values_in_the_golden_episodes() -> None:
    """A feature that is always the same could be wrong unseen."""
    tanks, network, still = [], [], set()
    for name in EPISODES:
        seen = golden(name)[1]
        tanks.append(seen["tanks"][seen["mask"] == 1])
        network.append(seen["network"])
    for table, rows in ((TANK_FEATURES, tanks), (NETWORK_FEATURES, network)):
        spread = np.ptp(np.concatenate(rows), axis=0)
        still |= {each.name for each, size in zip(table, spread, strict=True) if not size > 0}
    assert still == STILL


def test_a_difference_is_told_by_the_name_of_the_feature() -> None:
    seen = golden("demo")[1]
    changed = {part: np.array(seen[part]) for part in PARTS}
    tank = [each.name for each in TANK_FEATURES].index("planned_day")
    network = [each.name for each in NETWORK_FEATURES].index("tanks")
    changed["tanks"][2, 3, tank] = 0.25
    changed["network"][1, network] = 0.5
    changed["mask"][0, 0] = 0
    before = seen["tanks"][2, 3, tank]
    assert differing_features(seen, changed, 0.0) == [
        f"morning 2: tanks planned_day of tanks [3]: {before} was, 0.25 is",
        f"morning 1: network tanks: {seen['network'][1, network]} was, 0.5 is",
        "morning 0: mask",
    ]
    assert differing_features(seen, seen, 0.0) == []
    shorter = {part: seen[part][:-1] for part in PARTS}
    assert differing_features(seen, shorter, 0.0)[0] == "shapes differ"
