"""Ctrl-C ends the command line with one line on stderr, at any moment.

Only the standard library is imported here, since the guard must be in place before the slow imports
of everything else.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from _thread import interrupt_main
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType

INTERRUPTED = 130
"""Exit code of an interrupted command: 128 plus the number of SIGINT, as shells have it."""
MESSAGE = "lmrs: interrupted; no file is half-written\n"
_REPEAT_S = 0.02
"""[s] after which an interrupt that got lost is sent again."""


def run_guarded(importing: Callable[[], Callable[[], int]]) -> int:
    """Import and run a command line; the process should end afterwards.

    Parameters
    ----------
    importing : imports what is needed and returns the function to run

    Returns
    -------
    int
        Exit code of the function; `INTERRUPTED` after an interrupt, with one line on stderr.
    """
    guard = _Guard()
    guard.install()
    code = INTERRUPTED
    try:
        with leaving_at_once():
            run = importing()
        code = run()
    except BaseException:
        if not guard.heard:
            raise
    finally:
        # Only Python's own shutdown is left, in which an interrupt would print a traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if guard.heard:
        # An interrupt during `exec` of a string leaves a flag in the interpreter, with which it
        # would end by the signal instead of by the exit code; running another string clears it.
        exec("")
        sys.stderr.write(MESSAGE)
        return INTERRUPTED
    return code


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """Let an interrupt end the process at once, for imports in a guarded run.

    Modules that are being imported swallow interrupts, turn them into other errors or print them;
    and there is nothing to clean up yet. Outside of a guarded run nothing changes.
    """
    before = signal.getsignal(signal.SIGINT)
    if not isinstance(getattr(before, "__self__", None), _Guard):
        yield
        return
    signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _leave(*_: object) -> None:
    os.write(2, MESSAGE.encode())
    os._exit(INTERRUPTED)


class _Guard:
    """Passes an interrupt on as `KeyboardInterrupt`, and silences the errors that it causes."""

    def __init__(self) -> None:
        self.heard = False

    def install(self) -> None:
        signal.signal(signal.SIGINT, self.hear)
        sys.excepthook, sys.unraisablehook = self.uncaught, self.unraisable

    def hear(self, *_: object) -> None:
        """Signal handler: raise `KeyboardInterrupt`."""
        self.heard = True
        # A second interrupt must not cut short the cleaning up after the first one.
        if not _caused_by_interrupt(sys.exc_info()[1]):
            raise KeyboardInterrupt

    def uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Print an uncaught error, unless there was an interrupt.

        Extension modules use this hook for errors that they cannot raise.
        """
        if not self.heard:
            sys.__excepthook__(kind, error, trace)

    def unraisable(self, details: sys.UnraisableHookArgs) -> None:
        """Print an error that could not be raised, unless there was an interrupt.

        Objects whose construction was interrupted fail while they are torn down (llvmlite's do so
        in ``__del__``). An interrupt that arrives in such a method is lost, so it is repeated.
        """
        if not self.heard:
            sys.__unraisablehook__(details)
        elif isinstance(details.exc_value, KeyboardInterrupt):
            threading.Timer(_REPEAT_S, _repeat_interrupt).start()


def _repeat_interrupt() -> None:
    if sys.platform == "win32":
        interrupt_main()
    else:  # unlike `interrupt_main`, this wakes a main thread that waits
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _caused_by_interrupt(error: BaseException | None) -> bool:
    """Whether an error is an interrupt, or was raised while one was handled."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
