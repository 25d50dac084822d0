"""One kind of error for every bad input, so that a message always says the same four things."""

from __future__ import annotations


class InputError(ValueError):
    """Bad input: which field, what it held, what was wanted and how to mend it.

    Parameters
    ----------
    field
        Path of the offending field, such as ``tanks.capacity_kg[3]``.
    got
        What was found there, in words or as a value.
    wanted
        What would have been accepted.
    remedy
        What the user can do about it.
    """

    def __init__(self, field: str, got: object, wanted: str, remedy: str) -> None:
        self.field = field
        self.got = got
        self.wanted = wanted
        self.remedy = remedy
        super().__init__(f"{field}: got {got}; wanted {wanted}; {remedy}")

    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str, str]]:
        return type(self), (self.field, self.got, self.wanted, self.remedy)
