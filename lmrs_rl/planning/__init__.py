"""Floor 3: one function tells the story of a day, one rolls it on."""

from lmrs_rl.planning.day import plan_day
from lmrs_rl.planning.protocols import Dispatcher, Forecaster, Router
from lmrs_rl.planning.rolling import DayRecord, Rollout, roll

__all__ = ["DayRecord", "Dispatcher", "Forecaster", "Rollout", "Router", "plan_day", "roll"]
