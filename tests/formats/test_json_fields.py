"""Parts of the JSON formats: ids, dates, times and the width of lines, each at its limit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FOREVER, always_open
from lmrs_rl.formats.json_fields import (
    Above0,
    AtLeast0,
    Id,
    Minutes,
    StrictModel,
    WholeNumber,
    calendar_date,
    check_row_lengths,
    check_unique_ids,
    flagged_ids,
    flags_of_lists,
    in_order,
    naming_file,
    parse,
    position,
    rate_from_file,
    rate_to_file,
    render,
    to_floats,
    window_list,
)


class Part(StrictModel):
    """One field of each kind."""

    minute: Minutes = 0
    count: WholeNumber = 0
    name: Id = "a"
    kg: AtLeast0 = 0.0
    rate: Above0 = 1.0


class Whole(StrictModel):
    """Anything."""

    content: Any
    end: int = 0


def test_an_id_is_found_by_its_place_and_an_unknown_one_told_the_first_five() -> None:
    ids = ["a", "b", "c", "d", "e"]
    assert [position("f", name, ids, "tanks") for name in ids] == [0, 1, 2, 3, 4]
    with pytest.raises(InputError, match=r"f: got 'z'; .* the 5 tanks \(a, b, c, d, e\); add it"):
        position("f", "z", ids, "tanks")
    with pytest.raises(InputError, match=r"the 6 tanks \(a, b, c, d, e, \.\.\.\)"):
        position("f", "z", [*ids, "g"], "tanks")
    with pytest.raises(InputError, match=r"the 0 tanks \(none\)"):
        position("f", "z", [], "tanks")


def test_an_id_used_twice_is_told_where_it_comes_again() -> None:
    check_unique_ids("tanks", ["a", "b"])
    with pytest.raises(InputError, match=r"tanks\[2\]\.id: got 'a'; wanted an id used once"):
        check_unique_ids("tanks", ["a", "b", "a"])


def test_lists_of_ids_become_flags_and_none_is_all() -> None:
    flags = flags_of_lists("tanks", "vehicles", [["b"], None, [], ["c", "a"]], ["a", "b", "c"])
    assert flags.tolist() == [
        [False, True, False],
        [True, True, True],
        [False, False, False],
        [True, False, True],
    ]
    assert flagged_ids(flags[3], ["a", "b", "c"]) == ["a", "c"]
    with pytest.raises(InputError, match=r"tanks\[1\]\.vehicles\[1\]: got 'z'"):
        flags_of_lists("tanks", "vehicles", [[], ["a", "z"]], ["a"])


def test_items_come_in_the_order_of_the_ids_each_once() -> None:
    def ordered(items: list[str]) -> list[str]:
        return in_order("tanks", items, lambda item: item[0], ["a", "b"], "tanks")

    assert ordered(["b2", "a1"]) == ["a1", "b2"]
    with pytest.raises(InputError, match="tanks: got no entry for 'b'; wanted one entry for each"):
        ordered(["a1"])
    with pytest.raises(InputError, match=r"tanks\[1\]\.id: got 'z'"):
        ordered(["a1", "z2", "b2"])
    with pytest.raises(InputError, match=r"tanks\[1\]\.id: got 'a'; wanted an id used once"):
        ordered(["a1", "a2", "b2"])


def test_rows_of_another_length_are_told() -> None:
    check_row_lengths("m", [[1, 2], [3, 4]], 2)
    with pytest.raises(InputError, match=r"m\[1\]: got 3 entries; wanted 2 entries"):
        check_row_lengths("m", [[1, 2], [3, 4, 5]], 2)


def test_a_rate_that_takes_no_time_is_none_in_a_file() -> None:
    assert (rate_from_file(None), rate_from_file(2.5)) == (np.inf, 2.5)
    assert (rate_to_file(np.inf), rate_to_file(2.5)) == (None, 2.5)
    assert to_floats(np.array([1.0, 2.5], dtype=np.float32)) == [1.0, 2.5]


def test_always_open_is_none_in_a_file_and_nothing_else_is() -> None:
    assert window_list(always_open()) is None
    assert window_list(np.array([[0, 60], [120, 180]])) == [(0, 60), (120, 180)]
    assert window_list(np.zeros((0, 2), dtype=np.int64)) == []


@pytest.mark.parametrize("text", ["1900-01-01", "2199-12-31", "2024-02-29"])
def test_dates_from_1900_to_2199_are_taken(text: str) -> None:
    assert calendar_date("date", text) == np.datetime64(text, "D")


@pytest.mark.parametrize(
    "text",
    ["1899-12-31", "2200-01-01", "2023-02-29", "", "NaT", "today", "2025-03", "2025-03-31T00"],
)
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(InputError, match=f"date: got '{text}'; wanted a date such as 2025-03-31"):
        calendar_date("date", text)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"minute": FOREVER}, None),
        ({"minute": -FOREVER}, None),
        ({"minute": FOREVER + 1}, "minute"),
        ({"minute": -FOREVER - 1}, "minute"),
        ({"minute": 1.5}, "minute"),
        ({"count": 0}, None),
        ({"count": -1}, "count"),
        ({"count": FOREVER + 1}, "count"),
        ({"name": ""}, "name"),
        ({"kg": 0}, None),
        ({"kg": -1e-9}, "kg"),
        ({"kg": "1"}, "kg"),
        ({"rate": 1e-9}, None),
        ({"rate": 0}, "rate"),
        ({"other": 1}, "other"),
        ([], "the file"),
    ],
)
def test_fields_are_checked_at_their_limits(
    tmp_path: Path, content: object, field: str | None
) -> None:
    path = tmp_path / "part.json"
    path.write_text(json.dumps(content))
    if field is None:
        assert parse(Part, path) == Part(**content)  # type: ignore[arg-type]
        return
    with pytest.raises(InputError) as error:
        parse(Part, path)
    assert error.value.field == f"part.json: {field}"


class Named(StrictModel):
    """A file that says what it is."""

    format: Literal["lmrs-part/1"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"format": "lmrs-part/1", "x": 1}, "x: got an unknown field; wanted only the fields"),
        ({}, "format: got nothing; wanted this field"),
        ({"format": "x"}, "format: got 'x'; wanted 'lmrs-part/1'; give a file of this kind"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, content: dict[str, Any], told: str) -> None:
    (tmp_path / "part.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=f"^part.json: {told}"):
        parse(Named, tmp_path / "part.json")


@pytest.mark.parametrize("text", ["{}", "\ufeff{}"])
def test_a_byte_order_mark_is_no_content(tmp_path: Path, text: str) -> None:
    (tmp_path / "part.json").write_text(text, encoding="utf-8")
    assert parse(Part, tmp_path / "part.json") == Part()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b" \n", "got an empty file"),
        (b"{", r"got broken JSON \("),
        (b"\xff\xfe\xfa", "got text that is not UTF-8"),
        (None, "got No such file"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_path(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "part.json").write_bytes(content)
    with pytest.raises(InputError, match=told) as error:
        parse(Part, tmp_path / "part.json")
    assert error.value.field == str(tmp_path / "part.json")


def test_errors_are_given_the_name_of_the_file() -> None:
    with pytest.raises(InputError) as error, naming_file(Path("folder/a.json")):
        raise InputError("tanks[0].id", "x", "y", "z")
    assert str(error.value) == "a.json: tanks[0].id: got x; wanted y; z"


def test_a_line_is_at_most_120_wide_and_lists_of_numbers_stay_on_one() -> None:
    # The compact text of {"content": "...", "end": 0} has 25 letters but for the text.
    assert render(Whole(content="x" * 95)).count("\n") == 1
    assert render(Whole(content="x" * 96)) == '{\n "content": "' + "x" * 96 + '",\n "end": 0\n}\n'
    numbers = list(range(100))
    assert render(Whole(content=numbers)) == f'{{\n "content": {numbers},\n "end": 0\n}}\n'


def test_each_level_is_indented_by_a_space_which_counts() -> None:
    # Each row takes 118 letters, and is indented by two spaces: just short enough.
    row = {"a": "x" * 110}
    assert len(json.dumps(row)) == 119
    text = render(Whole(content=[{"a": "x" * 109}, row]))
    assert text.splitlines() == [
        "{",
        ' "content": [',
        '  {"a": "' + "x" * 109 + '"},',
        "  {",
        '   "a": "' + "x" * 110 + '"',
        "  }",
        " ],",
        ' "end": 0',
        "}",
    ]
    assert json.loads(text) == {"content": [{"a": "x" * 109}, row], "end": 0}


def test_letters_beyond_ascii_are_written_as_they_are() -> None:
    assert '"Köln"' in render(Whole(content={"Straße": "Köln"}))
    wide = render(Whole(content={"Straße": "ö" * 130}))
    assert '"Straße"' in wide
