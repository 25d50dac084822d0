"""Processes that play episodes: the same answer however many there are, in the order that was
asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from lmrs_rl.domain.workers import Workers

Result = TypeVar("Result")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Crew(Workers):
    """Workers of one thread each."""

    option: ClassVar[str] = "jobs"

    def map(self, function: Callable[..., Result], *tasks: Sequence[Any]) -> list[Result]:
        """As `Workers.map`."""
        with one_thread_each():
            return super().map(function, *tasks)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Processes start when they are first needed, and take what the environment says then: one
    thread for each.
    """
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
