"""Floor 6: the planner protocol, the decision of a day, and the loop that runs days in a world."""

from lmrs_rl.simulation.day import GivenParameters, OrderPlanner, decide
from lmrs_rl.simulation.forecasts import scenario_forecaster
from lmrs_rl.simulation.loop import DayOutcome, Rollout, carry_out, next_state, run
from lmrs_rl.simulation.state import PLANS_KEPT, Decision, DecisionState, Planner
from lmrs_rl.simulation.world import World

__all__ = [
    "PLANS_KEPT",
    "DayOutcome",
    "Decision",
    "DecisionState",
    "GivenParameters",
    "OrderPlanner",
    "Planner",
    "Rollout",
    "World",
    "carry_out",
    "decide",
    "next_state",
    "run",
    "scenario_forecaster",
]
