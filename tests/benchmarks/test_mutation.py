"""Mutants are what tests could notice; related tests are found by name and import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.mutants import Edit, parses, sites
from benchmarks.mutation import (
    KILLED,
    SURVIVED,
    TIMEOUT,
    Mutant,
    Row,
    draw,
    judge_all,
    rates,
    read_equivalents,
    report,
)
from benchmarks.related_tests import Tree


def mutated(source: str) -> list[str]:
    return [edit.apply(source) for site in sites(source) for edit in site]


@pytest.mark.parametrize(
    ("source", "mutants"),
    [
        ("x = a < b", ["x = a <= b", "x = a > b"]),
        ("x = a == b", ["x = a != b"]),
        ("x = a is not b", ["x = a is b"]),
        ("x = a not in b", ["x = a in b"]),
        ("x = a < b <= c", ["x = a <= b <= c", "x = a > b <= c", "x = a < b < c", "x = a < b > c"]),
        ("x = (a + b) * c", ["x = (a + b) / c", "x = (a - b) * c"]),
        ("x = a // b", ["x = a * b"]),
        ("x = a and b and c", ["x = a or b and c", "x = a and b or c"]),
        ("x = not a", ["x = a"]),
        ("x = -a", ["x = a"]),
        ("x = 0", ["x = 1", "x = (-1)"]),
        ("x = 2.5", ["x = 3.5", "x = 1.5"]),
        ("x = True", ["x = False"]),
        ("x = min(a, b)", ["x = max(a, b)"]),
        ("x = np.maximum(a, b)", ["x = np.minimum(a, b)"]),
        ("x += a", ["pass", "x -= a"]),
        ("a[k] = b", ["pass"]),
        ("f(a)", ["pass"]),
        ("def f(a=1): ...", ["def f(a=2): ...", "def f(a=0): ..."]),
        ("if a: raise E(1 + 1)", ["if a: pass"]),
        (
            "def f():\n  if a:\n    return\n  g()",
            ["def f():\n  if a:\n    pass\n  g()", "def f():\n  if a:\n    return\n  pass"],
        ),
        ("é = 'ü'; x = a + b", ["é = 'ü'; x = a - b"]),
        ("x = (a  # <\n < b)", []),
    ],
)
def test_what_becomes_of_a_source(source: str, mutants: list[str]) -> None:
    found = mutated(source)
    assert sorted(found) == sorted(mutants)
    assert all(map(parses, found))


@pytest.mark.parametrize(
    "source",
    [
        '"""Less than 1."""',
        "def f():\n    '1 + 1'",
        "x = f'{a + b}'",
        "x = 'a' + b",
        "__all__ = [1]",
        "print(1 + 1)",
        "log.info(1)",
        "x: tuple[int, int | None]",
        "Number = int | float",
        "def f(a: A | B) -> C[1]: ...",
        "@dataclass(frozen=True)\nclass A: ...",
        "def __repr__(self): return 1",
        "zip(a, b, strict=True)",
        "assert a < b",
    ],
)
def test_what_no_test_could_notice_is_left_alone(source: str) -> None:
    assert [each for each in mutated(source) if each != "pass"] == []


def small_tree(root: Path) -> Tree:
    files = {
        "lib/__init__.py": "from lib.a.one import first",
        "lib/a/__init__.py": "",
        "lib/a/one.py": "def first(x):\n    return x < 1",
        "lib/a/two.py": "import numba\n@numba.njit\ndef second():\n    return 1 + 1",
        "lib/b/__init__.py": "",
        "lib/b/plain.py": "from lib.a.two import second\ndef z(): ...",
        "lib/b/heavy.py": "import torch",
        "lib/b/above.py": "from lib.b.heavy import x",
        "lib/b/deep/__init__.py": "",
        "lib/b/deep/three.py": "from lib.a.two import second\n@second\ndef y(x=1): ...",
        "tests/__init__.py": "",
        "tests/a/__init__.py": "",
        "tests/a/test_one.py": "",
        "tests/a/test_other.py": "",
        "tests/b/__init__.py": "",
        "tests/b/test_face.py": "from lib import first",
        "tests/b/test_helped.py": "from tests.b.helper import x",
        "tests/b/helper.py": "from lib.a import one",
        "tests/b/test_none.py": "import lib.a.two",
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return Tree(root, "lib")


def test_related_tests_are_found_the_nearest_first(tmp_path: Path) -> None:
    tree = small_tree(tmp_path)
    related = [path.as_posix() for path in tree.related("lib.a.one")]
    assert related == [
        "tests/a/test_one.py",
        "tests/b/test_face.py",
        "tests/a/test_other.py",
        "tests/b/test_helped.py",
    ]
    deep = [path.as_posix() for path in tree.related("lib.b.deep.three")]
    assert deep == ["tests/b/test_face.py", "tests/b/test_helped.py", "tests/b/test_none.py"]


def test_what_is_compiled_and_what_needs_torch_is_told_apart(tmp_path: Path) -> None:
    tree = small_tree(tmp_path)
    assert [name for name in tree.modules if tree.compiled(name)] == [
        "lib.a.two",
        "lib.b.deep.three",
    ]
    assert [name for name in tree.modules if not tree.light(name)] == ["lib.b.above", "lib.b.heavy"]


def test_a_sample_is_the_same_for_a_seed_and_has_as_many_of_each_kind(tmp_path: Path) -> None:
    tree = small_tree(tmp_path)
    sample = draw(tree, 3, 0)
    assert sample == draw(tree, 3, 0)
    assert {each.edit.kind for each in sample} == {"comparison", "operator", "constant"}
    assert len(draw(tree, 100, 0)) == 6
    assert {each.module for each in draw(tree, 100, 0)} == {
        "lib.a.one",
        "lib.a.two",
        "lib.b.deep.three",
    }


def test_what_was_judged_is_not_judged_again(tmp_path: Path) -> None:
    mutant = Mutant("lib.a", "lib/a.py", Edit("constant", 3, 7, 8, "2"), "x = 1", "x = 2")
    row = {**mutant.row, "outcome": KILLED, "by": "tests/test_a.py::test_x"}
    log = tmp_path / "rows.jsonl"
    log.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert judge_all([mutant], log, again=True) == [row]


def test_the_report_counts_what_is_not_equivalent(tmp_path: Path) -> None:
    def row(outcome: str, line: str) -> Row:
        edit = Edit("constant", 1, 0, 1, "2")
        return {**Mutant("lib.a.one", "lib/a/one.py", edit, line, "x = 2").row, "outcome": outcome}

    rows = [
        row(KILLED, "x = 1"),
        row(TIMEOUT, "x = 3"),
        row(SURVIVED, "x = 4"),
        row(SURVIVED, "x = 5"),
    ]
    path = tmp_path / "equivalents.toml"
    path.write_text(
        '[[equivalent]]\npath = "lib/a/one.py"\n'
        'line = "x = 5"\nmutated = "x = 2"\nreason = "unread"\n',
        encoding="utf-8",
    )
    equivalents = read_equivalents(path)
    assert rates(rows, equivalents) == {"killed": 2, "timeouts": 1, "survived": 1, "equivalent": 1}
    about: Row = {"date": "d", "commit": "c", "seed": 1, "python": "3", "versions": "v"}
    text = report(rows, about, equivalents)
    assert "killed **2 (67%)**" in text
    assert "unread" in text
    assert read_equivalents(tmp_path / "none.toml") == {}


def test_the_equivalents_say_why() -> None:
    assert all(len(reason.split()) > 3 for reason in read_equivalents().values())
