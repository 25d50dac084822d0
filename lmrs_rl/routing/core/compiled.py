"""How the functions of the core are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {"cache": True, "_nrt": False}
compiled: Callable[[Function], Function] = njit(**OPTIONS)
"""Compile without reference counting (numba's runtime, ``_nrt``): a function may not allocate
arrays and works in the scratch of its state.

A core and a state are tuples of some sixty arrays, and numba counts the references to each of them
whenever a function has more than one exit: that took most of the search's time
(`benchmarks/routing.md`).
"""
