"""Helper processes."""

from __future__ import annotations

import os
import signal
import time

import pytest

from lmrs_rl.domain.processes import Helpers, deaf_to_interrupts


def interrupted() -> int:
    """Sends itself what Ctrl-C sends, and lives to tell."""
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.01)
    return os.getpid()


def test_helpers_do_not_hear_interrupts() -> None:
    with Helpers(1) as pool:
        assert pool.submit(interrupted).result(60) != os.getpid()


def test_an_error_ends_helpers_at_once() -> None:
    def work() -> None:
        with Helpers(1) as pool:
            pool.submit(interrupted).result(60)
            pool.submit(time.sleep, 60)
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - began < 30


def test_an_interrupt_comes_when_deafness_ends() -> None:
    steps = []

    def work() -> None:
        with deaf_to_interrupts():
            os.kill(os.getpid(), signal.SIGINT)
            steps.append("inside")
        steps.append("after")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert steps == ["inside"]
