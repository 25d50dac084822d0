"""The price rule by hand in the tiny network."""

from __future__ import annotations

import numpy as np
import pytest

from lmrs_rl.dispatchers import PriceDispatcher, PriceParameters, radial_price
from lmrs_rl.domain import InputError
from lmrs_rl.forecast import KnownUse
from tests import tiny


def test_penalties_are_prices_of_kg() -> None:
    network, snapshot = tiny.network(), tiny.snapshot()
    p = PriceParameters(urgency=3.0, markup=2.0)
    found = PriceDispatcher(p)(network, snapshot, KnownUse(tiny.days())(network, snapshot))
    # Plant - A - plant are 60 min and 30 km: 30 + 30 EUR for 2000 kg. Plant - B - plant are 100 min
    # and 50 km: 50 + 50 EUR.
    assert radial_price(network).tolist() == [0.03, 0.05]
    # Both hold 1000 kg.
    assert found.alpha == pytest.approx([90.0, 150.0])
    assert found.value_per_kg == pytest.approx([0.06, 0.1])


def test_the_least_quantity_is_a_share_whenever() -> None:
    network, snapshot = tiny.network(), tiny.snapshot()
    found = PriceDispatcher(PriceParameters(q_min_share=0.7))(
        network, snapshot, KnownUse(tiny.days())(network, snapshot)
    )
    assert np.all(found.a == 0)
    assert np.all(found.b == 0.7)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("z", 0.99, 1.0),
        ("z", 0.01, 0.0),
        ("x_share", 1.0, 1.01),
        ("q_min_share", 1.0, 0.0),
        ("urgency", 0.0, -0.1),
    ],
)
def test_limits(name: str, good: float, bad: float) -> None:
    assert getattr(PriceParameters(**{name: good}), name) == good
    with pytest.raises(InputError, match=name):
        PriceParameters(**{name: bad})


def test_nan_is_refused() -> None:
    with pytest.raises(InputError, match="beta"):
        PriceParameters(beta=float("nan"))
