"""Floor 7: the Gymnasium environment around the simulation."""

from lmrs_rl.environment.cache import ScenarioCache
from lmrs_rl.environment.environment import LmrsEnv
from lmrs_rl.environment.errors import InvalidActionError, ResetNeededError
from lmrs_rl.environment.recording import Recording, record, replay
from lmrs_rl.environment.wrappers import ActionSubset, FlatObservation, SharedAction

__all__ = [
    "ActionSubset",
    "FlatObservation",
    "InvalidActionError",
    "LmrsEnv",
    "Recording",
    "ResetNeededError",
    "ScenarioCache",
    "SharedAction",
    "record",
    "replay",
]
