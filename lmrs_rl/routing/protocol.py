"""Module 3 as a function: from orders to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from lmrs_rl.domain import Network, Order, Plan, Snapshot


class Router(Protocol):
    """From orders to a plan that keeps every rule."""

    def __call__(
        self, network: Network, snapshot: Snapshot, orders: Sequence[Order], /
    ) -> Plan: ...


@runtime_checkable
class WarmStartedRouter(Protocol):
    """A `Router` that can start from the plan of the previous morning."""

    def __call__(
        self, network: Network, snapshot: Snapshot, orders: Sequence[Order], /
    ) -> Plan: ...

    def following(self, before: Plan, /) -> Router:
        """The router of the next morning."""
        ...


def router_after(router: Router, plans: Sequence[Plan]) -> Router:
    """The router of a morning: started from the latest of ``plans`` (the first) where it can be
    (`WarmStartedRouter`), otherwise unchanged.
    """
    if plans and isinstance(router, WarmStartedRouter):
        return router.following(plans[0])
    return router
