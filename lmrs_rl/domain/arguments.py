"""Arguments from users, checked before anything is done with them."""

from __future__ import annotations

import numpy as np

from lmrs_rl.errors import InputError


def whole_number(
    field: str, value: object, least: int, most: int | None, wanted: str, remedy: str
) -> int:
    """``value`` as an int (`InputError` for a fraction, a truth value, a text, one out of
    range).
    """
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):  # type: ignore[operator]
        raise InputError(field, repr(value) if not whole else value, wanted, remedy)
    return int(value)  # type: ignore[call-overload, no-any-return]
