"""Floor 2: the physical limit, a lower bound on the km of any plan that delivers the same."""

from lmrs_rl.bounds.executed import delivered_kg, limit_of_trips, max_drop_per_trip
from lmrs_rl.bounds.limit import LimitSettings, PhysicalLimit, efficiency, physical_limit

__all__ = [
    "LimitSettings",
    "PhysicalLimit",
    "delivered_kg",
    "efficiency",
    "limit_of_trips",
    "max_drop_per_trip",
    "physical_limit",
]
