"""A backtest in tables, files and pictures."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from rich.table import Table

from lmrs_rl.errors import MissingExtraError
from lmrs_rl.forecast.backtests import pictures
from lmrs_rl.forecast.backtests.backtest import BacktestResult, backtest
from lmrs_rl.forecast.backtests.report import (
    ratios,
    score_table,
    type_table,
    write_forecasts,
    write_scores,
)
from lmrs_rl.forecast.backtests.scores import scores
from tests.forecast.backtests.test_backtest import RISING, Fair, Last


@pytest.fixture
def result() -> BacktestResult:
    return backtest(RISING, [Last(), Fair()], origins=[9, 12], days=2, paths=20)


def text(table: Table) -> str:
    console = Console(width=200, no_color=True)
    with console.capture() as told:
        console.print(table)
    return told.get()


def test_the_table_has_a_column_for_each_model_and_dashes_for_what_is_not_known(
    result: BacktestResult,
) -> None:
    told = text(score_table(result, scores(result)))
    assert "2 series, 2 origins from 2024-01-10 to 2024-01-13, 2 days ahead" in " ".join(
        told.split()
    )
    assert told.index("last") < told.index("fair")
    assert "- | -" in next(line for line in told.splitlines() if "stock-outs" in line)
    assert "kg" in told


def test_types_go_by_their_names(result: BacktestResult) -> None:
    assert "bakery" in text(type_table(result, ["bakery"]))
    assert "0 " in text(type_table(result, []))


def test_ratios_are_those_of_the_first_model(result: BacktestResult) -> None:
    assert list(ratios(result)) == [("last", "fair")]


def test_files_hold_every_model_and_no_nan(tmp_path: Path, result: BacktestResult) -> None:
    write_scores(tmp_path, result, scores(result), ratios(result))
    document = json.loads(
        (tmp_path / "scores.json").read_text(), parse_constant=lambda name: pytest.fail(name)
    )
    assert [each["name"] for each in document["models"]] == ["last", "fair"]
    assert document["models"][0]["ece"] is None
    assert document["origins"] == ["2024-01-10", "2024-01-13"]
    assert document["scaled_wql_ratios"][0]["against"] == "fair"
    rows = list(csv.DictReader((tmp_path / "scores.csv").read_text().splitlines()))
    assert rows[0]["ece"] == ""
    assert float(rows[1]["ece"]) == pytest.approx(document["models"][1]["ece"])


def test_forecasts_in_long_format(tmp_path: Path, result: BacktestResult) -> None:
    write_forecasts(tmp_path / "f.csv", result)
    rows = list(csv.DictReader((tmp_path / "f.csv").read_text().splitlines()))
    assert len(rows) == 2 * 2 * 2 * 2
    # The last model, origin, series and day: 20 kg times the level.
    assert (rows[-1]["model"], rows[-1]["series"], rows[-1]["date"], rows[-1]["q0.9"]) == (
        "fair",
        "s1",
        "2024-01-14",
        "18",
    )
    assert rows[0]["actual"] == "9"


def test_pictures_are_drawn(tmp_path: Path, result: BacktestResult) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra [forecast]")
    paths = pictures.write_pictures(tmp_path, RISING, result)
    assert [path.name for path in paths] == ["fans.png", "calibration.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


def test_a_fan_shows_what_was_forecast(result: BacktestResult) -> None:
    pytest.importorskip("matplotlib", reason="pictures need the extra [forecast]")
    first, second = pictures.fan_chart(RISING, result).axes
    assert [axes.get_title() for axes in (first, second)] == ["s0", "s1"]
    measured, median, actual = (np.asarray(line.get_ydata()) for line in first.lines)
    assert measured.tolist() == list(range(12))
    assert median.tolist() == [11, 11]
    assert actual.tolist() == [12, 13]


def test_without_matplotlib_pictures_say_what_to_install(
    tmp_path: Path, result: BacktestResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    assert not pictures.can_draw()
    with pytest.raises(MissingExtraError, match=r"lmrs-rl\[forecast\]"):
        pictures.write_pictures(tmp_path, RISING, result)
