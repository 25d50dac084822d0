"""From a morning and an agent to the plan: by the agent's parameters and the router, or by a
look-ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lmrs_rl.cli.plan_choice import LOTS, Chosen, Won, choose
from lmrs_rl.dispatchers import Agent
from lmrs_rl.domain import InputError, Order, Plan
from lmrs_rl.environment import Morning
from lmrs_rl.lookahead import LookAhead, Workers, look_ahead_of
from lmrs_rl.orders import make_orders
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.parallel import ParallelSearch
from lmrs_rl.routing.pinned import PinnedRouter
from lmrs_rl.routing.pins import Pins
from lmrs_rl.worlds.parameters import Cost


@dataclass(frozen=True, eq=False)
class Work:
    """What the router is told: trips to take over, price of a move, searches to take the best
    of, processes, settings.
    """

    pins: Pins
    move_price: float
    seeds: int
    workers: int
    router: RouterSettings


def decided(who: Agent, morning: Morning, work: Work) -> tuple[Chosen, tuple[Order, ...], Plan]:
    """Order parameters, orders and the plan of a morning.

    Raises
    ------
    InputError
        For a learned agent without a date; for a look-ahead that is told to take trips over, to
        price moves or to search more than once.
    """
    with Workers(work.workers) as workers:
        ahead = look_ahead_of(
            who, work.router, Cost(), np.random.default_rng(LOTS), workers=workers
        )
        if ahead is not None and who.base is not None:
            return _looked_ahead(who.name, who.base, ahead, morning, work)
    chosen = choose(who, morning)
    orders = make_orders(morning.network, morning.snapshot, morning.forecast, chosen.parameters)
    before = morning.plans[0] if morning.plans else None
    with ParallelSearch(range(work.seeds), work.workers) as search:
        router = PinnedRouter(
            work.pins, before, work.move_price, settings=work.router, search=search
        )
        return chosen, orders, router(morning.network, morning.snapshot, orders)


def _looked_ahead(
    name: str, base: Agent, ahead: LookAhead, morning: Morning, work: Work
) -> tuple[Chosen, tuple[Order, ...], Plan]:
    if work.pins.trips or work.move_price or work.seeds > 1:
        wanted = "no --fixed, --move-price or --seeds: a look-ahead makes plans of its own"
        raise InputError(
            "--agent",
            f"{name!r} with one of them",
            wanted,
            "leave them out, or take an agent that chooses parameters",
        )
    own, found = choose(base, morning), ahead.consider(morning)
    won = Won(found.candidates[found.chosen].name, len(found.candidates), own.agent, own.parameters)
    return (
        replace(own, parameters=found.decision.parameters, agent=name, won=won),
        found.decision.orders,
        found.decision.plan,
    )
