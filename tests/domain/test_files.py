"""Files are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmrs_rl.domain.files import write_text_atomically


def test_the_text_is_written_and_nothing_else_left(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text_atomically(path, "old")
    write_text_atomically(path, "new: ä")
    assert path.read_text(encoding="utf-8") == "new: ä"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text_atomically(path, "\ud800")  # half a character cannot be written
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
