"""The library's errors: one for bad input, one for packages that are not installed.

Only the standard library is imported here: the command line imports this module before all others.
"""

from __future__ import annotations


class InputError(ValueError):
    """Bad input: which field, what it held, what was expected and what to do about it.

    Parameters
    ----------
    field
        Path of the offending field, such as ``tanks.capacity_kg[3]``.
    got
        What was found there, in words or as a value.
    wanted
        What would be accepted.
    remedy
        What the user can do about it.

    Examples
    --------
    >>> from lmrs_rl import InputError
    >>> print(InputError("tanks.capacity_kg[3]", -5, "more than 0", "check the unit"))
    tanks.capacity_kg[3]: got -5; wanted more than 0; check the unit
    """

    def __init__(self, field: str, got: object, wanted: str, remedy: str) -> None:
        self.field = field
        self.got = got
        self.wanted = wanted
        self.remedy = remedy
        super().__init__(f"{field}: got {got}; wanted {wanted}; {remedy}")

    # Exceptions are pickled with their message alone as argument; errors in worker processes need
    # all four.
    def __reduce__(self) -> tuple[type[InputError], tuple[str, object, str, str]]:
        return type(self), (self.field, self.got, self.wanted, self.remedy)


class MissingExtraError(ImportError):
    """An optional package is not installed.

    Parameters
    ----------
    package
        Name of the missing package.
    extra
        Extra of lmrs-rl that installs it, such as ``serve``.

    Examples
    --------
    >>> from lmrs_rl import MissingExtraError
    >>> print(MissingExtraError("onnxruntime", "serve"))
    onnxruntime is not installed; it comes with an extra: pip install 'lmrs-rl[serve]'
    """

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(
            f"{package} is not installed; it comes with an extra: pip install 'lmrs-rl[{extra}]'",
            name=package,
        )

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str]]:
        return type(self), (self.package, self.extra)
