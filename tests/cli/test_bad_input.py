"""Bad input is one clear line on stderr and exit code 2; a killed run leaves nothing
half-written.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lmrs_rl.cli import main
from lmrs_rl.formats.files import write_days, write_network, write_snapshot, write_trips
from tests import tiny

INSTANCES = Path(__file__).resolve().parents[3] / "shared" / "data" / "roadef2016" / "instances"


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """The one line that a refused command line leaves on stderr."""
    capsys.readouterr()
    assert main([str(each) for each in arguments]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("lmrs: ")
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err + told.out
    return told.err


@pytest.fixture
def world(tmp_path: Path) -> Path:
    folder = tmp_path / "world"
    folder.mkdir()
    write_network(folder / "network.json", tiny.network())
    write_days(folder / "days.json", tiny.days(1), tiny.network())
    write_snapshot(folder / "snapshot.json", tiny.snapshot(), tiny.network())
    write_trips(folder / "trips.json", (tiny.trip(),), tiny.network())
    return folder


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"capacity_kg": 1000.0', '"capacity_kg": -1000.0', "tanks[0].capacity_kg: got -1000.0"),
        ('"capacity_kg": 1000.0', '"capacity_kg": NaN', "tanks[0].capacity_kg: got nan"),
        ('"vehicles": ["truck"]', '"vehicles": ["lorry"]', "vehicles[0]: got 'lorry'"),
        ('"id": "B"', '"id": "A"', "tanks[1].id: got 'A'"),
        ("[0, 10, 40, 60, 70]", "[0, 10, 40, 60]", "travel_min[0]: got 4 entries"),
    ],
)
def test_a_bad_network_is_one_line(
    world: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    text = (world / "network.json").read_text()
    assert old in text
    (world / "network.json").write_text(text.replace(old, new, 1))
    for command in (
        ("simulate", world),
        ("plan", world / "network.json", world / "snapshot.json"),
        ("check", world, world / "trips.json"),
    ):
        assert told in refusal(capsys, *command)


def test_an_empty_fleet_is_one_line(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads((world / "network.json").read_text())
    document["vehicles"] = []
    (world / "network.json").write_text(json.dumps(document))
    assert "vehicles.ids: got an empty list" in refusal(capsys, "simulate", world)


def test_a_tank_above_its_capacity_is_one_line(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("days.json", "snapshot.json"):
        text = (world / name).read_text()
        (world / name).write_text(text.replace('"level_kg": 580.0', '"level_kg": 1001.0'))
    assert "level_kg[0] (A): got 1001 kg" in refusal(capsys, "simulate", world)
    assert "level_kg[0] (A): got 1001 kg" in refusal(
        capsys, "plan", world / "network.json", world / "snapshot.json"
    )


@pytest.mark.parametrize("keep", [0, 1, 200])
def test_a_cut_file_is_one_line(world: Path, capsys: pytest.CaptureFixture[str], keep: int) -> None:
    (world / "days.json").write_text((world / "days.json").read_text()[:keep])
    assert "days.json" in refusal(capsys, "simulate", world)


def test_wrong_arguments_are_one_line_each(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "wanted an .xml instance" in refusal(capsys, "simulate", "dmeo")
    assert "nothing to simulate" in refusal(capsys, "simulate")
    assert "source: got ''; wanted an .xml instance" in refusal(capsys, "simulate", "")
    assert "SOURCE with --network" in refusal(
        capsys, "simulate", "demo", "--network", world / "network.json"
    )
    assert "--days-file" in refusal(capsys, "simulate", "--network", world / "network.json")
    assert "--seed" in refusal(capsys, "simulate", world, "--seed", "3")
    assert "--data" in refusal(capsys, "simulate", world, "--data", tmp_path)
    assert "--network with --days-file with --data" in refusal(
        capsys,
        "simulate",
        "--network",
        world / "network.json",
        "--days-file",
        world / "days.json",
        "--data",
        tmp_path,
    )
    assert "for a class with data" in refusal(
        capsys, "world", "demo", "--data", tmp_path, "--output", tmp_path / "out"
    )
    assert "(--data)" in refusal(capsys, "simulate", "network")
    assert "--days" in refusal(capsys, "simulate", world, "--days", "0")
    assert "--colour" in refusal(capsys, "simulate", world, "--colour", "red")
    assert "no such file" in refusal(capsys, "simulate", tmp_path / "missing.xml").lower()
    assert "no such file" in refusal(capsys, "check", world, tmp_path / "missing.json").lower()
    assert "solution" in refusal(capsys, "check", world, tmp_path / "missing.xml").lower()
    assert "network.json" in refusal(capsys, "simulate", tmp_path)
    assert "simulat" in refusal(capsys, "simulat", world)


def test_an_output_that_cannot_be_a_folder_is_refused_before_the_run(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refusal(capsys, "simulate", world, "--output", world / "days.json")
    assert "days.json" in told
    assert "day 1" not in told


def test_more_days_than_there_are_name_the_most(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "--days: got 1000000; wanted 1 to 30, the days of" in refusal(
        capsys, "simulate", "demo", "--days", "1000000"
    )
    for command in (
        ("simulate", world),
        ("check", world, world / "trips.json"),
        ("world", world, "--output", world / "new"),
    ):
        assert "--days: got 2; wanted 1 to 1, " in refusal(capsys, *command, "--days", "2")
    assert main(["check", str(world), str(world / "trips.json"), "--days", "1"]) in (0, 1)


def test_a_wrong_agent_lists_those_that_the_command_takes(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planning = ("plan", world / "network.json", world / "snapshot.json")
    for agent in ("", "nobody", "hindsight", world):
        told = refusal(capsys, *planning, "--agent", agent).split("wanted")[1]
        assert told.startswith(" one of default, extended, filling, lookahead, ")
        assert "hindsight," not in told
    for agent in ("", "nobody"):
        told = refusal(capsys, "simulate", world, "--agent", agent)
        assert told.startswith(f"lmrs: --agent: got {agent!r}")
        assert "wanted one of default, extended, filling, hindsight, lookahead, " in told
    assert "dispatcher: got ''; wanted one of default, " in refusal(
        capsys, "evaluate", "--dispatchers", "", "--output", world / "out"
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '"kg": 400.0',
            '"kg": -400.0',
            "fixed.json: trips[0].stops[1].kg: got -400; wanted at least 0",
        ),
        (
            '"kg": 400.0',
            '"kg": 1400.0',
            "fixed.json: trips[0].stops[1].kg: got 1400; wanted at most 1000 kg",
        ),
        ('"kg": 400.0', '"kg": NaN', "fixed.json"),
        ('"start_min": 0', '"start_min": -50', "fixed.json: trips[0].start_min: got -50"),
        ('"end_min": 200', '"end_min": -1', "fixed.json: trips[0].end_min: got -1"),
        (
            '"arrival_min": 110',
            '"arrival_min": 80',
            "fixed.json: trips[0].stops[2]: got arrival_min 80 and departure_min 140",
        ),
    ],
)
def test_fixed_trips_that_cannot_be_name_file_and_field(
    world: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, told: str
) -> None:
    text = (world / "trips.json").read_text()
    assert old in text
    (world / "fixed.json").write_text(text.replace(old, new, 1))
    assert told in refusal(
        capsys,
        "plan",
        world / "network.json",
        world / "snapshot.json",
        "--fixed",
        world / "fixed.json",
    )


def test_the_hint_names_the_help_of_the_command(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "'lmrs simulate --help'" in refusal(capsys, "simulate", world, "--colour", "red")
    assert "'lmrs forecast fit --help'" in refusal(
        capsys, "forecast", "fit", "d.csv", "--output", "x", "--days", "0"
    )
    assert "'lmrs plan --help'" in refusal(capsys, "plan", world, world, "--output")
    assert "'lmrs forecast backtest --help'" in refusal(
        capsys, "forecast", "backtest", world, "--output"
    )
    assert "'lmrs --help'" in refusal(capsys, "simulat", world)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--parameters", "p.toml"), "p.toml: alpha: got nan"),
        (("--date", "0000-01-01"), "--date: got '0000-01-01'"),
        (("--date", "99999-01-01"), "--date: got '99999-01-01'"),
        (("--seeds", "99999999999999999999"), "'--seeds'"),
        (("--seeds", "1025"), "'--seeds'"),
        (("--workers", "1025"), "'--workers'"),
        (("--move-price", "inf"), "'--move-price'"),
        (("--move-price", "nan"), "'--move-price'"),
    ],
)
def test_numbers_that_nobody_means_are_refused(
    world: Path,
    arguments: tuple[str, str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(world)
    (world / "p.toml").write_text("alpha = nan\n")
    assert told in refusal(capsys, "plan", "network.json", "snapshot.json", *arguments)


@pytest.mark.skipif(not INSTANCES.is_dir(), reason="the shared Air Liquide instances are not there")
def test_an_instance_cut_in_the_middle_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (INSTANCES / "Instance_V_1.1.xml").read_bytes()
    for share in (0.0, 0.3, 0.99):
        (tmp_path / "cut.xml").write_bytes(text[: int(share * len(text))])
        assert "cut.xml" in refusal(capsys, "simulate", tmp_path / "cut.xml")


def test_a_run_killed_half_way_leaves_no_file(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "lmrs_rl",
        "simulate",
        "demo",
        "--days",
        "20",
        "--output",
        str(tmp_path / "run"),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline().startswith("day 1/20")
        os.kill(run.pid, signal.SIGKILL)
        run.stdout.read()
    assert run.returncode == -signal.SIGKILL
    assert list((tmp_path / "run").iterdir()) == []


def test_a_write_killed_half_way_leaves_the_old_file_or_the_new(tmp_path: Path) -> None:
    target = tmp_path / "t.txt"
    script = (
        "import sys, itertools; from pathlib import Path; from lmrs_rl.domain.files import "
        "write_text_atomically\n"
        "for k in itertools.count():\n"
        "    write_text_atomically(Path(sys.argv[1]), str(k % 10) * 3_000_000); print(k, "
        "flush=True)"
    )
    for wait in (0.0, 0.003, 0.007):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(target)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(wait)
            os.kill(writer.pid, signal.SIGKILL)
            writer.stdout.read()
        text = target.read_text()
        assert len(text) == 3_000_000
        assert len(set(text)) == 1


def test_an_interrupted_run_says_so_and_writes_nothing(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "lmrs_rl",
        "simulate",
        "demo",
        "--days",
        "20",
        "--output",
        str(tmp_path / "run"),
    ]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.send_signal(signal.SIGINT)
        _, told = run.communicate(timeout=60)
    assert run.returncode == 130
    assert told == "lmrs: interrupted; no file is half-written\n"
    assert list((tmp_path / "run").iterdir()) == []
