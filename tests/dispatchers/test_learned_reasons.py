"""Why a policy answers as it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lmrs_rl.dispatchers.learned_reasons as reasons
from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters, LearnedDispatcher
from lmrs_rl.dispatchers.learned import Choice, Fallback
from lmrs_rl.dispatchers.learned_reasons import influences
from lmrs_rl.dispatchers.policy import NETWORK_FEATURES, TANK_FEATURES
from tests import tiny

FILL, ROOM, TANKS = 0, 11, len(NETWORK_FEATURES) - 1
TYPICAL = [0.0] * len(NETWORK_FEATURES)


class Linear:
    """A policy in numpy whose z is 0.5 fill - 0.1 room + 0.01 tanks, and whose b is 0.2 of the
    mean fill of all tanks.
    """

    about: dict[str, Any] = {"typical_network": TYPICAL}  # noqa: RUF012

    def __call__(self, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        tanks, network, mask = given["tanks"], given["network"], given["mask"]
        u = np.zeros((*mask.shape, 7))
        u[:, :, 5] = (
            0.5 * tanks[:, :, FILL] - 0.1 * tanks[:, :, ROOM] + 0.01 * network[:, TANKS, None]
        )
        u[:, :, 2] = (
            0.2
            * (tanks[:, :, FILL] * mask).sum(axis=1, keepdims=True)
            / mask.sum(axis=1, keepdims=True)
        )
        return {"u": u * mask[:, :, None]}


POLICY: Any = Linear()


def case(
    fill: list[float], room: list[float], fallbacks: tuple[Fallback, ...] = ()
) -> tuple[LearnedDispatcher, Choice]:
    """Two tanks with these features, all others 0."""
    parameters = FixedParameters()
    base = FixedDispatcher(parameters)(tiny.network(), tiny.snapshot(), None)  # type: ignore[arg-type]
    tanks, network = np.zeros((2, len(TANK_FEATURES))), np.zeros(len(NETWORK_FEATURES))
    tanks[:, FILL], tanks[:, ROOM], network[TANKS] = fill, room, 2.0
    mask = np.array(
        [[each not in {f.tank for f in fallbacks} for each in range(2)]], dtype=np.float64
    )
    u = POLICY({"tanks": tanks[None], "network": network[None], "mask": mask})["u"][0]
    return LearnedDispatcher(POLICY, parameters), Choice(
        base, base, u, np.full(2, 900.0), tanks, network, fallbacks
    )


def test_of_a_linear_policy_it_is_weight_times_distance_from_the_usual() -> None:
    assert (TANK_FEATURES[FILL].name, TANK_FEATURES[ROOM].name) == ("fill", "room")
    dispatcher, choice = case([0.2, 0.6], [3.0, 1.0])
    found = influences(dispatcher, choice)
    assert found.usual[FILL] == pytest.approx(0.4)
    assert found.effect[:, FILL, 5] == pytest.approx([-0.1, 0.1])  # 0.5 * (0.2 - 0.4)
    assert found.effect[:, ROOM, 5] == pytest.approx([-0.1, 0.1])  # -0.1 * (3 - 2)
    assert found.effect[:, len(TANK_FEATURES) + TANKS, 5] == pytest.approx([0.02, 0.02])
    untouched = np.delete(found.effect, [FILL, ROOM, len(TANK_FEATURES) + TANKS], axis=1)
    assert not untouched.any()


def test_a_feature_is_set_for_one_tank_at_a_time() -> None:
    dispatcher, choice = case([0.2, 0.6], [1.0, 1.0])
    # A at its usual 0.4 moves the mean by 0.1; were both set at once, it would not move at all.
    assert influences(dispatcher, choice).effect[:, FILL, 2] == pytest.approx([-0.02, 0.02])


def test_of_a_large_network_several_tanks_take_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reasons, "MOST_ROWS", 1)
    dispatcher, choice = case([0.2, 0.6], [3.0, 1.0])
    found = influences(dispatcher, choice)
    assert found.effect[:, FILL, 5] == pytest.approx([-0.1, 0.1])
    assert found.effect[:, FILL, 2] == pytest.approx([0, 0], abs=1e-12)


def test_the_strongest_come_first_and_what_did_nothing_is_left_out() -> None:
    dispatcher, choice = case([0.2, 0.6], [4.0, 1.0])
    found = influences(dispatcher, choice)
    told = found.of_tank(choice, 0, 5)
    assert [each.feature.name for each in told] == ["room", "fill"]  # 0.15 and 0.1
    assert told[0].text == "room 4, usual 2.5: z -0.15"
    assert [each.feature.name for each in found.of_tank(choice, 0, 1)] == ["room"]
    assert [each.feature.name for each in found.of_network(choice, 3)] == ["tanks"]


def test_a_tank_that_fell_back_has_no_reasons_and_is_not_usual() -> None:
    dispatcher, choice = case([0.2, np.nan], [3.0, 1.0], (Fallback(1, "fill is nan"),))
    found = influences(dispatcher, choice)
    assert found.usual[FILL] == 0.2
    assert not found.effect[1].any()
    none = influences(dispatcher, replace(choice, fallbacks=(Fallback(0, "x"), Fallback(1, "x"))))
    assert not none.effect.any()


def test_a_file_says_what_is_usual_for_a_network() -> None:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    from lmrs_rl.dispatchers import load_agent

    dispatcher = load_agent(Path(__file__).resolve().parents[1] / "agents" / "wild").dispatcher(
        np.random.default_rng(0)
    )
    assert isinstance(dispatcher, LearnedDispatcher)
    assert len(dispatcher.policy.about["typical_network"]) == len(NETWORK_FEATURES)
