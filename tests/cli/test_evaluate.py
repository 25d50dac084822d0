"""``lmrs evaluate`` on a world of a few tanks and days."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from lmrs_rl.cli import main
from lmrs_rl.cli.evaluate import repeat_options

LOOKING = (
    "kind = 'lookahead'\nbase = 'base'\ncandidates = 2\nseeds = 1\ndays = 2\n"
    "paths = 2\nbudget = 4\n"
)
WEE = "[size]\ntanks = [6, 8]\nn_max = 8\n[episode]\ndays = 2\nwarmup_days = 1\nhistory_days = 56\n"


@pytest.fixture
def wee(tmp_path: Path) -> str:
    (tmp_path / "wee.toml").write_text(WEE)
    return str(tmp_path / "wee.toml")


def test_lists_are_spaced_or_repeated() -> None:
    assert repeat_options(["--worlds", "a", "b", "--seeds", "2"]) == [
        "--worlds",
        "a",
        "--worlds",
        "b",
        "--seeds",
        "2",
    ]
    assert repeat_options(["--worlds", "a", "--worlds", "b"]) == ["--worlds", "a", "--worlds", "b"]
    assert repeat_options(["--seeds", "2", "--dispatchers", "x", "y", "z"]) == [
        "--seeds",
        "2",
        "--dispatchers",
        "x",
        "--dispatchers",
        "y",
        "--dispatchers",
        "z",
    ]
    assert repeat_options(["--seeds", "2", "stray"]) == ["--seeds", "2", "stray"]


def test_an_evaluation_ends_with_the_card_and_its_files(
    wee: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert (
        main(
            [
                "evaluate",
                "--dispatchers",
                "default",
                "extended",
                "--worlds",
                wee,
                "--seeds",
                "2",
                "--preset",
                "train",
                "--output",
                str(out),
            ]
        )
        == 0
    )
    shown = capsys.readouterr().out
    assert "run 4/4 done" in shown
    assert (
        shown.index("logistic efficiency")
        < shown.index("stock-outs")
        < shown.index("decision time")
        < shown.index("default costs")
    )
    assert {"grid.json", "per_seed.csv", "times.csv", "score_card.csv", "report.html"} <= {
        path.name for path in out.iterdir()
    }
    with (out / "per_seed.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [(each["dispatcher"], each["seed"]) for each in rows] == [
        (a, s) for s in ("3000000", "3000001") for a in ("default", "extended")
    ]
    # Again: nothing is left to run.
    assert (
        main(
            [
                "evaluate",
                "--dispatchers",
                "default",
                "extended",
                "--worlds",
                wee,
                "--seeds",
                "2",
                "--preset",
                "train",
                "--output",
                str(out),
            ]
        )
        == 0
    )
    assert "run 3/4" not in capsys.readouterr().out
    # Another grid has no place there.
    assert (
        main(
            [
                "evaluate",
                "--dispatchers",
                "default",
                "--worlds",
                wee,
                "--seeds",
                "2",
                "--output",
                str(out),
            ]
        )
        == 2
    )
    assert "choose another folder" in capsys.readouterr().err


def test_a_sweep_ends_with_the_front(
    wee: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep = [
        "--sweep",
        "--prices",
        "0.1",
        "10",
        "--dispatchers",
        "extended",
        "--worlds",
        wee,
        "--seeds",
        "1",
        "--preset",
        "train",
        "--no-report",
    ]
    assert main(["evaluate", *sweep, "--output", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    for head in ("x 0.1", "x 1", "x 10", "at the service"):
        assert head in shown
    assert not (tmp_path / "out" / "report.html").exists()
    with (tmp_path / "out" / "front.csv").open() as stream:
        assert [each["stockout_cost_factor"] for each in csv.DictReader(stream)] == [
            "0.1",
            "1.0",
            "10.0",
        ]


def test_a_look_ahead_is_never_told_of_without_its_control(
    wee: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in (("base", "z = 0.7\n"), ("mine", LOOKING)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "parameters.toml").write_text(text)
    out = tmp_path / "out"
    some = [
        "--dispatchers",
        "extended",
        str(tmp_path / "mine"),
        "--worlds",
        wee,
        "--split",
        "train",
        "--seeds",
        "1",
        "--preset",
        "train",
        "--days",
        "1",
    ]
    assert main(["evaluate", *some, "--output", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "mine-control takes part" in shown
    assert "mine-control costs" in shown
    with (out / "score_card.csv").open() as stream:
        assert list(dict.fromkeys(each["dispatcher"] for each in csv.DictReader(stream))) == [
            "extended",
            "mine",
            "mine-control",
        ]
    # It is one of those that others can be compared with, and the run goes on where it was.
    assert main(["evaluate", *some, "--against", "mine-control", "--output", str(out)]) == 0
    assert "mine costs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--dispatchers", "nobody"], "got 'nobody'; wanted one of default, extended"),
        (["--worlds", "mars"], "got 'mars'; wanted one of calm"),
        (["--split", "tests"], "wanted train, validation or test"),
        (["--seeds", "0"], "seeds: got 0"),
        (["--jobs", "0"], "jobs: got 0"),
        (["--against", "tuned"], "--against: got 'tuned'; wanted one of default, extended"),
        (["--sweep", "--prices", "-1"], "prices"),
        (["--prices", "2"], "--prices: got 2; wanted --sweep beside it"),
        (["--data", "."], "--data: got .; wanted a world built on real data"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["evaluate", *arguments, "--output", str(out)]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not out.exists()
