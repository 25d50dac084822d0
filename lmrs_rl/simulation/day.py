"""How a planning day runs: parameters, then orders, then a plan."""

from __future__ import annotations

from dataclasses import dataclass

from lmrs_rl.dispatchers import Dispatcher
from lmrs_rl.dispatchers.protocol import dispatcher_at
from lmrs_rl.domain import Forecast, Network, OrderParameters, Snapshot
from lmrs_rl.orders import make_orders
from lmrs_rl.routing.protocol import Router, router_after
from lmrs_rl.simulation.state import Decision, DecisionState


def decide(state: DecisionState, dispatcher: Dispatcher, router: Router) -> Decision:
    """Plan a day.

    The dispatcher chooses order parameters from the forecast, the parameters give orders, and the
    router turns the orders into trips.
    """
    network, snapshot, forecast = state.network, state.snapshot, state.forecast
    choose = dispatcher_at(dispatcher, state.date, state.plans)
    route = router_after(router, state.plans)

    parameters = choose(network, snapshot, forecast)
    orders = make_orders(network, snapshot, forecast, parameters)
    plan = route(network, snapshot, orders)
    return Decision(parameters, orders, plan)


@dataclass(frozen=True, eq=False)
class OrderPlanner:
    """A `Planner` made of a dispatcher and a router, see `decide`."""

    dispatcher: Dispatcher
    router: Router

    def __call__(self, state: DecisionState) -> Decision:
        return decide(state, self.dispatcher, self.router)


@dataclass(frozen=True, eq=False)
class GivenParameters:
    """A `Dispatcher` that returns given parameters: an agent's action, or a candidate."""

    parameters: OrderParameters

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:  # noqa: ARG002
        return self.parameters
