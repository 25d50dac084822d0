"""Writes the tables of features and actions into the environment's documentation page.

``python -m lmrs_rl.environment.page docs/environment.md``
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from lmrs_rl.dispatchers.policy import ACTIONS, NETWORK_FEATURES, TANK_FEATURES, Feature
from lmrs_rl.domain import InputError

_MARKED = re.compile(r"(<!-- table: (?P<name>[a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)
"""A table between its marks."""


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


def with_tables(text: str) -> str:
    """The page with its tables rewritten (`InputError` if marks are missing or repeated)."""
    tables = {
        "actions": _action_table(),
        "tanks": _feature_table(TANK_FEATURES),
        "network": _feature_table(NETWORK_FEATURES),
    }
    found = [match["name"] for match in _MARKED.finditer(text)]
    if sorted(found) != sorted(tables):
        raise InputError(
            "page", found, f"the marks of {', '.join(tables)}, each once", "put the marks back"
        )
    return _MARKED.sub(lambda match: match[1] + tables[match["name"]] + match[3], text)


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")
