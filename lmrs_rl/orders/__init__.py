"""Floor 2, module 2 of the scheduler: from levels, forecast and the dispatcher's parameters to
orders.
"""

from lmrs_rl.orders.levels import pulled_hit_level
from lmrs_rl.orders.make import make_orders
from lmrs_rl.orders.projection import Projection, project, project_all
from lmrs_rl.orders.unordered import NoOrder, UnorderedCustomer, due_without_order

__all__ = [
    "UnorderedCustomer",
    "NoOrder",
    "Projection",
    "due_without_order",
    "make_orders",
    "project",
    "project_all",
    "pulled_hit_level",
]
