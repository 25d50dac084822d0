"""Tables and lines that ``lmrs plan`` prints: a plan and its explanation."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from rich.table import Table

from lmrs_rl.domain import Costs, Network, OrderParameters, Plan, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, MINUTES_PER_HOUR
from lmrs_rl.orders import UnorderedCustomer
from lmrs_rl.planning.choice import IN_CSV, ChosenParameters
from lmrs_rl.routing.explaining.explanation import Explanation, TripSlack
from lmrs_rl.simulation.plan_changes import Churn

_PARAMETERS = ("x_kg", "b", "alpha", "z", "fill_days")
"""Order parameters in the table of chosen parameters."""
_FEATURES, _ROWS = 4, 8
"""Most features in a row of that table, and most rows."""


def trip_table(plan: Plan, count: int, why: Explanation, network: Network) -> Table:
    """The first ``count`` trips of a plan, with their slack and costs."""
    result = _table(
        f"{count} trips in the next 24 hours",
        "start",
        "end",
        "driver",
        "vehicle",
        "product",
        "stops",
        "slack",
        "cost",
    )
    for trip, slack, costs in list(zip(plan.trips, why.slack, why.trip_costs, strict=True))[:count]:
        names = (
            network.drivers.ids[trip.driver],
            network.vehicles.ids[trip.vehicle],
            network.products[trip.product],
        )
        result.add_row(
            clock(trip.start_min),
            clock(trip.end_min),
            *names,
            _stops(trip, network),
            _slack(slack),
            f"{costs.total:,.2f}",
        )
    return result


def missed_table(why: Explanation, network: Network) -> Table:
    """Every missed order, and why it is missed."""
    result = _table("orders missed", "customer", "reason", "in numbers")
    for missed in why.missed:
        result.add_row(network.customers.ids[missed.customer], missed.reason.value, missed.detail)
    return result


def unordered_table(found: Sequence[UnorderedCustomer], network: Network) -> Table:
    """Every customer who is due and has no order, and why."""
    result = _table("due without an order", "customer", "hit level in", "reason", "in numbers")
    for each in found:
        hours = f"{each.stockout_h:,.0f} h" if isfinite(each.stockout_h) else "-"
        result.add_row(network.customers.ids[each.customer], hours, each.reason.value, each.detail)
    return result


def churn_table(found: Churn) -> Table:
    """What became of the drops of the previous plan."""
    share = f"{100 * found.share_kept:.0f} %"
    title = f"{share} of the drops of the plan before stay on their day and vehicle"
    columns = ("day", "planned", "kept", "other_vehicle", "other_day", "gone", "added")
    result = _table(title, *(name.replace("_", " ") for name in columns))
    for day in found.days:
        result.add_row(*(str(getattr(day, name)) for name in columns))
    return result


def choice_table(chosen: ChosenParameters, network: Network) -> Table | None:
    """The tanks whose order parameters a learned agent changed most, and the features behind it.

    For a look-ahead agent those of its learned base; ``None`` for agents that are not learned.
    """
    choice, won = chosen.choice, chosen.look_ahead
    if choice is None:
        return None
    order = np.argsort(-np.abs(choice.u).max(axis=1), kind="stable")[:_ROWS].tolist()
    who, of_base = ("it", "baseline") if won is None else (won.base, f"{won.base}; baseline")
    title = f"{chosen.agent}: {len(order)} of {network.n_tanks} tanks, those that {who} moved most"
    table = _table(title, "tank", f"chosen ({of_base})", "its features that mattered most")
    compared = [choice.base] if won is None else [won.base_parameters, choice.base]
    for tank in order:
        lines = []
        for name in _PARAMETERS:
            others = "; ".join(_number(each, name, tank) for each in compared)
            lines.append(f"{name} {_number(chosen.parameters, name, tank)} ({others})")
        reasons = "\n".join(each.text for each in chosen.reasons(tank, _FEATURES))
        table.add_row(network.customers.ids[tank], "\n".join(lines), reasons)
    return table


def choice_lines(chosen: ChosenParameters, network: Network) -> list[str]:
    """Sentences on the choice as a whole: the candidate that won a look-ahead, the features that
    mattered for all tanks, and the tanks that keep the baseline's parameters.
    """
    won, shared = chosen.look_ahead, [each.text for each in chosen.shared_reasons(IN_CSV)]
    lines = []
    if won is not None:
        lines.append(
            f"{chosen.agent} takes the plan of candidate '{won.candidate}', one of {won.plans} "
            f"around {won.base}"
        )
    if shared:
        lines.append(f"for all tanks: {'; '.join(shared)}")
    # A candidate of a look-ahead changes all tanks, so only its base can keep the baseline's.
    keeps = "keeps the baseline" if won is None else f"keeps the baseline in {won.base}"
    return lines + [
        f"tank {network.customers.ids[each.tank]} {keeps}: {each.why}" for each in chosen.fallbacks
    ]


def cost_line(costs: Costs, late: float, lacking: float) -> str:
    """Costs by part in one line."""
    parts = (
        ("distance", costs.distance),
        ("time", costs.time),
        ("nights", costs.nights),
        ("missed orders", costs.missed),
        ("late drops", late),
        ("lacking kg", lacking),
    )
    return "costs: " + ", ".join(f"{name} {value:,.2f}" for name, value in parts)


def clock(minute: int) -> str:
    """Minutes on the network's clock as day and time of day; the first day is 0."""
    day, rest = divmod(minute, MINUTES_PER_DAY)
    return f"{day}d {rest // MINUTES_PER_HOUR:02d}:{rest % MINUTES_PER_HOUR:02d}"


def _table(title: str, *columns: str) -> Table:
    result = Table(title=title, title_justify="left")
    for column in columns:
        result.add_column(column)
    return result


def _stops(trip: Trip, network: Network) -> str:
    """The stops of a trip, one line each: time, kind, quantity and place."""
    ids = {"load": network.sites.ids, "drop": network.customers.ids}
    return "\n".join(
        f"{clock(s.arrival_min)} {s.kind} {s.kg:,.0f} kg at {ids[s.kind][s.place]}"
        for s in trip.stops
    )


def _slack(slack: TripSlack) -> str:
    return f"{slack.time_min:,} min ({slack.tightest})\n{slack.load_kg:,.0f} kg"


def _number(parameters: OrderParameters, name: str, tank: int) -> str:
    value = float(getattr(parameters, name)[tank])
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"
