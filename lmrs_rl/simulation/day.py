"""The story of a planning day."""

from __future__ import annotations

from dataclasses import dataclass

from lmrs_rl.dispatchers import Dispatcher
from lmrs_rl.dispatchers.protocol import dispatcher_at
from lmrs_rl.domain import Forecast, Network, OrderParameters, Snapshot
from lmrs_rl.orders import make_orders
from lmrs_rl.routing.protocol import Router, router_after
from lmrs_rl.simulation.state import Decision, DecisionState


def decide(state: DecisionState, dispatcher: Dispatcher, router: Router) -> Decision:
    """Plan a day: the dispatcher chooses parameters from the forecast, orders follow from them,
    the router turns the orders into trips.
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
    """The planner ``orders``: a dispatcher and a router, see `decide`."""

    dispatcher: Dispatcher
    router: Router

    def __call__(self, state: DecisionState) -> Decision:
        return decide(state, self.dispatcher, self.router)


@dataclass(frozen=True, eq=False)
class GivenParameters:
    """A `Dispatcher` whose answer is given: an agent's action, a candidate of a look-ahead."""

    parameters: OrderParameters

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:  # noqa: ARG002
        return self.parameters
