"""A cache of forecasts, for comparing dispatchers on the same days."""

from __future__ import annotations

from dataclasses import dataclass, field

from lmrs_rl.domain import Forecast, Network, Snapshot
from lmrs_rl.forecast.protocol import Forecaster


@dataclass(frozen=True, eq=False)
class RememberedForecaster:
    """``forecaster`` of one scenario, called once for each morning.

    Only for forecasters that do not depend on earlier decisions: forecasts are stored by the
    snapshot's time alone.
    """

    forecaster: Forecaster
    _known: dict[int, Forecast] = field(default_factory=dict, init=False, repr=False)

    def __call__(self, network: Network, snapshot: Snapshot) -> Forecast:
        if snapshot.time_min not in self._known:
            self._known[snapshot.time_min] = self.forecaster(network, snapshot)
        return self._known[snapshot.time_min]
