"""The work of a morning shared out to processes: the same answer however many there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from lmrs_rl.domain import InputError
from lmrs_rl.domain.processes import Helpers

Result = TypeVar("Result")


class Workers:
    """Maps functions over tasks: inside ``with`` in processes started afresh ("spawn"), outside and for one worker in this one.

    Parameters
    ----------
    count : processes, >= 1
    """

    def __init__(self, count: int = 1) -> None:
        if count < 1:
            raise InputError("workers", count, "at least 1", "give the number of processor cores to use")
        self.count = count
        self._pool: Helpers | None = None

    def __enter__(self) -> Self:
        if self.count > 1:
            self._pool = Helpers(self.count)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.__exit__(kind, error, trace)
            self._pool = None

    def map(self, function: Callable[..., Result], *tasks: Sequence[Any]) -> list[Result]:
        """``function`` of the first of each of ``tasks``, of the second and so on, in their order; of module level, as processes find it by name."""
        return list(map(function, *tasks) if self._pool is None else self._pool.map(function, *tasks))
