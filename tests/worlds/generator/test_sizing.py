"""Sizes: expectations against what a long draw brings, work solved by hand, fleets used as
asked.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lmrs_rl.worlds import draw_scenario
from lmrs_rl.worlds.generator.fleets import Tankers
from lmrs_rl.worlds.generator.panel_parameters import Demand
from lmrs_rl.worlds.generator.panel_weather import holidays
from lmrs_rl.worlds.generator.panels import (
    RandomStreams,
    draw_customer_types,
    draw_traits,
    draw_use,
)
from lmrs_rl.worlds.generator.sizing import (
    DeliveryTravel,
    Sizes,
    UseFactors,
    delivery_travel,
    expected_use,
    weekly_work_min,
)
from lmrs_rl.worlds.parameters import Fleet, Sites, Size, TankMix
from tests.worlds.small import SMALL


@pytest.mark.heavy
def test_the_expected_use_of_the_busiest_weeks_is_what_many_customers_use_then() -> None:
    demand = replace(Demand(), shifts_per_year=0.0)
    demand = replace(demand, weather=replace(demand.weather, snaps_per_year=0.0))
    kind = draw_customer_types((1.0, 0.0, 0.0, 1.0, 1.0), 600, np.random.default_rng(1))
    traits = draw_traits(demand, kind, np.random.default_rng(2))
    traits = replace(traits, level_kg=np.ones(600), trend_per_year=np.zeros(600))
    # Four weeks of January without a holiday, in forty winters.
    first, mean = np.datetime64("2024-01-08"), np.zeros(600)
    for seed in range(40):
        streams = RandomStreams(*np.random.default_rng(seed).spawn(4))
        mean += (
            draw_use(
                demand, kind, traits, kind % 3, first, 28, holidays(2023, 2025), streams
            ).use_kg.mean(axis=0)
            / 40
        )
    expected = expected_use(demand, traits, first, 28).busy
    for k in (0, 3, 4):
        assert mean[kind == k].mean() == pytest.approx(expected[kind == k].mean(), rel=0.05)


def test_a_summer_world_expects_less_heating_than_a_winter_world() -> None:
    demand = Demand()
    kind = np.zeros(4, dtype=np.int64)
    traits = draw_traits(demand, kind, np.random.default_rng(2))
    summer, winter = (
        expected_use(demand, traits, np.datetime64(day), 28) for day in ("2024-07-01", "2024-01-08")
    )
    assert np.all(winter.busy > 3 * summer.busy)
    assert np.array_equal(winter.peak, summer.peak)
    assert np.all(winter.peak >= winter.busy)


def one_tanker(payload: float = 10_000.0) -> Tankers:
    one = np.ones((1, 1), dtype=np.bool_)
    zero = np.zeros(1, dtype=np.int64)
    return Tankers(1, zero, zero, np.array([payload]), np.array([1.0]), zero, one, one)


def test_work_solved_by_hand() -> None:
    # Capacity 7100, hit level 1100: a usual drop is 0.6 * 6000 = 3600 kg, of 0.9 * 10000 kg: a
    # share of 0.4. A week of 360 kg a day busy at 2 is 5040 kg or 1.4 visits. A visit: 0.4 * 200 +
    # 0.6 * 50 = 110 min of driving, 25 + 3600 / 400 min at the tank, 0.4 * 20 + 3600 / 800 at the
    # site: 110 + 34 + 12.5 = 156.5 min.
    level, capacity, hit, least, cover = (
        np.array([value]) for value in (360.0, 7100.0, 1100.0, 0.0, 9.0)
    )
    sizes = Sizes(level, capacity, hit, least, cover, np.zeros(1, dtype=np.bool_))
    work = weekly_work_min(
        sizes,
        TankMix(),
        UseFactors(np.array([2.0]), np.array([2.5])),
        one_tanker(),
        Sites(),
        DeliveryTravel(np.array([200.0]), np.array([50.0])),
    )
    assert work == pytest.approx([1.4 * 156.5])


def test_a_round_trip_goes_over_the_best_site_that_has_the_product() -> None:
    # Base, two sites, two tanks; the near site has nothing for the first tank.
    way = np.array(
        [
            [0, 10, 30, 40, 50],
            [10, 0, 9, 20, 21],
            [30, 9, 0, 22, 23],
            [40, 20, 22, 0, 5],
            [50, 21, 23, 5, 0],
        ]
    )
    travel = delivery_travel(way, np.array([[False, True], [True, True]]), np.array([0, 0]))
    assert travel.round_trip.tolist() == [30 + 22 + 40, 10 + 21 + 50]
    # The only neighbour is 5 min away; the second place in the list of near ones stands for nobody
    # and counts as half a round trip.
    assert travel.hop.tolist() == [(5 + 46) / 2, (5 + 40.5) / 2]


@pytest.mark.parametrize("wanted", [0.3, 0.9])
def test_the_scaled_use_gives_the_work_that_is_asked_for(wanted: float) -> None:
    # Twice the utilisation is not twice the use, since drops grow with tanks; but it is monotone
    # and the demand ends where it should.
    one, more = (
        draw_scenario(
            replace(SMALL, size=Size(tanks=(16, 16), n_max=16), fleet=Fleet(utilisation=(u, u))), 3
        ).days.use_kg.sum()
        for u in (wanted, wanted * 1.1)
    )
    assert 1.02 < more / one < 1.3
