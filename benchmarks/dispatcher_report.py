"""The tables of `benchmarks.dispatcher`."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lmrs_rl
from benchmarks.checkout import head
from lmrs_rl.evaluation import Cell, Row, ScoreCard, score_card
from lmrs_rl.evaluation.statistics import ConfidenceInterval

AGAINST = ("extended", "tuned", "default")
SHOWN = ("km", "kg_per_km", "stockouts", "unmet_kg", "eta", "missed_orders", "fill", "changed_1")


def cards(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, ScoreCard]]:
    """Score cards by variant and by whom they are judged against, controls too, of the scenarios
    that every agent met in every variant.
    """
    agents = dict.fromkeys(row["agent"] for row in rows)
    judges = [
        *(each for each in AGAINST if each in agents),
        *(each for each in agents if each.endswith("-control")),
    ]
    variants = dict.fromkeys(row["variant"] for row in rows)
    met: dict[tuple[str, int], int] = {}
    for row in rows:
        met[row["world"], row["seed"]] = met.get((row["world"], row["seed"]), 0) + 1
    everywhere = sorted(
        instance for instance, count in met.items() if count == len(agents) * len(variants)
    )
    by_key = {(row["variant"], row["agent"], row["world"], row["seed"]): row for row in rows}
    found: dict[str, dict[str, ScoreCard]] = {}
    for variant in variants if everywhere else ():
        whole = [by_key[variant, agent, *instance] for instance in everywhere for agent in agents]
        ready = [
            Row(
                Cell(row["world"], row["seed"], row["agent"]),
                row["scenario"],
                row["figures"],
                row["times"],
            )
            for row in whole
        ]
        found[variant] = {each: score_card(ready, each) for each in judges}
    return found


def write_report(output: Path, rows: Sequence[dict[str, Any]], split: str) -> None:
    """``OUTPUT.json`` with all figures and ``OUTPUT.md`` with the tables; ``rows`` made by the
    code of this checkout.
    """
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "lmrs-rl": lmrs_rl.__version__,
        "commit": head(),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "split": split,
        "days": sorted({row["days"] for row in rows}),
        "preset": sorted({row["preset"] for row in rows}),
        "code": sorted({row["code"] for row in rows}),
    }
    output.with_suffix(".json").write_text(
        json.dumps({"about": about, "rows": list(rows)}) + "\n", encoding="utf-8"
    )
    days, presets, code = (", ".join(map(str, about[key])) for key in ("days", "preset", "code"))
    intro = (
        f"{about['date']}, `python -m benchmarks.dispatcher`, {split} seeds, "
        f"{days} days after the warm-up, preset {presets}"
    )
    how = "Ratios of sums, paired by scenario, with 95 % bootstrap intervals over scenarios."
    lines = [
        "# Dispatchers judged",
        "",
        f"{intro}, lmrs-rl {about['lmrs-rl']}, commit {about['commit']} (code {code}), "
        f"{about['machine']}. {how}",
    ]
    for variant, by_judge in cards(rows).items():
        lines += ["", f"## {variant}", *_of_variant(by_judge)]
    output.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _of_variant(by_judge: dict[str, ScoreCard]) -> list[str]:
    lines = []
    for judge, card in by_judge.items():
        heads = [
            f"{world} ({count})" for world, count in zip(card.worlds, card.scenarios, strict=True)
        ]
        lines += [
            "",
            f"Cost over that of {judge}:",
            "",
            "| dispatcher | " + " | ".join(heads) + " |",
            "|---" * (len(heads) + 1) + "|",
        ]
        for agent in card.agents:
            cells = [_span(card.score(world, agent, "cost").ratio, ".3f") for world in card.worlds]
            lines.append(f"| {agent} | " + " | ".join(cells) + " |")
    card = next(iter(by_judge.values()))
    units = [
        f"{score.measure.label} [{score.measure.unit}]"
        for score in card.of(card.worlds[-1], card.agents[0])
        if score.measure.name in SHOWN
    ]
    lines += [
        "",
        f"Key figures over {card.worlds[-1]}:",
        "",
        "| dispatcher | " + " | ".join(units) + " |",
        "|---" * (len(units) + 1) + "|",
    ]
    for agent in card.agents:
        cells = [
            _span(score.value, score.measure.number_format)
            for score in card.of(card.worlds[-1], agent)
            if score.measure.name in SHOWN
        ]
        lines.append(f"| {agent} | " + " | ".join(cells) + " |")
    return lines


def _span(of: ConfidenceInterval, form: str) -> str:
    if not math.isfinite(of.low):
        return f"{of.estimate:{form}}"
    return f"{of.estimate:{form}} [{of.low:{form}}, {of.high:{form}}]"
