"""Forecasters and routers that know, each morning, what is known of a scenario by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from lmrs_rl.domain import Forecast, Network, Order, Plan, Snapshot
from lmrs_rl.forecast import Forecaster
from lmrs_rl.worlds.scenario import Scenario, known_network, known_snapshot


class _Router(Protocol):
    def __call__(
        self, network: Network, snapshot: Snapshot, orders: Sequence[Order], /
    ) -> Plan: ...


@dataclass(frozen=True, eq=False)
class InformedForecaster:
    """``forecaster`` with the snapshots as they are known in ``scenario``: days before a tank
    came are not measured.
    """

    scenario: Scenario
    forecaster: Forecaster

    def __call__(self, network: Network, snapshot: Snapshot) -> Forecast:
        return self.forecaster(network, known_snapshot(self.scenario, snapshot))


@dataclass(frozen=True, eq=False)
class InformedRouter:
    """``router`` with what is known in ``scenario`` by the morning of each snapshot, for the
    rolling horizon of its network.
    """

    scenario: Scenario
    router: _Router

    def __call__(self, network: Network, snapshot: Snapshot, orders: Sequence[Order]) -> Plan:  # noqa: ARG002
        return self.router(
            known_network(self.scenario, snapshot.time_min),
            known_snapshot(self.scenario, snapshot),
            orders,
        )

    def following(self, before: Plan) -> InformedRouter:
        """The router of the next morning."""
        router: Any = self.router
        return (
            InformedRouter(self.scenario, router.following(before))
            if hasattr(router, "following")
            else self
        )
