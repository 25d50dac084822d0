"""The report's bars: key figures of each dispatcher with their intervals, and km against
stock-outs where prices were swept.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lmrs_rl.evaluation.card_text import rounded
from lmrs_rl.evaluation.front import Curve
from lmrs_rl.evaluation.measure import Measure, measures
from lmrs_rl.evaluation.reports.svg import COLOURS, Frame, path, picture, tag, text, ticks, title
from lmrs_rl.evaluation.scoring import ScoreCard

SHOWN = ("cost", "km", "kg_per_km", "stockouts", "unmet_kg", "eta", "fill", "changed_1")
WIDTH, ROW = 420.0, 26.0


def bars_of(card: ScoreCard, world: str, names: Sequence[str] = SHOWN) -> str:
    """A drawing for each of the measures, a bar for each dispatcher, whiskers its 95 % interval;
    stock-outs come with kg/km.
    """
    return "".join(_bars(card, world, measure) for measure in measures(names))


def _bars(card: ScoreCard, world: str, measure: Measure) -> str:
    scores = [card.score(world, agent, measure.name).value for agent in card.agents]
    tops = [
        value for each in scores for value in (each.estimate, each.high) if math.isfinite(value)
    ]
    frame = Frame(
        (0.0, 1.08 * max([*tops, 1e-9])), (0.0, 1.0), 100.0, 26.0, WIDTH - 170.0, ROW * len(scores)
    )
    parts = [text(4, 16, f"{measure.label}, {measure.unit}", font_size=12, font_weight="bold")]
    for k, (agent, value) in enumerate(zip(card.agents, scores, strict=True)):
        y = frame.top + ROW * k
        parts.append(text(frame.left - 6, y + 16, agent, font_size=12, text_anchor="end"))
        if not math.isfinite(value.estimate):
            continue
        width = max(frame.px(value.estimate) - frame.left, 0.0)
        parts.append(
            tag(
                "rect",
                x=frame.left,
                y=y + 4,
                width=width,
                height=ROW - 10,
                fill=COLOURS[k % len(COLOURS)],
                fill_opacity=0.75,
            )
        )
        if math.isfinite(value.low) and math.isfinite(value.high):
            low, high, middle = frame.px(value.low), frame.px(value.high), y + ROW / 2 - 1
            ends = [path([(x, middle - 5), (x, middle + 5)], stroke="#212529") for x in (low, high)]
            parts += [path([(low, middle), (high, middle)], stroke="#212529"), *ends]
        parts.append(
            text(
                frame.left + frame.width + 6, y + 16, rounded(value.estimate, measure), font_size=12
            )
        )
    return picture(
        WIDTH, frame.top + frame.height + 8, "".join(parts), f"{measure.label} of each dispatcher"
    )


def front_of(curves: Sequence[Curve]) -> str:
    """Cost of driving against stock-outs, a line for each dispatcher's front and a dot for each
    price; more to the lower left is better.
    """
    x_most = max(point.stockouts for curve in curves for point in curve.points) * 1.08 or 1.0
    costs = [point.driving for curve in curves for point in curve.points]
    low, high = min(costs), max(costs)
    frame = Frame(
        (0.0, x_most),
        (low - 0.1 * (high - low + 0.1), high + 0.1 * (high - low + 0.1)),
        60.0,
        20.0,
        520.0,
        300.0,
    )
    parts = [
        *(
            text(
                frame.px(x),
                frame.top + frame.height + 16,
                f"{x:g}",
                font_size=11,
                text_anchor="middle",
            )
            for x in ticks(*frame.x)
        ),
        *(
            text(frame.left - 6, frame.py(y) + 4, f"{y:g}", font_size=11, text_anchor="end")
            for y in ticks(*frame.y)
        ),
        path(
            [
                (frame.left, frame.top),
                (frame.left, frame.top + frame.height),
                (frame.left + frame.width, frame.top + frame.height),
            ],
            stroke="#495057",
        ),
        text(frame.left, 12, "driving, EUR a tank-day", font_size=12),
        text(
            frame.left + frame.width,
            frame.top + frame.height + 34,
            "stock-outs, tank-days in 1000",
            font_size=12,
            text_anchor="end",
        ),
    ]
    for k, curve in enumerate(curves):
        colour = COLOURS[k % len(COLOURS)]
        front = sorted((point.stockouts, point.driving) for point in curve.points if point.on_front)
        parts.append(path(frame.points(*zip(*front, strict=True)), stroke=colour, stroke_width=2))
        for point in curve.points:
            told = title(f"{curve.agent} at {point.price:g} times the price")
            parts.append(
                tag(
                    "circle",
                    told,
                    cx=frame.px(point.stockouts),
                    cy=frame.py(point.driving),
                    r=4,
                    fill=colour,
                )
            )
        parts.append(
            text(
                frame.left + frame.width - 4,
                frame.top + 14 + 16 * k,
                curve.agent,
                font_size=12,
                text_anchor="end",
                fill=colour,
            )
        )
    return picture(WIDTH + 200, 360, "".join(parts), "driving cost against stock-outs")
