"""A plan and its explanation as tables for people."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from math import isfinite
from pathlib import Path

from rich.table import Table

from lmrs_rl.domain import Costs, Network, Plan, Snapshot, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, MINUTES_PER_HOUR
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.orders import LeftOut
from lmrs_rl.planning import Churn
from lmrs_rl.routing.explanation import Explanation, TripSlack


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
    """Every order missed, and why."""
    result = _table("orders missed", "customer", "reason", "in numbers")
    for missed in why.missed:
        result.add_row(network.customers.ids[missed.customer], missed.reason.value, missed.detail)
    return result


def left_out_table(found: Sequence[LeftOut], network: Network) -> Table:
    """Every customer who is due and has no order, and why."""
    result = _table("due without an order", "customer", "hit level in", "reason", "in numbers")
    for each in found:
        hours = f"{each.stockout_h:,.0f} h" if isfinite(each.stockout_h) else "-"
        result.add_row(network.customers.ids[each.customer], hours, each.reason.value, each.detail)
    return result


def churn_table(found: Churn) -> Table:
    """What became of the drops of the plan before."""
    title = f"{100 * found.share_kept:.0f} % of the drops of the plan before stay on their day and vehicle"
    result = _table(title, "day", "planned", "kept", "other vehicle", "other day", "gone", "added")
    for day in found.days:
        result.add_row(
            *map(
                str,
                (
                    day.day,
                    day.planned,
                    day.kept,
                    day.other_vehicle,
                    day.other_day,
                    day.gone,
                    day.added,
                ),
            )
        )
    return result


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


def write_trip_rows(folder: Path, plan: Plan, network: Network, snapshot: Snapshot) -> None:
    """``trips.csv``: a row for each stop of the trips that start within 24 hours."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        [
            "trip",
            "driver",
            "vehicle",
            "product",
            "start_min",
            "end_min",
            "stop",
            "kind",
            "place",
            "arrival_min",
            "departure_min",
            "kg",
        ]
    )
    ids = {"load": network.sites.ids, "drop": network.customers.ids}
    for k, trip in enumerate(plan.starting_before(snapshot.time_min + MINUTES_PER_DAY), 1):
        head = (
            k,
            network.drivers.ids[trip.driver],
            network.vehicles.ids[trip.vehicle],
            network.products[trip.product],
            trip.start_min,
            trip.end_min,
        )
        for j, stop in enumerate(trip.stops, 1):
            writer.writerow(
                [
                    *head,
                    j,
                    stop.kind,
                    ids[stop.kind][stop.place],
                    stop.arrival_min,
                    stop.departure_min,
                    stop.kg,
                ]
            )
    write_text_atomically(folder / "trips.csv", text.getvalue())


def clock(minute: int) -> str:
    """Minutes on the network's clock as day and time, the first day being 0."""
    day, rest = divmod(minute, MINUTES_PER_DAY)
    return f"{day}d {rest // MINUTES_PER_HOUR:02d}:{rest % MINUTES_PER_HOUR:02d}"


def _table(title: str, *columns: str) -> Table:
    result = Table(title=title, title_justify="left")
    for column in columns:
        result.add_column(column)
    return result


def _stops(trip: Trip, network: Network) -> str:
    """One line a stop: when, what, where, how much."""
    ids = {"load": network.sites.ids, "drop": network.customers.ids}
    return "\n".join(
        f"{clock(s.arrival_min)} {s.kind} {s.kg:,.0f} kg at {ids[s.kind][s.place]}"
        for s in trip.stops
    )


def _slack(slack: TripSlack) -> str:
    return f"{slack.time_min:,} min ({slack.tightest})\n{slack.load_kg:,.0f} kg"
