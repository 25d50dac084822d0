"""Charts of the report: each tank's level, the forecast of it, and the deliveries."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_HOUR, FloatArray
from lmrs_rl.evaluation.reports.svg import Frame, path, picture, tag, text, ticks, title
from lmrs_rl.evaluation.run import EvaluationRun

_WIDTH, _HEIGHT = 420.0, 170.0
_BAND = (0.1, 0.9)
"""Quantiles of use between which the band of a forecast lies."""
_WEEK = 7
"""[days] after which the next forecast is shown."""
_MOST_TANKS = 12
"""Tanks shown: those that came nearest to running dry."""
_DELIVERY = {"fill": "#2f9e44", "fill_opacity": 0.8}


def levels_svg(run: EvaluationRun) -> str:
    """A chart of each tank's level as SVG; at most `_MOST_TANKS`, the emptiest first."""
    level = level_kg(run)
    capacity = run.scenario.network.tanks.capacity_kg
    order = np.argsort((level / capacity).min(axis=0), kind="stable")[:_MOST_TANKS]
    forecast = bands(run)
    delivered = hourly_deliveries_kg(run)
    return "".join(
        _tank(run, int(k), level[:, k], delivered[:, k], [each[:, k] for each in forecast])
        for k in order
    )


def level_kg(run: EvaluationRun) -> FloatArray:
    """(hours + 1, n) [kg] level on the first morning and at the end of each hour."""
    return np.concatenate(
        [
            run.rollout.begin.stock.level_kg[None],
            *(day.executed.level_kg for day in run.rollout.days),
        ]
    )


def hourly_deliveries_kg(run: EvaluationRun) -> FloatArray:
    """(hours, n) [kg] delivered to each tank in each hour: the change of its level plus its use."""
    level = level_kg(run)
    used = np.concatenate([day.executed.used_kg for day in run.rollout.days])
    gained = np.diff(level, axis=0) + used
    # Less than that is rounding of sixty minutes of use, not a delivery.
    return np.asarray(np.where(gained > MINUTES_PER_HOUR * 1e-6, gained, 0.0))


def bands(run: EvaluationRun) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Median, lower and upper bound of the level as it was forecast once a week.

    The bounds are the levels if use were at the quantiles of `_BAND`, given the deliveries that
    really came. Each forecast starts from the true level of its morning.

    Returns
    -------
    tuple
        Three arrays (hours + 1, n) [kg].
    """
    level, capacity = level_kg(run), run.scenario.network.tanks.capacity_kg
    came = np.concatenate(
        [np.zeros((1, level.shape[1])), np.cumsum(hourly_deliveries_kg(run), axis=0)]
    )
    # Hours that a forecast does not reach show the level itself: a band without width.
    found = [np.array(level) for _ in range(3)]
    for first in range(0, len(run.forecasts), _WEEK):
        forecast, h = run.forecasts[first], HOURS_PER_DAY * first
        hours = min(HOURS_PER_DAY * _WEEK, forecast.hours, len(level) - 1 - h)
        span = slice(h, h + hours + 1)
        # The lower bound of the level comes from the upper quantile of use.
        for each, q in zip(found, (0.5, _BAND[1], _BAND[0]), strict=True):
            used = forecast.cumulative(q)[:, : hours + 1].T
            each[span] = np.clip(level[h] - used + came[span] - came[h], 0.0, capacity)
    return found[0], found[1], found[2]


def _tank(
    run: EvaluationRun, k: int, level: FloatArray, delivered: FloatArray, forecast: list[FloatArray]
) -> str:
    """The chart of tank ``k``; ``forecast`` is its median, lower and upper bound."""
    tanks = run.scenario.network.tanks
    capacity = float(tanks.capacity_kg[k])
    days = np.arange(len(level)) / HOURS_PER_DAY
    frame = Frame((0.0, float(days[-1])), (0.0, capacity), 52.0, 22.0, _WIDTH - 60.0, _HEIGHT - 44)
    middle, low, high = forecast
    band = [*frame.points(days, low), *reversed(frame.points(days, high))]
    hit = frame.py(float(tanks.hit_level_kg[k]))
    hit_line = [(frame.left, hit), (frame.left + frame.width, hit)]
    label = f"{tanks.ids[k]}, {capacity:,.0f} kg"
    parts = [
        text(frame.left, 14, label, font_size=12, font_weight="bold"),
        *(_tick(frame, y) for y in ticks(0.0, frame.y[1], 3)),
        *(
            text(frame.px(x), _HEIGHT - 8, f"{x:g}", font_size=10, text_anchor="middle")
            for x in ticks(0.0, frame.x[1], 6)
        ),
        path(band, fill="#a5d8ff", fill_opacity=0.7),
        path(frame.points(days, middle), stroke="#1971c2", stroke_dasharray="3 2"),
        path(hit_line, stroke="#c92a2a", stroke_dasharray="5 3"),
        path(frame.points(days, level), stroke="#212529", stroke_width=1.5),
        *_deliveries(frame, delivered),
    ]
    return picture(_WIDTH, _HEIGHT, "".join(parts), f"level of {tanks.ids[k]}")


def _deliveries(frame: Frame, delivered: FloatArray) -> list[str]:
    """A bar at the end of each hour with a delivery."""
    bars = []
    for hour in np.flatnonzero(delivered):
        x, kg = frame.px((hour + 1) / HOURS_PER_DAY), float(delivered[hour])
        box = {"x": x - 1.5, "y": frame.py(kg), "width": 3, "height": frame.py(0.0) - frame.py(kg)}
        bars.append(tag("rect", title(f"{kg:,.0f} kg"), **box, **_DELIVERY))
    return bars


def _tick(frame: Frame, y: float) -> str:
    line = path(
        [(frame.left, frame.py(y)), (frame.left + frame.width, frame.py(y))], stroke="#dee2e6"
    )
    return line + text(
        frame.left - 5, frame.py(y) + 3, f"{y:,.0f}", font_size=10, text_anchor="end"
    )
