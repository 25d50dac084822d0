"""The files around the package agree with each other: versions, Pythons, hints, citation."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

import lmrs_rl

ROOT = Path(__file__).resolve().parents[1]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT: dict[str, Any] = CONFIG["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def from_yaml(name: str) -> dict[Any, Any]:
    found = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def supported() -> list[str]:
    """The Pythons that the Makefile takes, from the oldest to the newest."""
    bounds = re.search(r"\((\d+), (\d+)\) <= sys\.version_info < \((\d+), (\d+)\)", MAKEFILE)
    assert bounds is not None
    major, oldest, same, above = (int(each) for each in bounds.groups())
    assert major == same
    return [f"{major}.{minor}" for minor in range(oldest, above)]


def test_the_oldest_python_is_that_of_the_project_file() -> None:
    assert PROJECT["requires-python"] == f">={supported()[0]}"


def test_the_classifiers_name_the_pythons_that_are_supported() -> None:
    prefix = "Programming Language :: Python :: "
    told = [each.removeprefix(prefix) for each in PROJECT["classifiers"] if prefix in each]
    assert [each for each in told if re.fullmatch(r"3\.\d+", each)] == supported()


def test_the_workflow_runs_ci_on_the_oldest_and_the_newest_python() -> None:
    (job,) = from_yaml(".github/workflows/ci.yml")["jobs"].values()
    assert job["strategy"]["matrix"] == {"python": [supported()[0], supported()[-1]]}
    uses, runs = ([step[key] for step in job["steps"] if key in step] for key in ("uses", "run"))
    assert [each.partition("@")[0] for each in uses] == ["actions/checkout", "actions/setup-python"]
    assert runs == [".ci/run"]


def test_hooks_run_what_make_lint_runs() -> None:
    (local,) = from_yaml(".pre-commit-config.yaml")["repos"]
    assert local["repo"] == "local"
    entries = [hook["entry"].removesuffix(" --force-exclude") for hook in local["hooks"]]
    lint = MAKEFILE.partition("\nlint:")[2].partition("\n\n")[0].replace("$(BIN)", ".venv/bin")
    assert [f"\t{entry}" in lint for entry in entries] == [True] * 3


def test_the_citation_has_what_the_format_asks_for_and_names_the_packages_version() -> None:
    citation = from_yaml("CITATION.cff")
    assert {"authors", "cff-version", "message", "title"} <= citation.keys()
    assert citation["version"] == lmrs_rl.__version__
    assert citation["keywords"] == PROJECT["keywords"]


def test_the_package_says_that_it_has_types() -> None:
    assert (Path(lmrs_rl.__file__).parent / "py.typed").is_file()
    assert "Typing :: Typed" in PROJECT["classifiers"]


def test_the_changelog_has_its_sections() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.MULTILINE)[0] == "[Unreleased]"
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", text, re.MULTILINE)) <= kinds
