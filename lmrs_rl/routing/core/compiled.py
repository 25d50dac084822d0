"""How the functions of the core are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit, types

Function = TypeVar("Function", bound=Callable[..., Any])

OPTIONS: dict[str, Any] = {"cache": True, "_nrt": False}


def compiled(function: Function) -> Function:
    """Compile without reference counting (numba's runtime, ``_nrt``): a function may not allocate
    arrays and works in the scratch of its state.

    A core and a state are tuples of some sixty arrays, and numba counts the references to each of
    them whenever a function has more than one exit: that took most of the search's time
    (`benchmarks/routing.md`).

    An argument that is a literal, or a variable that starts as one, is typed by its value and would
    be compiled a second time for that value alone. Literals are therefore compiled as what they are
    values of.
    """
    made: Any = njit(**OPTIONS)(function)
    value_of: Any = types.unliteral
    typed = getattr(made, "get_call_template", None)
    if typed is not None:  # a plain function where numba is switched off

        def without_literals(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
            return typed(tuple(map(value_of, args)), kws)

        made.get_call_template = without_literals
    result: Function = made
    return result
