"""Instances and solutions of the ROADEF/EURO Challenge 2016, formats V1.1 and V2.

The challenge is an inventory routing problem of Air Liquide. Its words and those of this library:
base = base point, source = loading site, trailer = vehicle, layover = night, shift = trip, safety
level = hit level. Sources are unlimited and always open; consumption is deterministic.
"""

from lmrs_rl.formats.roadef.instances import RoadefInstance, read_instance
from lmrs_rl.formats.roadef.solutions import read_solution, write_solution

__all__ = ["RoadefInstance", "read_instance", "read_solution", "write_solution"]
