"""Floor 1: the domain's terms that all other packages use, as frozen dataclasses over arrays."""

from lmrs_rl.domain.cumulative_forecast import CumulativeForecast
from lmrs_rl.domain.daily_forecast import DailyForecast
from lmrs_rl.domain.days import Days
from lmrs_rl.domain.forecast import Forecast
from lmrs_rl.domain.network import Network
from lmrs_rl.domain.network_parts import Customers, Drivers, LoadingSites, Tanks, Vehicles
from lmrs_rl.domain.orders import Order, OrderParameters
from lmrs_rl.domain.plan import Costs, Executed, Plan, Stop, Trip
from lmrs_rl.domain.snapshot import NO_PRODUCT, CallInOrders, Deliveries, Snapshot
from lmrs_rl.errors import InputError

__all__ = [
    "NO_PRODUCT",
    "CallInOrders",
    "Costs",
    "CumulativeForecast",
    "Customers",
    "DailyForecast",
    "Days",
    "Deliveries",
    "Drivers",
    "Executed",
    "Forecast",
    "InputError",
    "LoadingSites",
    "Network",
    "Order",
    "OrderParameters",
    "Plan",
    "Snapshot",
    "Stop",
    "Tanks",
    "Trip",
    "Vehicles",
]
