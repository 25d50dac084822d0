"""Floor 2, module 1 of the scheduler: what tanks will use, as a distribution."""

from lmrs_rl.forecast.known_use import KnownUse
from lmrs_rl.forecast.protocol import Forecaster
from lmrs_rl.forecast.weekday_quantiles import WeekdayQuantiles

__all__ = ["Forecaster", "KnownUse", "WeekdayQuantiles"]
