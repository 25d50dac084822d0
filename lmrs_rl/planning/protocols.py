"""The four exchangeable parts of a planning day, each a function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lmrs_rl.domain import Forecast, Network, Order, OrderParameters, Plan, Snapshot
from lmrs_rl.forecast import Forecaster

__all__ = ["Dispatcher", "Forecaster", "Router"]


class Dispatcher(Protocol):
    """From network, snapshot and forecast to the order parameters of every tank."""

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast, /) -> OrderParameters: ...


class Router(Protocol):
    """From orders to a plan that keeps every rule."""

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order], /) -> Plan: ...
