"""From a day's costs to the reward and the parts of it that are told."""

from __future__ import annotations

from lmrs_rl.simulation import DayOutcome

EUR_PER_TANK_DAY = 20.0
"""A reward of -1 is this much for each tank: about what a day costs under the baseline."""


def reward_of(outcome: DayOutcome, n: int) -> float:
    """Less costs, more worth of the stock, in `EUR_PER_TANK_DAY` for each of ``n`` tanks."""
    return -outcome.costs.total / (EUR_PER_TANK_DAY * n)


def info_of(outcome: DayOutcome) -> dict[str, float]:
    """Parts of the reward [EUR] and figures of the day, one number each.

    ``reward_eur = stock_eur - distance_eur - time_eur - nights_eur - stockouts_eur - lost_eur``.
    """
    costs, executed = outcome.costs, outcome.executed
    return {
        "reward_eur": -costs.total,
        **{f"{name}_eur": value for name, value in costs.as_dict().items()},
        "km": outcome.km,
        "kg": outcome.kg,
        "trips": float(len(executed.trips)),
        "stockout_tank_days": outcome.stockout_tank_days,
        "unmet_kg": float(executed.unmet_kg.sum()),
        "orders": float(len(outcome.orders)),
        "missed_orders": float(len(outcome.plan.missed)),
        "plan_complete": float(outcome.plan.complete),
    }
