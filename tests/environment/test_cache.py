"""The store of what is costly to make."""

from __future__ import annotations

import copy
import pickle

import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.environment import ScenarioCache


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key

    cache = ScenarioCache(2)
    for key in "abacab":
        assert cache.get(key, lambda key=key: make(key)) == key  # type: ignore[misc]
    # b goes when c comes, c when b comes again.
    assert made == ["a", "b", "c", "b"]
    assert len(cache) == 2


def test_copies_and_pickles_are_empty() -> None:
    cache = ScenarioCache(3)
    cache.get("a", lambda: 1)
    for twin in (copy.deepcopy(cache), pickle.loads(pickle.dumps(cache))):
        assert (len(twin), twin.size) == (0, 3)


def test_without_a_place_nothing_is_kept() -> None:
    cache = ScenarioCache(0)
    assert cache.get("a", lambda: 1) == 1
    assert len(cache) == 0


@pytest.mark.parametrize("bad", [-1, 2.5, True, "3"])
def test_a_size_is_a_whole_number_of_at_least_0(bad: object) -> None:
    with pytest.raises(InputError, match="size"):
        ScenarioCache(bad)  # type: ignore[arg-type]
