"""Public routing instances: a tiny file of each format, counted by hand, and our own problem
made of it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("vrplib")

from benchmarks.cvrplib import (
    SETS,
    Instance,
    as_problem,
    as_solution,
    find_instance,
    price,
    read_solution,
)
from benchmarks.yardsticks import Row, check_known, main, report
from lmrs_rl.domain import InputError
from lmrs_rl.routing.core import CoreSettings, ruin_and_recreate
from lmrs_rl.routing.costs import objective

SOLOMON = """TINY

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0        100          0
    1      1          1          6          0         50          2
    2      2          0          4          5         50          2
    3      0          5          7          0         50          2
"""

PRIZES = """NAME : TINY
TYPE : PCVRPTW
DIMENSION : 3
VEHICLES : 1
CAPACITY : 10
SERVICE_TIME : 2
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 1 1
3 0 5
DEMAND_SECTION
1 0
2 6
3 7
TIME_WINDOW_SECTION
1 0 100
2 0 50
3 0 50
PRIZE_SECTION
1 0
2 2
3 30
DEPOT_SECTION
1
-1
EOF
"""


def write(folder: Path, set_name: str, instance: str, solution: str) -> Instance:
    rules = SETS[set_name]
    at = folder / "deep" / rules.folder
    at.mkdir(parents=True)
    (at / f"TINY{rules.suffix}").write_text(instance)
    (at / "TINY.sol").write_text(solution)
    return find_instance(folder, set_name, "TINY")


@pytest.fixture
def tiny(tmp_path: Path) -> Instance:
    """Customers 1 and 2 fill a vehicle. Way 0-1-2-0: 1.4 + 1.4 + 2, to 3 and back: 10, in one
    decimal cut off: 14.8.
    """
    return write(tmp_path, "Solomon", SOLOMON, "Route #1: 1 2\nRoute #2: 3\nCost 14.8\n")


def test_distances_are_cut_to_one_decimal_and_counted_in_tenths(tiny: Instance) -> None:
    # The square root of 2 is 1.414.
    assert tiny.distance[:3, :3].tolist() == [[0, 14, 20], [14, 0, 14], [20, 14, 0]]
    assert tiny.window.tolist() == [[0, 1000], [0, 500], [50, 500], [0, 500]]
    assert tiny.service.tolist() == [0, 20, 20, 20]


def test_the_stated_cost_is_the_counted_one(tiny: Instance) -> None:
    cost, faults = price(tiny, tiny.known)
    assert cost == pytest.approx(14.8)
    assert faults == []
    check_known(tiny)


def test_another_stated_cost_is_refused(tiny: Instance) -> None:
    with pytest.raises(InputError, match="stated cost"):
        check_known(replace(tiny, known_cost=14.9))


def test_every_broken_rule_is_told(tiny: Instance) -> None:
    assert price(tiny, [(0, [1, 3]), (1, [2])])[1] == ["vehicle 0 is overloaded"]
    assert price(tiny, [(0, [1, 2])])[1] == ["customer 3 is not served"]
    assert price(tiny, [(0, [3]), (0, [1, 2])])[1] == ["a vehicle has two routes"]
    roomy = replace(tiny, capacity=np.array([10, 14]))
    assert price(roomy, [(0, [3]), (1, [2, 2, 1])])[1] == ["customer 2 is served again"]
    late = replace(tiny, window=np.array([[0, 1000], [0, 13], [50, 500], [0, 500]]))
    assert price(late, tiny.known)[1] == ["vehicle 0 is late at 1"]
    in_time = replace(tiny, window=np.array([[0, 1000], [0, 14], [50, 500], [0, 500]]))
    assert price(in_time, tiny.known)[1] == []


def test_the_way_home_has_a_closing_time(tiny: Instance) -> None:
    # To 3 and back: 50 + 20 + 50. The other route is back by 50 + 20 + 20.
    assert (
        price(replace(tiny, window=np.array([[0, 120], *tiny.window[1:].tolist()])), tiny.known)[1]
        == []
    )
    assert price(replace(tiny, window=np.array([[0, 119], *tiny.window[1:].tolist()])), tiny.known)[
        1
    ] == ["vehicle 1 is late at 0"]


def test_our_core_solves_it_at_the_cost_by_which_it_is_counted(tiny: Instance) -> None:
    problem = as_problem(tiny)
    routes = ruin_and_recreate(problem, CoreSettings(iterations=200, iterations_per_order=0), 0)
    cost, faults = price(tiny, as_solution(routes))
    assert cost == pytest.approx(14.8)
    assert faults == []
    assert objective(problem, routes) == pytest.approx(cost)


def test_a_prize_is_what_missing_costs(tmp_path: Path) -> None:
    # One vehicle for one of the two: to 1 and back 2.8 and 30 missed, or to 3 and back 10 and 2
    # missed. Stated in tenths.
    instance = write(tmp_path, "prizes", PRIZES, "Route #1: 2\nCost: 120\n")
    assert price(instance, instance.known)[0] == pytest.approx(12.0)
    assert price(instance, [(0, [1])])[0] == pytest.approx(32.8)
    assert not instance.mandatory
    check_known(instance)
    problem = as_problem(instance)
    routes = ruin_and_recreate(problem, CoreSettings(iterations=100, iterations_per_order=0), 0)
    assert objective(problem, routes) == pytest.approx(12.0)


def test_routes_without_customers_keep_their_number_where_it_is_the_vehicles(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.sol"
    path.write_text("Route #1:\nRoute #2: 4 5\nCost: 7.5\n")
    assert read_solution(path, fleet_order=True) == (((1, (4, 5)),), 7.5)
    assert read_solution(path, fleet_order=False) == (((0, (4, 5)),), 7.5)


def test_an_instance_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Vrp-Set-X"):
        find_instance(tmp_path, "X", "X-n101-k25")


def test_pyvrp_told_that_customers_are_mandatory_serves_them_at_our_cost(tiny: Instance) -> None:
    from pyvrp.stop import MaxIterations

    from benchmarks.routing_pyvrp import pyvrp_routes

    answer = pyvrp_routes(as_problem(tiny), MaxIterations(30), 0, mandatory=True)
    cost, faults = price(tiny, as_solution(answer.routes))
    assert cost == pytest.approx(14.8)
    assert faults == []


def test_a_run_writes_rows_and_a_table(tmp_path: Path, tiny: Instance) -> None:
    del tiny
    main(
        [
            "--folder",
            str(tmp_path),
            "--sets",
            "Solomon",
            "--instances",
            "TINY",
            "--budgets",
            "0.05",
            "--output",
            str(tmp_path / "out"),
        ]
    )
    text = (tmp_path / "out.md").read_text()
    assert "| TINY | 3 | 2 | 14.8 | 0.00 % | 0.00 % | 0.00 % | 0.00 % |" in text


def test_rows_of_before_are_kept_where_asked_for_and_replaced_where_measured_anew(
    tmp_path: Path, tiny: Instance
) -> None:
    del tiny
    common = [
        "--folder",
        str(tmp_path),
        "--sets",
        "Solomon",
        "--instances",
        "TINY",
        "--budgets",
        "0.05",
        "--output",
        str(tmp_path / "out"),
    ]
    main([*common, "--engines", "ruin and recreate"])
    main([*common, "--engines", "ruin and recreate", "PyVRP", "--add"])
    assert [row["engine"] for row in json.loads((tmp_path / "out.json").read_text())["rows"]] == [
        "ruin and recreate",
        "PyVRP",
    ]
    main([*common, "--engines", "PyVRP"])
    assert [row["engine"] for row in json.loads((tmp_path / "out.json").read_text())["rows"]] == [
        "PyVRP"
    ]


def test_a_mandatory_customer_left_out_is_no_gap() -> None:
    row = Row("X", "a", 3, 2, 14.8, "e", 1.0, 0, 4.8, None, 1, 0, 5, 1.0)
    made = {"date": "2026-01-02", "command": "c", "machine": "2 cores", "versions": {"python": "3"}}
    assert "2026-01-02, `c`, 2 cores, python 3." in report([row], made)
    assert "| a | 3 | 2 | 14.8 | 1 of 1 leave customers out |" in report([row], made)
    assert "| a | 3 | 2 | 14.8 | 2.00 % |" in report([replace(row, gap=2.0, unserved=0)], made)
    assert "**1 rules broken**" in report([replace(row, faults=1)], made)
