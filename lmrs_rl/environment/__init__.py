"""Floor 5: the Gymnasium environment, and the one simulation of a day that it shares with
evaluation.
"""

from lmrs_rl.environment.environment import LmrsEnv
from lmrs_rl.environment.forecasts import scenario_forecaster
from lmrs_rl.environment.memory import Memory
from lmrs_rl.environment.recording import Recording, record, replay
from lmrs_rl.environment.registration import env_id, register_worlds
from lmrs_rl.environment.simulation import (
    DayOutcome,
    Decision,
    DispatchedPlanner,
    Episode,
    Morning,
    Planner,
    Simulated,
    carry_out,
    decide,
    play,
    run,
    run_planner,
    start,
)
from lmrs_rl.environment.wrappers import ActionSubset, FlatObservation, SharedAction

__all__ = [
    "ActionSubset",
    "DayOutcome",
    "Decision",
    "DispatchedPlanner",
    "Episode",
    "FlatObservation",
    "LmrsEnv",
    "Memory",
    "Morning",
    "Planner",
    "Recording",
    "SharedAction",
    "Simulated",
    "carry_out",
    "decide",
    "env_id",
    "play",
    "record",
    "register_worlds",
    "replay",
    "run",
    "run_planner",
    "scenario_forecaster",
    "start",
]

register_worlds()
