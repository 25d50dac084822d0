"""Floor 5: dispatchers, which choose the order parameters each morning."""

from lmrs_rl.dispatchers.agents import Agent, load_agent, shipped_agents
from lmrs_rl.dispatchers.fixed import FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.learned import LearnedDispatcher, LearnedParameters
from lmrs_rl.dispatchers.price import PriceDispatcher, PriceParameters
from lmrs_rl.dispatchers.protocol import ContextualDispatcher, Dispatcher, dispatcher_at
from lmrs_rl.dispatchers.radial import radial_price
from lmrs_rl.dispatchers.random import RandomDispatcher

__all__ = [
    "Agent",
    "ContextualDispatcher",
    "Dispatcher",
    "FixedDispatcher",
    "FixedParameters",
    "LearnedDispatcher",
    "LearnedParameters",
    "PriceDispatcher",
    "PriceParameters",
    "RandomDispatcher",
    "dispatcher_at",
    "load_agent",
    "radial_price",
    "shipped_agents",
]
