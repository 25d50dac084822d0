"""The score card for people and for files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.markup import escape
from rich.table import Table

from lmrs_rl.evaluation.measure import Measure, measures
from lmrs_rl.evaluation.scoring import Score, ScoreCard
from lmrs_rl.evaluation.statistics import ConfidenceInterval
from lmrs_rl.evaluation.store import Row, write_csv


def card_table(card: ScoreCard, world: str, names: Sequence[str] | None = None) -> Table:
    """Key figures as rows, dispatchers as columns: the value, and below it the ratio to the one
    they are judged against.

    ``names`` of measures shows only those; stock-outs come with kg/km in any case.
    """
    count = card.scenarios[card.worlds.index(world)]
    title = f"{escape(world)}: {count} scenario{'s' if count > 1 else ''}; in brackets the ratio to {escape(card.against)}"
    table = Table(
        title=title + (" with its 95 % interval" if count > 1 else ""),
        title_justify="left",
        show_lines=False,
    )
    table.add_column("")
    for agent in card.agents:
        table.add_column(escape(agent), justify="right")
    shown = (
        measures(names)
        if names is not None
        else tuple(score.measure for score in card.of(world, card.agents[0]))
    )
    for measure in shown:
        cells = [
            _cell(card.score(world, agent, measure.name), agent == card.against)
            for agent in card.agents
        ]
        table.add_row(f"{measure.label}\n[dim]{measure.unit}[/dim]", *cells)
    return table


def times_table(rows: Sequence[Row]) -> Table:
    """Seconds of a morning and of the dispatcher alone, median of the runs: on this machine,
    today.
    """
    table = Table(title="decision time, other on every machine", title_justify="left")
    table.add_column("")
    agents = tuple(dict.fromkeys(row.cell.agent for row in rows))
    for agent in agents:
        table.add_column(escape(agent), justify="right")
    for name, label in (
        ("seconds_a_day", "s a day: forecast, orders, routing, execution"),
        ("dispatcher_seconds_a_day", "s of it in the dispatcher"),
    ):
        table.add_row(
            label,
            *(
                f"{np.median([row.times[name] for row in rows if row.cell.agent == agent]):.4f}"
                for agent in agents
            ),
        )
    return table


def sentences(card: ScoreCard) -> list[str]:
    """What the card says of cost, in words: one sentence for each dispatcher that is judged."""
    world = card.worlds[-1]
    found = []
    for agent in card.agents:
        if agent == card.against:
            continue
        cost, dry = (card.score(world, agent, name) for name in ("cost", "stockouts"))
        gain = 100 * (1 - cost.ratio.estimate)
        verdict = f"{abs(gain):.1f} % {'less' if gain > 0 else 'more'} than {card.against}"
        span = (
            ""
            if math.isnan(cost.ratio.low)
            else f" (ratio "
            f"{_span(cost.ratio, '.3f')}{'' if clear(cost.ratio) else ', not told apart from chance'})"
        )
        found.append(
            f"{agent} costs {verdict}{span}, with {with_unit(dry)} against "
            f"{with_unit(card.score(world, card.against, 'stockouts'))}"
        )
    return found


def clear(ratio: ConfidenceInterval) -> bool:
    """Whether an interval of a ratio leaves 1 out."""
    return ratio.low > 1 or ratio.high < 1


def with_unit(score: Score) -> str:
    """Such as ``stock-outs 1.25 tank-days in 1000``."""
    return (
        f"{score.measure.label} {rounded(score.value.estimate, score.measure)} {score.measure.unit}"
    )


def rounded(value: float, measure: Measure) -> str:
    """A value in the measure's form; a dash where it is not known."""
    return "-" if math.isnan(value) else format(value, measure.form)


def write_card(path: Path, card: ScoreCard) -> None:
    """The score card as CSV: one row for each world, dispatcher and measure."""
    parts = ("value", "ratio", "difference")
    write_csv(
        path,
        [
            {
                "world": each.world,
                "dispatcher": each.agent,
                "measure": each.measure.name,
                "unit": each.measure.unit,
            }
            | {
                f"{part}{end}": getattr(getattr(each, part), of)
                for part in parts
                for end, of in (("", "estimate"), ("_low", "low"), ("_high", "high"))
            }
            for each in card.scores
        ],
    )


def _cell(score: Score, itself: bool) -> str:
    value = rounded(score.value.estimate, score.measure)
    if itself:
        return f"{value}\n[dim](1)[/dim]"
    told = "-" if not math.isfinite(score.ratio.estimate) else f"{score.ratio.estimate:.3f}"
    known = math.isfinite(score.ratio.low) and math.isfinite(score.ratio.high)
    span = f": {_span(score.ratio, '.3f', brackets=False) if known else '-'}" if told != "-" else ""
    text = f"({told}{span})"
    return f"{value}\n{_coloured(text, score)}"


def _coloured(text: str, score: Score) -> str:
    better = score.measure.less_is_better
    if better is None or not clear(score.ratio):
        return f"[dim]{text}[/dim]"
    return f"[green]{text}[/green]" if (score.ratio.high < 1) == better else f"[red]{text}[/red]"


def _span(of: ConfidenceInterval, form: str, brackets: bool = True) -> str:
    text = f"{of.low:{form}}..{of.high:{form}}"
    return f"{of.estimate:{form}}, 95 % {text}" if brackets else text
