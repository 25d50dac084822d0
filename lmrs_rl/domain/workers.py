"""Helper processes that end with the work that they were started for, and work shared out to
them.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from types import TracebackType
from typing import Any, ClassVar, ParamSpec, Self, TypeVar

from lmrs_rl.errors import InputError

Result = TypeVar("Result")
P = ParamSpec("P")


class Helpers(ProcessPoolExecutor):
    """Processes started afresh ("spawn"), when they are first needed; forked ones would inherit
    locks of OR-Tools' and numba's threads.

    They do not hear Ctrl-C: it ends the work of who started them, and leaving ``with`` by an error,
    as that does, ends them at once.

    Parameters
    ----------
    count : processes, >= 1
    """

    def __init__(self, count: int) -> None:
        super().__init__(count, mp_context=get_context("spawn"))

    def submit(
        self, function: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[Result]:
        """As `ProcessPoolExecutor.submit`, which starts the processes."""
        with deaf_to_interrupts():
            return super().submit(function, *args, **kwargs)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            for process in list((self._processes or {}).values()):
                process.terminate()
        self.shutdown(cancel_futures=True)


class Workers:
    """Maps functions over tasks, the same answer however many there are: inside ``with`` in
    processes, outside and for one worker in this one.

    Parameters
    ----------
    count : processes, >= 1
    """

    option: ClassVar[str] = "workers"

    def __init__(self, count: int = 1) -> None:
        if count < 1:
            raise InputError(
                self.option, count, "at least 1", "give the number of processor cores to use"
            )
        self.count = count
        self._pool: Helpers | None = None

    def __enter__(self) -> Self:
        if self.count > 1:
            self._pool = Helpers(self.count)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.__exit__(kind, error, trace)
            self._pool = None

    def map(self, function: Callable[..., Result], *tasks: Sequence[Any]) -> list[Result]:
        """``function`` of the first of each of ``tasks``, of the second and so on, in their
        order; of module level, as processes find it by name.
        """
        if self._pool is None:
            return [function(*each) for each in zip(*tasks, strict=True)]
        return list(self._pool.map(function, *tasks))


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Processes started inside never hear an interrupt, and so print no tracebacks of their own.

    They inherit the calling thread's mask. One that comes meanwhile is heard at the end, or at once
    where the system gives it to another thread.
    """
    if sys.platform == "win32":  # no masks there
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
