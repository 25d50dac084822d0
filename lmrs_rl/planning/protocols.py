"""The exchangeable parts of a planning day, each a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from lmrs_rl.domain import Forecast, Network, Order, OrderParameters, Plan, Snapshot
from lmrs_rl.forecast import Forecaster

__all__ = [
    "Dispatcher",
    "FollowingRouter",
    "Forecaster",
    "Router",
    "SeeingDispatcher",
    "morning_dispatcher",
    "next_router",
]


class Dispatcher(Protocol):
    """From network, snapshot and forecast to the order parameters of every tank."""

    def __call__(
        self, network: Network, snapshot: Snapshot, forecast: Forecast, /
    ) -> OrderParameters: ...


@runtime_checkable
class SeeingDispatcher(Protocol):
    """A `Dispatcher` that looks at more than the morning itself."""

    def __call__(
        self, network: Network, snapshot: Snapshot, forecast: Forecast, /
    ) -> OrderParameters: ...

    def seeing(self, date: np.datetime64 | None, plans: tuple[Plan, ...], /) -> Dispatcher:
        """The dispatcher of one morning.

        ``date`` is of the calendar, ``None`` where it is not known; ``plans`` are those of the
        mornings before, the latest first.
        """
        ...


class Router(Protocol):
    """From orders to a plan that keeps every rule."""

    def __call__(
        self, network: Network, snapshot: Snapshot, orders: Sequence[Order], /
    ) -> Plan: ...


@runtime_checkable
class FollowingRouter(Protocol):
    """A `Router` that can set out from the plan of the morning before."""

    def __call__(
        self, network: Network, snapshot: Snapshot, orders: Sequence[Order], /
    ) -> Plan: ...

    def following(self, before: Plan, /) -> Router:
        """The router of the next morning."""
        ...


def morning_dispatcher(
    dispatcher: Dispatcher, date: np.datetime64 | None, plans: tuple[Plan, ...]
) -> Dispatcher:
    """The dispatcher of a morning: one that has seen its date and the plans before
    (`SeeingDispatcher`), where it looks at them, or the same.
    """
    return (
        dispatcher.seeing(date, plans) if isinstance(dispatcher, SeeingDispatcher) else dispatcher
    )


def next_router(router: Router, plan: Plan) -> Router:
    """The router of the morning after ``plan``: one that sets out from it, where the router can,
    or the same.
    """
    return router.following(plan) if isinstance(router, FollowingRouter) else router
