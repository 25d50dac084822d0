"""Floor 3: one function tells the story of a day, one rolls it on."""

from lmrs_rl.planning.churn import Churn, DayChurn, churn
from lmrs_rl.planning.day import orders_of_day, plan_day
from lmrs_rl.planning.protocols import Dispatcher, Forecaster, Router
from lmrs_rl.planning.rolling import DayRecord, Rollout, roll

__all__ = ["Churn", "DayChurn", "DayRecord", "Dispatcher", "Forecaster", "Rollout", "Router", "churn", "orders_of_day", "plan_day", "roll"]
