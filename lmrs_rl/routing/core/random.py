"""A small random stream for compiled code: xorshift64* (Vigna 2016, doi:10.1145/2845077).

Its state is passed in, so that the same seed gives the same bits on every machine and numba
version, which numba's own generator does not promise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.routing.core.compiled import compiled


@compiled
def uniform(stream: NDArray[np.uint64]) -> float:
    """The next number in [0, 1), from the upper 53 bits; ``stream`` (1,) is advanced and must not
    be 0.
    """
    # Shifts and exclusive ors turn 0 into 0, hence no state of 0.
    x = stream[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    stream[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@compiled
def below(stream: NDArray[np.uint64], n: int) -> int:
    """The next whole number in [0, n)."""
    return int(uniform(stream) * n)
