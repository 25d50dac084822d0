"""Order parameters and orders: both sides of every limit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import InputError, Order, OrderParameters


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("x_kg", -0.1, 0),
        ("a", 0.01, 0),
        ("b", 0, 0.01),
        ("alpha", -1, 0),
        ("beta", -1e-9, 0),
        ("z", 0, 0.001),
        ("z", 1, 0.999),
        ("value_per_kg", -0.1, 0),
        ("q_min_floor", -0.1, 0),
        ("q_min_floor", 1.1, 1),
        ("call_in_penalty", -1, 0),
    ],
)
def test_both_sides_of_every_limit(name: str, bad: float, good: float) -> None:
    with pytest.raises(InputError, match=name):
        OrderParameters.shared(2, **{"x_kg": 1.0, name: bad})
    OrderParameters.shared(2, **{"x_kg": 1.0, name: good})


@pytest.mark.parametrize(
    "name",
    ["x_kg", "a", "b", "alpha", "beta", "z", "value_per_kg", "q_min_floor", "call_in_penalty"],
)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_parameters_are_finite(name: str, bad: float) -> None:
    with pytest.raises(InputError, match=name):
        OrderParameters.shared(2, **{"x_kg": 1.0, name: bad})


def test_parameters_have_one_entry_for_each_tank() -> None:
    one, two = np.ones(1), np.ones(2)
    with pytest.raises(InputError, match="b: got"):
        OrderParameters(two, -two, one, two, two, two / 2, two, two, two, 1.0)


def test_one_bad_tank_is_named() -> None:
    with pytest.raises(InputError, match=r"alpha\[1\]"):
        OrderParameters.shared(2, x_kg=1.0, alpha=[1.0, -1.0])


def order(**changes: Any) -> Order:
    good: dict[str, Any] = {
        "customer": 0,
        "windows_h": [[1.0, 2.0]],
        "q_min_kg": 1.0,
        "q_max_kg": 2.0,
        "penalty": 3.0,
    }
    return Order(**{**good, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"windows_h": []}, "windows_h"),
        ({"windows_h": np.zeros((0, 2))}, r"windows_h: got shape \(0, 2\)"),
        ({"windows_h": np.zeros((0, 3))}, r"windows_h: got shape \(0, 3\)"),
        ({"windows_h": [[1.0, 2.0, 3.0]]}, r"windows_h: got shape \(1, 3\)"),
        ({"windows_h": [1.0, 2.0]}, "windows_h"),
        ({"windows_h": [[2.0, 1.0]]}, "windows_h"),
        ({"windows_h": [[1.0, 2.0], [1.5, 3.0]]}, "windows_h"),
        ({"windows_h": [[1.0, np.inf]]}, "windows_h"),
        ({"q_min_kg": -0.1}, "q_min_kg"),
        ({"q_min_kg": 2.1}, "q_max_kg"),
        ({"q_min_kg": 0.0, "q_max_kg": 0.0}, "q_max_kg"),
        ({"q_max_kg": np.inf}, "q_max_kg"),
        ({"penalty": -1.0}, "penalty"),
        ({"penalty": np.nan}, "penalty"),
        ({"value_per_kg": -1.0}, "value_per_kg"),
        ({"stockout_h": np.nan}, "stockout_h"),
    ],
)
def test_bad_orders_are_refused_by_name(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=rf"order\.{said}"):
        order(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"windows_h": [[1.0, 1.0]]},
        {"windows_h": [[1.0, 2.0], [2.0, 3.0]]},
        {"q_min_kg": 0.0},
        {"q_min_kg": 2.0},
        {"penalty": 0.0},
        {"stockout_h": np.inf},
        {"stockout_h": 0.0},
    ],
)
def test_the_nearest_good_orders_pass(changes: dict[str, Any]) -> None:
    order(**changes)
