"""Helper processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from lmrs_rl.domain.workers import WorkerPool, deaf_to_interrupts


def interrupted() -> int:
    """Sends itself what Ctrl-C sends, and lives to tell."""
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.01)
    return os.getpid()


def test_helpers_do_not_hear_interrupts() -> None:
    with WorkerPool(2) as pool:
        assert pool.submit(interrupted).result(60) != os.getpid()


def test_after_its_block_a_pool_works_in_this_process() -> None:
    pool = WorkerPool(2)
    with pool:
        pass
    assert pool.submit(os.getpid).result(0) == os.getpid()
    assert pool.map(abs, [-1, 2]) == [1, 2]


def test_an_error_ends_helpers_at_once() -> None:
    def work() -> None:
        with WorkerPool(2) as pool:
            pool.submit(interrupted).result(60)
            running = pool.submit(time.sleep, 60)
            # What has not begun is cancelled; this must be about what has.
            while not running.running():
                time.sleep(0.01)
            time.sleep(0.5)
            raise KeyboardInterrupt

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        work()
    assert time.monotonic() - began < 30


def test_an_interrupt_comes_when_deafness_ends() -> None:
    # In a process of its own, so that no other test hears it. Raised in the thread: the system may
    # give another thread what is sent to the process.
    script = """
import signal
from lmrs_rl.domain.workers import deaf_to_interrupts
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever started the tests may ignore it
try:
    with deaf_to_interrupts():
        signal.raise_signal(signal.SIGINT)
        print("inside")
    print("after")
except KeyboardInterrupt:
    print("interrupted", signal.pthread_sigmask(signal.SIG_BLOCK, ()))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "inside\ninterrupted set()\n"


def test_the_mask_is_as_before_after_an_error() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with pytest.raises(ValueError, match="inside"), deaf_to_interrupts():
        raise ValueError("inside")
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
