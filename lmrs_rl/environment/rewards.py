"""The reward of a day and the info that explains it."""

from __future__ import annotations

from dataclasses import fields

from lmrs_rl.simulation import DayOutcome

EUR_PER_TANK_DAY = 20.0
"""Scale of the reward: about the cost per day and tank under the baseline (rewards near -1)."""


def reward_of(outcome: DayOutcome, n: int) -> float:
    """Negative net cost of the day in units of `EUR_PER_TANK_DAY` for each of ``n`` tanks."""
    return -outcome.costs.total / (EUR_PER_TANK_DAY * n)


def info_of(outcome: DayOutcome) -> dict[str, float]:
    """Components of the reward [EUR] and key figures of the day, as numbers.

    ``reward_eur = stock_eur - distance_eur - time_eur - nights_eur - stockouts_eur -
    lost_sales_eur``.
    """
    costs, executed = outcome.costs, outcome.executed
    return {
        "reward_eur": -costs.total,
        **{f"{each.name}_eur": float(getattr(costs, each.name)) for each in fields(costs)},
        "km": outcome.km,
        "kg": outcome.kg,
        "trips": float(len(executed.trips)),
        "stockout_tank_days": outcome.stockout_tank_days,
        "unmet_kg": float(executed.unmet_kg.sum()),
        "orders": float(len(outcome.orders)),
        "missed_orders": float(len(outcome.plan.missed)),
        "plan_complete": float(outcome.plan.complete),
    }
