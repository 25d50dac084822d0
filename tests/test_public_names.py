"""What ``lmrs_rl`` exports is there, says how it is used, and its examples run."""

from __future__ import annotations

import doctest
import inspect
import re
from pathlib import Path

import pytest

import lmrs_rl

NAMES: list[str] = [name for name in getattr(lmrs_rl, "__all__", ()) if not name.startswith("__")]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples(found: object, name: str) -> list[doctest.DocTest]:
    """The examples of an object and of its methods; they start with ``lmrs_rl`` imported."""
    tests = doctest.DocTestFinder(exclude_empty=True).find(found, name, globs={"lmrs_rl": lmrs_rl})
    return [test for test in tests if test.examples]


def failures(found: object, name: str) -> str:
    """What went wrong in the examples of an object, nothing where they are right."""
    told: list[str] = []
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    for test in examples(found, name):
        runner.run(test, out=told.append)
    return "".join(told)


def sections(found: object) -> set[str]:
    """The numpydoc sections of a docstring."""
    return set(re.findall(r"^(\w[\w ]*)\n-{3,}$", inspect.getdoc(found) or "", re.MULTILINE))


def missing(function: object) -> set[str]:
    """The sections that a function's docstring should have and has not."""
    assert callable(function)
    signature = inspect.signature(function)
    wanted = {"Examples"}
    wanted |= {"Parameters"} if signature.parameters else set()
    returned = signature.return_annotation
    wanted |= {"Returns"} if returned not in (None, "None", inspect.Signature.empty) else set()
    return wanted - sections(function)


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert failures(getattr(lmrs_rl, name), f"lmrs_rl.{name}") == ""


@pytest.mark.parametrize("name", NAMES)
def test_what_is_exported_says_how_it_is_used(name: str) -> None:
    found = getattr(lmrs_rl, name)
    if inspect.isfunction(found):
        assert missing(found) == set()
    elif inspect.isclass(found):
        # A dataclass without a docstring is given its signature for one.
        assert found.__doc__
        assert not found.__doc__.startswith(f"{found.__name__}(")


def test_a_name_is_exported_once() -> None:
    assert len(NAMES) == len(set(NAMES))


def right(x: int) -> int:
    """Add one.

    Parameters
    ----------
    x
        A number.

    Returns
    -------
    int
        The next.

    Examples
    --------
    >>> lmrs_rl.__name__
    'lmrs_rl'
    """
    return x + 1


def wrong(x: int) -> int:
    """Add one.

    Examples
    --------
    >>> 1 + 1
    3
    """
    return x + 1


def test_the_tests_see_a_wrong_example_and_a_missing_section() -> None:
    assert failures(right, "right") == ""
    assert "Expected:\n    3\nGot:\n    2" in failures(wrong, "wrong")
    assert missing(right) == set()
    assert missing(wrong) == {"Parameters", "Returns"}
