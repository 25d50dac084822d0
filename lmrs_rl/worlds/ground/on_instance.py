"""Draws a scenario on a network that there is: an instance of Air Liquide's challenge, or one's
own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lmrs_rl.domain import Days, InputError, Network
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
    """Everything but consumption, levels and breakdowns is the instance's; a tank's expected use
    is the instance's mean on that weekday.
    """
    instance = _chosen(world, ground, rng)
    calendar = draw_calendar(world.episode, rng["calendar"])
    first, days, n = calendar.history_days, calendar.days - MARGIN_DAYS, instance.network.n_tanks
    network = extended_network(instance, calendar.days)
    installed_min, begin = draw_begin(world.demand, calendar, n, rng["gap"])
    hours = tuple(
        open_between(each, int(since))
        for each, since in zip(network.tanks.access_min, installed_min, strict=True)
    )
    network = replace(network, tanks=replace(network.tanks, access_min=hours))
    weekly, profile = weekly_use(instance.days)
    kind, truth = _consumption(world, calendar, weekly, rng)
    if isinstance(instance, OwnNetwork):  # its history has days, no hours
        profile = np.roll(
            draw_profile(world.tanks, n, rng["customer"]), -instance.first_hour, axis=1
        )
    told = unfold(
        network.tanks, kind, calendar, truth, begin, profile, world.demand.missing, rng["gap"]
    )
    history = told.panel.use[max(first - SNAPSHOT_DAYS, 0) : first]
    start = draw_start(
        world.tanks, network, weekly.max(axis=0), installed_min, history, rng["level"]
    )
    orders = orders_until(instance.days, MINUTES_PER_DAY * days)
    start = replace(
        start,
        load_kg=instance.days.start.load_kg,
        load_product=instance.days.start.load_product,
        call_in_orders=orders.take(np.flatnonzero(orders.announced_min <= 0)),
    )
    return Scenario(
        name=f"{world.name}:{instance.days.name}",
        seed=seed,
        network=network,
        days=Days(f"{world.name}-{seed}", start, told.hourly_kg[: HOURS_PER_DAY * days], orders),
        panel=told.panel,
        first_day=first,
        warmup_days=world.episode.warmup_days,
        profile=profile,
        after_kg=told.hourly_kg[HOURS_PER_DAY * days :],
        breakdowns=draw_breakdowns(world.disruptions, _cargo(network), days, rng["breakdown"]),
        closures=draw_closures(
            world.disruptions, network.sites.product_offered, days, rng["closure"]
        ),
        installed_min=installed_min,
    )


def _chosen(world: WorldClass, ground: InstanceGround, rng: Generators) -> Instance:
    """One of the instances that the class has room for."""
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


def _cargo(network: Network) -> IntArray:
    """(V,) vehicles that may carry the same products have the same number."""
    return (
        np.unique(network.vehicles.product_allowed, axis=0, return_inverse=True)[1]
        .reshape(-1)
        .astype(np.int64)
    )


def _consumption(
    world: WorldClass, calendar: Calendar, weekly: FloatArray, rng: Generators
) -> tuple[IntArray, TrueUse]:
    """Types (n,) of the customers and what they want, around ``weekly`` (7, n) [kg]."""
    n = weekly.shape[1]
    customers = draw_customers(world.demand, calendar, n, rng)
    # The network brings the rhythm of the week; what is drawn is the rest, one in the mean of the
    # busiest weeks.
    traits = replace(customers.traits, saturday=np.ones(n), sunday=np.ones(n))
    busy = expected_use(world.demand, traits, calendar.first, calendar.days - MARGIN_DAYS).busy
    truth = replace(customers, traits=traits).truth(1.0 / busy, np.zeros(n, dtype=np.int64))
    weekday = (np.arange(len(truth.use_kg)) - calendar.history_days) % WEEK
    return customers.kind, replace(truth, use_kg=truth.use_kg * weekly[weekday])
