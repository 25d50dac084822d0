"""The story of a planning day."""

from __future__ import annotations

from lmrs_rl.domain import Network, Plan, Snapshot
from lmrs_rl.orders import make_orders
from lmrs_rl.planning.protocols import Dispatcher, Forecaster, Router


def plan_day(network: Network, snapshot: Snapshot, forecaster: Forecaster, dispatcher: Dispatcher, router: Router) -> Plan:
    """Forecast what tanks will use, choose the order parameters, turn both into orders, route them."""
    forecast = forecaster(network, snapshot)
    parameters = dispatcher(network, snapshot, forecast)
    orders = make_orders(network, snapshot, forecast, parameters)
    return router(network, snapshot, orders)
