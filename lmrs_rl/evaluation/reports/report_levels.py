"""The report's levels: what was in each tank, what the forecast said would be, and the
deliveries.
"""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_HOUR, FloatArray
from lmrs_rl.evaluation.reports.svg import Frame, path, picture, tag, text, ticks, title
from lmrs_rl.evaluation.run import EvaluationRun

WIDTH, HEIGHT = 420.0, 170.0
BAND, WEEK = (0.1, 0.9), 7
"""Quantiles of the band; [days] after which a new forecast takes over."""
MOST = 12
"""Tanks shown: those that came nearest to running dry."""


def levels_of(run: EvaluationRun) -> str:
    """A drawing for each tank (at most `MOST`, the emptiest first)."""
    level = level_kg(run)
    capacity = run.scenario.network.tanks.capacity_kg
    order = np.argsort((level / capacity).min(axis=0), kind="stable")[:MOST]
    middle, low, high = bands(run)
    delivered = hourly_deliveries_kg(run)
    return "".join(
        _tank(
            run, int(k), level[:, k], delivered[:, k], [each[:, k] for each in (middle, low, high)]
        )
        for k in order
    )


def level_kg(run: EvaluationRun) -> FloatArray:
    """(hours + 1, n) [kg] at the end of each hour, the first morning included."""
    return np.concatenate(
        [
            run.rollout.begin.stock.level_kg[None],
            *(day.executed.level_kg for day in run.rollout.days),
        ]
    )


def hourly_deliveries_kg(run: EvaluationRun) -> FloatArray:
    """(hours, n) [kg] that reached each tank in each hour: what explains the level beside the
    use.
    """
    level = level_kg(run)
    used = np.concatenate([day.executed.used_kg for day in run.rollout.days])
    gained = np.diff(level, axis=0) + used
    return np.asarray(np.where(gained > MINUTES_PER_HOUR * 1e-6, gained, 0.0))


def bands(run: EvaluationRun) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Median and band (hours + 1, n) [kg] of the level as foretold once a week, with the deliveries
    that really came.

    The band is where the level would be if use were at `BAND`'s quantiles; it starts anew at the
    level on every seventh morning.
    """
    level, capacity = level_kg(run), run.scenario.network.tanks.capacity_kg
    came = np.concatenate(
        [np.zeros((1, level.shape[1])), np.cumsum(hourly_deliveries_kg(run), axis=0)]
    )
    found = [np.array(level) for _ in range(3)]
    for first in range(0, len(run.forecasts), WEEK):
        forecast, h = run.forecasts[first], HOURS_PER_DAY * first
        hours = min(HOURS_PER_DAY * WEEK, forecast.hours, len(level) - 1 - h)
        span = slice(h, h + hours + 1)
        for each, q in zip(found, (0.5, BAND[1], BAND[0]), strict=True):
            used = forecast.cumulative(q)[:, : hours + 1].T
            each[span] = np.clip(level[h] - used + came[span] - came[h], 0.0, capacity)
    return found[0], found[1], found[2]


def _tank(
    run: EvaluationRun, k: int, level: FloatArray, delivered: FloatArray, foretold: list[FloatArray]
) -> str:
    tanks = run.scenario.network.tanks
    days = np.arange(len(level)) / HOURS_PER_DAY
    frame = Frame(
        (0.0, float(days[-1])),
        (0.0, float(tanks.capacity_kg[k])),
        52.0,
        22.0,
        WIDTH - 60.0,
        HEIGHT - 44.0,
    )
    middle, low, high = foretold
    around = [*frame.points(days, low), *reversed(frame.points(days, high))]
    hit = frame.py(float(tanks.hit_level_kg[k]))
    bars = [
        (frame.px((h + 1) / HOURS_PER_DAY), float(delivered[h])) for h in np.flatnonzero(delivered)
    ]
    parts = [
        text(
            frame.left,
            14,
            f"{tanks.ids[k]}, {tanks.capacity_kg[k]:,.0f} kg",
            font_size=12,
            font_weight="bold",
        ),
        *(_tick(frame, y) for y in ticks(0.0, frame.y[1], 3)),
        *(
            text(frame.px(x), HEIGHT - 8, f"{x:g}", font_size=10, text_anchor="middle")
            for x in ticks(0.0, frame.x[1], 6)
        ),
        path(around, fill="#a5d8ff", fill_opacity=0.7),
        path(frame.points(days, middle), stroke="#1971c2", stroke_dasharray="3 2"),
        path(
            [(frame.left, hit), (frame.left + frame.width, hit)],
            stroke="#c92a2a",
            stroke_dasharray="5 3",
        ),
        path(frame.points(days, level), stroke="#212529", stroke_width=1.5),
        *(
            tag(
                "rect",
                title(f"{kg:,.0f} kg"),
                x=x - 1.5,
                y=frame.py(kg),
                width=3,
                height=frame.py(0.0) - frame.py(kg),
                **GREEN,
            )
            for x, kg in bars
        ),
    ]
    return picture(WIDTH, HEIGHT, "".join(parts), f"level of {tanks.ids[k]}")


GREEN = {"fill": "#2f9e44", "fill_opacity": 0.8}


def _tick(frame: Frame, y: float) -> str:
    line = path(
        [(frame.left, frame.py(y)), (frame.left + frame.width, frame.py(y))], stroke="#dee2e6"
    )
    return line + text(
        frame.left - 5, frame.py(y) + 3, f"{y:,.0f}", font_size=10, text_anchor="end"
    )
