"""What a look-ahead chooses from."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.dispatchers.policy import ACTION_NAMES
from lmrs_rl.domain import InputError, OrderParameters
from lmrs_rl.lookahead.candidates import Candidate, candidates_of, designed_actions, drawn_actions
from tests.environment.small import DISPATCHER, first_morning


def same(a: OrderParameters, b: OrderParameters) -> bool:
    return all(
        np.array_equal(getattr(a, each.name), getattr(b, each.name))
        for each in fields(OrderParameters)
    )


def found(
    settings: LookAheadSettings, proposals: int = 0
) -> tuple[tuple[Candidate, ...], OrderParameters]:
    morning = first_morning()
    base = DISPATCHER(morning.network, morning.snapshot, morning.forecast)
    proposer = (
        (lambda morning, base, rng: [(f"mine {k}", base) for k in range(proposals)])
        if proposals
        else None
    )
    return candidates_of(morning, base, settings, np.random.default_rng(0), proposer), base


def test_base_then_proposals_then_designed_then_drawn_each_with_a_seed_of_its_own() -> None:
    candidates, base = found(LookAheadSettings(candidates=13, seeds=2, budget=60), proposals=2)
    assert [each.seed for each in candidates] == list(range(13))
    names = [
        "base",
        "base",
        "mine 0",
        "mine 1",
        "more alpha",
        "less alpha",
        "more x",
        "less x",
        "more z",
        "less z",
        "more b",
        "less b",
    ]
    names.append("drawn 1, tank by tank")
    assert [each.name for each in candidates] == names
    assert same(candidates[1].parameters, base)
    assert not any(same(each.parameters, base) for each in candidates[4:])


def test_the_control_has_the_bases_parameters_alone() -> None:
    candidates, base = found(LookAheadSettings(candidates=5, seeds=5, budget=20), proposals=3)
    assert all(same(each.parameters, base) for each in candidates)
    assert [each.seed for each in candidates] == list(range(5))


def test_proposals_beyond_the_room_are_left_out() -> None:
    candidates, _ = found(LookAheadSettings(candidates=3, seeds=1, budget=20), proposals=5)
    assert [each.name for each in candidates] == ["base", "mine 0", "mine 1"]


def test_without_a_step_all_others_are_drawn() -> None:
    candidates, _ = found(LookAheadSettings(candidates=4, seeds=1, step=0.0, budget=20))
    assert [each.name for each in candidates] == [
        "base",
        "drawn 1, tank by tank",
        "drawn 2",
        "drawn 3, tank by tank",
    ]


def test_more_alpha_is_more_for_every_tank() -> None:
    candidates, base = found(LookAheadSettings(candidates=3, seeds=1, step=0.5, budget=20))
    # The factor of the action space: exp(2 * 0.5).
    assert candidates[1].parameters.alpha == pytest.approx(base.alpha * np.e)
    assert candidates[2].parameters.alpha == pytest.approx(base.alpha / np.e)


def test_a_designed_action_moves_one_number() -> None:
    actions = designed_actions(0.25)
    assert len(actions) == 8
    for name, action in actions:
        word, number = name.split()
        assert np.flatnonzero(action).tolist() == [ACTION_NAMES.index(number)]
        assert action.sum() == (0.25 if word == "more" else -0.25)


def test_drawn_actions_are_normal_tank_by_tank_and_for_all_in_turn_in_the_action_space() -> None:
    drawn = [action for _, action in drawn_actions(1000, 3, 0.2, 1.0, np.random.default_rng(0))]
    by_tank, for_all = np.array(drawn[::2]), np.array(drawn[1::2])
    assert (by_tank.shape, for_all.shape) == ((500, 3, 7), (500, 7))
    assert np.abs(by_tank).max() == 1.0
    # Half of a normal number's draws lie within 0.67 of its standard deviation.
    assert np.median(np.abs(by_tank)) == pytest.approx(0.67, abs=0.03)
    assert np.median(np.abs(for_all)) == pytest.approx(0.2 * 0.67, abs=0.01)


@pytest.mark.parametrize(
    ("field", "bad", "good"),
    [
        ("candidates", 0, 1),
        ("seeds", 5, 4),
        ("seeds", 0, 1),
        ("days", 0, 1),
        ("paths", 0, 1),
        ("step", 1.1, 1.0),
        ("spread", -0.1, 0.0),
        ("tank_spread", 1.1, 1.0),
        ("caution", 0.9, 1.0),
        ("caution", 101.0, 100.0),
        ("budget", 7, 8),  # four candidates, two rounds
    ],
)
def test_settings_out_of_range_are_refused(field: str, bad: float, good: float) -> None:
    fine: dict[str, float] = {"candidates": 4, "seeds": 1, "budget": 20}
    LookAheadSettings(**{**fine, field: good})  # type: ignore[arg-type]
    with pytest.raises(InputError, match=field):
        LookAheadSettings(**{**fine, field: bad})  # type: ignore[arg-type]
