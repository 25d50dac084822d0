"""The score card as a table, as sentences and as a CSV file."""

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
    """Key figures as rows, dispatchers as columns: the value, and below it the ratio.

    Parameters
    ----------
    card : scores
    world : of the scores shown
    names : measures shown, all if not given; kg/km brings stock-outs with it
    """
    count = card.scenarios[card.worlds.index(world)]
    scenarios = f"{escape(world)}: {count} scenario{'s' if count > 1 else ''}"
    interval = " with its 95 % interval" if count > 1 else ""
    title = f"{scenarios}; in brackets the ratio to {escape(card.against)}{interval}"
    table = Table(title=title, title_justify="left", show_lines=False)
    table.add_column("")
    for agent in card.agents:
        table.add_column(escape(agent), justify="right")
    if names is None:
        shown = tuple(score.measure for score in card.of(world, card.agents[0]))
    else:
        shown = measures(names)
    for measure in shown:
        cells = [
            _cell(card.score(world, agent, measure.name), agent == card.against)
            for agent in card.agents
        ]
        table.add_row(f"{measure.label}\n[dim]{measure.unit}[/dim]", *cells)
    return table


def times_table(rows: Sequence[Row]) -> Table:
    """Median seconds per day, and those of the dispatcher alone; they depend on the machine."""
    table = Table(title="decision time, different on every machine", title_justify="left")
    table.add_column("")
    agents = tuple(dict.fromkeys(row.cell.agent for row in rows))
    for agent in agents:
        table.add_column(escape(agent), justify="right")
    for name, label in (
        ("seconds_a_day", "s a day: forecast, orders, routing, execution"),
        ("dispatcher_seconds_a_day", "s of it in the dispatcher"),
    ):
        medians = (
            np.median([row.times[name] for row in rows if row.cell.agent == agent])
            for agent in agents
        )
        table.add_row(label, *(f"{seconds:.4f}" for seconds in medians))
    return table


def sentences(card: ScoreCard) -> list[str]:
    """A sentence on cost and stock-outs for each dispatcher that is compared with the reference."""
    # The last one is all worlds together where there are several.
    world = card.worlds[-1]
    found = []
    for agent in card.agents:
        if agent == card.against:
            continue
        cost, dry = (card.score(world, agent, name) for name in ("cost", "stockouts"))
        reference = card.score(world, card.against, "stockouts")
        gain = 100 * (1 - cost.ratio.estimate)
        saving = f"{abs(gain):.1f} % {'less' if gain > 0 else 'more'} than {card.against}"
        found.append(
            f"{agent} costs {saving}{_ratio_in_brackets(cost.ratio)}, with {_with_unit(dry)} "
            f"against {_with_unit(reference)}"
        )
    return found


def _ratio_in_brackets(ratio: ConfidenceInterval) -> str:
    if math.isnan(ratio.low):
        return ""
    doubt = "" if is_significant(ratio) else ", not significant"
    return f" (ratio {_span(ratio, '.3f')}{doubt})"


def is_significant(ratio: ConfidenceInterval) -> bool:
    """Whether the interval of a ratio excludes 1."""
    return ratio.low > 1 or ratio.high < 1


def _with_unit(score: Score) -> str:
    """Such as ``stock-outs 1.25 tank-days in 1000``."""
    return (
        f"{score.measure.label} {rounded(score.value.estimate, score.measure)} {score.measure.unit}"
    )


def rounded(value: float, measure: Measure) -> str:
    """A value with the measure's digits; a dash for NaN."""
    return "-" if math.isnan(value) else format(value, measure.number_format)


def write_card(path: Path, card: ScoreCard) -> None:
    """Write the score card as CSV: one row for each world, dispatcher and measure."""
    write_csv(path, [_score_row(score) for score in card.scores])


def _score_row(score: Score) -> dict[str, object]:
    row: dict[str, object] = {
        "world": score.world,
        "dispatcher": score.agent,
        "measure": score.measure.name,
        "unit": score.measure.unit,
    }
    for part in ("value", "ratio", "difference"):
        interval = getattr(score, part)
        row |= {
            part: interval.estimate,
            f"{part}_low": interval.low,
            f"{part}_high": interval.high,
        }
    return row


def _cell(score: Score, is_reference: bool) -> str:
    value, ratio = rounded(score.value.estimate, score.measure), score.ratio
    if is_reference:
        return f"{value}\n[dim](1)[/dim]"
    if not math.isfinite(ratio.estimate):
        text = "(-)"
    elif math.isfinite(ratio.low) and math.isfinite(ratio.high):
        text = f"({ratio.estimate:.3f}: {_bounds(ratio, '.3f')})"
    else:
        text = f"({ratio.estimate:.3f}: -)"
    return f"{value}\n{_coloured(text, score)}"


def _coloured(text: str, score: Score) -> str:
    """Green or red where the difference is significant, dim elsewhere."""
    less_is_better = score.measure.less_is_better
    if less_is_better is None or not is_significant(score.ratio):
        return f"[dim]{text}[/dim]"
    colour = "green" if (score.ratio.high < 1) == less_is_better else "red"
    return f"[{colour}]{text}[/{colour}]"


def _span(interval: ConfidenceInterval, number_format: str) -> str:
    return f"{interval.estimate:{number_format}}, 95 % {_bounds(interval, number_format)}"


def _bounds(interval: ConfidenceInterval, number_format: str) -> str:
    return f"{interval.low:{number_format}}..{interval.high:{number_format}}"
