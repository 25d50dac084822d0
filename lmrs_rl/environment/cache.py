"""A small store of what is costly to make and needed again: an object that is passed around,
never a global.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from lmrs_rl.domain.arguments import whole_number

Thing = TypeVar("Thing")


class ScenarioCache:
    """Keeps the ``size`` things asked for last. Copies and pickles of it are empty: what it holds
    can be made again.

    Parameters
    ----------
    size : >= 0; 0 keeps nothing
    """

    def __init__(self, size: int = 4) -> None:
        self.size = whole_number(
            "size", size, 0, None, "a whole number, at least 0", "0 keeps nothing"
        )
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """What is kept under ``key``; made and kept where there is nothing."""
        if key not in self._kept:
            self._kept[key] = make()
        thing: Thing = self._kept[key]
        self._kept.move_to_end(key)
        while len(self._kept) > self.size:
            self._kept.popitem(last=False)
        return thing

    def __reduce__(self) -> tuple[type[ScenarioCache], tuple[int]]:
        return ScenarioCache, (self.size,)
