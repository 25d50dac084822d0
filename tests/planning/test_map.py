"""The map of a plan: what is drawn where, in which size and colour."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import Costs, InputError, Network, Plan, Trip
from lmrs_rl.environment.picture import new_figure
from lmrs_rl.forecast import KnownUse
from lmrs_rl.planning import map as plan_map
from lmrs_rl.planning.map import check_can_draw, write_map
from tests import tiny

pytest.importorskip("matplotlib")

XY = np.array([[0.0, 0.0], [5.0, 1.0], [20.0, 2.0], [30.0, 3.0], [35.0, 4.0]])
"""[km] Base, site, A, B, C."""


def network(**tanks: Any) -> Network:
    found = tiny.network()
    return replace(found, point_xy=XY, tanks=replace(found.tanks, **tanks))


def drawn(
    monkeypatch: pytest.MonkeyPatch,
    path: Path,
    *trips: Trip,
    level_kg: tuple[float, float] = (580.0, 400.0),
    now: int = 0,
    on: Network | None = None,
) -> Any:
    """The axes of the map that is written."""
    figure = new_figure()
    figure.set_dpi(20)  # quickly written
    monkeypatch.setattr(plan_map, "new_figure", lambda: figure)
    snapshot = replace(tiny.snapshot(), level_kg=np.array(level_kg), time_min=now)
    place = network() if on is None else on
    use = replace(tiny.days(10), start=snapshot)
    plan = Plan(now, trips, (), Costs(0, 0, 0, 0))
    write_map(path, place, snapshot, KnownUse(use)(place, snapshot), plan)
    return figure.axes[0]


def test_a_network_without_coordinates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--map: got a network without coordinates"):
        check_can_draw(tiny.network())
    check_can_draw(network())
    snapshot, days = tiny.snapshot(), tiny.days()
    forecast = KnownUse(days)(tiny.network(), snapshot)
    with pytest.raises(InputError, match="--map"):
        write_map(
            tmp_path / "m.png",
            tiny.network(),
            snapshot,
            forecast,
            Plan(0, (), (), Costs(0, 0, 0, 0)),
        )


def test_trips_of_24_hours_are_coloured_with_their_load_and_later_ones_are_grey(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # Eleven trips tomorrow, the last of them in its last minute: colours start again after ten.
    trips = (
        *(tiny.trip(1440 + 60 * k) for k in range(10)),
        tiny.trip(2879, 500.0, 700.0),
        tiny.trip(2880),
    )
    axes = drawn(monkeypatch, tmp_path / "m.png", *trips, now=1440)
    colours = [line.get_color() for line in axes.lines]
    assert colours == ["#adb5bd", *(f"C{k}" for k in range(10)), "C0"]
    assert [line.get_linestyle() for line in axes.lines] == [":", *["-"] * 11]
    # From the base by the site to A and B and back.
    for line in axes.lines:
        assert line.get_xydata().tolist() == XY[[0, 1, 2, 3, 0]].tolist()
    told = [text.get_text() for text in axes.get_legend().get_texts()]
    assert told == [*["truck, Ann: 1,000 kg"] * 10, "truck, Ann: 1,200 kg"]
    assert axes.get_title().startswith("11 trips in the next 24 hours; rims: under 1 day of cover")


def test_without_trips_there_is_no_legend_and_the_file_tells_nothing_of_its_maker(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    axes = drawn(monkeypatch, tmp_path / "m.png")
    assert axes.get_legend() is None
    assert list(axes.lines) == []
    # Equal plans give equal files, whatever version of matplotlib draws them.
    content = (tmp_path / "m.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert b"matplotlib" not in content.lower()


def test_tanks_show_capacity_level_and_days_of_cover(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    half = network(capacity_kg=np.array([1000.0, 500.0]))
    # A at 100 + 230 kg reaches its hit level in 23 h: red. B at 100 + 125 kg in 25 h: orange.
    axes = drawn(monkeypatch, tmp_path / "m.png", level_kg=(330.0, 225.0), on=half)
    tanks, sites = axes.collections[:2]
    assert tanks.get_offsets().tolist() == XY[[2, 3]].tolist()
    assert tanks.get_sizes().tolist() == [200.0, 115.0]  # 30 + 170 for the largest, 85 for half
    assert tanks.get_array().tolist() == pytest.approx([0.33, 0.45])
    assert tanks.get_clim() == (0.0, 1.0)
    rims = (255 * tanks.get_edgecolors()[:, :3]).round().astype(int).tolist()
    assert rims == [[0xC1, 0x12, 0x1F], [0xF0, 0x8C, 0x00]]
    assert sites.get_offsets().tolist() == [XY[1].tolist()]
    # Places are as far apart as they are, whatever the direction.
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_aspect()) == ("km", "km", 1.0)
    (bar,) = axes.figure.axes[1:]
    assert bar.get_ylabel() == "level / capacity"
    names = [(text.get_text(), *text.xy) for text in axes.texts]
    assert names == [("A", 20.0, 2.0), ("B", 30.0, 3.0)]
    # Over trips, which lie over one another, and under sites.
    assert (tanks.get_zorder(), sites.get_zorder()) == (3, 4)
