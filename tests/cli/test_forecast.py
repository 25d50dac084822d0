"""``lmrs forecast`` from outside."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.cli import main
from lmrs_rl.forecast.panel import Panel
from lmrs_rl.forecast.panel_csv.files import read_panel_file, write_panel
from lmrs_rl.worlds.generator.panel_parameters import CUSTOMER_TYPES, PanelParameters
from lmrs_rl.worlds.generator.panels import generate_panel
from tests.cli.test_bad_input import refusal

PANEL = generate_panel(PanelParameters(late_share=0.0), 4, series=6, days=240)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return written(tmp_path / "use.csv", PANEL)


def written(path: Path, panel: Panel) -> Path:
    write_panel(path, panel, customer_types=CUSTOMER_TYPES)
    return path


def run(*arguments: str | Path) -> int:
    return main(["forecast", *(str(each) for each in arguments)])


@pytest.mark.heavy
def test_a_backtest_tells_and_writes_what_it_found(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "runs" / "out"
    assert (
        run(
            "backtest",
            data,
            "--model",
            "ridge",
            "--model",
            "naive",
            "--origins",
            "3",
            "--step",
            "14",
            "--output",
            folder,
        )
        == 0
    )
    told = capsys.readouterr().out
    assert "6 series, 3 origins" in told
    assert "ridge: 3 origins" in told
    assert "mean scaled wQL of ridge over that of SeasonalNaive:" in told
    assert "hospital" in told
    assert {"scores.csv", "scores.json", "forecasts.csv"} <= {
        path.name for path in folder.iterdir()
    }
    # The last window ends with the data: rows 233 to 239.
    last = PANEL.first_day + 233
    assert json.loads((folder / "scores.json").read_text())["origins"] == [
        str(last - 28),
        str(last - 14),
        str(last),
    ]


@pytest.mark.heavy
def test_losses_at_one_quantile_are_other_losses(data: Path, tmp_path: Path) -> None:
    common = ("backtest", data, "--model", "naive", "--origins", "2")
    run(*common, "--output", tmp_path / "all")
    run(*common, "--quantile", "0.5", "--output", tmp_path / "median")
    every, median = (
        json.loads((tmp_path / name / "scores.json").read_text())["models"][0]
        for name in ("all", "median")
    )
    assert median["wql"] == pytest.approx(median["wape"])
    assert every["wql"] != pytest.approx(every["wape"])


def test_repairs_are_said(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = data.read_text().splitlines()
    data.write_text("\n".join([*lines, lines[-1]]) + "\n")
    assert run("backtest", data, "--model", "naive", "--origins", "1") == 0
    assert "use.csv: 1 rows given twice" in capsys.readouterr().out


def test_bad_input_is_one_line(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backtest = ("forecast", "backtest", data, "--model", "naive")
    assert "'crystal'" in refusal(capsys, "forecast", "backtest", data, "--model", "crystal")
    assert "twice" in refusal(capsys, *backtest, "--model", "naive")
    assert "origins" in refusal(capsys, *backtest, "--origins", "1000")
    assert "--days" in refusal(capsys, *backtest, "--days", "0")
    assert "quantiles: got 0.55" in refusal(
        capsys, *backtest, "--origins", "1", "--quantile", "0.55"
    )
    assert "zone: got 'Mars/Base'" in refusal(capsys, *backtest, "--zone", "Mars/Base")
    assert "No such file" in refusal(capsys, "forecast", "backtest", tmp_path / "missing.csv")
    (tmp_path / "empty.csv").write_text("series,date,value\na,2024-01-01,\n")
    assert "no measured day" in refusal(
        capsys, "forecast", "fit", tmp_path / "empty.csv", "--output", tmp_path / "m"
    )
    assert "artefact.json" in refusal(
        capsys, "forecast", "predict", tmp_path, data, "--output", tmp_path / "o.csv"
    )
    assert not (tmp_path / "m").exists()


def test_strict_refuses_what_needs_a_repair(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = data.read_text().splitlines()
    data.write_text("\n".join([*lines, lines[-1]]) + "\n")
    assert "nothing to repair" in refusal(
        capsys, "forecast", "backtest", data, "--model", "naive", "--strict"
    )


def test_a_part_that_is_not_installed_is_named(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lmrs_rl.cli.models.find_spec", lambda name: None)
    assert "pip install 'lmrs-rl[forecast]'" in refusal(
        capsys, "forecast", "backtest", data, "--model", "ets"
    )


def test_the_guides_file_is_read_and_its_figures_are_those_written(
    tmp_path: Path, data: Path
) -> None:
    guide = (Path(__file__).resolve().parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```csv\n(.*?)^```", guide, flags=re.DOTALL | re.MULTILINE)
    (tmp_path / "guide.csv").write_text(block)
    found = read_panel_file(tmp_path / "guide.csv")
    assert found.measured_to == 2
    view = found.panel.known_at(2)
    assert view.holiday(2, 2).tolist() == [True, False]
    assert view.shutdown(2, 2)[:, 0].tolist() == [False, True]
    assert run("backtest", data, "--model", "naive", "--origins", "1", "--output", tmp_path) == 0
    heads = (tmp_path / "scores.csv").read_text().splitlines()[0].split(",")
    names = {re.sub("_days_[0-9]+", "", head.removeprefix("plain_")) for head in heads} - {"name"}
    assert [name for name in sorted(names) if f"`{name}`" not in guide] == []


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The production model fitted on the panel, as the command writes it."""
    folder = tmp_path_factory.mktemp("model")
    assert (
        run("fit", written(folder / "use.csv", PANEL), "--output", folder / "model", "--days", "3")
        == 0
    )
    return folder / "model"


@pytest.mark.heavy
def test_a_fitted_model_is_text_json_and_npz(fitted: Path) -> None:
    assert {path.suffix for path in fitted.rglob("*") if path.is_file()} <= {
        ".txt",
        ".json",
        ".npz",
        ".npy",
    }
    for path in fitted.rglob("*.np[yz]"):
        np.load(path, allow_pickle=False)
    about = json.loads((fitted / "artefact.json").read_text())
    assert about["days"] == 3
    assert about["fitted_to"] == str(PANEL.first_day + 240)


@pytest.mark.heavy
def test_a_prediction_is_rising_quantiles_of_the_coming_days(
    fitted: Path, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    assert run("predict", fitted, data, "--output", out) == 0
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["date"] for row in rows[:3]] == [str(PANEL.first_day + 240 + d) for d in range(3)]
    assert [row["series"] for row in rows[::3]] == list(PANEL.ids)
    values = np.array(
        [[float(value) for key, value in row.items() if key.startswith("q")] for row in rows]
    )
    assert values.shape == (18, 15)
    assert np.all(values >= 0)
    assert np.all(np.diff(values, axis=1) >= 0)
    first = out.read_bytes()
    run("predict", fitted, data, "--output", out)
    assert out.read_bytes() == first


@pytest.mark.heavy
def test_series_in_another_order_get_the_same_forecasts(
    fitted: Path, data: Path, tmp_path: Path
) -> None:
    header, *rows = data.read_text().splitlines()
    (tmp_path / "turned.csv").write_text("\n".join([header, *sorted(rows, reverse=True)]) + "\n")
    for name, source in (("a", data), ("b", tmp_path / "turned.csv")):
        assert run("predict", fitted, source, "--output", tmp_path / f"{name}.csv") == 0
    assert (tmp_path / "a.csv").read_text() == (tmp_path / "b.csv").read_text()


@pytest.mark.heavy
def test_what_a_fitted_model_cannot_forecast_is_one_line(
    fitted: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.csv"
    predict = ("forecast", "predict", fitted, data, "--output", out)
    assert "the morning of the fit" in refusal(
        capsys, *predict, "--origin", str(PANEL.first_day + 239)
    )
    assert "origin: got 'soon'" in refusal(capsys, *predict, "--origin", "soon")
    assert "the days of the data" in refusal(
        capsys, *predict, "--origin", str(PANEL.first_day + 241)
    )
    assert not out.exists()


@pytest.mark.heavy
def test_a_series_that_was_not_in_the_fit_is_answered_for(fitted: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.csv"
    stranger = written(tmp_path / "new.csv", replace(PANEL, ids=("new", *PANEL.ids[1:])))
    assert run("predict", fitted, stranger, "--output", out) == 0
    rows = [row for row in csv.DictReader(out.read_text().splitlines()) if row["series"] == "new"]
    assert len(rows) == 3
    assert all(0 <= float(row["q0.5"]) < np.inf for row in rows)
