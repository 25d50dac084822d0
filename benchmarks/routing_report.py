"""Tables of the routing benchmark: gaps to the best known plans, by variant, engine, budget and
size.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np

Row = dict[str, Any]
Pair = TypeVar("Pair")

VARIANTS = ("single", "reload")
OURS, PEER, GUIDED = "pipeline", "PyVRP", "OR-Tools, guided local search"
BARS_OF_PIPELINE = (
    (10.0, 0, 200, 0.5),
    (10.0, 500, 500, 2.0),
    (1.0, 0, 200, 2.0),
    (0.1, 0, 100, 3.0),
)
"""(budget [s], least and most tanks, most mean gap [%])"""
BEHIND, AHEAD, LARGE, CHEAPER = 0.3, 0.0, 200, 10.0
"""Most points behind the peer in a cell, and on average; least tanks and least per cent cheaper
than guided local search at 1 s.
"""
PEER_BUDGETS = (0.1, 1.0, 10.0)

Bar = tuple[str, str, bool | None]
"""What is asked for, what came of it, whether it is met (``None``: not in these results)."""
Cell = tuple[str, int]
"""Variant and tanks."""


def with_gaps(rows: list[Row], best: dict[str, float]) -> list[Row]:
    """Each row with its gap [%] to the best known cost of its case."""
    return [{**row, "gap": 100.0 * (row["cost"] / best[row["case"]] - 1.0)} for row in rows]


def gaps_table(rows: list[Row], variant: str) -> str:
    """Mean gap [%] and median CPU seconds; one line an engine and budget, one column a size."""
    sizes = sorted({row["tanks"] for row in rows if row["variant"] == variant})
    full = {
        n: len({row["seed"] for row in rows if (row["variant"], row["tanks"]) == (variant, n)})
        for n in sizes
    }
    lines = [
        "| engine | budget | " + " | ".join(f"{n} tanks" for n in sizes) + " |",
        "|---|---|" + "---|" * len(sizes),
    ]
    for engine, budget in _in_order(
        (row["engine"], row["budget_s"]) for row in rows if row["variant"] == variant
    ):
        cells = [
            _cell(
                [
                    r
                    for r in rows
                    if (r["variant"], r["tanks"], r["engine"], r["budget_s"])
                    == (variant, n, engine, budget)
                ],
                full[n],
            )
            for n in sizes
        ]
        lines.append(f"| {engine} | {_budget(budget)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def bars(rows: list[Row], others: Iterable[Bar] = ()) -> str:
    """One line for each bar: what was asked for, what came of it, met or not."""
    asked = [each for bar in BARS_OF_PIPELINE for each in _gap_bars(rows, *bar)]
    asked += [*_peer_bars(rows), _guided_bar(rows), *others]
    lines = ["| bar | result | |", "|---|---|---|"]
    return "\n".join(
        [*lines, *(f"| {what} | {got} | {_verdict(met)} |" for what, got, met in asked)]
    )


def beside_peer_lines(rows: list[Row]) -> list[str]:
    """Points of mean gap that our engines are behind (+) or ahead of (-) the peer, cell by cell,
    over the cases that both ran.
    """
    lines = []
    for ours in ("ruin and recreate", OURS):
        for budget in _budgets(rows):
            cells = [
                f"{v} {n}: {a - b:+.2f}"
                for (v, n), (a, b) in paired(rows, ours, PEER, budget).items()
            ]
            lines += (
                [f"- {ours} beside {PEER} at {budget:g} s, points: {', '.join(cells)}"]
                if cells
                else []
            )
    return lines


def paired(
    rows: list[Row], ours: str, theirs: str, budget: float
) -> dict[Cell, tuple[float, float]]:
    """Mean gap of both in each cell, over the cases that both have run."""
    mine, peers = (_gap_of_case(rows, engine, budget) for engine in (ours, theirs))
    cells = _in_order((row["variant"], row["tanks"]) for row in rows)
    both = {
        cell: [name for (name, of) in mine if of == cell and (name, of) in peers] for cell in cells
    }
    return {
        cell: (
            _mean(g for n in names for g in mine[n, cell]),
            _mean(g for n in names for g in peers[n, cell]),
        )
        for cell, names in both.items()
        if names
    }


def _gap_of_case(
    rows: list[Row], engine: str, budget: float
) -> dict[tuple[str, Cell], list[float]]:
    found: dict[tuple[str, Cell], list[float]] = {}
    for row in rows:
        if row["engine"] == engine and row["budget_s"] == budget:
            found.setdefault((row["case"], (row["variant"], row["tanks"])), []).append(row["gap"])
    return found


def _gap_bars(rows: list[Row], budget: float, least: int, most: int, bar: float) -> list[Bar]:
    """The mean over the sizes and variants that a bar names, and the strict reading: each of
    them by itself.
    """
    size = f"{most} tanks" if least else f"at most {most} tanks"
    cells = [(gap, v, n) for v, n, gap in _means(rows, OURS, budget) if least <= n <= most]
    what = f"{OURS}: mean gap at most {bar:g} % at {budget:g} s, {size}"
    strictly = f"{what}, in each single cell"
    if not cells:
        return [(what, "–", None), (strictly, "–", None)]
    mean, (gap, variant, n) = _mean(gap for gap, _, _ in cells), max(cells)
    return [
        (what, f"mean of {len(cells)} cells {mean:.2f} %", mean <= bar),
        (strictly, f"largest {gap:.2f} % ({variant}, {n})", gap <= bar),
    ]


def _peer_bars(rows: list[Row]) -> list[Bar]:
    behind = {
        (b, v, n): mine - peers
        for b in PEER_BUDGETS
        for (v, n), (mine, peers) in paired(rows, OURS, PEER, b).items()
    }
    texts = (
        f"{OURS}: not behind {PEER} by more than {BEHIND:g} points in any cell",
        f"{OURS}: ahead of {PEER} on average",
    )
    if not behind:
        return [(text, "–", None) for text in texts]
    over = [f"{v} {n} at {b:g} s {d:+.2f}" for (b, v, n), d in behind.items() if d > BEHIND]
    worst, mean = max(behind.values()), _mean(behind.values())
    return [
        (
            texts[0],
            f"worst of {len(behind)} cells {worst:+.2f}"
            + (f"; over it: {', '.join(over)}" if over else ""),
            not over,
        ),
        (texts[1], f"mean of {len(behind)} cells {mean:+.2f} points", mean < AHEAD),
    ]


def _guided_bar(rows: list[Row]) -> Bar:
    what = (
        f"{OURS}: at least {CHEAPER:g} % cheaper than guided local search alone at 1 s, "
        f"{LARGE} tanks or more"
    )
    cells = paired(rows, OURS, GUIDED, 1.0).items()
    cheaper = [
        (100.0 * (1.0 - (100.0 + mine) / (100.0 + guided)), v, n)
        for (v, n), (mine, guided) in cells
        if n >= LARGE
    ]
    if not cheaper:
        return what, "–", None
    least, variant, n = min(cheaper)
    return what, f"least of {len(cheaper)} cells {least:.1f} % ({variant}, {n})", least >= CHEAPER


def _means(rows: list[Row], engine: str, budget: float) -> list[tuple[str, int, float]]:
    """Mean gap of each (variant, size) that was run."""
    chosen = [row for row in rows if row["engine"] == engine and row["budget_s"] == budget]
    cells = _in_order((row["variant"], row["tanks"]) for row in chosen)
    return [
        (v, n, _mean(r["gap"] for r in chosen if (r["variant"], r["tanks"]) == (v, n)))
        for v, n in cells
    ]


def _budgets(rows: list[Row]) -> list[float]:
    return sorted({row["budget_s"] for row in rows if row["budget_s"] is not None})


def _verdict(met: bool | None) -> str:
    return "not in these results" if met is None else "met" if met else "NOT MET"


def _cell(rows: list[Row], instances: int) -> str:
    if not rows:
        return "–"
    broken = sum(row["broken"] for row in rows)
    flag = f", **{broken} rules broken**" if broken else ""
    count = len({row["seed"] for row in rows})
    flag += f", {count} of {instances} instances" if count < instances else ""
    seconds = np.median([row["cpu_s"] for row in rows])
    return f"{_mean(row['gap'] for row in rows):.1f} % ({seconds:.2g} s){flag}"


def _budget(budget: float | None) -> str:
    return "–" if budget is None else f"{budget:g} s"


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _in_order(pairs: Iterable[Pair]) -> list[Pair]:
    """Each once, in order of first appearance."""
    return list(dict.fromkeys(pairs))
