"""Small classes of worlds for tests, and what makes two scenarios the same."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from lmrs_rl.worlds.parameters import Episode, Size
from lmrs_rl.worlds.world_class import WorldClass

SHORT = Episode(days=21, warmup_days=7, history_days=56)
SMALL = WorldClass(name="small", size=Size(tanks=(8, 16), n_max=16), episode=SHORT)


def same(a: Any, b: Any) -> bool:
    """Whether two values hold the same bits: dataclasses field by field, arrays with their
    types, NaN as itself.
    """
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if is_dataclass(a) and type(a) is type(b):
        return all(same(getattr(a, each.name), getattr(b, each.name)) for each in fields(a))
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == b)
