"""Processes that play episodes: the same answer however many there are, in the order that was asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from lmrs_rl.domain import InputError
from lmrs_rl.domain.processes import Helpers

Result = TypeVar("Result")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Crew:
    """Maps functions over tasks: inside ``with`` in processes started afresh ("spawn"), outside and for one job in this one.

    Parameters
    ----------
    jobs : processes, >= 1
    """

    def __init__(self, jobs: int = 1) -> None:
        if jobs < 1:
            raise InputError("jobs", jobs, "at least 1", "give the number of processor cores to use")
        self.jobs = jobs
        self._pool: Helpers | None = None

    def __enter__(self) -> Self:
        if self.jobs > 1:
            self._pool = Helpers(self.jobs)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.__exit__(kind, error, trace)
            self._pool = None

    def map(self, function: Callable[..., Result], *tasks: Sequence[Any]) -> list[Result]:
        """``function`` of the first of each of ``tasks``, of the second and so on, in their order; of module level, as processes find it by name."""
        if self._pool is None:
            return [function(*each) for each in zip(*tasks, strict=True)]
        with one_thread_each():
            return list(self._pool.map(function, *tasks))


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Processes start when they are first needed, and take what the environment says then: one thread for each."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
