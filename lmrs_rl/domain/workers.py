"""The one pool of worker processes. A cluster engine can take its place behind this module.

Workers are processes: OR-Tools holds Python's interpreter lock for as long as it searches
(measured: another thread got no turn in 20 s), so threads would wait for each other.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from lmrs_rl.errors import InputError

Result = TypeVar("Result")
P = ParamSpec("P")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class WorkerPool:
    """Runs functions of module level in worker processes, with the same results however many there
    are: inside ``with`` in processes, outside and for one worker in this one.

    Processes are started afresh ("spawn") when they are first needed; forked ones would inherit
    locks of OR-Tools' and numba's threads. They do not hear Ctrl-C: it ends the work of the
    process that started them, and leaving ``with`` by an error, as that does, ends them at once.

    Parameters
    ----------
    count : processes, >= 1
    option : how errors call ``count``
    single_threaded : whether BLAS and OpenMP get one thread in each process, for work that keeps
        all processes busy
    """

    def __init__(
        self, count: int = 1, *, option: str = "workers", single_threaded: bool = False
    ) -> None:
        if count < 1:
            raise InputError(
                option, count, "at least 1", "give the number of processor cores to use"
            )
        self.count = count
        self.single_threaded = single_threaded
        self._executor: _SpawnExecutor | None = None

    def __enter__(self) -> Self:
        if self.count > 1:
            self._executor = _SpawnExecutor(self.count)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._executor is not None:
            self._executor.__exit__(kind, error, trace)
            self._executor = None

    def map(self, function: Callable[..., Result], *tasks: Sequence[Any]) -> list[Result]:
        """``function`` of the first of each of ``tasks``, of the second and so on, in order."""
        if self._executor is None:
            return [function(*each) for each in zip(*tasks, strict=True)]
        with one_thread_each(self.single_threaded):
            return list(self._executor.map(function, *tasks))

    def submit(
        self, function: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[Result]:
        """The result of one call, to come; it has come on return where there are no processes."""
        if self._executor is not None:
            with one_thread_each(self.single_threaded):
                return self._executor.submit(function, *args, **kwargs)
        done: Future[Result] = Future()
        done.set_result(function(*args, **kwargs))
        return done


class _SpawnExecutor(ProcessPoolExecutor):
    """Processes started afresh that do not hear interrupts and end with an error of their user."""

    def __init__(self, count: int) -> None:
        super().__init__(count, mp_context=get_context("spawn"))

    def submit(
        self, function: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[Result]:
        # The first call starts the processes.
        with deaf_to_interrupts():
            return super().submit(function, *args, **kwargs)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            # `shutdown` cancels what has not begun, but would wait for what is running.
            for process in list((self._processes or {}).values()):
                process.terminate()
        self.shutdown(cancel_futures=True)


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Processes started inside never hear an interrupt, and so print no tracebacks of their own.

    They inherit the calling thread's mask. An interrupt that comes meanwhile is heard at the end,
    or at once where the system gives it to another thread.
    """
    if sys.platform == "win32":  # no masks there
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextmanager
def one_thread_each(wanted: bool = True) -> Iterator[None]:
    """Set BLAS and OpenMP threads to 1 for processes started inside; nothing if not ``wanted``."""
    before = {name: os.environ.get(name) for name in THREAD_VARIABLES}
    # In the environment, which the libraries read when they are loaded.
    if wanted:
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
    try:
        yield
    finally:
        for name, value in before.items() if wanted else ():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
