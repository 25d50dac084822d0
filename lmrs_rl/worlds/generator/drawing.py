"""Draw a scenario from a world class and a seed: the one generator of worlds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.domain import CallInOrders, Days, InputError, Network
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_HOUR, FloatArray, IntArray
from lmrs_rl.worlds.generator.calendar import MARGIN_DAYS, Calendar, draw_calendar
from lmrs_rl.worlds.generator.customers import (
    Generators,
    SeriesGround,
    UnscaledCustomers,
    draw_customers,
)
from lmrs_rl.worlds.generator.fleets import Shifts, Tankers, draw_shifts, draw_tankers
from lmrs_rl.worlds.generator.networks import draw_access, draw_start, make_network, make_tanks
from lmrs_rl.worlds.generator.outages import draw_breakdowns, draw_closures
from lmrs_rl.worlds.generator.panel_parameters import Demand
from lmrs_rl.worlds.generator.panels import TrueUse
from lmrs_rl.worlds.generator.places import Places, draw_places, draw_roads, within_reach
from lmrs_rl.worlds.generator.sizing import Sizes, delivery_travel, draw_sizes, scaled_sizes
from lmrs_rl.worlds.generator.unfolding import SNAPSHOT_DAYS, draw_begin, draw_profile, unfold
from lmrs_rl.worlds.ground.instances import InstanceGround
from lmrs_rl.worlds.ground.on_instance import draw_on_instance
from lmrs_rl.worlds.scenario import Scenario
from lmrs_rl.worlds.world_class import WorldClass

_STREAMS = (
    *("class", "size", "calendar", "customer", "tanker", "site", "place", "road", "tank"),
    *("access", "crew", "level", "weather", "noise", "stop", "drift", "gap", "breakdown"),
    "closure",
)
"""Purposes of the random generators.

Each has its own, so that a change of one part leaves the draws of the others as they are; for the
same reason new ones are added at the end.
"""


def draw_scenario(world_class: WorldClass, seed: int) -> Scenario:
    """Draw a scenario; the same class and seed give the same bits.

    On real series the days lie in the part of the seed's split, see `SeriesGround`; for a seed of
    no split they may lie anywhere.

    Raises
    ------
    InputError
        For a negative seed.
    """
    if seed < 0:
        raise InputError("seed", seed, "at least 0", "correct the argument")
    streams = np.random.SeedSequence(seed).spawn(len(_STREAMS))
    rng = {
        name: np.random.default_rng(stream) for name, stream in zip(_STREAMS, streams, strict=True)
    }
    world = world_class
    if world_class.among:
        world = world_class.chosen(int(rng["class"].integers(len(world_class.among))))
    if isinstance(world.ground, InstanceGround):
        return draw_on_instance(world, world.ground, seed, rng)
    # A policy must not be judged on the days of the real series that it was trained on.
    ground = None if world.ground is None else replace(world.ground, split=world.split_of(seed))
    draw_dates = draw_calendar if ground is None else ground.draw_calendar
    calendar = draw_dates(world.episode, rng["calendar"])
    base = _draw_base(world, ground, calendar, rng)
    installed_min, begin = draw_begin(world.demand, calendar, len(base.customers.kind), rng["gap"])
    access = draw_access(world.tanks, base.sizes, calendar, rng["access"])
    tanks = make_tanks(
        world.tanks, base.sizes, base.tankers, access, installed_min, 1 + len(base.tankers.offered)
    )
    network = make_network(
        world.sites, world.crew, tanks, base.tankers, base.shifts, base.places, calendar.days
    )
    truth = base.customers.truth(base.sizes.level_kg, _regions(world, base.places, base.tankers))
    return _scenario(world, seed, calendar, network, base, truth, begin, installed_min, rng)


@dataclass(frozen=True, eq=False)
class _Base:
    """Static parts of a world: they do not change from day to day."""

    customers: UnscaledCustomers
    tankers: Tankers
    shifts: Shifts
    places: Places
    sizes: Sizes


def _draw_base(
    world: WorldClass, ground: SeriesGround | None, calendar: Calendar, rng: Generators
) -> _Base:
    # Log-uniform, so that small and large networks are drawn as often.
    low, high = np.log(world.size.tanks)
    n = int(np.clip(round(float(np.exp(rng["size"].uniform(low, high)))), *world.size.tanks))
    draw: Callable[[Demand, Calendar, int, Generators], UnscaledCustomers] = (
        draw_customers if ground is None else ground.draw_customers
    )
    customers = draw(world.demand, calendar, n, rng)
    tankers = draw_tankers(world.fleet, world.sites, n, rng["tanker"], rng["site"])
    shifts = draw_shifts(world.crew, tankers.driver_product, calendar, rng["crew"])
    serves = tankers.offered[:, tankers.tank_product]
    side, xy = draw_places(world.geography, world.sites, len(serves), n, rng["place"])
    roads = draw_roads(world.geography, len(xy), rng["road"])
    places = within_reach(
        world.geography,
        side,
        xy,
        roads,
        serves,
        _reach_min(world, tankers, shifts),
        int(_sites_fail(world)),
    )
    use = customers.use
    sizes = draw_sizes(
        world.tanks, world.demand.cover_days, customers.level_kg, use, tankers, rng["tank"]
    )
    travel = delivery_travel(places.travel_min, serves, tankers.tank_product)
    utilisation = float(rng["tanker"].uniform(*world.fleet.utilisation))
    sizes = scaled_sizes(
        sizes,
        world.tanks,
        use,
        tankers,
        world.sites,
        travel,
        _week_min(world, shifts, tankers),
        utilisation,
    )
    return _Base(customers, tankers, shifts, places, sizes)


def _sites_fail(world: WorldClass) -> bool:
    return world.disruptions.closures_per_year + world.disruptions.shortages_per_year > 0


def _reach_min(world: WorldClass, tankers: Tankers, shifts: Shifts) -> float:
    """Driving time [min] that is left in the shortest shift after filling the largest tanker and
    emptying it at one tank.
    """
    load = float(tankers.payload_kg.max())
    handling = (
        world.sites.setup_min
        + world.tanks.setup_min
        + load / world.sites.load_kg_per_min
        + load / world.tanks.unload_kg_per_min
    )
    shift = float((shifts.end_min - shifts.start_min).min())
    left = shift - handling
    if left < MINUTES_PER_HOUR:
        raise InputError(
            "crew.shift_hours",
            f"{shift / MINUTES_PER_HOUR:g} h",
            f"an hour more than the {handling:.0f} min of handling",
            "lengthen it",
        )
    return min(float(world.crew.max_driving_min), left)


def _week_min(world: WorldClass, shifts: Shifts, tankers: Tankers) -> FloatArray:
    """(D,) working time [min] of each driver in a week without holidays; drivers of a product share
    the shifts of the weekend.
    """
    days = 5 + np.zeros(len(tankers.driver_product))
    for product in range(tankers.products):
        of = tankers.driver_product == product
        for share in (world.crew.saturday_share, world.crew.sunday_share):
            # Rounded as in `draw_shifts`, so that both count the same drivers.
            days[of] += np.ceil(share * of.sum() - 1e-9) / of.sum()
    return np.asarray(days * (shifts.end_min - shifts.start_min), dtype=np.float64)


def _regions(world: WorldClass, places: Places, tankers: Tankers) -> IntArray:
    """(n,) weather region of each tank; regions are bands from west to east."""
    count = world.demand.weather.regions
    x = places.xy[1 + len(tankers.offered) :, 0]
    return np.asarray(np.clip(np.floor(x / places.side_km * count), 0, count - 1), dtype=np.int64)


def _scenario(
    world: WorldClass,
    seed: int,
    calendar: Calendar,
    network: Network,
    base: _Base,
    truth: TrueUse,
    begin: IntArray,
    installed_min: IntArray,
    rng: Generators,
) -> Scenario:
    first, days = calendar.history_days, calendar.days - MARGIN_DAYS
    profile = draw_profile(world.tanks, network.n_tanks, rng["customer"])
    unfolded = unfold(
        network.tanks,
        base.customers.kind,
        calendar,
        truth,
        begin,
        profile,
        world.demand.missing,
        rng["gap"],
    )
    busy_kg = base.sizes.level_kg * base.customers.use.peak
    start = draw_start(
        world.tanks,
        network,
        busy_kg,
        installed_min,
        unfolded.panel.use[max(first - SNAPSHOT_DAYS, 0) : first],
        rng["level"],
    )
    return Scenario(
        name=world.name,
        seed=seed,
        network=network,
        days=Days(
            f"{world.name}-{seed}",
            start,
            unfolded.hourly_kg[: HOURS_PER_DAY * days],
            CallInOrders.none(),
        ),
        panel=unfolded.panel,
        first_day=first,
        warmup_days=world.episode.warmup_days,
        profile=profile,
        after_kg=unfolded.hourly_kg[HOURS_PER_DAY * days :],
        breakdowns=draw_breakdowns(world.disruptions, base.tankers.product, days, rng["breakdown"]),
        closures=draw_closures(world.disruptions, base.tankers.offered, days, rng["closure"]),
        installed_min=installed_min,
    )
