"""A cache of warmed-up scenarios: an object that is passed around, never a global."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from lmrs_rl.domain.arguments import whole_number

_Value = TypeVar("_Value")


class ScenarioCache:
    """Keeps the ``size`` values used last (LRU).

    Copies and pickles of it are empty: its values are large and can be made again.

    Parameters
    ----------
    size : >= 0; 0 keeps nothing
    """

    def __init__(self, size: int = 4) -> None:
        self.size = whole_number(
            "size", size, 0, None, "a whole number, at least 0", "0 keeps nothing"
        )
        self._values: OrderedDict[Hashable, Any] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """The value of ``key``, made by ``make`` and kept if there is none."""
        if key not in self._values:
            self._values[key] = make()
        value: _Value = self._values[key]
        self._values.move_to_end(key)
        while len(self._values) > self.size:
            self._values.popitem(last=False)
        return value

    def __reduce__(self) -> tuple[type[ScenarioCache], tuple[int]]:
        return ScenarioCache, (self.size,)
