"""Floor 2, module 3 of the scheduler: from orders to a plan, by ruin and recreate and OR-Tools."""

from lmrs_rl.routing.protocol import Router, WarmStartedRouter, router_after
from lmrs_rl.routing.router import OrToolsRouter, RouterSettings

__all__ = ["OrToolsRouter", "Router", "RouterSettings", "WarmStartedRouter", "router_after"]
