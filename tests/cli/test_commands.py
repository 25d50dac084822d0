"""The commands on tiny worlds: what they write, print and answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lmrs_rl import __version__
from lmrs_rl.cli import main
from lmrs_rl.formats.files import (
    read_dated_snapshot,
    read_days,
    read_network,
    read_plan,
    read_trips,
    write_days,
    write_network,
    write_snapshot,
    write_trips,
)
from lmrs_rl.planning import open_source
from tests import tiny

INSTANCES = Path(__file__).resolve().parents[3] / "shared" / "data" / "roadef2016" / "instances"
needs_instances = pytest.mark.skipif(
    not INSTANCES.is_dir(), reason="the shared Air Liquide instances are not there"
)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with the tiny world in JSON."""
    folder = tmp_path / "world"
    folder.mkdir()
    write_network(folder / "network.json", tiny.network())
    write_days(folder / "days.json", tiny.days(3), tiny.network())
    write_snapshot(folder / "snapshot.json", tiny.snapshot(), tiny.network())
    return folder


def test_simulate_writes_trips_and_figures_and_check_finds_them_valid(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", str(world), "--output", str(tmp_path / "run")]) == 0
    shown = capsys.readouterr().out
    assert [line for line in shown.splitlines() if line.startswith("day ")][2].startswith(
        "day 3/3: "
    )
    assert "logistic efficiency" in shown
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["kpis.json", "trips.json"]
    figures = json.loads((tmp_path / "run" / "kpis.json").read_text())
    # A is at its hit level after 48 of 72 h: a sound run has been there.
    assert figures["name"] == "tiny"
    assert figures["days"] == 3
    assert figures["trips"] >= 1
    assert figures["dry_tank_hours"] == 0
    assert len(read_trips(tmp_path / "run" / "trips.json", tiny.network())) == figures["trips"]
    assert main(["check", str(world), str(tmp_path / "run" / "trips.json")]) == 0
    assert capsys.readouterr().out.rstrip().endswith("valid")


def test_a_network_and_days_can_be_given_as_two_files(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            [
                "simulate",
                "--network",
                str(world / "network.json"),
                "--days-file",
                str(world / "days.json"),
                "--days",
                "1",
                "--preset",
                "train",
            ]
        )
        == 0
    )
    assert "day 1/1" in capsys.readouterr().out


@pytest.mark.parametrize("agent", ["hindsight", "lookahead"])
def test_agents_that_know_the_future_or_look_ahead_are_simulated(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], agent: str
) -> None:
    command = ["simulate", str(world), "--days", "2", "--preset", "train", "--agent", agent]
    assert main([*command, "--output", str(tmp_path / "run")]) == 0
    assert "day 2/2" in capsys.readouterr().out
    figures = json.loads((tmp_path / "run" / "kpis.json").read_text())
    # A is at its hit level after 48 h, whoever decides: no agent lets it fall below.
    assert figures["days"] == 2
    assert figures["below_hit_tank_hours"] == 0
    assert figures["broken_rules"] == 0


def test_order_parameters_can_be_given(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.toml").write_text("alpha = 0.0\n")
    # Nothing is lost by missing an order that has no penalty: nobody drives.
    assert (
        main(
            [
                "simulate",
                str(world),
                "--days",
                "2",
                "--parameters",
                str(tmp_path / "p.toml"),
                "--output",
                str(tmp_path / "run"),
            ]
        )
        == 0
    )
    assert json.loads((tmp_path / "run" / "kpis.json").read_text())["trips"] == 0
    (tmp_path / "p.toml").write_text("alhpa = 0.0\n")
    capsys.readouterr()
    assert main(["simulate", str(world), "--parameters", str(tmp_path / "p.toml")]) == 2
    assert "alhpa" in capsys.readouterr().err


def test_check_tells_each_broken_rule_and_the_figures(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The way from the plant to A takes 30 min: arriving one minute too early breaks SHI02 and
    # nothing else.
    trip = tiny.trip()
    stops = (
        trip.stops[0],
        replace(trip.stops[1], arrival_min=59, departure_min=89),
        *trip.stops[2:],
    )
    write_trips(tmp_path / "t.json", (replace(trip, stops=stops),), tiny.network())
    assert main(["check", str(world), str(tmp_path / "t.json"), "--days", "1"]) == 1
    shown = capsys.readouterr().out
    assert shown.startswith("SHI02 ")
    assert "by 1 min" in shown
    assert "1 broken rules, 1 of them operating rules" in shown
    assert "driven" in shown


def test_check_can_leave_the_hit_level_out(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Without a trip A is at its hit level after 48 h and dry after 58 h: cut to a quarter of a day
    # before, only QS02 is broken.
    write_trips(tmp_path / "t.json", (), tiny.network())
    short = replace(tiny.days(3), use_kg=tiny.use_kg(54))
    write_days(world / "days.json", short, tiny.network())
    assert main(["check", str(world), str(tmp_path / "t.json")]) == 1
    assert "QS02" in capsys.readouterr().out
    assert main(["check", str(world), str(tmp_path / "t.json"), "--operating"]) == 0


def test_plan_shows_tomorrow_and_writes_all_days(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    snapshot = replace(tiny.snapshot(), level_kg=tiny.snapshot().level_kg / 4)
    write_snapshot(world / "snapshot.json", snapshot, tiny.network())
    assert (
        main(
            [
                "plan",
                str(world / "network.json"),
                str(world / "snapshot.json"),
                "--output",
                str(tmp_path / "p.json"),
            ]
        )
        == 0
    )
    shown = capsys.readouterr().out
    assert "trips in the next 24 hours" in shown
    assert "Ann" in shown
    plan = read_plan(tmp_path / "p.json", tiny.network())
    assert len(plan.starting_before(1440)) >= 1


def test_world_writes_files_that_simulate_to_the_same_source(tmp_path: Path) -> None:
    assert (
        main(
            [
                "world",
                "demo",
                "--output",
                str(tmp_path / "deep" / "demo"),
                "--days",
                "2",
                "--seed",
                "5",
            ]
        )
        == 0
    )
    folder = tmp_path / "deep" / "demo"
    assert sorted(path.name for path in folder.iterdir()) == [
        "days.json",
        "network.json",
        "snapshot.json",
    ]
    source = open_source("demo", days=2, seed=5)
    network = read_network(folder / "network.json")
    assert network.tanks.ids == source.network.tanks.ids
    assert (read_days(folder / "days.json", network).use_kg == source.days.use_kg).all()
    assert source.date is not None
    assert (
        read_dated_snapshot(folder / "snapshot.json", network)[1]
        == source.date
        == open_source(str(folder)).date
    )


def test_a_folder_named_like_a_world_is_read_and_takes_no_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["world", "demo", "--output", "demo", "--days", "2", "--seed", "5"]) == 0
    assert open_source("demo").days.hours == 48
    assert main(["simulate", "demo", "--seed", "6"]) == 2
    assert "--seed: got 6" in capsys.readouterr().err


def test_a_world_around_a_network_of_ones_own_is_written_simulated_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["world", "demo", "--output", "mine"]) == 0
    assert (
        main(
            [
                "world",
                "network",
                "--data",
                "mine",
                "--seed",
                "7",
                "--days",
                "2",
                "--output",
                "drawn",
            ]
        )
        == 0
    )
    mine, drawn = (
        read_network(tmp_path / "mine" / "network.json"),
        read_network(tmp_path / "drawn" / "network.json"),
    )
    assert drawn.tanks.ids == mine.tanks.ids
    assert (drawn.tanks.capacity_kg == mine.tanks.capacity_kg).all()
    assert (
        main(
            [
                "simulate",
                "network",
                "--data",
                "mine",
                "--seed",
                "7",
                "--days",
                "2",
                "--preset",
                "quick",
                "--output",
                "run",
            ]
        )
        == 0
    )
    assert (
        main(["check", "network", "run/trips.json", "--data", "mine", "--seed", "7", "--days", "2"])
        == 0
    )


def test_version_and_help_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__
    for command in ("simulate", "check", "plan", "world"):
        assert main([command, "--help"]) == 0
        assert command in capsys.readouterr().out


@needs_instances
@pytest.mark.heavy
def test_an_instance_is_simulated_and_its_solution_in_the_challenges_format_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    instance = str(INSTANCES / "Instance_V_1.1.xml")
    run = tmp_path / "run"
    assert main(["simulate", instance, "--days", "3", "--output", str(run)]) == 0
    assert sorted(path.name for path in run.iterdir()) == [
        "kpis.json",
        "solution.xml",
        "trips.json",
    ]
    figures = json.loads((run / "kpis.json").read_text())
    for name in ("solution.xml", "trips.json"):
        capsys.readouterr()
        assert main(["check", instance, str(run / name), "--days", "3", "--operating"]) == (
            1 if figures["broken_rules"] else 0
        )
        assert f"{figures['km']:,.0f}" in capsys.readouterr().out
