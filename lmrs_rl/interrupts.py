"""Ctrl-C ends the command line in one line, from its first moment to its last. Standard library
only: it is there before the rest is.
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
SAID = "lmrs: interrupted; no file is half-written\n"
AGAIN_S = 0.02
"""[s] After which an interrupt that nobody could catch comes once more."""


def run_guarded(importing: Callable[[], Callable[[], int]]) -> int:
    """Import and run a command line; what it answers, or `INTERRUPTED` and one line on stderr. The
    process is to end afterwards.

    Parameters
    ----------
    importing : imports what is needed and returns what is to be run
    """
    guard = _Guard()
    guard.install()
    try:
        with leaving_at_once():
            run = importing()
        code = run()
    except BaseException:
        if not guard.heard:
            raise
    finally:
        # All is done: what is left is Python's own end, in which an interrupt would only leave a
        # traceback.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if guard.heard:
        # Where an interrupt struck in the `exec` of a text, Python keeps a mark of it, and would
        # end by the signal instead of by the code: the next text wipes it off.
        exec("")
        sys.stderr.write(SAID)
        return INTERRUPTED
    return code


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """For imports in a guarded run: an interrupt ends the process there and then; in other runs it
    does what it always does.

    Modules half imported swallow interrupts, turn them into errors of their own or print them, and
    there is nothing to clean up yet.
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
    os.write(2, SAID.encode())
    os._exit(INTERRUPTED)


class _Guard:
    """Hears of an interrupt, passes it on as `KeyboardInterrupt`, and keeps quiet what breaks
    because of it.
    """

    def __init__(self) -> None:
        self.heard = False

    def install(self) -> None:
        signal.signal(signal.SIGINT, self.hear)
        sys.excepthook, sys.unraisablehook = self.uncaught, self.unraisable

    def hear(self, *_: object) -> None:
        self.heard = True
        if not _of_an_interrupt(
            sys.exc_info()[1]
        ):  # otherwise one is being cleaned up after, which a second one must not cut short
            raise KeyboardInterrupt

    def uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Extension modules print errors that they cannot pass on by this hook."""
        if not self.heard:
            sys.__excepthook__(kind, error, trace)

    def unraisable(self, told: sys.UnraisableHookArgs) -> None:
        """Nothing of objects broken off half-made, which complain while they are torn down
        (llvmlite's do so in ``__del__``).

        An interrupt that came while such a method ran has got lost in it: it comes again.
        """
        if not self.heard:
            sys.__unraisablehook__(told)
        elif isinstance(told.exc_value, KeyboardInterrupt):
            threading.Timer(AGAIN_S, _again).start()


def _again() -> None:
    if sys.platform == "win32":
        interrupt_main()
    else:  # wakes a main thread that waits, too
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def _of_an_interrupt(error: BaseException | None) -> bool:
    """Whether an error is an interrupt or came of one."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
