"""The exchangeable parts of a planning day, each a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from lmrs_rl.domain import Forecast, Network, Order, OrderParameters, Plan, Snapshot
from lmrs_rl.forecast import Forecaster

__all__ = ["Dispatcher", "FollowingRouter", "Forecaster", "Router", "next_router"]


class Dispatcher(Protocol):
    """From network, snapshot and forecast to the order parameters of every tank."""

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast, /) -> OrderParameters: ...


class Router(Protocol):
    """From orders to a plan that keeps every rule."""

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order], /) -> Plan: ...


@runtime_checkable
class FollowingRouter(Protocol):
    """A `Router` that can set out from the plan of the morning before."""

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order], /) -> Plan: ...

    def following(self, before: Plan, /) -> Router:
        """The router of the next morning."""
        ...


def next_router(router: Router, plan: Plan) -> Router:
    """The router of the morning after ``plan``: one that sets out from it, where the router can, or the same."""
    return router.following(plan) if isinstance(router, FollowingRouter) else router
