"""Floor 2: the physical limit, the most kg/km that any plan could reach."""

from lmrs_rl.bounds.executed import delivered_kg, limit_of_trips, most_a_trip_leaves
from lmrs_rl.bounds.limit import LimitSettings, PhysicalLimit, efficiency, physical_limit

__all__ = [
    "LimitSettings",
    "PhysicalLimit",
    "delivered_kg",
    "efficiency",
    "limit_of_trips",
    "most_a_trip_leaves",
    "physical_limit",
]
