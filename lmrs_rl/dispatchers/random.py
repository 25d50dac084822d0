"""The dispatcher that draws at random: what an untrained policy does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.dispatchers.fixed import FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.policy import ACTIONS, residual_parameters
from lmrs_rl.domain import Forecast, Network, OrderParameters, Snapshot


@dataclass(frozen=True, eq=False)
class RandomDispatcher:
    """Every morning and for every tank, each of the seven numbers of `ACTIONS` anywhere between -1
    and 1 around ``parameters``.

    Draws from ``rng``, so its answers depend on how often it was asked.
    """

    parameters: FixedParameters
    rng: np.random.Generator

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:
        base = FixedDispatcher(self.parameters)(network, snapshot, forecast)
        return residual_parameters(
            network, base, self.rng.uniform(-1.0, 1.0, (network.n_tanks, len(ACTIONS)))
        )
