"""The protocol of routers: functions from orders to a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from lmrs_rl.domain import Network, Order, Plan, Snapshot


class Router(Protocol):
    """Makes from orders a plan that keeps every rule of the referee."""

    def __call__(
        self, network: Network, snapshot: Snapshot, orders: Sequence[Order], /
    ) -> Plan: ...


@runtime_checkable
class WarmStartedRouter(Protocol):
    """A `Router` that can start from the plan of the previous morning."""

    def __call__(
        self, network: Network, snapshot: Snapshot, orders: Sequence[Order], /
    ) -> Plan: ...

    def following(self, previous_plan: Plan, /) -> Router:
        """The router of the morning after ``previous_plan`` was made."""
        ...


def router_after(router: Router, plans: Sequence[Plan]) -> Router:
    """The router of the next morning: started from the latest of ``plans``, which is the first, if
    it can be (`WarmStartedRouter`), otherwise unchanged.
    """
    if plans and isinstance(router, WarmStartedRouter):
        return router.following(plans[0])
    return router
