"""The random stream beside xorshift64* in whole numbers without limit."""

from __future__ import annotations

import pytest

from lmrs_rl.routing.core.random import below, uniform
from tests.routing.core.cores import stream


def reference(seed: int, count: int) -> list[float]:
    """The first numbers in [0, 1) of xorshift64* (Vigna 2016, page 16)."""
    x, numbers = seed, []
    for _ in range(count):
        x ^= x >> 12
        x = (x ^ (x << 25)) % 2**64
        x ^= x >> 27
        numbers.append((x * 2685821657736338717 % 2**64 >> 11) / 2**53)
    return numbers


@pytest.mark.parametrize("seed", [1, 12345, 2**63 + 5, 2**64 - 1])
def test_the_numbers_are_those_of_the_paper(seed: int) -> None:
    at = stream(seed)
    assert [uniform(at) for _ in range(20)] == reference(seed, 20)


def test_whole_numbers_are_shares_of_the_same_stream() -> None:
    at = stream(77)
    numbers = [below(at, 10) for _ in range(100)]
    assert numbers == [int(10 * u) for u in reference(77, 100)]
    assert set(numbers) == set(range(10))
