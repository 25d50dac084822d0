"""Draw a scenario on an existing network: an Air Liquide instance, or the user's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lmrs_rl.domain import CallInOrders, Days, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY, FloatArray, IntArray
from lmrs_rl.worlds.generator.calendar import MARGIN_DAYS, Calendar, draw_calendar
from lmrs_rl.worlds.generator.customers import Generators, draw_customers
from lmrs_rl.worlds.generator.networks import draw_start
from lmrs_rl.worlds.generator.outages import draw_breakdowns, draw_closures
from lmrs_rl.worlds.generator.panels import TrueUse
from lmrs_rl.worlds.generator.sizing import expected_use
from lmrs_rl.worlds.generator.unfolding import SNAPSHOT_DAYS, draw_begin, draw_profile, unfold
from lmrs_rl.worlds.ground.instances import (
    Instance,
    InstanceGround,
    extended_network,
    orders_until,
    weekly_use,
)
from lmrs_rl.worlds.ground.own_network import WEEK, OwnNetwork
from lmrs_rl.worlds.outages import open_between
from lmrs_rl.worlds.scenario import Scenario
from lmrs_rl.worlds.world_class import WorldClass


def draw_on_instance(
    world: WorldClass, ground: InstanceGround, seed: int, rng: Generators
) -> Scenario:
    """Draw consumption, levels and outages; everything else is the instance's.

    A tank's expected use is the instance's mean on that day of the week.
    """
    instance = _choose(world, ground, rng)
    calendar = draw_calendar(world.episode, rng["calendar"])
    first, days, n = calendar.history_days, calendar.days - MARGIN_DAYS, instance.network.n_tanks
    installed_min, begin = draw_begin(world.demand, calendar, n, rng["gap"])
    network = _opened(extended_network(instance, calendar.days), installed_min)
    weekly, profile = weekly_use(instance.days)
    kind, truth = _consumption(world, calendar, weekly, rng)
    if isinstance(instance, OwnNetwork):
        # Its history has days, but no hours; the drawn hours are of the clock.
        by_clock = draw_profile(world.tanks, n, rng["customer"])
        profile = np.roll(by_clock, -instance.first_hour, axis=1)
    unfolded = unfold(
        network.tanks, kind, calendar, truth, begin, profile, world.demand.missing, rng["gap"]
    )
    history = unfolded.panel.use[max(first - SNAPSHOT_DAYS, 0) : first]
    start = draw_start(
        world.tanks, network, weekly.max(axis=0), installed_min, history, rng["level"]
    )
    orders = orders_until(instance.days, MINUTES_PER_DAY * days)
    hourly_kg, whole = unfolded.hourly_kg, HOURS_PER_DAY * days
    start = _with_loads_and_orders(start, instance.days.start, orders)
    return Scenario(
        name=f"{world.name}:{instance.days.name}",
        seed=seed,
        network=network,
        days=Days(f"{world.name}-{seed}", start, hourly_kg[:whole], orders),
        panel=unfolded.panel,
        first_day=first,
        warmup_days=world.episode.warmup_days,
        profile=profile,
        after_kg=hourly_kg[whole:],
        breakdowns=draw_breakdowns(
            world.disruptions, product_groups(network), days, rng["breakdown"]
        ),
        closures=draw_closures(
            world.disruptions, network.sites.product_offered, days, rng["closure"]
        ),
        installed_min=installed_min,
    )


def _opened(network: Network, installed_min: IntArray) -> Network:
    """The network whose tanks have no access hours before they are installed."""
    hours = tuple(
        open_between(each, int(begin))
        for each, begin in zip(network.tanks.access_min, installed_min, strict=True)
    )
    return replace(network, tanks=replace(network.tanks, access_min=hours))


def _with_loads_and_orders(start: Snapshot, own: Snapshot, orders: CallInOrders) -> Snapshot:
    """The drawn first morning with the loads of the instance's and the orders known by then."""
    return replace(
        start,
        load_kg=own.load_kg,
        load_product=own.load_product,
        call_in_orders=orders.take(np.flatnonzero(orders.announced_min <= 0)),
    )


def _choose(world: WorldClass, ground: InstanceGround, rng: Generators) -> Instance:
    """Draw one of the instances that are not larger than the class allows."""
    fitting = [
        instance for instance in ground.instances if instance.network.n_tanks <= world.size.n_max
    ]
    if not fitting:
        least = min(instance.network.n_tanks for instance in ground.instances)
        raise InputError(
            "size.n_max",
            world.size.n_max,
            f"at least {least}, the tanks of the smallest network",
            "raise it; in a recipe it is the last of world.tanks",
        )
    return fitting[int(rng["class"].integers(len(fitting)))]


def product_groups(network: Network) -> IntArray:
    """(V,) a number for each vehicle, the same for vehicles that may carry the same products."""
    return (
        np.unique(network.vehicles.product_allowed, axis=0, return_inverse=True)[1]
        .reshape(-1)
        .astype(np.int64)
    )


def _consumption(
    world: WorldClass, calendar: Calendar, weekly: FloatArray, rng: Generators
) -> tuple[IntArray, TrueUse]:
    """Draw customer types (n,) and demand around the means ``weekly`` (7, n) [kg]."""
    n = weekly.shape[1]
    customers = draw_customers(world.demand, calendar, n, rng)
    # The network gives the weekly pattern. The rest is drawn as a factor whose mean is 1 in the
    # busiest weeks, so that the fleet copes with the instance's own use.
    traits = replace(customers.traits, saturday=np.ones(n), sunday=np.ones(n))
    busy = expected_use(world.demand, traits, calendar.first, calendar.days - MARGIN_DAYS).busy
    truth = replace(customers, traits=traits).truth(1.0 / busy, np.zeros(n, dtype=np.int64))
    # The first morning, after all days of history, is a Monday.
    weekday = (np.arange(len(truth.use_kg)) - calendar.history_days) % WEEK
    return customers.kind, replace(truth, use_kg=truth.use_kg * weekly[weekday])
