"""Bars of the routing that other scripts measure, as their last results have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.routing_report import Bar

HERE = Path(__file__).parent
FREE_OF_QS02, MOST_RATIO, PROBLEMS = 11, 1.5, 10_000
PUBLIC_BUDGET_S = 10.0


def bars_elsewhere(folder: Path = HERE) -> list[Bar]:
    """Public instances, Air Liquide and the fuzz, from the results in ``folder``; ``None`` where
    there are none.
    """
    return [
        _public(_read(folder / "yardsticks.json")),
        _air_liquide(_read(folder / "roadef.json")),
        _fuzz(_read(folder / "fuzz_routing.json")),
    ]


def _read(path: Path) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (
        json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    )
    return found


def _public(found: dict[str, Any] | None) -> Bar:
    name = "public instances read by adapters, no rule broken"
    if found is None:
        return name, "–", None
    rows = [row for row in found["rows"] if row["budget_s"] == PUBLIC_BUDGET_S]
    told = []
    for kind in dict.fromkeys(row["set_name"] for row in rows):
        gaps = {
            e: [r["gap"] for r in rows if (r["set_name"], r["engine"]) == (kind, e)]
            for e in ("pipeline", "PyVRP")
        }
        told.append(
            f"{kind} ({len(gaps['pipeline'])}): "
            + ", ".join(f"{e} {np.mean(g):.2f} %" for e, g in gaps.items() if g)
        )
    return (
        name,
        f"at {PUBLIC_BUDGET_S:g} s " + "; ".join(told),
        not any(row["faults"] for row in found["rows"]),
    )


def _air_liquide(found: dict[str, Any] | None) -> Bar:
    name = (
        f"Air Liquide: rules kept on 13, {FREE_OF_QS02} without QS02, "
        f"their mean LR at most {MOST_RATIO:g} times the best published"
    )
    if found is None:
        return name, "–", None
    rows = found["rows"]
    broken, free = (
        sum(row["broken_operating_rules"] for row in rows),
        [row for row in rows if row["qs02_free"]],
    )
    if not free:
        return name, f"{broken} broken, none without QS02", False
    ratio = float(
        np.mean([r["logistic_ratio"] for r in free]) / np.mean([r["best_published"] for r in free])
    )
    met = len(rows) == 13 and broken == 0 and len(free) >= FREE_OF_QS02 and ratio <= MOST_RATIO
    return name, f"{broken} broken on {len(rows)}, {len(free)} without QS02, {ratio:.2f} times", met


def _fuzz(found: dict[str, Any] | None) -> Bar:
    name = f"{PROBLEMS:,} random problems without exception, rejected plan or order lost"
    if found is None:
        return name, "–", None
    return (
        name,
        f"{len(found['failed'])} of {found['problems']:,} failed",
        not found["failed"] and found["problems"] >= PROBLEMS,
    )
