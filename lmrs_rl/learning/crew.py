"""Processes that play episodes: the same answer however many there are, in the order that was asked for."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from types import TracebackType
from typing import Any, Self, TypeVar

from lmrs_rl.domain import InputError

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
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self.jobs > 1:
            # Forked processes would inherit locks of OR-Tools' and numba's threads.
            self._pool = ProcessPoolExecutor(self.jobs, mp_context=get_context("spawn"), initializer=_die_of_interrupts)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error is None, cancel_futures=True)
            self._pool = None

    def map(self, function: Callable[..., Result], *tasks: Sequence[Any]) -> list[Result]:
        """``function`` of the first of each of ``tasks``, of the second and so on, in their order; of module level, as processes find it by name."""
        if self._pool is None:
            return [function(*each) for each in zip(*tasks, strict=True)]
        with one_thread_each():
            return list(self._pool.map(function, *tasks))


def _die_of_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


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
