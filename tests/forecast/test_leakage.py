"""No model sees what was not known: everything after the origin is spoilt, and every output
stays the same to the bit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lmrs_rl.forecast.panel import Panel, Shutdowns
from tests.forecast.every_model import NAMES, fitted, make
from tests.forecast.small_panels import small_panel

ORIGIN = 120
DAYS = 7


def spoilt(panel: Panel, origin: int, seed: int = 9) -> Panel:
    """The panel with other consumption, weather and forecasts from ``origin`` on, and other
    announcements from the day after it.
    """
    rng = np.random.default_rng(seed)
    use, temperature, issued = panel.use.copy(), panel.temperature.copy(), panel.issued.copy()
    use[origin:] = rng.uniform(0, 1e6, use[origin:].shape)
    temperature[origin:] = rng.uniform(-80, 80, temperature[origin:].shape)
    issued[origin:] = rng.uniform(-80, 80, issued[origin:].shape)
    known = panel.shutdowns.known_at(origin)
    n = len(panel.ids)
    later = np.arange(n)
    stops = Shutdowns(
        np.concatenate([known.series, later]),
        np.concatenate([known.first_day, np.full(n, origin - 30)]),
        np.concatenate([known.last_day, np.full(n, origin + DAYS)]),
        np.concatenate([known.announced_day, np.full(n, origin + 1)]),
    )
    return replace(panel, use=use, temperature=temperature, issued=issued, shutdowns=stops)


def test_the_spoilt_panel_differs_in_all_that_a_model_could_leak_from() -> None:
    panel = small_panel()
    other = spoilt(panel, ORIGIN)
    for name in ("use", "temperature", "issued"):
        assert not np.array_equal(
            getattr(panel, name)[ORIGIN:], getattr(other, name)[ORIGIN:], equal_nan=True
        )
        assert np.array_equal(
            getattr(panel, name)[:ORIGIN], getattr(other, name)[:ORIGIN], equal_nan=True
        )
    assert len(other.shutdowns) > len(panel.shutdowns)


@pytest.mark.parametrize("name", NAMES)
def test_what_comes_after_the_origin_changes_nothing(name: str) -> None:
    panel = small_panel()
    answer = fitted(name, ORIGIN)(panel.known_at(ORIGIN), DAYS)
    for seed in (9, 10):
        view = spoilt(panel, ORIGIN, seed).known_at(ORIGIN)
        assert answer.tobytes() == make(name).fit(view, DAYS)(view, DAYS).tobytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_model_asked_later_reads_nothing_beyond_that_morning(name: str) -> None:
    panel, later = small_panel(), ORIGIN + 10
    model = fitted(name, ORIGIN)
    assert (
        model(panel.known_at(later), DAYS).tobytes()
        == model(spoilt(panel, later).known_at(later), DAYS).tobytes()
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_day_before_the_origin_matters(name: str) -> None:
    """The other side of the limit: a model blind to yesterday would pass every test above."""
    panel = small_panel()
    answer = fitted(name, ORIGIN)(panel.known_at(ORIGIN), DAYS)
    view = spoilt(panel, ORIGIN - 1).known_at(ORIGIN)
    assert answer.tobytes() != make(name).fit(view, DAYS)(view, DAYS).tobytes()


@pytest.mark.parametrize("name", ["Auto"])
def test_paths_are_drawn_from_what_was_known(name: str) -> None:
    panel = small_panel()
    drawn = []
    for p in (panel, spoilt(panel, ORIGIN)):
        view = p.known_at(ORIGIN)
        model: Any = make(name).fit(view, DAYS)
        drawn.append(model.sample(view, DAYS, 50, np.random.default_rng(3)))
    assert drawn[0].shape == (50, 4, DAYS)
    assert drawn[0].tobytes() == drawn[1].tobytes()
