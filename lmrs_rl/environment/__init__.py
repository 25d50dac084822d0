"""Floor 6: the Gymnasium environment around the simulation."""

from lmrs_rl.environment.environment import LmrsEnv
from lmrs_rl.environment.memory import Memory
from lmrs_rl.environment.recording import Recording, record, replay
from lmrs_rl.environment.registration import env_id, register_worlds
from lmrs_rl.environment.wrappers import ActionSubset, FlatObservation, SharedAction

__all__ = [
    "ActionSubset",
    "FlatObservation",
    "LmrsEnv",
    "Memory",
    "Recording",
    "SharedAction",
    "env_id",
    "record",
    "register_worlds",
    "replay",
]

register_worlds()
