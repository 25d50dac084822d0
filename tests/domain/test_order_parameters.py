"""The one table of order parameters, and what follows from it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.dispatchers.policy.schema import BASE_INPUTS, PARAMETER_OUTPUTS
from lmrs_rl.domain import InputError, OrderParameters
from lmrs_rl.domain.order_parameters import (
    ACTION_NAMES,
    FIXED,
    ORDER_PARAMETERS,
    PER_TANK,
    NumberSpec,
)
from lmrs_rl.learning.ranges import RANGES


def test_it_has_the_attributes_of_both_dataclasses_in_their_order() -> None:
    assert [each.name for each in ORDER_PARAMETERS] == [f.name for f in fields(OrderParameters)]
    assert list(FIXED) == [f.name for f in fields(FixedParameters)]
    assert (*PER_TANK, "call_in_penalty") == tuple(each.name for each in ORDER_PARAMETERS)


def test_defaults_are_the_sources_examples() -> None:
    assert list(vars(FixedParameters()).values()) == [
        *(0.5, -0.1, 1.0, 1000.0, 1e-4, 0.5, 0.0, 0.0, 0.0, 1e5)
    ]
    shared = OrderParameters.shared(1, x_kg=3.0)
    assert [float(getattr(shared, name)[0]) for name in PER_TANK] == [
        *(3.0, -0.1, 1.0, 1000.0, 1e-4, 0.5, 0.0, 0.0, 0.0)
    ]
    assert shared.call_in_penalty == 1e5


def test_a_policy_moves_all_but_the_floor_and_the_call_in_penalty() -> None:
    moved = ("x_kg", "a", "b", "alpha", "beta", "z", "value_per_kg", "fill_days")
    assert moved == PARAMETER_OUTPUTS
    assert tuple(f"base_{name}" for name in moved) == BASE_INPUTS
    assert {each.moved_by for each in ORDER_PARAMETERS} - {""} == set(ACTION_NAMES)


def test_tuning_looks_where_values_are_allowed() -> None:
    for each in RANGES["extended"]:
        assert FIXED[each.name].allows(np.array([each.low, each.high])).all()


@pytest.mark.parametrize("number", [each.number for each in ORDER_PARAMETERS], ids=lambda n: n.name)
def test_the_ends_of_every_range_and_a_hair_beyond(number: NumberSpec) -> None:
    for end, outwards in ((number.low, -np.inf), (number.high, np.inf)):
        if np.isinf(end):
            assert not number.allows(np.array(end))
            continue
        excluded = end in number.excluded
        assert bool(number.allows(np.array(end))) is not excluded
        assert bool(number.allows(np.array(np.nextafter(end, -outwards))))
        assert not number.allows(np.array(np.nextafter(end, outwards)))
    assert not number.allows(np.array(np.nan))


@pytest.mark.parametrize("as_array", [True, False])
def test_the_fast_check_and_the_slow_one_refuse_the_same(as_array: bool) -> None:
    """A list of whole numbers takes the slow way, arrays of floats the fast one."""
    good = {"x_kg": 1.0, "z": 0.5, "q_min_floor": 0.5, "b": 1.0}
    for name, bad in (("x_kg", -1.0), ("z", 1.0), ("q_min_floor", 1.5), ("b", 0.0), ("a", 1.0)):
        values: dict[str, Any] = {
            each: np.full(2, number)
            for each, number in ({**dict.fromkeys(PER_TANK, 0.0), **good, name: bad}.items())
        }
        if not as_array:
            values = {each: value.tolist() for each, value in values.items()}
        with pytest.raises(InputError, match=rf"^{name}\[0\]"):
            OrderParameters(**values, call_in_penalty=1.0)
