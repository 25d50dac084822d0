"""The house keeps its floors: who may import whom, and what opens each content folder."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "lmrs_rl"

FLOORS = {
    "domain": 1,
    **dict.fromkeys(("forecast", "orders", "routing", "stock", "referee", "bounds"), 2),
    "formats": 3,
    "worlds": 4,  # a class of worlds may stand on a network in a file
    "dispatchers": 5,
    "simulation": 6,
    **dict.fromkeys(("environment", "lookahead"), 7),
    **dict.fromkeys(("learning", "evaluation"), 8),
    "planning": 9,
    **dict.fromkeys(("service", "cli"), 10),
}

LIGHT = (
    "domain",
    "forecast",
    "orders",
    "routing",
    "stock",
    "referee",
    "formats",
    "worlds",
    "dispatchers",
    "simulation",
    "lookahead",
    "planning",
)
"""What a planner needs: none of it may bring torch or pandas."""

LONGEST_FUNCTION = 40
"""[lines]"""
LONGER = {
    "bound_insertions": "a compiled kernel: parts of it would be inlined or called in its loop",
    "add_loading_stop": "a compiled kernel, too",
    "_gather": "one line for each field of the core's arrays",
}
"""Functions that are longer, each with its reason."""


def packages() -> list[str]:
    return sorted(
        path.name for path in PACKAGE.iterdir() if path.is_dir() and list(path.glob("*.py"))
    )


def imported(source: Path) -> set[str]:
    """Our packages that a module imports, wherever in it."""
    found: set[str] = set()
    here = source.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = (
                (node.module or "").split(".")
                if not node.level
                else [*here[: len(here) - node.level], *(node.module or "").split(".")]
            )
            names = [".".join([*base, alias.name]) for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("lmrs_rl.")}
    return found & FLOORS.keys()


def trespasses(package: str, sources: dict[str, set[str]]) -> list[str]:
    """Imports that do not come from below; a package may import itself."""
    return [
        f"{name} (floor {FLOORS[package]}) imports {other} (floor {FLOORS[other]})"
        for name, others in sources.items()
        for other in sorted(others)
        if other != package and FLOORS[other] >= FLOORS[package]
    ]


@pytest.mark.parametrize("package", packages())
def test_a_floor_imports_only_from_floors_below(package: str) -> None:
    sources = {
        str(path.relative_to(ROOT)): imported(path)
        for path in sorted((PACKAGE / package).rglob("*.py"))
    }
    assert trespasses(package, sources) == []


def test_the_test_sees_an_import_from_above_and_from_a_sibling(tmp_path: Path) -> None:
    assert trespasses("routing", {"m": {"domain"}}) == []
    assert trespasses("routing", {"m": {"worlds"}}) == ["m (floor 2) imports worlds (floor 4)"]
    assert trespasses("routing", {"m": {"orders", "routing"}}) == [
        "m (floor 2) imports orders (floor 2)"
    ]


def test_every_import_form_is_seen() -> None:
    source = PACKAGE / "simulation" / "loop.py"
    assert {"domain", "stock", "simulation"} <= imported(source)


def test_every_package_has_a_floor() -> None:
    assert set(packages()) <= FLOORS.keys()


def test_referee_and_routing_share_nothing_but_the_domain() -> None:
    ours = {
        package: {name for path in (PACKAGE / package).rglob("*.py") for name in imported(path)}
        for package in ("referee", "routing")
    }
    assert ours["referee"] - {"referee"} <= {"domain"}
    assert ours["referee"] & ours["routing"] <= {"domain"}


@pytest.mark.parametrize("folder", ["envs", "agents", "training", "benchmarks", "docs"])
def test_a_content_folder_opens_with_what_it_holds(folder: str) -> None:
    first = (ROOT / folder / "README.md").read_text(encoding="utf-8").splitlines()[0]
    title, _, what = first.removeprefix("# ").partition(": ")
    assert first.startswith("# ")
    assert title == folder
    assert len(what.split()) >= 4


def test_a_package_says_which_floor_it_is() -> None:
    for package in packages():
        text = (PACKAGE / package / "__init__.py").read_text(encoding="utf-8")
        assert f"Floor {FLOORS[package]}" in str(ast.get_docstring(ast.parse(text))), package


def test_the_planner_brings_neither_torch_nor_pandas() -> None:
    imports = "; ".join(f"import lmrs_rl.{name}" for name in LIGHT)
    heavy = ("torch", "pandas", "stable_baselines3", "gymnasium")
    script = f"import sys, lmrs_rl; {imports}; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_no_module_is_longer_than_400_lines() -> None:
    long = {
        str(path): n
        for path in PACKAGE.rglob("*.py")
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_no_function_is_too_long() -> None:
    long = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
                if length > LONGEST_FUNCTION and node.name not in LONGER:
                    long.append(f"{path.relative_to(ROOT)}: {node.name} has {length} lines")
    assert long == []


def test_no_machine_path_is_written_anywhere() -> None:
    kept = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if kept.returncode:
        pytest.skip("not a git checkout")
    machine = "/" + "work" + "/"
    told = [
        name
        for name in kept.stdout.split("\0")
        if name and machine in (ROOT / name).read_text(encoding="utf-8", errors="replace")
    ]
    assert told == []


def test_no_public_name_means_two_things() -> None:
    # Names that describe a generated world are part of its fingerprint and stay.
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(str(path.relative_to(ROOT)))
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}


def test_no_package_attribute_shadows_a_module() -> None:
    shadowed = []
    for init in sorted(PACKAGE.rglob("__init__.py")):
        modules = {path.stem for path in init.parent.glob("*.py")}
        for node in ast.parse(init.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                names = {alias.asname or alias.name for alias in node.names}
                shadowed += [f"{init.parent.name}.{name}" for name in names & modules]
    assert shadowed == []
