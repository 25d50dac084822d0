"""Floor 9: what a planner's command or service calls: a morning's plan with its reasons, a
simulated world, and their files.
"""

from lmrs_rl.planning.agents import find_agent
from lmrs_rl.planning.morning import MorningPlan, PlanSettings, plan
from lmrs_rl.planning.simulation import Simulation, simulate
from lmrs_rl.planning.sources import Source, open_json, open_source, open_world

__all__ = [
    "MorningPlan",
    "PlanSettings",
    "Simulation",
    "Source",
    "find_agent",
    "open_json",
    "open_source",
    "open_world",
    "plan",
    "simulate",
]
