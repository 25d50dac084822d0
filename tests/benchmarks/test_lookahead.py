"""The table of what looking ahead gains, by hand."""

from __future__ import annotations

from typing import Any

from benchmarks.lookahead import table


def run(agent: str, number: int, cost: float, world: str = "tight") -> dict[str, Any]:
    figures = {
        "km": 100.0,
        "kg": 250.0,
        "cost_stockouts": 30.0,
        "cost_lost": 10.0,
        "stockout_tank_days": 1.0,
        "tank_days": 500.0,
        "cpu_s_a_day": 2.0,
    }
    return {
        "world": world,
        "tanks": 20,
        "number": number,
        "days": 14,
        "agent": agent,
        "cost": cost,
        **figures,
    }


def test_costs_are_compared_on_the_same_days() -> None:
    # Without the 40 of stock-outs in each run: 50 + 200 over 60 + 260.
    # 90 + 240 over 100 + 300; the bootstrap draws one of the two pairs twice, or both.
    rows = [
        run("extended", 0, 100.0),
        run("ahead", 0, 90.0),
        run("extended", 1, 300.0),
        run("ahead", 1, 240.0),
    ]
    lines = table(rows, ["tight", "calm"])
    assert lines[3] == "| tight | ahead | 2 | 0.825 | 0.800 to 0.900 | 0.781 | 2.50 | 2.0 | 2.00 |"
    assert lines[2].startswith("| tight | extended | 2 | 1.000 | 1.000 to 1.000 |")
    assert lines[4].startswith("| tight, calm | extended")
    assert len(lines) == 6


def test_one_pair_has_no_interval() -> None:
    assert (
        "| 0.900 | nan to nan |"
        in table([run("extended", 0, 100.0), run("ahead", 0, 90.0)], ["tight"])[3]
    )
