"""Charts of the report: bars of the key figures, and driving cost against stock-outs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lmrs_rl.evaluation.card_text import rounded
from lmrs_rl.evaluation.front import Curve
from lmrs_rl.evaluation.measure import Measure, measures
from lmrs_rl.evaluation.reports.svg import COLOURS, Frame, path, picture, tag, text, ticks, title
from lmrs_rl.evaluation.scoring import ScoreCard
from lmrs_rl.evaluation.statistics import ConfidenceInterval

_SHOWN = ("cost", "km", "kg_per_km", "stockouts", "unmet_kg", "eta", "fill", "changed_1")
_WIDTH, _ROW = 420.0, 26.0
"""[px] width of a chart, and height of a dispatcher's bar."""
_AXIS = "#495057"
_WHISKER = "#212529"


def bars_svg(card: ScoreCard, world: str, names: Sequence[str] = _SHOWN) -> str:
    """A bar chart for each measure: a bar for each dispatcher, with its 95 % interval as whiskers.

    Parameters
    ----------
    card : scores
    world : of the scores
    names : measures shown; kg/km brings stock-outs with it, see `measures`

    Returns
    -------
    str
        SVG elements.
    """
    return "".join(_bar_chart(card, world, measure) for measure in measures(names))


def _bar_chart(card: ScoreCard, world: str, measure: Measure) -> str:
    scores = [card.score(world, agent, measure.name).value for agent in card.agents]
    tops = [
        value for each in scores for value in (each.estimate, each.high) if math.isfinite(value)
    ]
    top, height = 26.0, _ROW * len(scores)
    frame = Frame((0.0, 1.08 * max([*tops, 1e-9])), (0.0, 1.0), 100.0, top, _WIDTH - 170.0, height)
    parts = [text(4, 16, f"{measure.label}, {measure.unit}", font_size=12, font_weight="bold")]
    for k, (agent, value) in enumerate(zip(card.agents, scores, strict=True)):
        y = frame.top + _ROW * k
        parts.append(text(frame.left - 6, y + 16, agent, font_size=12, text_anchor="end"))
        if math.isfinite(value.estimate):
            parts += _bar(frame, y, value, COLOURS[k % len(COLOURS)])
            number = rounded(value.estimate, measure)
            parts.append(text(frame.left + frame.width + 6, y + 16, number, font_size=12))
    return picture(
        _WIDTH, frame.top + frame.height + 8, "".join(parts), f"{measure.label} of each dispatcher"
    )


def _bar(frame: Frame, y: float, value: ConfidenceInterval, colour: str) -> list[str]:
    """The bar at height ``y`` [px], and its whiskers where the interval is known."""
    bar = tag(
        "rect",
        x=frame.left,
        y=y + 4,
        width=max(frame.px(value.estimate) - frame.left, 0.0),
        height=_ROW - 10,
        fill=colour,
        fill_opacity=0.75,
    )
    if not (math.isfinite(value.low) and math.isfinite(value.high)):
        return [bar]
    low, high, middle = frame.px(value.low), frame.px(value.high), y + _ROW / 2 - 1
    ends = [path([(x, middle - 5), (x, middle + 5)], stroke=_WHISKER) for x in (low, high)]
    return [bar, path([(low, middle), (high, middle)], stroke=_WHISKER), *ends]


def front_svg(curves: Sequence[Curve]) -> str:
    """A chart of driving cost against stock-outs.

    A line is a dispatcher's Pareto front, a dot is a factor on the cost of a stock-out. Points
    further to the lower left are better.
    """
    # An axis needs a length even where there are no stock-outs, or all costs are equal.
    x_most = max(point.stockouts for curve in curves for point in curve.points) * 1.08 or 1.0
    costs = [point.driving for curve in curves for point in curve.points]
    low, high = min(costs), max(costs)
    margin = 0.1 * (high - low + 0.1)
    frame = Frame((0.0, x_most), (low - margin, high + margin), 60.0, 20.0, 520.0, 300.0)
    parts = _axes(frame)
    for k, curve in enumerate(curves):
        parts += _curve(frame, k, curve)
    return picture(_WIDTH + 200, 360, "".join(parts), "driving cost against stock-outs")


def _axes(frame: Frame) -> list[str]:
    bottom, right = frame.top + frame.height, frame.left + frame.width
    return [
        *(
            text(frame.px(x), bottom + 16, f"{x:g}", font_size=11, text_anchor="middle")
            for x in ticks(*frame.x)
        ),
        *(
            text(frame.left - 6, frame.py(y) + 4, f"{y:g}", font_size=11, text_anchor="end")
            for y in ticks(*frame.y)
        ),
        path([(frame.left, frame.top), (frame.left, bottom), (right, bottom)], stroke=_AXIS),
        text(frame.left, 12, "driving, EUR a tank-day", font_size=12),
        text(right, bottom + 34, "stock-outs, tank-days in 1000", font_size=12, text_anchor="end"),
    ]


def _curve(frame: Frame, k: int, curve: Curve) -> list[str]:
    """Line, dots and legend of the ``k``-th dispatcher."""
    colour = COLOURS[k % len(COLOURS)]
    front = sorted((point.stockouts, point.driving) for point in curve.points if point.on_front)
    parts = [path(frame.points(*zip(*front, strict=True)), stroke=colour, stroke_width=2)]
    for point in curve.points:
        factor = f"{point.stockout_cost_factor:g}"
        hint = title(f"{curve.agent} at {factor} times the cost of a stock-out")
        x, y = frame.px(point.stockouts), frame.py(point.driving)
        parts.append(tag("circle", hint, cx=x, cy=y, r=4, fill=colour))
    x, y = frame.left + frame.width - 4, frame.top + 14 + 16 * k
    return [*parts, text(x, y, curve.agent, font_size=12, text_anchor="end", fill=colour)]
