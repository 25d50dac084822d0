"""Forecasts kept for those who meet the same mornings."""

from __future__ import annotations

from dataclasses import replace

from lmrs_rl.domain import Forecast, Network, Snapshot
from lmrs_rl.forecast import KnownUse
from lmrs_rl.forecast.remembered import RememberedForecaster
from tests import tiny


def test_a_morning_is_forecast_once_and_another_morning_anew() -> None:
    asked: list[int] = []

    def forecaster(network: Network, snapshot: Snapshot) -> Forecast:
        asked.append(snapshot.time_min)
        return KnownUse(tiny.days(3))(network, snapshot)

    remembered, network, today = RememberedForecaster(forecaster), tiny.network(), tiny.snapshot()
    tomorrow = replace(today, time_min=today.time_min + 1440)
    first = remembered(network, today)
    assert remembered(network, today) is first
    assert remembered(network, tomorrow) is not first
    assert remembered(network, today) is first
    assert asked == [today.time_min, tomorrow.time_min]
