"""Checked arrays: every refusal, and the nearest value that passes."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import (
    FOREVER,
    above,
    always_open,
    booleans,
    floats,
    indices,
    integers,
    names,
    not_below,
    windows,
)


def test_an_error_says_field_got_wanted_and_remedy() -> None:
    error = InputError("tanks.level[3]", 120, "at most 100", "check the unit")
    assert str(error) == "tanks.level[3]: got 120; wanted at most 100; check the unit"
    assert (error.field, error.got, error.wanted, error.remedy) == (
        "tanks.level[3]",
        120,
        "at most 100",
        "check the unit",
    )
    assert isinstance(error, ValueError)


def test_an_error_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(InputError("f", 1, "2", "mend")))
    assert (str(copy), copy.field, copy.got) == ("f: got 1; wanted 2; mend", "f", 1)


def test_arrays_are_read_only_copies() -> None:
    source = np.array([1.0, 2.0])
    kept = floats("f", source, (2,))
    source[0] = 9
    assert kept.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 3


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_floats_are_finite(bad: float) -> None:
    with pytest.raises(InputError, match=r"f\[1\]"):
        floats("f", [0.0, bad], (2,))


def test_infinity_passes_only_where_it_means_something() -> None:
    assert floats("f", [np.inf], (1,), allow_inf=True)[0] == np.inf
    with pytest.raises(InputError):
        floats("f", [np.nan], (1,), allow_inf=True)


@pytest.mark.parametrize(
    "bad",
    [[1.0], [1.0, 2.0, 3.0], [[1.0, 2.0]], 1.0, [], ["one", "two"], [[1.0], [1.0, 2.0]], None],
)
def test_floats_have_the_shape(bad: Any) -> None:
    with pytest.raises(InputError, match="f: got"):
        floats("f", bad, (2,))


@pytest.mark.parametrize(
    ("value", "fine"),
    [
        (2.0, True),
        (2.5, False),
        (FOREVER, True),
        (FOREVER + 1, False),
        (-FOREVER, True),
        (-FOREVER - 1, False),
    ],
)
def test_integers_are_whole_and_not_absurd(value: float, fine: bool) -> None:
    if fine:
        assert integers("f", [value], (1,)).tolist() == [int(value)]
    else:
        with pytest.raises(InputError, match=r"f\[0\]"):
            integers("f", [value], (1,))


@pytest.mark.parametrize(
    ("value", "fine"),
    [(FOREVER, True), (FOREVER + 1, False), (-FOREVER, True), (-FOREVER - 1, False)],
)
def test_whole_numbers_from_the_start_are_checked_for_size_alone(value: int, fine: bool) -> None:
    source = np.array([value])
    if fine:
        kept = integers("f", source, (1,))
        source[0] = 0
        assert kept.tolist() == [value]
    else:
        with pytest.raises(InputError, match=r"f\[0\]"):
            integers("f", source, (1,))


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_integers_are_finite(bad: float) -> None:
    with pytest.raises(InputError):
        integers("f", [bad], (1,))


def test_booleans_have_the_shape() -> None:
    assert booleans("f", [True, False], (2,)).tolist() == [True, False]
    with pytest.raises(InputError):
        booleans("f", [True], (2,))


def test_not_below_and_above_differ_at_the_limit() -> None:
    limit = np.array([1.0])
    not_below("f", limit, 1, "mend")
    with pytest.raises(InputError, match="at least 1"):
        not_below("f", limit - 1e-9, 1, "mend")
    above("f", limit + 1e-9, 1, "mend")
    with pytest.raises(InputError, match="more than 1"):
        above("f", limit, 1, "mend")


@pytest.mark.parametrize(("value", "fine"), [(-1, False), (0, True), (2, True), (3, False)])
def test_indices_are_numbers_of_things_there_are(value: int, fine: bool) -> None:
    if fine:
        indices("f", [value], (1,), 3, "things")
    else:
        with pytest.raises(InputError, match="3 things"):
            indices("f", [value], (1,), 3, "things")


def test_indices_may_have_a_number_for_none() -> None:
    assert indices("f", [-1], (1,), 3, "things", least=-1).tolist() == [-1]


@pytest.mark.parametrize(
    ("value", "said"), [(("a", "a"), r"f\[1\]"), (("a", ""), r"f\[1\]"), ((1, "a"), r"f\[0\]")]
)
def test_names_are_texts_used_once(value: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        names("f", value)


def test_names_pass() -> None:
    assert names("f", ["a", "b"]) == ("a", "b")


def test_no_windows_given_is_always_open_and_an_empty_list_never() -> None:
    # 1900 years, and as much on top fits in 32 bits.
    assert windows("f", None).tolist() == always_open().tolist() == [[0, 1_000_000_000]]
    assert windows("f", []).shape == (0, 2)


@pytest.mark.parametrize(
    "bad",
    [
        [[10, 9]],  # ends before it starts
        [[0, 10], [9, 20]],  # overlap
        [[20, 30], [0, 10]],  # out of order
        [0, 10],  # not a list of windows
        [[0, 10, 20]],
        [[0.5, 10]],
        [[0, np.nan]],
        [[0, FOREVER + 1]],
    ],
)
def test_bad_windows_are_refused(bad: Any) -> None:
    with pytest.raises(InputError, match="f"):
        windows("f", bad)


@pytest.mark.parametrize(
    ("bad", "k"),
    [
        ([[0, 5], [20, 30], [25, 40]], 2),
        ([[0, 5], [4, 30], [25, 40]], 1),
        ([[0, 5], [9, 8], [10, 12]], 1),
    ],
)
def test_the_first_window_that_is_wrong_is_named(bad: list[list[int]], k: int) -> None:
    with pytest.raises(InputError, match=rf"f\[{k}\]"):
        windows("f", bad)


@pytest.mark.parametrize("good", [[[10, 10]], [[0, 10], [10, 20]], [[0, FOREVER]]])
def test_the_nearest_good_windows_pass(good: Any) -> None:
    assert windows("f", good).tolist() == good
