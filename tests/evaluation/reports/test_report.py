"""The report is one whole file that asks for nothing else."""

from __future__ import annotations

import re
import xml.dom.minidom
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.dispatchers import load_agent
from lmrs_rl.evaluation import score_card
from lmrs_rl.evaluation.front import curves
from lmrs_rl.evaluation.reports.report import ShownRun, write_report
from lmrs_rl.evaluation.reports.report_levels import bands, hourly_deliveries_kg, level_kg
from lmrs_rl.evaluation.reports.report_map import map_svg
from lmrs_rl.evaluation.reports.svg import Frame, tag, text, ticks
from lmrs_rl.evaluation.run import EvaluationInstance, EvaluationRun, evaluate_agent
from tests.evaluation.grids import WORLD, grid, row


@pytest.fixture(scope="module")
def run() -> EvaluationRun:
    return evaluate_agent(
        EvaluationInstance.of(WORLD, 3_000_000, "ridge"), load_agent("extended"), "train"
    )


@pytest.fixture(scope="module")
def page(run: EvaluationRun, tmp_path_factory: pytest.TempPathFactory) -> str:
    rows = [
        row(agent, seed, cost=10.0 + seed + len(agent))
        for agent in ("extended", "<new>")
        for seed in range(3)
    ]
    swept = [
        *rows,
        *(
            row(agent, seed, price=2.0, stockout_tank_days=0.0)
            for agent in ("extended", "<new>")
            for seed in range(3)
        ),
    ]
    path: Path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(
        path, grid(), score_card(rows), rows, ShownRun("extended", run), curves(swept, "extended")
    )
    return path.read_text(encoding="utf-8")


def test_nothing_is_fetched(page: str) -> None:
    for way_out in (r"\bsrc=", r"\bhref=", r"@import", r"url\(", r"fetch\("):
        assert re.search(way_out, page) is None, way_out
    assert set(re.findall(r"https?://[^\"'\s<]+", page)) <= {"http://www.w3.org/2000/svg"}


def test_every_drawing_is_sound(page: str, run: EvaluationRun) -> None:
    drawings = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    for drawing in drawings:
        xml.dom.minidom.parseString(drawing)
    tanks = run.scenario.network.n_tanks
    # Bars, the front, the map, and a drawing for each tank.
    assert len(drawings) == 8 + 1 + 1 + tanks
    assert "nan" not in "".join(drawings)


def test_the_map_has_a_layer_a_day_with_all_tanks_and_trips(run: EvaluationRun) -> None:
    shown = map_svg(run)
    days = run.rollout.days
    assert shown.count('class="day"') == len(days)
    assert shown.count("<circle") == len(days) * run.scenario.network.n_tanks
    assert shown.count(" drops</title>") == sum(len(day.executed.trips) for day in days)


def test_a_network_without_coordinates_has_no_map(run: EvaluationRun) -> None:
    bare = replace(run.scenario, network=replace(run.scenario.network, point_xy=None))
    assert "no coordinates" in map_svg(replace(run, scenario=bare))


def test_kg_per_km_has_stockouts_beside_it(page: str) -> None:
    bars = page[: page.index("Score card")]
    assert bars.index("logistic efficiency, kg/km") < bars.index("stock-outs, tank-days")


def test_names_are_escaped(page: str) -> None:
    assert "<new>" not in page
    assert "&lt;new&gt;" in page


def test_deliveries_explain_the_levels(run: EvaluationRun) -> None:
    level, came = level_kg(run), hourly_deliveries_kg(run)
    dropped = sum(
        stop.kg
        for day in run.rollout.days
        for trip in day.executed.trips
        for stop in trip.stops
        if stop.kind == "drop"
    )
    assert came.sum() <= dropped + run.rollout.begin.stock.in_transit.kg.sum() + 1e-6
    assert (came >= 0).all()
    assert len(level) == len(came) + 1


def test_bands_hold_their_median_and_start_at_the_level(run: EvaluationRun) -> None:
    middle, low, high = bands(run)
    assert (low <= middle + 1e-9).all()
    assert (middle <= high + 1e-9).all()
    assert middle[0] == pytest.approx(level_kg(run)[0])
    assert np.any(low < high)


def test_small_parts() -> None:
    assert tag("a", "x", class_="b", stroke_width=1.25) == '<a class="b" stroke-width="1.25">x</a>'
    assert text(1, 2, "a<b") == '<text x="1" y="2">a&lt;b</text>'
    frame = Frame((0.0, 10.0), (0.0, 4.0), 100.0, 50.0, 200.0, 40.0)
    # More to the right, and higher up is a smaller y.
    assert (frame.px(5.0), frame.py(0.0), frame.py(4.0)) == (200.0, 90.0, 50.0)
    assert ticks(0.0, 10.0, 4) == [0.0, 5.0, 10.0]
    assert ticks(3.0, 3.0) == [3.0]
