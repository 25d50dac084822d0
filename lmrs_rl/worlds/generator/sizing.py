"""Draw sizes of tanks, and scale the use so that the fleet has the utilisation that is wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray, IntArray
from lmrs_rl.worlds.generator.fleets import Tankers
from lmrs_rl.worlds.generator.panel_parameters import Demand, Weather
from lmrs_rl.worlds.generator.panel_weather import COLDEST_DAY, YEAR
from lmrs_rl.worlds.generator.panels import DEGREE_DAYS, Traits
from lmrs_rl.worlds.parameters import Sites, TankMix

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
"""Gauss-Hermite quadrature, for expectations over a normal temperature anomaly."""
BUSY_DAYS = 28
"""[days] of the busiest weeks, for which the fleet is sized."""
_OVERSIZED_LOADS = 1.5
"""Truckloads that an oversized tank holds."""
_OVERSIZED_COVER = 6.0
"""[days] least cover of an oversized tank."""
_LEAST_COVER = 3.0
"""[days] least cover of a tank whose capacity is cut to a truckload."""
_MOST_TRUCKLOAD = 0.95
"""Most truckloads that a tank holds, unless it is oversized or has the least cover."""
_USUAL_DROP = 0.6
"""A usual drop as a share of the room between hit level and capacity."""
_USUAL_FILL = 0.9
"""A usual delivery of a tanker as a share of its payload."""
_HALVINGS = 40
"""Steps of a bisection over eight decades: the last one is below 1e-10 of the factor."""


@dataclass(frozen=True, eq=False)
class UseFactors:
    """Expected use of each tank as a factor (n,) on its level.

    Attributes
    ----------
    busy : mean use in the expected busiest four weeks of the world
    peak : use on a working day in the cold of winter, by which cover is measured
    """

    busy: FloatArray
    peak: FloatArray


@dataclass(frozen=True, eq=False)
class DeliveryTravel:
    """Driving time (n,) [min] that deliveries to each tank take.

    Attributes
    ----------
    round_trip : from the base over the best site and the tank back
    hop : from a tank to a near one of the same product
    """

    round_trip: FloatArray
    hop: FloatArray


def expected_use(demand: Demand, traits: Traits, first: np.datetime64, days: int) -> UseFactors:
    """Expected use over weather and noise, for the mean climate of the parameters' ranges.

    It depends on nothing that is drawn for the days, so that the size of a tank says nothing about
    them.

    Parameters
    ----------
    demand, traits : of the customers
    first, days : dates of the world
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
    # A cold day at the coldest time of the year: one standard deviation below the climate.
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
    # The weights of this quadrature sum to the square root of 2 pi, not to 1.
    degrees = sum(
        weight * np.maximum(at - w.anomaly_c * node, 0.0)
        for node, weight in zip(_NODES, _WEIGHTS / _WEIGHTS.sum(), strict=True)
    )
    return np.asarray(
        1 - traits.heating_share + traits.heating_share * degrees / DEGREE_DAYS, dtype=np.float64
    )


@dataclass(frozen=True, eq=False)
class Sizes:
    """Sizes of the tanks.

    Attributes
    ----------
    level_kg : (n,) [kg/day] use on a normal day
    capacity_kg, hit_kg, min_drop_kg : (n,) [kg] capacity, hit level and least drop
    cover_days : (n,) [days] that a full tank lasts at peak use
    oversized : (n,) whether it holds more than a truckload
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
    """Draw sizes, which are then scaled by `scaled_sizes`.

    Covers are spread evenly over their (logarithmic) range. The use of an oversized tank follows
    from its capacity and cover.
    """
    n = len(level_kg)
    # One cover from each n-th of the range: independent draws could leave small worlds without
    # any short or long ones.
    rank = (rng.permutation(n) + rng.uniform(size=n)) / n
    low, high = np.log(cover_days)
    cover = np.exp(low + (high - low) * rank)
    big = np.zeros(n, dtype=np.bool_)
    # Where a class has hardly any cover as long, the longer half may be oversized instead.
    lasting = np.flatnonzero(cover >= min(_OVERSIZED_COVER, np.median(cover)))
    big[rng.permutation(lasting)[: round(p.oversized_share * n)]] = True
    capacity = np.where(big, _OVERSIZED_LOADS * tankers.largest_kg(), 0.0)
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
    utilisation: float,
) -> Sizes:
    """Scale use and capacities so that deliveries fill a share of the drivers' time, per product.

    Oversized tanks stay as they are. The others hold less than a truckload: where their use needs
    more, their cover is shorter, down to `_LEAST_COVER`.

    Parameters
    ----------
    sizes : to scale
    p, use, tankers, sites, travel : of the tanks and their deliveries
    shift_min : (D,) [min] working time of each driver in a week without holidays
    utilisation : share of it that deliveries take
    """
    big = sizes.oversized
    factor = np.ones(len(big))
    for product in range(tankers.products):
        of = tankers.tank_product == product
        time = float(shift_min[tankers.driver_product == product].sum())
        low, high = np.log(1e-4), np.log(1e4)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            # Tanks of other products are scaled as well, but do not count in the sum.
            trial = _multiplied(sizes, np.where(big, 1.0, np.exp(middle)), p, use, tankers)
            work = float(weekly_work_min(trial, p, use, tankers, sites, travel)[of].sum())
            low, high = (low, middle) if work > utilisation * time else (middle, high)
        # The lower end, so that the work is rather below what is wanted than above.
        factor[of & ~big] = np.exp(low)
    return _multiplied(sizes, factor, p, use, tankers)


def _multiplied(
    sizes: Sizes, factor: FloatArray, p: TankMix, use: UseFactors, tankers: Tankers
) -> Sizes:
    """The sizes of tanks with ``factor`` (n,) times the use."""
    level, largest = sizes.level_kg * factor, tankers.largest_kg()
    peak = level * use.peak
    most = np.where(
        sizes.oversized,
        sizes.capacity_kg,
        np.maximum(_MOST_TRUCKLOAD * largest, _LEAST_COVER * peak),
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
    """Expected tanker time (n,) [min/week] that deliveries to each tank take in the busiest weeks.

    A delivery of ``q`` kg with a payload of ``Q`` takes the share ``q / Q`` of a round trip and of
    a loading, the share ``1 - q / Q`` of a hop to a neighbour, and its unloading. This is the split
    of tours into line haul and local distance of Daganzo (Logistics Systems Analysis, 2005, chapter
    4).
    """
    payload = _USUAL_FILL * np.array(
        [tankers.payload_kg[tankers.product == k].mean() for k in tankers.tank_product]
    )
    room = _USUAL_DROP * (sizes.capacity_kg - sizes.hit_kg)
    drop = np.minimum(np.minimum(room, payload), _USUAL_FILL * tankers.largest_kg())
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
    """Driving time of deliveries to each tank.

    The hop is the mean to the three nearest tanks of the same product.

    Parameters
    ----------
    travel_min : (P, P) [min]
    serves : (S, n) whether a site offers a tank's product
    product : (n,) of each tank
    """
    s, n = serves.shape
    sites, tanks = 1 + np.arange(s), 1 + s + np.arange(n)
    there = travel_min[0, sites][:, None] + travel_min[np.ix_(sites, tanks)]
    round_trip = np.min(np.where(serves, there, np.inf), axis=0) + travel_min[tanks, 0]
    between = travel_min[np.ix_(tanks, tanks)].astype(np.float64)
    between[(product[:, None] != product[None, :]) | np.eye(n, dtype=np.bool_)] = np.inf
    near = np.sort(between, axis=1)[:, : min(3, n)]
    # Where there are fewer than three such tanks, half a round trip stands for a hop.
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
