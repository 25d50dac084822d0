"""The Last Mile Replenishment Scheduler with a trained dispatcher.

Names are imported when they are first used, so ``import lmrs_rl`` takes a few milliseconds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lmrs_rl.registration import register_with_gymnasium as _register_with_gymnasium

if TYPE_CHECKING:
    from lmrs_rl.dispatchers import Agent, Dispatcher, FixedParameters, load_agent, shipped_agents
    from lmrs_rl.domain import Days, Network, Plan, Snapshot
    from lmrs_rl.environment import LmrsEnv
    from lmrs_rl.errors import InputError, MissingExtraError
    from lmrs_rl.evaluation import evaluate
    from lmrs_rl.formats import read_days, read_network, read_plan, read_snapshot
    from lmrs_rl.planning import MorningPlan, PlanSettings, Simulation, open_world, plan, simulate
    from lmrs_rl.registration import env_id
    from lmrs_rl.routing import RouterSettings
    from lmrs_rl.simulation import Decision, DecisionState, Planner, Rollout, World, run

__version__ = "0.1.0"

__all__ = [
    "Agent",
    "Days",
    "Decision",
    "DecisionState",
    "Dispatcher",
    "FixedParameters",
    "InputError",
    "LmrsEnv",
    "MissingExtraError",
    "MorningPlan",
    "Network",
    "Plan",
    "PlanSettings",
    "Planner",
    "Rollout",
    "RouterSettings",
    "Simulation",
    "Snapshot",
    "World",
    "env_id",
    "evaluate",
    "load_agent",
    "open_world",
    "plan",
    "read_days",
    "read_network",
    "read_plan",
    "read_snapshot",
    "run",
    "shipped_agents",
    "simulate",
]

_MODULES = {
    "dispatchers": ("Agent", "Dispatcher", "FixedParameters", "load_agent", "shipped_agents"),
    "domain": ("Days", "Network", "Plan", "Snapshot"),
    "environment": ("LmrsEnv",),
    "errors": ("InputError", "MissingExtraError"),
    "evaluation": ("evaluate",),
    "formats": ("read_days", "read_network", "read_plan", "read_snapshot"),
    "planning": ("MorningPlan", "PlanSettings", "Simulation", "open_world", "plan", "simulate"),
    "registration": ("env_id",),
    "routing": ("RouterSettings",),
    "simulation": ("Decision", "DecisionState", "Planner", "Rollout", "World", "run"),
}
"""Modules of the exported names, imported by `__getattr__` (PEP 562).

Type checkers read the imports under ``TYPE_CHECKING`` instead, so both lists must agree.
"""
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


_register_with_gymnasium()
