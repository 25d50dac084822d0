"""The report: one HTML file that needs nothing else, no network either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.evaluation.card_text import rounded, sentences
from lmrs_rl.evaluation.front import Curve
from lmrs_rl.evaluation.grid import Grid
from lmrs_rl.evaluation.reports.report_bars import bars_of, front_of
from lmrs_rl.evaluation.reports.report_levels import levels_of
from lmrs_rl.evaluation.reports.report_map import map_of
from lmrs_rl.evaluation.reports.svg import tag
from lmrs_rl.evaluation.run import EvaluationInstance, EvaluationRun, evaluate_agent
from lmrs_rl.evaluation.scoring import Score, ScoreCard
from lmrs_rl.evaluation.store import Row

STYLE = """
body{font:15px/1.45 system-ui,sans-serif;color:#212529;background:#fff;max-width:1000px;margin:2em auto;padding:0 1em}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #dee2e6}svg{max-width:100%;height:auto}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(320px,1fr));gap:10px}
.wide{overflow-x:auto}table{border-collapse:collapse}td,th{padding:3px 10px;text-align:right;border-bottom:1px solid #e9ecef}
td:first-child,th:first-child{text-align:left}small{color:#5c636a}input[type=range]{width:60%}
.better{color:#2b8a3e}.worse{color:#c92a2a}
"""
SCRIPT = """
const slider=document.getElementById('day');
if(slider)slider.addEventListener('input',()=>{
document.getElementById('shown').textContent=slider.value;
document.querySelectorAll('g.day').forEach(g=>{g.style.display=g.dataset.day===slider.value?'':'none'})});
"""


@dataclass(frozen=True, eq=False)
class Shown:
    """The run that is shown day by day: the first scenario of the grid, under the dispatcher
    that others are judged against.
    """

    agent: str
    run: EvaluationRun

    @classmethod
    def of(cls, grid: Grid, agent: str) -> Shown:
        """Play it again: the same figures come out as in the table."""
        cell = grid.cells[0]
        return cls(
            agent,
            evaluate_agent(
                EvaluationInstance.of(grid.world(cell.world), cell.seed, grid.forecast, grid.days),
                grid.agent(agent),
                grid.preset,
            ),
        )


def write_report(
    path: Path,
    grid: Grid,
    card: ScoreCard,
    rows: Sequence[Row],
    shown: Shown,
    curves: Sequence[Curve] = (),
) -> None:
    """Write the page."""
    world = card.worlds[-1]
    parts = [
        tag("h1", "Dispatchers compared"),
        tag("p", escape(_setting(grid, card))),
        tag("ul", "".join(tag("li", escape(sentence)) for sentence in sentences(card))),
        tag("h2", f"Key figures, {escape(world)}"),
        tag(
            "p",
            tag(
                "small",
                "Whiskers are 95 % bootstrap intervals over scenarios. Read kg/km with the "
                "stock-outs: it rises when service falls.",
            ),
        ),
        tag("div", bars_of(card, world), class_="grid"),
        *_equal_service(card, curves),
        *(
            part
            for each in card.worlds
            for part in (
                tag("h2", f"Score card, {escape(each)}"),
                tag("div", _card(card, each), class_="wide"),
            )
        ),
        tag("h2", "A run day by day"),
        tag(
            "p",
            escape(
                f"{shown.run.scenario.name}, seed {shown.run.scenario.seed}, under "
                f"{shown.agent}. {MAP}"
            ),
        ),
        map_of(shown.run),
        tag("h2", "Levels"),
        tag("p", LEVELS),
        tag("div", levels_of(shown.run), class_="grid"),
        tag("h2", "Decision time"),
        tag("p", escape(_times(rows))),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Dispatchers compared</title><style>{STYLE}</style>'
    body = "\n".join(parts)
    write_text_atomically(
        path,
        f"<!DOCTYPE html>\n<html "
        f'lang="en"><head>{head}</head>\n<body>\n{body}\n<script>{SCRIPT}</script>\n</body></html>\n',
    )


MAP = (
    "Discs are tanks, as large as they hold and darker the fuller, with a red rim under the hit "
    "level; green squares load, the cross is the base. "
    "Lines are the trips of the day, a colour for each vehicle."
)
LEVELS = (
    "Tanks that came nearest to running dry. Black: level; blue: what each week's forecast said, "
    "median and 80 % band, with the deliveries that "
    "came; green: kg delivered; red dashes: hit level. Days along the bottom."
)


def _setting(grid: Grid, card: ScoreCard) -> str:
    worlds = ", ".join(
        f"{name} ({count})" for name, count in zip(card.worlds, card.scenarios, strict=True)
    )
    return (
        f"Worlds (scenarios): {worlds}; seeds of the split {grid.split}; router preset "
        f"{grid.preset}; forecasts {grid.forecast}. "
        f"Every dispatcher met the same scenarios, after the warm-up where the class has one; "
        f"ratios are to {card.against}, paired by scenario."
    )


def _equal_service(card: ScoreCard, curves: Sequence[Curve]) -> list[str]:
    if not curves:
        return []
    told = "; ".join(
        f"{each.agent} {each.equal:.2f}"
        if not np.isnan(each.equal)
        else f"{each.agent} not reached"
        for each in curves
    )
    words = f"Driving at as many stock-outs as {card.against} has, EUR a tank-day, stock gained taken off: {told}."
    return [tag("h2", "At equal service"), tag("p", escape(words)), front_of(curves)]


def _card(card: ScoreCard, world: str) -> str:
    head = tag("tr", tag("th", "") + "".join(tag("th", escape(agent)) for agent in card.agents))
    rows = [head]
    for first in card.of(world, card.agents[0]):
        measure = first.measure
        cells = [
            _cell(card.score(world, agent, measure.name), agent == card.against)
            for agent in card.agents
        ]
        rows.append(
            tag(
                "tr",
                tag("td", f"{escape(measure.label)}<br><small>{escape(measure.unit)}</small>")
                + "".join(cells),
            )
        )
    return tag("table", "".join(rows))


def _cell(score: Score, itself: bool) -> str:
    value, ratio = rounded(score.value.estimate, score.measure), score.ratio
    if itself or not np.isfinite(ratio.estimate):
        return tag("td", f"{value}<br><small>{'1' if itself else '-'}</small>")
    span = (
        f" ({ratio.low:.3f} to {ratio.high:.3f})"
        if np.isfinite(ratio.low) and np.isfinite(ratio.high)
        else " (-)"
    )
    better = score.measure.less_is_better
    clear = better is not None and (ratio.low > 1 or ratio.high < 1)
    kind = ("better" if (ratio.high < 1) == better else "worse") if clear else ""
    return tag("td", f"{value}<br>{tag('small', f'{ratio.estimate:.3f}{span}', class_=kind)}")


def _times(rows: Sequence[Row]) -> str:
    agents = tuple(dict.fromkeys(row.cell.agent for row in rows))
    told = []
    for agent in agents:
        day, own = (
            float(np.median([row.times[name] for row in rows if row.cell.agent == agent]))
            for name in ("seconds_a_day", "dispatcher_seconds_a_day")
        )
        told.append(f"{agent} {day:.3f} s a day, of it {1000 * own:.2f} ms in the dispatcher")
    return f"Forecast, orders, routing and execution, median of the runs on the machine that made this report: {'; '.join(told)}."
