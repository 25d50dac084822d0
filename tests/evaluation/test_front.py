"""Driving against stock-outs by hand, as numbers, as a table and as a file."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
from rich.console import Console

from lmrs_rl.domain import InputError
from lmrs_rl.evaluation import Row
from lmrs_rl.evaluation.front import Curve, curves, front_table, write_front
from tests.evaluation.grids import row


def run(agent: str, price: float, driving: float, dry: float, seed: int = 0) -> Row:
    """A run of 1000 tank-days; a quarter of its costs each are of km, time and nights."""
    part = 250 * driving
    return row(
        agent,
        seed,
        price=price,
        also={"tank_days": 1000.0, "stockout_tank_days": dry},
        cost_distance=part,
        cost_time=part,
        cost_nights=part,
        cost_stock=-part,  # stock that was drained is paid for
    )


ROWS = [
    run("extended", 0.1, 8.0, 9.0),
    run("extended", 2.0, 10.0, 2.0),
    run("extended", 0.7, 11.0, 3.0),
    run("[new]", 0.1, 7.0, 5.0),
    run("[new]", 2.0, 9.0, 1.0, 0),
    run("[new]", 2.0, 11.0, 5.0, 1),
    run("[new]", 0.7, 12.0, 4.0),
]


def test_points_are_means_over_all_runs_at_a_factor() -> None:
    extended, new = curves(ROWS, "extended")
    assert (extended.agent, new.agent) == ("extended", "[new]")
    assert [point.stockout_cost_factor for point in new.points] == [0.1, 2.0, 0.7]
    assert [point.driving for point in new.points] == pytest.approx([7.0, 10.0, 12.0])
    assert [point.stockouts for point in new.points] == pytest.approx([5.0, 3.0, 4.0])
    # Driving more than another point for no fewer stock-outs is off the front.
    assert [point.on_front for point in new.points] == [True, True, False]
    assert [point.on_front for point in extended.points] == [True, True, False]


def test_equal_service_is_that_at_the_factor_nearest_to_one() -> None:
    # 0.7 is nearer to 1 than 2.0 by ratio: 3 stock-outs in 1000 tank-days of extended.
    extended, new = curves(ROWS, "extended")
    # On the front from (2, 10) to (9, 8), one of seven on the way; new has 3 at 10 EUR.
    assert extended.cost_at_equal_service == pytest.approx(10 - 2 / 7)
    assert new.cost_at_equal_service == pytest.approx(10.0)
    # By ratio 0.4 is farther from 1 than 2 is, though nearer by difference.
    rows = [run("a", 0.4, 8.0, 9.0), run("a", 2.0, 10.0, 2.0)]
    assert curves(rows, "a")[0].cost_at_equal_service == pytest.approx(10.0)


def test_comparing_with_who_takes_no_part_is_refused() -> None:
    with pytest.raises(InputError, match=r"against: got 'x'; wanted one of extended, \[new\]"):
        curves(ROWS, "x")


def shown(found: tuple[Curve, ...]) -> list[str]:
    console = Console(width=200, record=True, quiet=False)
    with console.capture() as captured:
        console.print(front_table(found, "[new]"))
    return captured.get().splitlines()


def test_the_table_marks_the_front_and_tells_who_does_not_get_there() -> None:
    found = curves(ROWS, "extended")
    lines = shown((found[0], Curve("[new]", found[1].points, math.nan)))
    (head,) = [line for line in lines if "x 0.1" in line]
    assert head.index("x 0.1") < head.index("x 2") < head.index("x 0.7")
    assert "at the service of [new]" in head
    (of_extended,) = [line for line in lines if "8.00 (9.00)*" in line]
    assert "11.00 (3.00) " in of_extended
    assert "9.71" in of_extended
    (of_new,) = [line for line in lines if "7.00 (5.00)*" in line]
    assert "[new]" in of_new
    assert "not reached" in of_new


def test_the_file_has_a_row_for_each_point(tmp_path: Path) -> None:
    write_front(tmp_path / "front.csv", curves(ROWS, "extended"))
    with (tmp_path / "front.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [each["dispatcher"] for each in rows] == ["extended"] * 3 + ["[new]"] * 3
    assert [float(each["stockout_cost_factor"]) for each in rows] == [0.1, 2.0, 0.7] * 2
    assert [each["on_front"] for each in rows] == ["1", "1", "0"] * 2
    assert float(rows[4]["driving"]) == pytest.approx(10.0)
    assert float(rows[4]["stockouts"]) == pytest.approx(3.0)
