"""A dispatcher that looks at the date and the plans before, and notes what it was shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from lmrs_rl.dispatchers.protocol import Dispatcher
from lmrs_rl.domain import Forecast, Network, OrderParameters, Plan, Snapshot

Seen = tuple[np.datetime64 | None, tuple[Plan, ...]]


@dataclass(frozen=True, eq=False)
class Seer:
    """Answers as ``dispatcher`` does; ``shown`` holds for each answer the date and the plans it
    was told, or nothing.
    """

    dispatcher: Dispatcher
    shown: list[Seen | None] = field(default_factory=list)
    now: Seen | None = None

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:
        self.shown.append(self.now)
        return self.dispatcher(network, snapshot, forecast)

    def at(self, date: np.datetime64 | None, plans: tuple[Plan, ...]) -> Seer:
        """The same, told."""
        return replace(self, now=(date, plans))
