"""Tables of the routing benchmark: gaps to the best known plans, by variant, engine, budget and size."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np

Row = dict[str, Any]
Pair = TypeVar("Pair")

VARIANTS = ("single", "reload")
BARS_OF_PIPELINE = ((10.0, 200, 0.5), (10.0, 500, 2.0), (1.0, 200, 2.0), (0.1, 100, 3.0))
"""(budget [s], most tanks, most mean gap [%])"""


def with_gaps(rows: list[Row], best: dict[str, float]) -> list[Row]:
    """Each row with its gap [%] to the best known cost of its case."""
    return [{**row, "gap": 100.0 * (row["cost"] / best[row["case"]] - 1.0)} for row in rows]


def gaps_table(rows: list[Row], variant: str) -> str:
    """Mean gap [%] and median CPU seconds; one line an engine and budget, one column a size."""
    sizes = sorted({row["tanks"] for row in rows if row["variant"] == variant})
    lines = ["| engine | budget | " + " | ".join(f"{n} tanks" for n in sizes) + " |", "|---|---|" + "---|" * len(sizes)]
    for engine, budget in _in_order((row["engine"], row["budget_s"]) for row in rows if row["variant"] == variant):
        cells = [_cell([r for r in rows if (r["variant"], r["tanks"], r["engine"], r["budget_s"]) == (variant, n, engine, budget)]) for n in sizes]
        lines.append(f"| {engine} | {_budget(budget)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def bars(rows: list[Row]) -> str:
    """What was asked for and what came of it, as far as the rows tell."""
    lines = []
    for budget, most, bar in BARS_OF_PIPELINE:
        least = 500 if most == 500 else 0
        for variant, n, gap in _means(rows, "pipeline", budget):
            if least <= n <= most:
                lines.append(_verdict(f"pipeline, {budget:g} s, {variant}, {n} tanks: mean gap {gap:.2f} %", gap <= bar, f"at most {bar:g} %"))
    for ours in ("ruin and recreate", "pipeline"):
        for budget in _budgets(rows):
            lines += _beside_peer(rows, ours, budget)
    lines += _beside_guided(rows)
    return "\n".join(lines)


def _beside_peer(rows: list[Row], ours: str, budget: float) -> list[str]:
    peer = {(variant, n): gap for variant, n, gap in _means(rows, "PyVRP", budget)}
    cells = [(variant, n, gap - peer[variant, n]) for variant, n, gap in _means(rows, ours, budget) if (variant, n) in peer]
    lines = [
        _verdict(f"{ours} behind PyVRP by {d:+.2f} points at {budget:g} s, {v}, {n} tanks", d <= 0.3, "at most +0.3") for v, n, d in cells if d > 0.3
    ]
    if cells:
        mean = float(np.mean([d for _, _, d in cells]))
        lines.append(_verdict(f"{ours} at {budget:g} s: mean of {len(cells)} cells {mean:+.2f} points from PyVRP", mean < 0, "below 0"))
    return lines


def _beside_guided(rows: list[Row]) -> list[str]:
    guided = {(variant, n): gap for variant, n, gap in _means(rows, "OR-Tools, guided local search", 1.0)}
    result = []
    for variant, n, gap in _means(rows, "pipeline", 1.0):
        if n >= 200 and (variant, n) in guided:
            cheaper = 100.0 * (1.0 - (100.0 + gap) / (100.0 + guided[variant, n]))
            text = f"pipeline cheaper than guided local search by {cheaper:.1f} % at 1 s, {variant}, {n} tanks"
            result.append(_verdict(text, cheaper >= 10, "at least 10 %"))
    return result


def _means(rows: list[Row], engine: str, budget: float) -> list[tuple[str, int, float]]:
    """Mean gap of each (variant, size) that was run."""
    chosen = [row for row in rows if row["engine"] == engine and row["budget_s"] == budget]
    cells = _in_order((row["variant"], row["tanks"]) for row in chosen)
    return [(v, n, _mean(r["gap"] for r in chosen if (r["variant"], r["tanks"]) == (v, n))) for v, n in cells]


def _budgets(rows: list[Row]) -> list[float]:
    return sorted({row["budget_s"] for row in rows if row["budget_s"] is not None})


def _verdict(text: str, met: bool, bar: str) -> str:
    return f"- {'met' if met else 'NOT MET'}: {text} (bar: {bar})"


def _cell(rows: list[Row]) -> str:
    if not rows:
        return "–"
    broken = sum(row["broken"] for row in rows)
    flag = f", **{broken} rules broken**" if broken else ""
    return f"{_mean(row['gap'] for row in rows):.1f} % ({np.median([row['cpu_s'] for row in rows]):.2g} s){flag}"


def _budget(budget: float | None) -> str:
    return "–" if budget is None else f"{budget:g} s"


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))


def _in_order(pairs: Iterable[Pair]) -> list[Pair]:
    """Each once, in order of first appearance."""
    return list(dict.fromkeys(pairs))
