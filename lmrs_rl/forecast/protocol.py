"""The protocol of forecasters."""

from __future__ import annotations

from typing import Protocol

from lmrs_rl.domain import Forecast, Network, Snapshot


class Forecaster(Protocol):
    """Forecasts from a morning's snapshot alone, starting at its ``time_min``.

    The same snapshot gives the same forecast.
    """

    def __call__(self, network: Network, snapshot: Snapshot, /) -> Forecast: ...
