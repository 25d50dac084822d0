"""The ridge learns the shape of a young series from its peers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.forecast.models.ridge import Ridge
from lmrs_rl.forecast.panel import Shutdowns
from tests.forecast.small_panels import small_panel

DAYS = 161
"""[days] of history, from a Monday on; the last one is a Sunday."""


def weekend_share(peers: int) -> float:
    """Weekend use over weekday use as foretold for a new series: ``peers`` of its type rest at
    weekends, one of another type does not.
    """
    n = peers + 2
    panel = small_panel(n, DAYS)
    use = np.full((DAYS, n), 100.0)
    use[:, : peers + 1][np.arange(DAYS) % 7 >= 5] = 0.0
    # Measured on the weekdays of its last week alone, it says nothing of weekends itself.
    use[: DAYS - 7, peers] = use[DAYS - 2 :, peers] = np.nan
    none = np.zeros(0, dtype=np.int64)
    view = replace(
        panel,
        use=use,
        customer_type=(np.arange(n) > peers).astype(np.int64),
        temperature=np.full_like(panel.temperature, np.nan),
        issued=np.zeros((DAYS, 0, n)),
        holidays=(),
        shutdowns=Shutdowns(none, none, none, none),
    ).known_at(DAYS)
    ahead = Ridge()(view, 7).ahead[peers]
    return float(ahead[5:].mean() / ahead[:5].mean())


@pytest.mark.parametrize("peers", [3, 4])
def test_three_peers_of_its_type_are_enough_for_a_shape_of_its_own(peers: int) -> None:
    assert weekend_share(peers) < 0.2


def test_with_fewer_peers_all_grown_series_give_the_shape() -> None:
    assert weekend_share(2) > 0.3
