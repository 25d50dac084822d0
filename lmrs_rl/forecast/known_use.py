"""The perfect forecaster, for deterministic instances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import CumulativeForecast, Days, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import MINUTES_PER_HOUR


@dataclass(frozen=True, eq=False)
class KnownUse:
    """Forecasts the use recorded in ``days``, as one quantile (0.5).

    For deterministic instances; in uncertain ones it would leak the future.

    Parameters
    ----------
    days : use to forecast; nothing is used after their end
    hours : [h] length of the forecast, >= 1
    """

    days: Days
    hours: int = 336

    def __post_init__(self) -> None:
        if self.hours < 1:
            raise InputError("hours", self.hours, "at least 1", "14 days are 336 hours")

    def __call__(self, network: Network, snapshot: Snapshot) -> CumulativeForecast:
        """Forecast from a time that lies whole hours after the start of the days.

        Raises
        ------
        InputError
            For another time, or days of another network.
        """
        since = snapshot.time_min - self.days.start.time_min
        if since < 0 or since % MINUTES_PER_HOUR:
            raise InputError(
                "time_min",
                snapshot.time_min,
                f"whole hours after {self.days.start.time_min}",
                "forecast at a full hour of the days",
            )
        if self.days.use_kg.shape[1] != network.n_tanks:
            raise InputError(
                "use_kg",
                f"{self.days.use_kg.shape[1]} tanks",
                f"{network.n_tanks} tanks",
                "use the days of this network",
            )
        first = since // MINUTES_PER_HOUR
        known = self.days.use_kg[first : first + self.hours]
        cumulative = np.zeros((1, network.n_tanks, self.hours + 1))
        np.cumsum(known.T, axis=1, out=cumulative[0, :, 1 : len(known) + 1])
        cumulative[0, :, len(known) + 1 :] = cumulative[0, :, len(known), None]
        return CumulativeForecast(snapshot.time_min, np.array([0.5]), cumulative)
