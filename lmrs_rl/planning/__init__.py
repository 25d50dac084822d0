"""Floor 3: one function tells the story of a day, one rolls it on."""

from lmrs_rl.planning.churn import Churn, DayChurn, churn
from lmrs_rl.planning.day import orders_of_day, plan_day
from lmrs_rl.planning.protocols import (
    Dispatcher,
    FollowingRouter,
    Forecaster,
    Router,
    SeeingDispatcher,
    morning_dispatcher,
    next_router,
)
from lmrs_rl.planning.rolling import DayRecord, Rollout, roll

__all__ = [
    "Churn",
    "DayChurn",
    "DayRecord",
    "Dispatcher",
    "FollowingRouter",
    "Forecaster",
    "Rollout",
    "Router",
    "SeeingDispatcher",
    "churn",
    "morning_dispatcher",
    "next_router",
    "orders_of_day",
    "plan_day",
    "roll",
]
