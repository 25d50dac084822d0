"""``lmrs plan``: what it tells about orders missed, slack, costs and changes; trips that are
fixed.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.cli import main
from lmrs_rl.formats.files import read_plan, write_network, write_snapshot, write_trips
from tests import tiny


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """The tiny world with tanks a quarter full: both want a drop soon."""
    write_network(tmp_path / "network.json", tiny.network())
    write_snapshot(
        tmp_path / "snapshot.json",
        replace(tiny.snapshot(), level_kg=tiny.snapshot().level_kg / 4),
        tiny.network(),
    )
    return tmp_path


def run(world: Path, *more: str) -> int:
    return main(
        [
            "plan",
            str(world / "network.json"),
            str(world / "snapshot.json"),
            "--output",
            str(world / "p.json"),
            *more,
        ]
    )


def test_slack_and_costs_are_told_and_written(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(world) == 0
    shown = capsys.readouterr().out
    # One trip serves both: 60 km and 200 min at 0.5.
    assert (
        "costs: distance 60.00, time 100.00, nights 0.00, missed orders 0.00, late drops" in shown
    )
    assert "slack" in shown
    assert "orders missed: 0" in shown
    written = json.loads((world / "p.json").read_text())["explanation"]
    assert written["missed"] == []
    assert [t["costs"]["time"] for t in written["trips"]] == [100.0]
    assert read_plan(world / "p.json", tiny.network()).costs.total == 160.0


def test_a_missed_order_is_told_with_its_reason(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # To B and back are 120 min of driving.
    network = replace(
        tiny.network(), drivers=replace(tiny.network().drivers, max_driving_min=np.array([119]))
    )
    write_network(world / "network.json", network)
    assert run(world) == 0
    shown = capsys.readouterr().out
    assert "orders missed: 1" in shown
    assert "driving limit" in shown
    (missed,) = json.loads((world / "p.json").read_text())["explanation"]["missed"]
    assert (missed["customer"], missed["reason"], missed["extra_cost"]) == (
        "B",
        "driving limit",
        None,
    )
    assert missed["detail"] == "the trip there and back takes 1 min more than any driver may drive"


def test_who_is_due_without_an_order_is_told_with_the_reason(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = replace(
        tiny.network(),
        tanks=replace(tiny.network().tanks, vehicle_allowed=np.array([[True], [False]])),
    )
    write_network(world / "network.json", network)
    assert run(world) == 0
    shown = capsys.readouterr().out
    assert "orders missed: 0" in shown
    assert "due without an order" in shown
    assert "no vehicle may come" in shown
    (out,) = json.loads((world / "p.json").read_text())["unordered"]
    # 100 kg are left in B, which is its hit level.
    assert out == {
        "customer": "B",
        "reason": "no vehicle may come",
        "detail": "no vehicle that may carry gas is allowed there",
        "stockout_h": 0.0,
    }
    assert read_plan(world / "p.json", network).missed == ()


def test_nobody_without_an_order_is_no_table(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(world) == 0
    assert "due without an order" not in capsys.readouterr().out
    assert json.loads((world / "p.json").read_text())["unordered"] == []


def test_a_fixed_trip_is_in_the_plan(world: Path) -> None:
    fixed = tiny.trip(start_min=777)
    write_trips(world / "fixed.json", (fixed,), tiny.network())
    assert run(world, "--fixed", str(world / "fixed.json")) == 0
    assert read_plan(world / "p.json", tiny.network()).trips == (fixed,)


def test_changes_against_the_plan_before_are_told(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(world) == 0
    before = world / "before.json"
    (world / "p.json").rename(before)
    capsys.readouterr()
    assert run(world, "--before", str(before), "--move-price", "1000") == 0
    assert (
        "100 % of the drops of the plan before stay on their day and vehicle"
        in capsys.readouterr().out
    )


def test_several_seeds_give_a_plan_no_dearer(world: Path) -> None:
    assert run(world, "--seeds", "2") == 0
    assert read_plan(world / "p.json", tiny.network()).costs.total == 160.0


def test_no_seed_is_refused(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(world, "--seeds", "0") == 2
    assert "seeds" in capsys.readouterr().err


@pytest.mark.parametrize("preset", ["train", "plan"])
def test_a_preset_is_chosen_by_name(world: Path, preset: str) -> None:
    assert run(world, "--preset", preset) == 0
    assert read_plan(world / "p.json", tiny.network()).costs.total == 160.0


def test_an_unknown_preset_is_refused(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(world, "--preset", "fast") == 2
    assert "'quick', 'train', 'plan', 'best'" in capsys.readouterr().err
