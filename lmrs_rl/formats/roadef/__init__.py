"""Instances and solutions of the ROADEF/EURO Challenge 2016 (Air Liquide inventory routing), forms
V1.1 and V2.

The challenge's words in ours: base = base point, source = loading site, trailer = vehicle, layover
= night, shift = trip, safety level = hit level. Sources are unlimited and have no hours.
Consumption is deterministic.
"""

from lmrs_rl.formats.roadef.instances import RoadefInstance, read_instance
from lmrs_rl.formats.roadef.solutions import read_solution, write_solution

__all__ = ["RoadefInstance", "read_instance", "read_solution", "write_solution"]
