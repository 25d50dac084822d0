"""Generated worlds: a network, six weeks of history and a stretch of days, from a few parameters and a random stream."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lmrs_rl.domain import (
    NO_PRODUCT,
    CallInOrders,
    Customers,
    Days,
    Deliveries,
    Drivers,
    InputError,
    LoadingSites,
    Network,
    Snapshot,
    Tanks,
    Vehicles,
)
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY, MINUTES_PER_HOUR, FloatArray, IntArray, always_open
from lmrs_rl.worlds.parameters import Crew, Fleet, Geography, TankMix, Use, WorldParameters

PRODUCT = "nitrogen"
BASE = 0
"""Point of the base; the loading sites follow, then the tanks."""
MARGIN_DAYS = 14
"""Shifts and access hours go on this long after the last day, so that a plan of the last mornings finds them."""
WORKDAYS, SATURDAY = (0, 1, 2, 3, 4), 5


@dataclass(frozen=True, eq=False)
class GeneratedWorld:
    """A network and what happens there."""

    network: Network
    days: Days


def read_world(path: Path | str, seed: int | None = None) -> GeneratedWorld:
    """Generate the world that a TOML file describes, under its own seed or another one (`InputError` for bad settings)."""
    path = Path(path)
    parameters = WorldParameters.from_file(path)
    if seed is not None:
        parameters = replace(parameters, seed=seed)
    return generate(path.stem, parameters, np.random.default_rng(parameters.seed))


def generate(name: str, parameters: WorldParameters, rng: np.random.Generator) -> GeneratedWorld:
    """Draw a world; one stream a purpose, so that a change of one part leaves the draws of the others.

    Raises
    ------
    InputError
        Where a tank is out of a driver's reach or the fleet could not carry what the tanks use.
    """
    place_rng, road_rng, tank_rng, use_rng, level_rng = rng.spawn(5)
    p = parameters
    xy = _points(p.geography, p.fleet.loading_sites, p.tanks.count, place_rng)
    distance_km, travel_min = _roads(p.geography, xy, road_rng)
    mean_kg, capacity_kg = _sizes(p.tanks, max(p.fleet.capacity_kg), tank_rng)
    last_day = p.calendar.days + MARGIN_DAYS
    network = Network(
        products=(PRODUCT,),
        tanks=_tanks(p.tanks, p.fleet, mean_kg, capacity_kg, last_day, tank_rng),
        call_ins=_no_call_ins(len(p.fleet.capacity_kg)),
        sites=_sites(p.fleet),
        vehicles=_vehicles(p.fleet),
        drivers=_drivers(p.crew, len(p.fleet.capacity_kg), last_day),
        travel_min=travel_min,
        distance_km=distance_km,
        point_xy=xy,
    )
    _check_feasible(network, p, mean_kg)
    use_kg = _use(p.use, mean_kg, p.calendar.history_days, p.calendar.days, use_rng)
    past = HOURS_PER_DAY * p.calendar.history_days
    history = use_kg[:past].reshape(p.calendar.history_days, HOURS_PER_DAY, p.tanks.count).sum(axis=1)
    start = _start(network, mean_kg, np.round(history, 1), level_rng)
    return GeneratedWorld(network, Days(name, start, use_kg[past:], CallInOrders.none()))


def _points(p: Geography, sites: int, tanks: int, rng: np.random.Generator) -> FloatArray:
    """(1 + sites + tanks, 2) [km] base, loading sites, tanks."""
    middle = np.full((1, 2), p.side_km / 2)
    # The first site lies just outside town, the others anywhere that is not at the rim.
    near = middle + rng.uniform(3.0, 8.0) * np.array([[1.0, -0.5]])
    others = rng.uniform(0.15, 0.85, (sites - 1, 2)) * p.side_km
    centres = rng.uniform(0.15, 0.85, (p.clusters, 2)) * p.side_km
    around = centres[np.arange(tanks) % p.clusters] + rng.normal(0.0, p.spread_km, (tanks, 2))
    return np.round(np.concatenate([middle, near, others, np.clip(around, 0.0, p.side_km)]), 2)


def _roads(p: Geography, xy: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, IntArray]:
    """(P, P) [km] and [min]; longer ways use faster roads, the two directions differ a little."""
    crow = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    one_way = 1.0 + rng.uniform(-p.asymmetry, p.asymmetry, crow.shape)
    distance = np.round(crow * p.detour * one_way, 1)
    speed = p.slow_kmh + (p.fast_kmh - p.slow_kmh) * np.minimum(crow / (p.side_km / 2), 1.0)
    queue = 1.0 + rng.uniform(0.0, p.asymmetry, crow.shape)
    return distance, np.ceil(np.round(MINUTES_PER_HOUR * distance / speed * queue, 3)).astype(np.int64)


def _sizes(p: TankMix, truckload_kg: float, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """(n,) [kg/day] mean use and (n,) [kg] capacity; the oversized tanks come first and use what their size asks for."""
    least, most = np.log(p.use_kg_per_day)
    use = np.exp(rng.uniform(float(least), float(most), p.count))
    # Stratified, so that short and long cover occur in every world.
    rank = (rng.permutation(p.count) + rng.uniform(size=p.count)) / p.count
    low, high = (float(each) for each in np.log(p.cover_days))
    cover = np.exp(low + (high - low) * rank)
    big = np.arange(p.count) < p.oversized
    use = np.where(big, 1.5 * truckload_kg / float(np.exp((low + high) / 2)), use)
    capacity = np.where(big, 1.5 * truckload_kg, np.ceil(use * cover / 10) * 10)
    return np.asarray(np.round(use, 1), dtype=np.float64), capacity


def _tanks(p: TankMix, fleet: Fleet, mean_kg: FloatArray, capacity_kg: FloatArray, last_day: int, rng: np.random.Generator) -> Tanks:
    n, first = p.count, 1 + fleet.loading_sites
    patient = np.flatnonzero(capacity_kg / mean_kg > 5.0)
    with_hours = rng.permutation(patient)[: round(p.access_share * n)]
    hours = _weekly(p.access_hours, WORKDAYS, last_day)
    return Tanks(
        ids=tuple(f"tank-{k + 1:02d}" for k in range(n)),
        point=np.arange(first, first + n),
        product=np.zeros(n, dtype=np.int64),
        setup_min=np.full(n, p.setup_min),
        unload_kg_per_min=np.full(n, p.unload_kg_per_min),
        vehicle_allowed=np.ones((n, len(fleet.capacity_kg)), dtype=np.bool_),
        access_min=tuple(hours if k in with_hours else always_open() for k in range(n)),
        overnight=np.zeros(n, dtype=np.bool_),
        capacity_kg=capacity_kg,
        hit_level_kg=np.round(p.hit_share * capacity_kg, 1),
        min_drop_kg=np.round(p.min_drop_share * capacity_kg, 1),
    )


def _no_call_ins(vehicles: int) -> Customers:
    none = np.zeros(0, dtype=np.int64)
    return Customers((), none, none, none, np.zeros(0), np.zeros((0, vehicles), dtype=np.bool_), (), np.zeros(0, dtype=np.bool_))


def _sites(p: Fleet) -> LoadingSites:
    n = p.loading_sites
    return LoadingSites(
        ids=tuple(f"plant-{k + 1}" for k in range(n)),
        point=np.arange(1, 1 + n),
        product_offered=np.ones((n, 1), dtype=np.bool_),
        setup_min=np.full(n, p.setup_min),
        load_kg_per_min=np.full(n, p.load_kg_per_min),
        vehicle_allowed=np.ones((n, len(p.capacity_kg)), dtype=np.bool_),
        access_min=tuple(always_open() for _ in range(n)),
    )


def _vehicles(p: Fleet) -> Vehicles:
    n = len(p.capacity_kg)
    return Vehicles(
        ids=tuple(f"truck-{k + 1}" for k in range(n)),
        base_point=np.full(n, BASE),
        capacity_kg=np.array(p.capacity_kg),
        cost_per_km=np.full(n, p.cost_per_km),
        product_allowed=np.ones((n, 1), dtype=np.bool_),
    )


def _drivers(p: Crew, vehicles: int, last_day: int) -> Drivers:
    """One a tanker, each on any of them; the last ones work on Saturdays too."""
    weekdays, six_days = (_weekly(p.shift_hours, days, last_day) for days in (WORKDAYS, (*WORKDAYS, SATURDAY)))
    return Drivers(
        ids=tuple(f"driver-{k + 1}" for k in range(vehicles)),
        shift_min=tuple(six_days if k >= vehicles - p.saturday_drivers else weekdays for k in range(vehicles)),
        max_driving_min=np.full(vehicles, p.max_driving_min),
        min_rest_min=np.full(vehicles, p.min_rest_min),
        vehicle_allowed=np.ones((vehicles, vehicles), dtype=np.bool_),
        cost_per_km=np.zeros(vehicles),
        cost_per_min=np.full(vehicles, p.cost_per_min),
        cost_per_night=np.zeros(vehicles),
        night_min=np.zeros(vehicles, dtype=np.int64),
    )


def _weekly(hours: tuple[float, float], weekdays: tuple[int, ...], last_day: int) -> IntArray:
    """(k, 2) [min] the same hours on each of the weekdays (0 is Monday), from day 0 to ``last_day``."""
    days = np.array([day for day in range(last_day) if day % 7 in weekdays])
    return np.asarray(np.rint(MINUTES_PER_DAY * days[:, None] + MINUTES_PER_HOUR * np.array(hours)), dtype=np.int64)


def _use(p: Use, mean_kg: FloatArray, history_days: int, days: int, rng: np.random.Generator) -> FloatArray:
    """(24 * (history_days + days), n) [kg] hourly use, ending with ``days`` that start on a Monday."""
    n, total = len(mean_kg), history_days + days
    weekday = (np.arange(total) - history_days) % 7
    weekend = rng.uniform(*p.weekend_share, n)
    rhythm = np.where((weekday >= SATURDAY)[:, None], weekend, 1.0) * 7.0 / (5.0 + 2.0 * weekend)
    shocks = rng.normal(0.0, p.noise, (total, n))
    # A stationary first-order process: each day keeps `persistence` of the day before, the variance stays noise^2.
    log_noise = shocks.copy()
    for day in range(1, total):
        log_noise[day] = p.persistence * log_noise[day - 1] + np.sqrt(1 - p.persistence**2) * shocks[day]
    daily = mean_kg * rhythm * np.exp(log_noise - p.noise**2 / 2)
    working = rng.uniform(*p.working_share, n)
    hour = np.arange(HOURS_PER_DAY)
    profile = np.where(((hour >= 6) & (hour < 18))[:, None], working, 1.0 - working) / 12.0
    hourly = daily[:, None, :] * profile[None, :, :]
    return np.asarray(np.round(hourly.reshape(-1, n), 1), dtype=np.float64)


def _start(network: Network, mean_kg: FloatArray, history_kg: FloatArray, rng: np.random.Generator) -> Snapshot:
    """The first morning: levels anywhere in the upper two thirds, but a day and a half of use over the hit level."""
    tanks = network.tanks
    drawn = tanks.hit_level_kg + (tanks.capacity_kg - tanks.hit_level_kg) * rng.uniform(0.35, 0.95, len(tanks))
    level = np.clip(drawn, np.minimum(tanks.hit_level_kg + 1.5 * mean_kg, tanks.capacity_kg), tanks.capacity_kg)
    v = len(network.vehicles)
    return Snapshot(
        time_min=0,
        level_kg=np.round(level, 1),
        load_kg=np.zeros(v),
        load_product=np.full(v, NO_PRODUCT),
        vehicle_free_min=np.zeros(v, dtype=np.int64),
        driver_free_min=np.zeros(v, dtype=np.int64),
        on_the_way=Deliveries.none(),
        call_in_orders=CallInOrders.none(),
        history_kg=history_kg,
    )


def _check_feasible(network: Network, p: WorldParameters, mean_kg: FloatArray) -> None:
    """Every tank can be served in a shift, and five full loads a tanker and week carry what the tanks use."""
    site, tank, way = network.sites.point[0], network.tanks.point, network.travel_min
    driving = way[BASE, site] + way[site, tank] + way[tank, BASE]
    shift = MINUTES_PER_HOUR * (p.crew.shift_hours[1] - p.crew.shift_hours[0])
    service = p.fleet.setup_min + p.tanks.setup_min + 2 * max(p.fleet.capacity_kg) / min(p.fleet.load_kg_per_min, p.tanks.unload_kg_per_min)
    limit = min(p.crew.max_driving_min, shift - service)
    if np.any(driving > limit):
        k = int(np.argmax(driving))
        raise InputError("geography.side_km", f"{driving[k]} min of driving to {network.tanks.ids[k]}", f"at most {limit:g} min", "bring it nearer")
    carried = 5 * sum(p.fleet.capacity_kg)
    if 7 * mean_kg.sum() > carried:
        raise InputError("fleet.capacity_kg", f"{carried:g} kg a week", f"at least {7 * mean_kg.sum():g} kg", "add tankers or lower the use")
