"""What a learned policy sees on a morning, and how its answer becomes order parameters."""

from lmrs_rl.dispatchers.policy.context import PolicyContext
from lmrs_rl.dispatchers.policy.features import NETWORK_FEATURES, TANK_FEATURES, Feature
from lmrs_rl.dispatchers.policy.geometry import Geometry
from lmrs_rl.dispatchers.policy.observation import (
    Observation,
    bounds,
    observe,
    physical,
    possible,
    scaled,
    scales,
)
from lmrs_rl.dispatchers.policy.residual import residual_parameters
from lmrs_rl.domain.order_parameters import ACTION_NAMES, ACTIONS, Action

__all__ = [
    "ACTIONS",
    "ACTION_NAMES",
    "NETWORK_FEATURES",
    "TANK_FEATURES",
    "Action",
    "Feature",
    "Geometry",
    "Observation",
    "PolicyContext",
    "bounds",
    "observe",
    "physical",
    "possible",
    "residual_parameters",
    "scaled",
    "scales",
]
