"""The story of a planning day."""

from __future__ import annotations

from lmrs_rl.domain import Network, Order, Plan, Snapshot
from lmrs_rl.orders import make_orders
from lmrs_rl.planning.protocols import Dispatcher, Forecaster, Router


def plan_day(
    network: Network,
    snapshot: Snapshot,
    forecaster: Forecaster,
    dispatcher: Dispatcher,
    router: Router,
) -> Plan:
    """Forecast what tanks will use, choose the order parameters, turn both into orders, route
    them.
    """
    return router(network, snapshot, orders_of_day(network, snapshot, forecaster, dispatcher))


def orders_of_day(
    network: Network, snapshot: Snapshot, forecaster: Forecaster, dispatcher: Dispatcher
) -> tuple[Order, ...]:
    """The orders that a planning day routes."""
    forecast = forecaster(network, snapshot)
    parameters = dispatcher(network, snapshot, forecast)
    return make_orders(network, snapshot, forecast, parameters)
