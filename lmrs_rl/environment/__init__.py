"""Floor 5: the Gymnasium environment, and the one simulation of a day that it shares with evaluation."""

from lmrs_rl.environment.environment import LmrsEnv
from lmrs_rl.environment.forecasts import scenario_forecaster
from lmrs_rl.environment.memory import Memory
from lmrs_rl.environment.registration import env_id, register_worlds
from lmrs_rl.environment.simulation import DayOutcome, Episode, Morning, Simulated, play, run, start

__all__ = [
    "DayOutcome",
    "Episode",
    "LmrsEnv",
    "Memory",
    "Morning",
    "Simulated",
    "env_id",
    "play",
    "register_worlds",
    "run",
    "scenario_forecaster",
    "start",
]

register_worlds()
