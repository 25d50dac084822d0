"""The tables of `benchmarks.dispatcher`."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lmrs_rl
from lmrs_rl.evaluation import Cell, Row, ScoreCard, score_card
from lmrs_rl.evaluation.statistics import Interval

AGAINST = ("extended", "tuned", "default")
SHOWN = ("km", "kg_per_km", "stockouts", "unmet_kg", "eta", "missed_orders", "fill", "changed_1")


def cards(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, ScoreCard]]:
    """Score cards by variant and by whom they are judged against, of the scenarios that every agent of the variant met."""
    found: dict[str, dict[str, ScoreCard]] = {}
    for variant in dict.fromkeys(row["variant"] for row in rows):
        met = [row for row in rows if row["variant"] == variant]
        agents = dict.fromkeys(row["agent"] for row in met)
        by_scene: dict[tuple[str, int], set[str]] = {}
        for row in met:
            by_scene.setdefault((row["world"], row["seed"]), set()).add(row["agent"])
        whole = sorted((row for row in met if len(by_scene[row["world"], row["seed"]]) == len(agents)), key=lambda row: (row["world"], row["seed"]))
        ready = [Row(Cell(row["world"], row["seed"], row["agent"]), row["scenario"], row["figures"], row["times"]) for row in whole]
        if ready:
            found[variant] = {each: score_card(ready, each) for each in AGAINST if each in agents}
    return found


def write_report(output: Path, rows: Sequence[dict[str, Any]], split: str) -> None:
    """``OUTPUT.json`` with all figures and ``OUTPUT.md`` with the tables."""
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "lmrs-rl": lmrs_rl.__version__,
        "python": platform.python_version(),
        "split": split,
        "days": sorted({row["days"] for row in rows}),
        "preset": sorted({row["preset"] for row in rows}),
        "code": sorted({row["code"] for row in rows}),
    }
    output.with_suffix(".json").write_text(json.dumps({"about": about, "rows": list(rows)}) + "\n", encoding="utf-8")
    days, presets, code = (", ".join(map(str, about[key])) for key in ("days", "preset", "code"))
    head = f"{about['date']}, `python -m benchmarks.dispatcher`, {split} seeds, {days} days after the warm-up, preset {presets}"
    how = "Ratios of sums, paired by scenario, with 95 % bootstrap intervals over scenarios."
    lines = ["# Dispatchers judged", "", f"{head}, lmrs-rl {about['lmrs-rl']}, code {code}. {how}"]
    for variant, by_judge in cards(rows).items():
        lines += ["", f"## {variant}", *_of_variant(by_judge)]
    output.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _of_variant(by_judge: dict[str, ScoreCard]) -> list[str]:
    lines = []
    for judge, card in by_judge.items():
        heads = [f"{world} ({count})" for world, count in zip(card.worlds, card.scenarios, strict=True)]
        lines += ["", f"Cost over that of {judge}:", "", "| dispatcher | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
        for agent in card.agents:
            cells = [_span(card.score(world, agent, "cost").ratio, ".3f") for world in card.worlds]
            lines.append(f"| {agent} | " + " | ".join(cells) + " |")
    card = next(iter(by_judge.values()))
    units = [f"{score.measure.label} [{score.measure.unit}]" for score in card.of(card.worlds[-1], card.agents[0]) if score.measure.name in SHOWN]
    lines += ["", f"Key figures over {card.worlds[-1]}:", "", "| dispatcher | " + " | ".join(units) + " |", "|---" * (len(units) + 1) + "|"]
    for agent in card.agents:
        cells = [_span(score.value, score.measure.form) for score in card.of(card.worlds[-1], agent) if score.measure.name in SHOWN]
        lines.append(f"| {agent} | " + " | ".join(cells) + " |")
    return lines


def _span(of: Interval, form: str) -> str:
    if not math.isfinite(of.low):
        return f"{of.estimate:{form}}"
    return f"{of.estimate:{form}} [{of.low:{form}}, {of.high:{form}}]"
