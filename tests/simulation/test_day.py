"""A planning day with doubles for its parts: each gets what the one before it gave."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lmrs_rl.dispatchers import FixedDispatcher
from lmrs_rl.domain import Costs, Forecast, Network, Order, OrderParameters, Plan, Snapshot
from lmrs_rl.forecast import KnownUse
from lmrs_rl.simulation import DecisionState, World, decide
from tests import tiny


def test_each_part_gets_what_the_one_before_gave() -> None:
    network, days = tiny.network(), tiny.days()
    forecast = KnownUse(days)(network, days.start)
    parameters = OrderParameters.shared(2, x_kg=900.0, alpha=50.0, beta=0.0)
    made = Plan(0, (), (), Costs(0.0, 0.0, 0.0, 0.0))
    seen: list[object] = []

    def dispatcher(where: Network, now: Snapshot, given: Forecast) -> OrderParameters:
        seen.extend([where, now, given])
        return parameters

    def router(where: Network, now: Snapshot, orders: Sequence[Order]) -> Plan:
        seen.extend([where, now, orders])
        return made

    state = World.of_days(network, days, lambda where, now: forecast).start()
    decision = decide(state, dispatcher, router)
    assert decision.plan is made
    assert decision.parameters is parameters
    assert seen[:5] == [network, days.start, forecast, network, days.start]
    orders = seen[5]
    assert isinstance(orders, tuple)
    assert decision.orders is orders
    # With x = 900 the windows of both tanks are open at once; beta = 0 makes every penalty alpha.
    assert [(o.customer, o.penalty) for o in orders] == [(tiny.TANK_A, 50.0), (tiny.TANK_B, 50.0)]
    # A is at its hit level of 100 kg after 48 h, B after 60 h.
    assert [o.stockout_h for o in orders] == [48.0, 60.0]


def test_errors_of_a_part_come_out_as_they_are() -> None:
    def broken(where: Network, now: Snapshot) -> Forecast:
        raise RuntimeError("no sensor")

    with pytest.raises(RuntimeError, match="no sensor"):
        World.of_days(tiny.network(), tiny.days(), broken).start()

    def unsure(where: Network, now: Snapshot, given: Forecast) -> OrderParameters:
        raise RuntimeError("no advice")

    def lost(where: Network, now: Snapshot, orders: Sequence[Order]) -> Plan:
        raise RuntimeError("no map")

    network, days = tiny.network(), tiny.days()
    state = DecisionState.known(network, days.start, KnownUse(days)(network, days.start))
    with pytest.raises(RuntimeError, match="no advice"):
        decide(state, unsure, lost)
    with pytest.raises(RuntimeError, match="no map"):
        decide(state, FixedDispatcher(), lost)
