"""The report of a comparison: one HTML file without external resources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.evaluation.card_text import is_significant, rounded, sentences
from lmrs_rl.evaluation.front import Curve
from lmrs_rl.evaluation.grid import Grid
from lmrs_rl.evaluation.reports.report_bars import bars_svg, front_svg
from lmrs_rl.evaluation.reports.report_levels import levels_svg
from lmrs_rl.evaluation.reports.report_map import map_svg
from lmrs_rl.evaluation.reports.svg import tag
from lmrs_rl.evaluation.run import EvaluationInstance, EvaluationRun, evaluate_agent
from lmrs_rl.evaluation.scoring import Score, ScoreCard
from lmrs_rl.evaluation.store import Row

_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;color:#212529;background:#fff}
body{max-width:1000px;margin:2em auto;padding:0 1em}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #dee2e6}
svg{max-width:100%;height:auto}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(320px,1fr));gap:10px}
.wide{overflow-x:auto}table{border-collapse:collapse}
td,th{padding:3px 10px;text-align:right;border-bottom:1px solid #e9ecef}
td:first-child,th:first-child{text-align:left}small{color:#5c636a}input[type=range]{width:60%}
.better{color:#2b8a3e}.worse{color:#c92a2a}
"""
_SCRIPT = """
const slider=document.getElementById('day');
if(slider)slider.addEventListener('input',()=>{
document.getElementById('shown').textContent=slider.value;
document.querySelectorAll('g.day').forEach(g=>{g.style.display=g.dataset.day===slider.value?'':'none'})});
"""


@dataclass(frozen=True, eq=False)
class ShownRun:
    """The run that the report shows day by day.

    Attributes
    ----------
    agent : name of the dispatcher
    run : that dispatcher in the first scenario of the grid
    """

    agent: str
    run: EvaluationRun

    @classmethod
    def of(cls, grid: Grid, agent: str) -> ShownRun:
        """Run the first scenario again: stored results hold figures, but no trips or levels."""
        cell = grid.cells[0]
        instance = EvaluationInstance.of(
            grid.world(cell.world), cell.seed, grid.forecast, grid.days
        )
        return cls(agent, evaluate_agent(instance, grid.agent(agent), grid.preset))


def write_report(
    path: Path,
    grid: Grid,
    card: ScoreCard,
    rows: Sequence[Row],
    shown: ShownRun,
    curves: Sequence[Curve] = (),
) -> None:
    """Write the report.

    Parameters
    ----------
    path : of the HTML file
    grid : that was run
    card : scores of the runs at the worlds' own cost of a stock-out
    rows : those runs
    shown : run for the map and the levels
    curves : driving cost against stock-outs, where the cost of a stock-out was swept
    """
    parts = [
        tag("h1", _TITLE),
        tag("p", escape(_setting(grid, card))),
        tag("ul", "".join(tag("li", escape(sentence)) for sentence in sentences(card))),
        *_key_figures(card),
        *_equal_service(card, curves),
        *_score_cards(card),
        *_day_by_day(shown),
        tag("h2", "Decision time"),
        tag("p", escape(_times(rows))),
    ]
    write_text_atomically(path, _page("\n".join(parts)))


_TITLE = "Dispatchers compared"
_BARS = (
    "Whiskers are 95 % bootstrap intervals over scenarios. Read kg/km with the stock-outs: it "
    "rises when service falls."
)
_MAP = (
    "Discs are tanks, sized by capacity and darker the fuller, with a red rim below the hit level; "
    "green squares are loading sites, the cross is the base. Lines are the trips of the day, one "
    "colour per vehicle."
)
_LEVELS = (
    "Tanks that came nearest to running dry. Black: level; blue: each week's forecast of it, "
    "median and 80 % band, given the deliveries that came; green: kg delivered; red dashes: hit "
    "level. Days along the bottom."
)


def _page(body: str) -> str:
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{_TITLE}</title><style>{_STYLE}</style>"
    )
    script = f"<script>{_SCRIPT}</script>"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n'
        f"<body>\n{body}\n{script}\n</body></html>\n"
    )


def _key_figures(card: ScoreCard) -> list[str]:
    world = card.worlds[-1]
    return [
        tag("h2", f"Key figures, {escape(world)}"),
        tag("p", tag("small", _BARS)),
        tag("div", bars_svg(card, world), class_="grid"),
    ]


def _score_cards(card: ScoreCard) -> list[str]:
    parts = []
    for world in card.worlds:
        parts.append(tag("h2", f"Score card, {escape(world)}"))
        parts.append(tag("div", _card(card, world), class_="wide"))
    return parts


def _day_by_day(shown: ShownRun) -> list[str]:
    scenario = shown.run.scenario
    return [
        tag("h2", "A run day by day"),
        tag("p", escape(f"{scenario.name}, seed {scenario.seed}, under {shown.agent}. {_MAP}")),
        map_svg(shown.run),
        tag("h2", "Levels"),
        tag("p", _LEVELS),
        tag("div", levels_svg(shown.run), class_="grid"),
    ]


def _setting(grid: Grid, card: ScoreCard) -> str:
    worlds = ", ".join(
        f"{name} ({count})" for name, count in zip(card.worlds, card.scenarios, strict=True)
    )
    return (
        f"Worlds (scenarios): {worlds}; seeds of the split {grid.split}; router preset "
        f"{grid.preset}; forecasts {grid.forecast}. "
        f"Every dispatcher ran in the same scenarios, after the warm-up where the world has one; "
        f"ratios are to {card.against}, paired by scenario."
    )


def _equal_service(card: ScoreCard, curves: Sequence[Curve]) -> list[str]:
    if not curves:
        return []
    costs = "; ".join(
        f"{each.agent} {each.cost_at_equal_service:.2f}"
        if not np.isnan(each.cost_at_equal_service)
        else f"{each.agent} not reached"
        for each in curves
    )
    words = (
        f"Driving at as many stock-outs as {card.against} has, EUR a tank-day, net of the change "
        f"in inventory value: {costs}."
    )
    return [tag("h2", "At equal service"), tag("p", escape(words)), front_svg(curves)]


def _card(card: ScoreCard, world: str) -> str:
    head = tag("tr", tag("th", "") + "".join(tag("th", escape(agent)) for agent in card.agents))
    rows = [head]
    for first in card.of(world, card.agents[0]):
        measure = first.measure
        label = tag("td", f"{escape(measure.label)}<br><small>{escape(measure.unit)}</small>")
        cells = [
            _cell(card.score(world, agent, measure.name), agent == card.against)
            for agent in card.agents
        ]
        rows.append(tag("tr", label + "".join(cells)))
    return tag("table", "".join(rows))


def _cell(score: Score, is_reference: bool) -> str:
    """Value and ratio, coloured where the difference is significant."""
    value, ratio = rounded(score.value.estimate, score.measure), score.ratio
    if is_reference or not np.isfinite(ratio.estimate):
        return tag("td", f"{value}<br><small>{'1' if is_reference else '-'}</small>")
    known = np.isfinite(ratio.low) and np.isfinite(ratio.high)
    span = f"({ratio.low:.3f} to {ratio.high:.3f})" if known else "(-)"
    less_is_better = score.measure.less_is_better
    if less_is_better is None or not is_significant(ratio):
        kind = ""
    else:
        kind = "better" if (ratio.high < 1) == less_is_better else "worse"
    return tag("td", f"{value}<br>{tag('small', f'{ratio.estimate:.3f} {span}', class_=kind)}")


def _times(rows: Sequence[Row]) -> str:
    agents = tuple(dict.fromkeys(row.cell.agent for row in rows))
    times = []
    for agent in agents:
        day, own = (
            float(np.median([row.times[name] for row in rows if row.cell.agent == agent]))
            for name in ("seconds_a_day", "dispatcher_seconds_a_day")
        )
        times.append(f"{agent} {day:.3f} s a day, of it {1000 * own:.2f} ms in the dispatcher")
    return (
        "Forecast, orders, routing and execution, median of the runs on the machine that made "
        f"this report: {'; '.join(times)}."
    )
