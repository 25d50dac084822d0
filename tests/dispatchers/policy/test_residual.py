"""Actions as residuals on a baseline."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.policy import ACTION_NAMES, ACTIONS, residual_parameters
from lmrs_rl.domain import InputError, OrderParameters
from tests import tiny

NETWORK = tiny.network()


def base(**kwargs: float) -> OrderParameters:
    parameters = FixedParameters(
        **{
            "x_share": 0.5,
            "a": -0.05,
            "b": 0.9,
            "z": 0.6,
            "value_multiplier": 1.0,
            "q_min_floor": 0.2,
            **kwargs,
        }
    )
    return FixedDispatcher(parameters)(NETWORK, tiny.snapshot(), None)  # type: ignore[arg-type]


def moved(name: str, u: float, **kwargs: float) -> OrderParameters:
    action = np.zeros((2, 7))
    action[0, ACTION_NAMES.index(name)] = u
    return residual_parameters(NETWORK, base(**kwargs), action)


@pytest.mark.parametrize(
    "extreme",
    [
        {},
        {"x_share": 0.0, "a": 0.0, "b": 0.01, "alpha": 0.0, "z": 0.999},
        {"x_share": 1.0, "z": 0.001, "beta": 0.0},
    ],
)
def test_nothing_is_the_baseline_to_the_bit(extreme: dict[str, float]) -> None:
    same, given_ = residual_parameters(NETWORK, base(**extreme), np.zeros((2, 7))), base(**extreme)
    for each in fields(OrderParameters):
        assert (
            np.asarray(getattr(same, each.name)).tobytes()
            == np.asarray(getattr(given_, each.name)).tobytes()
        )


def test_each_number_by_hand_and_the_other_tank_stays() -> None:
    # Both tanks: h' = h = 100 kg, span 900 kg, x = 450 kg. Logit of 0.5 is 0, of 0.6 is log 1.5.
    x = moved("x", 1.0)
    assert x.x_kg == pytest.approx([900 / (1 + np.exp(-2)), 450])
    assert moved("a", -1.0).a == pytest.approx([-0.15, -0.05])
    assert moved("a", 1.0).a.tolist() == [0.0, -0.05]  # at most 0
    assert moved("b", 0.5).b == pytest.approx([1.1, 0.9])
    assert moved("b", -1.0, b=0.3).b == pytest.approx([0.05, 0.3])
    assert moved("beta", -0.5).beta == pytest.approx([1e-4 * np.exp(-1), 1e-4])
    assert moved("fill", 0.5, fill_days=0.2).fill_days == pytest.approx([0.7, 0.2])
    assert moved("fill", -0.5, fill_days=0.2).fill_days.tolist() == [0.0, 0.2]  # at least 0
    assert moved("z", 0.5).z == pytest.approx([1.5 * np.e / (1 + 1.5 * np.e), 0.6])


def test_alpha_scales_the_value_of_a_kg_too() -> None:
    alpha, still = moved("alpha", 0.5), base()
    assert alpha.alpha == pytest.approx([1000 * np.e, 1000])
    assert alpha.value_per_kg / still.value_per_kg == pytest.approx([np.e, 1])


@given(
    arrays(np.float64, (2, 7), elements=st.floats(-1, 1)), st.floats(0, 1), st.floats(0.001, 0.999)
)
def test_any_action_on_any_baseline_gives_parameters_that_are_allowed(
    action: np.ndarray, x_share: float, z: float
) -> None:
    made = residual_parameters(
        NETWORK, base(x_share=x_share, z=z), action
    )  # refuses itself what is not allowed
    assert np.all(made.x_kg <= 900 + 1e-9)


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((3, 7)),
        np.zeros((2, 6)),
        np.full((2, 7), 1.0001),
        np.full((2, 7), np.nan),
        # One entry alone.
        np.where(np.arange(14).reshape(2, 7) == 9, -1.0001, 0.0),
        np.where(np.arange(14).reshape(2, 7) == 9, np.nan, 0.0),
    ],
)
def test_bad_actions_are_refused_by_shape_and_range(bad: np.ndarray) -> None:
    with pytest.raises(InputError, match="action"):
        residual_parameters(NETWORK, base(), bad)


def test_scales_are_told_for_the_seven() -> None:
    assert ACTION_NAMES == ("x", "a", "b", "alpha", "beta", "z", "fill")
    assert all(
        action.scale > 0 and action.how in ("logit", "add", "factor") and action.meaning
        for action in ACTIONS
    )


def test_a_tank_larger_than_a_truckload_moves_within_what_is_left() -> None:
    large = replace(NETWORK, vehicles=replace(NETWORK.vehicles, capacity_kg=np.array([500.0])))
    given_ = FixedDispatcher(FixedParameters())(large, tiny.snapshot(), None)  # type: ignore[arg-type]
    action = np.zeros((2, 7))
    action[:, 0] = 1.0
    # h' = 1000 - 500, span 500 kg.
    assert residual_parameters(large, given_, action).x_kg == pytest.approx(500 / (1 + np.exp(-2)))
