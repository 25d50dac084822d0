"""``lmrs plan --agent``: the parameters of each tank, why, and how the trips look."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmrs_rl.cli import main
from lmrs_rl.dispatchers.policy import NETWORK_FEATURES, TANK_FEATURES, PolicyContext, physical
from lmrs_rl.formats.files import read_plan, write_days, write_network, write_plan, write_snapshot
from lmrs_rl.lookahead import LookAhead
from tests import tiny
from tests.environment.small import first_morning

WILD = Path(__file__).resolve().parents[1] / "agents" / "wild"
MONDAY = ("--date", "2025-03-31")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first morning of a small world."""
    folder, morning = tmp_path_factory.mktemp("world"), first_morning()
    write_network(folder / "network.json", morning.network)
    write_snapshot(folder / "snapshot.json", morning.snapshot, morning.network)
    return folder


def run(world: Path, *more: str) -> int:
    return main(
        [
            "plan",
            str(world / "network.json"),
            str(world / "snapshot.json"),
            "--preset",
            "train",
            *more,
        ]
    )


@pytest.fixture(scope="module")
def learned(world: Path) -> Path:
    """What a learned agent's plan writes."""
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    folder = world / "learned"
    assert (
        run(
            world,
            "--agent",
            str(WILD),
            *MONDAY,
            "--explain-output",
            str(folder),
            "--output",
            str(world / "plan.json"),
        )
        == 0
    )
    return folder


def read_json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_json_has_every_tank_with_the_baseline_beside_and_what_mattered(learned: Path) -> None:
    written, network = read_json(learned / "parameters.json"), first_morning().network
    assert (written["agent"], written["date"]) == ("wild", "2025-03-31")
    assert [each["id"] for each in written["tanks"]] == list(
        network.customers.ids[: network.n_tanks]
    )
    assert set(written["network"]) == {each.name for each in NETWORK_FEATURES}
    for tank in written["tanks"]:
        assert tank["fallback"] is None
        assert tank["baseline"]["alpha"] == 1000.0
        # exp(2 u)
        assert tank["parameters"]["alpha"] == pytest.approx(
            1000.0 * 7.389056 ** tank["answer"]["alpha"], rel=1e-5
        )
        most = [max(map(abs, reason["moves"].values())) for reason in tank["reasons"]]
        assert most == sorted(most, reverse=True)
        assert {reason["feature"] for reason in tank["reasons"]} <= {
            each.name for each in TANK_FEATURES
        }
    assert len(written["network_reasons"]) == 5


def test_csv_says_the_same(learned: Path) -> None:
    written = read_json(learned / "parameters.json")
    with (learned / "parameters.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [float(row["alpha"]) for row in rows] == [
        tank["parameters"]["alpha"] for tank in written["tanks"]
    ]
    assert [float(row["baseline_x_kg"]) for row in rows] == [
        tank["baseline"]["x_kg"] for tank in written["tanks"]
    ]
    assert all(
        row["reason_1"].startswith(tank["reasons"][0]["feature"])
        for row, tank in zip(rows, written["tanks"], strict=True)
    )


def test_trips_csv_has_the_stops_of_the_next_day(world: Path, learned: Path) -> None:
    network, now = first_morning().network, first_morning().snapshot.time_min
    tomorrow = read_plan(world / "plan.json", network).starting_before(now + 1440)
    with (learned / "trips.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(tomorrow) > 0
    assert [(int(row["trip"]), float(row["kg"])) for row in rows] == [
        (k, s.kg) for k, trip in enumerate(tomorrow, 1) for s in trip.stops
    ]


def test_yesterdays_plan_is_seen(world: Path, learned: Path, tmp_path: Path) -> None:
    network = first_morning().network
    made = read_plan(world / "plan.json", network)
    write_plan(world / "before.json", made, network)
    assert (
        run(
            world,
            "--agent",
            str(WILD),
            *MONDAY,
            "--before",
            str(world / "before.json"),
            "--explain-output",
            str(tmp_path),
        )
        == 0
    )
    planned = made.starting_before(10**9)
    assert planned
    assert (
        read_json(tmp_path / "parameters.json")["network"]["planned_kg"]
        > read_json(learned / "parameters.json")["network"]["planned_kg"]
        == 0
    )


def test_the_table_tells_what_moved(
    world: Path, capsys: pytest.CaptureFixture[str], learned: Path
) -> None:
    capsys.readouterr()
    assert run(world, "--agent", str(WILD), *MONDAY) == 0
    shown = capsys.readouterr().out
    assert "chosen (baseline)" in shown
    assert "for all tanks: " in shown
    assert "(1,000)" in shown  # alpha of the baseline


def test_a_tank_that_keeps_the_baseline_is_told(
    world: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    learned: Path,
) -> None:
    def spoilt(sight: PolicyContext) -> tuple[np.ndarray, np.ndarray]:
        tanks, network = physical(sight)
        tanks[1, 0] = np.nan
        return tanks, network

    monkeypatch.setattr("lmrs_rl.dispatchers.learned.physical", spoilt)
    assert (
        run(
            world,
            "--agent",
            str(WILD),
            *MONDAY,
            "--explain-output",
            str(tmp_path),
            "--output",
            str(tmp_path / "plan.json"),
        )
        == 0
    )
    network = first_morning().network
    name = network.customers.ids[1]
    written = read_json(tmp_path / "plan.json")
    assert (written["agent"], [each["tank"] for each in written["fallbacks"]]) == ("wild", [name])
    assert "fill is nan" in written["fallbacks"][0]["why"]
    assert read_plan(tmp_path / "plan.json", network).trips
    assert f"tank {name} keeps the baseline: fill is nan" in capsys.readouterr().out
    tank = read_json(tmp_path / "parameters.json")["tanks"][1]
    assert "fill is nan" in tank["fallback"]
    assert tank["parameters"] == tank["baseline"]
    assert tank["reasons"] == []


def test_an_agent_with_fixed_parameters_has_neither_baseline_nor_reasons(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(world, "--agent", "extended", "--explain-output", str(tmp_path)) == 0
    assert "chosen (baseline)" not in capsys.readouterr().out
    tank = read_json(tmp_path / "parameters.json")["tanks"][0]
    assert set(tank) == {"id", "parameters"}
    assert run(world, "--agent", "extended", "--output", str(tmp_path / "plan.json")) == 0
    assert (
        read_json(tmp_path / "plan.json")["agent"],
        read_json(tmp_path / "plan.json")["fallbacks"],
    ) == ("extended", [])
    with (tmp_path / "parameters.csv").open(encoding="utf-8") as stream:
        assert next(csv.reader(stream)) == [
            "tank",
            "x_kg",
            "a",
            "b",
            "alpha",
            "beta",
            "z",
            "value_per_kg",
            "fill_days",
        ]


def test_the_date_of_the_snapshot_serves_and_that_of_the_command_goes_before_it(
    world: Path, learned: Path, tmp_path: Path
) -> None:
    morning = first_morning()
    write_network(tmp_path / "network.json", morning.network)
    write_snapshot(
        tmp_path / "snapshot.json", morning.snapshot, morning.network, np.datetime64("2025-03-31")
    )
    assert run(tmp_path, "--agent", str(WILD), "--explain-output", str(tmp_path / "own")) == 0
    assert (tmp_path / "own" / "parameters.json").read_bytes() == (
        learned / "parameters.json"
    ).read_bytes()
    assert (
        run(
            tmp_path,
            "--agent",
            str(WILD),
            "--date",
            "2025-07-06",
            "--explain-output",
            str(tmp_path / "other"),
        )
        == 0
    )
    assert read_json(tmp_path / "other" / "parameters.json")["date"] == "2025-07-06"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--agent", str(WILD)), "--date"),  # weekday and season
        (("--agent", str(WILD), "--date", "31.3.2025"), "--date"),
        (("--agent", str(WILD), "--date", "2025-02-30"), "--date"),
        (("--agent", str(WILD), "--date", "2025-03"), "--date"),
        (("--agent", "nobody"), "nobody"),
        (("--agent", "hindsight"), "future"),
        (("--agent", "default", "--parameters", "x.toml"), "one of the two"),
    ],
)
def test_bad_arguments_are_refused(
    world: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    if str(WILD) in arguments:
        pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    assert run(world, *arguments) == 2
    assert told in capsys.readouterr().err


def test_a_map_is_drawn(world: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pictures need matplotlib (extra forecast)")
    assert run(world, "--map", str(tmp_path / "map.png")) == 0
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_a_map_without_matplotlib_is_refused_before_the_plan_is_made(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert (
        run(world, "--map", str(tmp_path / "map.png"), "--output", str(tmp_path / "plan.json")) == 2
    )
    assert "matplotlib" in capsys.readouterr().err
    assert not (tmp_path / "plan.json").exists()


def test_a_map_of_a_network_without_coordinates_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_network(tmp_path / "network.json", tiny.network())
    write_snapshot(tmp_path / "snapshot.json", tiny.snapshot(), tiny.network())
    assert run(tmp_path, "--map", str(tmp_path / "map.png")) == 2
    assert "coordinates" in capsys.readouterr().err


@pytest.mark.heavy
def test_a_look_ahead_plans_with_a_plan_of_its_own(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(
            world,
            "--agent",
            "lookahead",
            "--explain-output",
            str(tmp_path),
            "--output",
            str(tmp_path / "plan.json"),
        )
        == 0
    )
    assert read_plan(tmp_path / "plan.json", first_morning().network).trips
    written = read_json(tmp_path / "parameters.json")
    assert (written["agent"], written["look_ahead"]["base"]) == ("lookahead", "extended")
    assert set(written["tanks"][0]) == {"id", "parameters", "base"}


@pytest.fixture(scope="module")
def wild_ahead(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small look-ahead around the learned agent."""
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    agents = tmp_path_factory.mktemp("agents")
    shutil.copytree(WILD, agents / "wild")
    (agents / "ahead").mkdir()
    text = (
        "kind = 'lookahead'\nbase = 'wild'\ncandidates = 5\nseeds = 1\ndays = 2\n"
        "paths = 4\nbudget = 15\n"
    )
    (agents / "ahead" / "parameters.toml").write_text(text)
    return agents / "ahead"


def test_a_look_ahead_tells_its_candidate_and_what_its_learned_base_chose_and_why(
    world: Path,
    wild_ahead: Path,
    learned: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def second_after_the_base(*_: object) -> tuple[np.ndarray, int]:
        return np.zeros((5, 4)), 2

    monkeypatch.setattr(LookAhead, "_halve", second_after_the_base)
    assert run(world, "--agent", str(wild_ahead), *MONDAY, "--explain-output", str(tmp_path)) == 0
    shown, written, base = (
        capsys.readouterr().out,
        read_json(tmp_path / "parameters.json"),
        read_json(learned / "parameters.json"),
    )
    assert written["look_ahead"] == {"candidate": "less alpha", "plans": 5, "base": "wild"}
    assert "ahead takes the plan of candidate 'less alpha', one of 5 around wild" in shown
    assert "chosen (wild; baseline)" in shown
    assert "for all tanks: " in shown
    assert (written["network"], written["network_reasons"]) == (
        base["network"],
        base["network_reasons"],
    )
    for tank, own in zip(written["tanks"], base["tanks"], strict=True):
        assert tank["base"] == own["parameters"]
        # A step of 0.5 down, exp(2 u).
        assert tank["parameters"]["alpha"] == pytest.approx(np.exp(-1.0) * tank["base"]["alpha"])
        assert all(tank[key] == own[key] for key in ("baseline", "answer", "fallback", "reasons"))
    with (tmp_path / "parameters.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["candidate"] for row in rows} == {"less alpha"}
    assert [float(row["base_alpha"]) for row in rows] == [
        tank["base"]["alpha"] for tank in written["tanks"]
    ]
    assert [float(row["baseline_alpha"]) for row in rows] == [
        tank["baseline"]["alpha"] for tank in written["tanks"]
    ]


def test_a_look_ahead_with_a_learned_base_needs_the_date(
    world: Path, wild_ahead: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(world, "--agent", str(wild_ahead)) == 2
    assert "--date" in capsys.readouterr().err


@pytest.mark.parametrize("more", [("--move-price", "5"), ("--seeds", "2")])
def test_a_look_ahead_takes_no_orders_on_how_to_route(
    world: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...]
) -> None:
    assert run(world, "--agent", "lookahead", *more) == 2
    assert "makes its own plans" in capsys.readouterr().err


def test_simulate_runs_a_learned_agent(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    figures = []
    for more in (("--agent", str(WILD)), ("--agent", str(WILD), "--date", "2024-02-28"), ()):
        assert main(["simulate", "demo", "--days", "2", "--preset", "train", *more]) == 0
        figures.append(capsys.readouterr().out)
    assert figures[0] != figures[2]  # it does something


def test_simulate_needs_a_date_where_days_have_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    write_network(tmp_path / "network.json", tiny.network())
    write_days(tmp_path / "days.json", tiny.days(2), tiny.network())
    arguments = ["simulate", str(tmp_path), "--agent", str(WILD), "--preset", "train"]
    assert main(arguments) == 2
    assert "date" in capsys.readouterr().err
    assert main([*arguments, *MONDAY]) == 0
    write_days(tmp_path / "days.json", tiny.days(2), tiny.network(), np.datetime64("2025-03-31"))
    assert main(arguments) == 0
