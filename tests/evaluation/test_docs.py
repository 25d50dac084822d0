"""The page on evaluation says what the code does."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from lmrs_rl.cli.evaluate import repeat_options
from lmrs_rl.dispatchers import shipped_agents
from lmrs_rl.evaluation import MEASURES
from lmrs_rl.evaluation.sweep import STOCKOUT_COST_FACTORS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")


def test_the_table_of_measures_is_theirs() -> None:
    rows = [
        f"| `{each.name}` | {each.label} | {each.unit} "
        f"| `{each.numerator}` / `{each.denominator}` |"
        for each in MEASURES
    ]
    assert re.findall(r"^\| `[a-z_0-9]+` \|.*/.*$", PAGE, flags=re.MULTILINE) == rows


def test_prices_of_the_sweep_are_those_told() -> None:
    *first, last = (f"{price:g}" for price in STOCKOUT_COST_FACTORS)
    assert f"{', '.join(first)} and {last} times its price" in PAGE.replace("\n", " ")


@pytest.mark.parametrize("page", ["agents/README.md", "docs/evaluation.md"])
def test_every_agent_is_told_of(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    assert [name for name in shipped_agents() if f"`{name}`" not in text] == []


def test_commands_name_agents_that_ship() -> None:
    commands = [
        line.split()
        for block in re.findall(r"^```sh\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
        for line in block.splitlines()
    ]
    assert len(commands) == 2
    for command in commands:
        words = repeat_options(command[2:])
        named = [value for option, value in pairwise(words) if option == "--dispatchers"]
        assert set(named) <= set(shipped_agents())
