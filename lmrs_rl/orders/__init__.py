"""Floor 2, module 2 of the scheduler: orders from levels, a forecast and the dispatcher's
parameters.
"""

from lmrs_rl.orders.levels import pulled_hit_level
from lmrs_rl.orders.make import make_orders
from lmrs_rl.orders.projection import Projection, project, project_all
from lmrs_rl.orders.unordered import NoOrder, UnorderedCustomer, due_without_order

__all__ = [
    "NoOrder",
    "Projection",
    "UnorderedCustomer",
    "due_without_order",
    "make_orders",
    "project",
    "project_all",
    "pulled_hit_level",
]
