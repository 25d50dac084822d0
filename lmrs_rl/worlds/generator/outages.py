"""Draw breakdowns of tankers and closures of loading sites."""

from __future__ import annotations

import numpy as np

from lmrs_rl.domain.arrays import MINUTES_PER_DAY, MINUTES_PER_HOUR, BoolArray, IntArray
from lmrs_rl.worlds.generator.panel_weather import YEAR
from lmrs_rl.worlds.outages import Breakdowns, Closures
from lmrs_rl.worlds.parameters import Disruptions

Rows = list[tuple[int, int, int, int]]
"""Number of the vehicle or site; from, to and known [min]."""


def draw_breakdowns(
    p: Disruptions, product: IntArray, days: int, rng: np.random.Generator
) -> Breakdowns:
    """Draw breakdowns of tankers that carry ``product`` (V,).

    A tanker breaks down in the morning, when it becomes known; never the last one of its product
    that works.
    """
    v = len(product)
    down, rows = np.zeros((days, v), dtype=np.bool_), Rows()
    # All is drawn beforehand: a breakdown that is left out does not change the other draws.
    fails = rng.uniform(size=(days, v)) < p.breakdowns_per_year / YEAR
    length = rng.integers(p.breakdown_days[0], p.breakdown_days[1] + 1, size=(days, v))
    peers = product[:, None] == product[None, :]
    for day, k in np.argwhere(fails).tolist():
        span = slice(day, day + int(length[day, k]))
        # Two, since the tanker itself is counted among those of its product that work.
        if down[day, k] or not np.all((~down[span] & peers[k]).sum(axis=1) >= 2):
            continue
        down[span, k] = True
        begin, end = MINUTES_PER_DAY * day, MINUTES_PER_DAY * (day + int(length[day, k]))
        rows.append((k, begin, end, begin))
    number, from_min, to_min, known_min = _columns(rows)
    return Breakdowns(from_min, to_min, known_min, vehicle=number)


def draw_closures(
    p: Disruptions, offered: BoolArray, days: int, rng: np.random.Generator
) -> Closures:
    """Draw closures and days with short hours of sites, which are announced on a morning.

    A site closes only if all its products are offered at another site that is open; ``offered``
    (S, products) says what sites offer.
    """
    s = len(offered)
    short_of, rows = np.zeros((days, s), dtype=np.bool_), Rows()
    event = rng.uniform(size=(days, s))
    length = rng.integers(p.closure_days[0], p.closure_days[1] + 1, size=(days, s))
    notice = rng.integers(p.closure_notice_days[0], p.closure_notice_days[1] + 1, size=(days, s))
    closure = p.closures_per_year / YEAR
    for day, k in np.argwhere(event < closure + p.shortages_per_year / YEAR).tolist():
        last = day + int(length[day, k])
        others = ~short_of[day:last] & (np.arange(s) != k)
        if short_of[day, k] or not np.all((others.astype(np.int64) @ offered)[:, offered[k]] >= 1):
            continue
        short_of[day:last, k] = True
        known = MINUTES_PER_DAY * max(day - int(notice[day, k]), 0)
        if event[day, k] < closure:
            rows.append((k, MINUTES_PER_DAY * day, MINUTES_PER_DAY * last, known))
        else:
            shuts = round(MINUTES_PER_HOUR * p.shortage_hour)
            rows += [
                (k, MINUTES_PER_DAY * each + shuts, MINUTES_PER_DAY * (each + 1), known)
                for each in range(day, last)
            ]
    # A site whose short hours end at 24 is not closed at all, which `Closures` refuses.
    number, start, end, known_min = _columns([row for row in rows if row[1] < row[2]])
    return Closures(start, end, known_min, site=number)


def _columns(rows: Rows) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]
