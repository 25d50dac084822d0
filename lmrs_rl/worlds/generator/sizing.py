"""How large tanks are, and how much must be used so that the fleet has the work that is asked
for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.worlds.generator.fleets import Tankers
from lmrs_rl.worlds.generator.panel_parameters import Demand, Weather
from lmrs_rl.worlds.generator.panel_weather import COLDEST_DAY, YEAR
from lmrs_rl.worlds.generator.panels import DEGREE_DAYS, Traits
from lmrs_rl.worlds.parameters import Sites, TankMix

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
BUSY_DAYS = 28
OVERSIZED_LOADS = 1.5
"""Truckloads that an oversized tank holds."""
OVERSIZED_COVER = 6.0
"""[days] least cover of an oversized tank."""
LEAST_COVER = 3.0
"""[days] down to which a tank may last when it would hold more than a truckload."""
MOST_TRUCKLOAD = 0.95
"""Truckloads that a tank holds at most which is not oversized and lasts longer than that."""
USUAL_DROP = 0.6
"""A usual drop as a share of the way from the hit level to full."""
USUAL_FILL = 0.9
"""What a tanker that goes out usually delivers, as a share of its payload."""


@dataclass(frozen=True, eq=False)
class UseFactors:
    """What each kg of a tank's level means: (n,) factors of the level.

    Attributes
    ----------
    busy : mean use in the busiest four weeks of the world, as it can be expected
    peak : use on a working day in the cold of winter, the measure of cover
    """

    busy: FloatArray
    peak: FloatArray


@dataclass(frozen=True, eq=False)
class DeliveryTravel:
    """(n,) [min] of driving that each tank's deliveries take.

    Attributes
    ----------
    round_trip : from the base over the best site and the tank back
    hop : from a tank to a near one of the same product
    """

    round_trip: FloatArray
    hop: FloatArray


def expected_use(demand: Demand, traits: Traits, first: np.datetime64, days: int) -> UseFactors:
    """Expectation over weather and noise, from the climate in the middle of its ranges: it
    foretells nothing that will happen.
    """
    w = demand.weather
    heat = _expected_heat(w, traits, first, days)
    width = min(BUSY_DAYS, days)
    total = np.concatenate([np.zeros((1, heat.shape[1])), np.cumsum(heat, axis=0)])
    busiest = np.max((total[width:] - total[:-width]) / width, axis=0)
    week = (5 + traits.saturday + traits.sunday) / 7
    on = np.where(
        traits.on_days > 0, traits.on_days / np.maximum(traits.on_days + traits.off_days, 1e-9), 1.0
    )
    winter = sum(w.mean_c) / 2 - sum(w.swing_c) / 2 - w.anomaly_c
    cold = (
        1
        - traits.heating_share
        + traits.heating_share * np.maximum(traits.heating_limit_c - winter, 0.0) / DEGREE_DAYS
    )
    return UseFactors(busiest * week * on, np.maximum(cold, 1.0))


def _expected_heat(w: Weather, traits: Traits, first: np.datetime64, days: int) -> FloatArray:
    """(days, n) expected factor of use by heating degree-days."""
    year = (first - first.astype("datetime64[Y]")).astype(np.int64) + np.arange(days)
    climate = sum(w.mean_c) / 2 - sum(w.swing_c) / 2 * np.cos(
        2 * np.pi * (year - COLDEST_DAY) / YEAR
    )
    at = traits.heating_limit_c[None, :] - climate[:, None]
    degrees = sum(
        weight * np.maximum(at - w.anomaly_c * node, 0.0)
        for node, weight in zip(NODES, WEIGHTS / WEIGHTS.sum(), strict=True)
    )
    return np.asarray(
        1 - traits.heating_share + traits.heating_share * degrees / DEGREE_DAYS, dtype=np.float64
    )


@dataclass(frozen=True, eq=False)
class Sizes:
    """(n,) [kg/day] level of use on a normal day, (n,) [kg] capacity, hit level and least drop,
    (n,) [days] cover, (n,) who is oversized.
    """

    level_kg: FloatArray
    capacity_kg: FloatArray
    hit_kg: FloatArray
    min_drop_kg: FloatArray
    cover_days: FloatArray
    oversized: BoolArray


def draw_sizes(
    p: TankMix,
    cover_days: tuple[float, float],
    level_kg: FloatArray,
    use: UseFactors,
    tankers: Tankers,
    rng: np.random.Generator,
) -> Sizes:
    """Covers spread evenly over their range; oversized tanks use what their size asks for. To be
    scaled by `scaled_sizes`.
    """
    n = len(level_kg)
    rank = (rng.permutation(n) + rng.uniform(size=n)) / n
    low, high = np.log(cover_days)
    cover = np.exp(low + (high - low) * rank)
    big = np.zeros(n, dtype=np.bool_)
    lasting = np.flatnonzero(cover >= min(OVERSIZED_COVER, np.median(cover)))
    big[rng.permutation(lasting)[: round(p.oversized_share * n)]] = True
    capacity = np.where(big, OVERSIZED_LOADS * tankers.largest_kg(), 0.0)
    hit = rng.uniform(*p.hit_share, n)
    level = np.where(big, capacity / cover / use.peak, level_kg)
    return _sizes(p, level, np.where(big, capacity, level * use.peak * cover), hit, cover, big)


def scaled_sizes(
    sizes: Sizes,
    p: TankMix,
    use: UseFactors,
    tankers: Tankers,
    sites: Sites,
    travel: DeliveryTravel,
    shift_min: FloatArray,
    wanted: float,
) -> Sizes:
    """The sizes at which the drivers of each product have ``wanted`` of their time in work;
    oversized tanks stay.

    Others hold less than a truckload: where their use asks for more, they last less long, down to
    `LEAST_COVER`.

    Parameters
    ----------
    shift_min : (D,) [min] of work in a week without holidays
    """
    big = sizes.oversized
    factor = np.ones(len(big))
    for product in range(tankers.products):
        of = tankers.tank_product == product
        time = float(shift_min[tankers.driver_product == product].sum())
        low, high = np.log(1e-4), np.log(1e4)
        for _ in range(40):
            middle = (low + high) / 2
            trial = np.where(big, 1.0, np.exp(middle))
            busy = (
                float(
                    weekly_work_min(
                        _times(sizes, trial, p, use, tankers), p, use, tankers, sites, travel
                    )[of].sum()
                )
                > wanted * time
            )
            low, high = (low, middle) if busy else (middle, high)
        factor[of & ~big] = np.exp(low)
    return _times(sizes, factor, p, use, tankers)


def _times(
    sizes: Sizes, factor: FloatArray, p: TankMix, use: UseFactors, tankers: Tankers
) -> Sizes:
    """The sizes with ``factor`` times the use."""
    level, largest = sizes.level_kg * factor, tankers.largest_kg()
    peak = level * use.peak
    most = np.where(
        sizes.oversized, sizes.capacity_kg, np.maximum(MOST_TRUCKLOAD * largest, LEAST_COVER * peak)
    )
    capacity = np.minimum(sizes.capacity_kg * factor, most)
    return _sizes(
        p,
        level,
        capacity,
        sizes.hit_kg / sizes.capacity_kg,
        np.minimum(sizes.cover_days, capacity / peak),
        sizes.oversized,
    )


def weekly_work_min(
    sizes: Sizes,
    p: TankMix,
    use: UseFactors,
    tankers: Tankers,
    sites: Sites,
    travel: DeliveryTravel,
) -> FloatArray:
    """(n,) [min/week] of tanker time that each tank asks for.

    A delivery of ``q`` takes its share ``q / Q`` of a round trip and of a loading, a hop to a
    neighbour for the rest (Daganzo, Logistics Systems Analysis, 2005, chapter 4, splits tours so),
    and its unloading.
    """
    payload = USUAL_FILL * np.array(
        [tankers.payload_kg[tankers.product == k].mean() for k in tankers.tank_product]
    )
    room = USUAL_DROP * (sizes.capacity_kg - sizes.hit_kg)
    drop = np.minimum(np.minimum(room, payload), USUAL_FILL * tankers.largest_kg())
    share = drop / payload
    handling = (
        p.setup_min
        + drop / p.unload_kg_per_min
        + share * sites.setup_min
        + drop / sites.load_kg_per_min
    )
    visits = 7 * sizes.level_kg * use.busy / drop
    return np.asarray(
        visits * (share * travel.round_trip + (1 - share) * travel.hop + handling), dtype=np.float64
    )


def delivery_travel(travel_min: IntArray, serves: BoolArray, product: IntArray) -> DeliveryTravel:
    """Driving of each tank; ``serves`` (S, n) says which site offers its product."""
    s, n = serves.shape
    sites, tanks = 1 + np.arange(s), 1 + s + np.arange(n)
    there = travel_min[0, sites][:, None] + travel_min[np.ix_(sites, tanks)]
    round_trip = np.min(np.where(serves, there, np.inf), axis=0) + travel_min[tanks, 0]
    between = travel_min[np.ix_(tanks, tanks)].astype(np.float64)
    between[(product[:, None] != product[None, :]) | np.eye(n, dtype=np.bool_)] = np.inf
    near = np.sort(between, axis=1)[:, : min(3, n)]
    hop = np.where(np.isfinite(near), near, round_trip[:, None] / 2).mean(axis=1)
    return DeliveryTravel(round_trip, hop)


def _sizes(
    p: TankMix,
    level: FloatArray,
    capacity: FloatArray,
    hit_share: FloatArray,
    cover: FloatArray,
    big: BoolArray,
) -> Sizes:
    whole = np.maximum(np.ceil(capacity / 10) * 10, 10.0)
    return Sizes(
        level,
        whole,
        np.round(hit_share * whole, 1),
        np.round(p.min_drop_share * whole, 1),
        cover,
        big,
    )
