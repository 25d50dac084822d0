"""How functions of the core are compiled."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

SOURCE = """
from lmrs_rl.routing.core.compiled import compiled

@compiled
def plus(a, b):
    return a + b

@compiled
def total(n):
    found = 0
    for k in range(n):
        found = plus(found, k)
    return plus(found, -1)
"""


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_literals_and_what_starts_as_one_are_compiled_once(tmp_path: Path) -> None:
    # In a new file, since functions in a cache are not compiled at all.
    (tmp_path / "small.py").write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("small", tmp_path / "small.py")
    assert spec is not None
    assert spec.loader is not None
    small = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(small)
    assert small.total(4) == 5
    assert len(small.plus.signatures) == 1
