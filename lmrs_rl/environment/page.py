"""Writes the tables of features, actions and order parameters into the documentation.

``python -m lmrs_rl.environment.page docs/environment.md docs/guide.md``
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from lmrs_rl.dispatchers.policy import ACTIONS, NETWORK_FEATURES, TANK_FEATURES, Feature
from lmrs_rl.domain import InputError
from lmrs_rl.domain.order_parameters import FIXED

_MARKED = re.compile(r"(<!-- table: (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""A table between its marks."""

ENVIRONMENT = ("actions", "tanks", "network")
PAGES = {"environment.md": ENVIRONMENT, "guide.md": ("parameters",)}
"""Tables of a page, by the name of its file."""


def _feature_table(table: Sequence[Feature]) -> str:
    """A Markdown table with a row for each feature."""
    rows = [
        f"| {k} | `{f.name}` | {f.one} | {f.low:g} to {f.high:g} | {f.meaning} |"
        for k, f in enumerate(table)
    ]
    return "\n".join(["| # | name | 1 is | range | meaning |", "|---|---|---|---|---|", *rows, ""])


def _action_table() -> str:
    """A Markdown table with a row for each number of an action."""
    wordings = {
        "logit": "adds {:g} u to the logit",
        "add": "adds {:g} u",
        "factor": "times exp({:g} u)",
    }
    rows = [
        f"| {k} | `{a.name}` | {wordings[a.how].format(a.scale)} | {a.meaning} |"
        for k, a in enumerate(ACTIONS)
    ]
    return "\n".join(["| # | name | u in [-1, 1] | meaning |", "|---|---|---|---|", *rows, ""])


def _parameter_table() -> str:
    """A Markdown table, one row for each number of a file of fixed parameters."""
    rows = [
        f"| `{each.name}` | {each.unit} | {each.default:g} | {each.wanted} | {each.meaning} |"
        for each in FIXED.values()
    ]
    return "\n".join(
        ["| key | unit | default | range | meaning |", "|---|---|---|---|---|", *rows, ""]
    )


def with_tables(text: str, names: Sequence[str] = ENVIRONMENT) -> str:
    """The page with its tables made anew.

    Parameters
    ----------
    text : of the page
    names : of the tables that the page has

    Raises
    ------
    InputError
        For a page without the marks of one of its tables, or with others.
    """
    tables = {
        "actions": _action_table,
        "tanks": lambda: _feature_table(TANK_FEATURES),
        "network": lambda: _feature_table(NETWORK_FEATURES),
        "parameters": _parameter_table,
    }
    found = [match["name"] for match in _MARKED.finditer(text)]
    if sorted(found) != sorted(names):
        raise InputError(
            "page", found, f"the marks of {', '.join(names)}, each once", "put the marks back"
        )
    return _MARKED.sub(lambda match: match[1] + tables[match["name"]]() + match[3], text)


if __name__ == "__main__":
    for page in map(Path, sys.argv[1:]):
        made = with_tables(page.read_text(encoding="utf-8"), PAGES[page.name])
        page.write_text(made, encoding="utf-8")
