"""Floor 8: what a planner's command or service calls: a morning's plan with its reasons, a
simulated world, and their files.
"""

from lmrs_rl.planning.agents import find_agent
from lmrs_rl.planning.morning import MorningPlan, PlanSettings, plan_morning
from lmrs_rl.planning.simulation import Simulation, simulate_source
from lmrs_rl.planning.sources import Source, open_json, open_source

__all__ = [
    "MorningPlan",
    "PlanSettings",
    "Simulation",
    "Source",
    "find_agent",
    "open_json",
    "open_source",
    "plan_morning",
    "simulate_source",
]
