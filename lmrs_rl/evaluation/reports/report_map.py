"""Map of the report: tank levels and trips, day by day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lmrs_rl.domain import Network, Trip
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.evaluation.reports.svg import COLOURS, Frame, path, picture, tag, text, title
from lmrs_rl.evaluation.run import EvaluationRun

_WIDTH, _HEIGHT, _MARGIN = 640.0, 480.0, 24.0
_FULL, _EMPTY = np.array([25, 113, 194]), np.array([241, 243, 245])
_BELOW_HIT = "#c92a2a"
_LINE = "#212529"


def map_svg(run: EvaluationRun) -> str:
    """A map with one layer per day and a slider to choose the day.

    Discs are tanks, sized by capacity and coloured by the morning's level, with a red rim below the
    hit level; squares are loading sites, the cross is the base; lines are the day's trips, one
    colour per vehicle.

    Returns
    -------
    str
        SVG and HTML elements; a sentence where the network has no coordinates.
    """
    network = run.scenario.network
    if network.point_xy is None:
        return tag("p", "The network has no coordinates: no map.")
    frame = _frame(network.point_xy)
    # The level at the end of a day is that of the next morning.
    levels = [
        run.rollout.begin.stock.level_kg,
        *(day.executed.level_kg[-1] for day in run.rollout.days[:-1]),
    ]
    layers = [
        tag(
            "g",
            _trips(network, frame, day.executed.trips)
            + _tanks(network, frame, level)
            + _caption(k, day.executed.trips),
            class_="day",
            data_day=k,
            style="" if k == 0 else "display:none",
        )
        for k, (day, level) in enumerate(zip(run.rollout.days, levels, strict=True))
    ]
    drawing = picture(
        _WIDTH,
        _HEIGHT,
        "".join(layers) + _sites_and_bases(network, frame),
        "map of tanks and trips, day by day",
    )
    last = len(layers) - 1
    slider = f'<input type="range" min="0" max="{last}" value="0" id="day">'
    return f'{drawing}<label>day {slider}<output id="shown">0</output> of {last}</label>'


def _frame(xy: FloatArray) -> Frame:
    """A square around all points: the same scale in both directions."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    middle, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-6)
    side = _HEIGHT - 2 * _MARGIN
    spans = [(float(m - half), float(m + half)) for m in middle]
    return Frame(spans[0], spans[1], (_WIDTH - side) / 2, _MARGIN, side, side)


def _trips(network: Network, frame: Frame, trips: Sequence[Trip]) -> str:
    lines = []
    for trip in trips:
        base = int(network.vehicles.base_point[trip.vehicle])
        stops = [
            int((network.sites if stop.kind == "load" else network.customers).point[stop.place])
            for stop in trip.stops
        ]
        xy = np.asarray(network.point_xy)[[base, *stops, base]]
        hint = title(
            f"{network.vehicles.ids[trip.vehicle]}: {trip.dropped_kg:,.0f} kg in "
            f"{sum(s.kind == 'drop' for s in trip.stops)} drops"
        )
        line = path(
            frame.points(xy[:, 0], xy[:, 1]),
            stroke=COLOURS[trip.vehicle % len(COLOURS)],
            stroke_width=2,
            stroke_opacity=0.75,
        )
        lines.append(tag("g", line + hint))
    return "".join(lines)


def _tanks(network: Network, frame: Frame, level: FloatArray) -> str:
    tanks, xy = network.tanks, np.asarray(network.point_xy)
    share = np.clip(level / tanks.capacity_kg, 0.0, 1.0)
    # The root, since it is areas that are compared by eye.
    radius = 4.0 + 8.0 * np.sqrt(tanks.capacity_kg / tanks.capacity_kg.max())
    discs = []
    for k, name in enumerate(tanks.ids):
        x, y = xy[tanks.point[k]]
        red, green, blue = (_EMPTY + share[k] * (_FULL - _EMPTY)).astype(int)
        rim = _BELOW_HIT if level[k] < tanks.hit_level_kg[k] else "#495057"
        hint = title(f"{name}: {share[k]:.0%} of {tanks.capacity_kg[k]:,.0f} kg")
        place = {"cx": frame.px(float(x)), "cy": frame.py(float(y)), "r": float(radius[k])}
        fill = f"rgb({red},{green},{blue})"
        discs.append(tag("circle", hint, fill=fill, stroke=rim, stroke_width=2, **place))
    return "".join(discs)


def _sites_and_bases(network: Network, frame: Frame) -> str:
    xy = np.asarray(network.point_xy)
    marks = []
    for name, point in zip(network.sites.ids, network.sites.point.tolist(), strict=True):
        x, y = frame.px(float(xy[point, 0])), frame.py(float(xy[point, 1]))
        marks.append(
            tag("rect", title(name), x=x - 6, y=y - 6, width=12, height=12, fill="#2f9e44")
        )
    for point in sorted(set(network.vehicles.base_point.tolist())):
        x, y = frame.px(float(xy[point, 0])), frame.py(float(xy[point, 1]))
        marks.append(path([(x - 6, y - 6), (x + 6, y + 6)], stroke=_LINE, stroke_width=3))
        marks.append(path([(x - 6, y + 6), (x + 6, y - 6)], stroke=_LINE, stroke_width=3))
    return "".join(marks)


def _caption(day: int, trips: Sequence[Trip]) -> str:
    return text(
        _MARGIN,
        _HEIGHT - 6,
        f"day {day}: {len(trips)} trips, {sum(trip.dropped_kg for trip in trips):,.0f} kg",
        font_size=13,
    )
