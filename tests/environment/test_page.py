"""The environment's page tells what the spaces are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lmrs_rl.dispatchers.policy import NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.domain import InputError
from lmrs_rl.environment.environment import observation_space
from lmrs_rl.environment.page import with_tables

PAGE = Path(__file__).resolve().parents[2] / "docs" / "environment.md"


def test_its_tables_are_those_of_the_code() -> None:
    """Where they are not: ``python -m lmrs_rl.environment.page docs/environment.md``."""
    text = PAGE.read_text(encoding="utf-8")
    assert with_tables(text) == text


def test_its_rows_are_the_spaces_columns_with_their_ranges() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d+ \| `(\w+)` \| [^|]+ \| (\S+) to (\S+) \|", text, re.MULTILINE)
    assert [row[0] for row in rows] == [each.name for each in (*TANK_FEATURES, *NETWORK_FEATURES)]
    space = observation_space(2)
    lows = [*space["tanks"].low[0], *space["network"].low]  # type: ignore[index]
    highs = [*space["tanks"].high[0], *space["network"].high]  # type: ignore[index]
    assert [(float(row[1]), float(row[2])) for row in rows] == list(zip(lows, highs, strict=True))


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(InputError, match="page"):
        with_tables("# nothing")
