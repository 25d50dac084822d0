"""Networks, snapshots, days, plans and trips in JSON files.

Every file says its kind and version in ``format``. What is read back is what was written, to the
last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lmrs_rl.domain import Days, Network, Plan, Snapshot, Trip
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.formats.days_json import (
    DaysModel,
    SnapshotModel,
    from_days,
    from_snapshot,
    to_date,
    to_days,
    to_snapshot,
)
from lmrs_rl.formats.json_fields import naming, parse, render
from lmrs_rl.formats.network_json import NetworkModel, from_network, to_network
from lmrs_rl.formats.plan_json import (
    Author,
    PlanModel,
    TripsModel,
    from_plan,
    from_trips,
    to_plan,
    to_trips,
)

if TYPE_CHECKING:  # reading and writing plans needs no router
    from lmrs_rl.orders import UnorderedCustomer
    from lmrs_rl.routing.explaining.explanation import Explanation


def read_network(path: Path | str) -> Network:
    """Read a network.

    Raises
    ------
    InputError
        Naming file and field (``network.json: tanks[3].capacity_kg``), what it held, what was
        wanted and the way out.
    """
    path = Path(path)
    model = parse(NetworkModel, path)
    with naming(path):
        return to_network(model)


def write_network(path: Path | str, network: Network) -> None:
    """Write a network, whole or not at all."""
    write_text_atomically(Path(path), render(from_network(network)))


def read_snapshot(path: Path | str, network: Network) -> Snapshot:
    """Read a snapshot of ``network``; errors as in `read_network`."""
    return read_dated_snapshot(path, network)[0]


def read_dated_snapshot(
    path: Path | str, network: Network
) -> tuple[Snapshot, np.datetime64 | None]:
    """As `read_snapshot`, with the morning's date, where the file has one."""
    path = Path(path)
    model = parse(SnapshotModel, path)
    with naming(path):
        return to_snapshot(model, network), to_date(model)


def write_snapshot(
    path: Path | str, snapshot: Snapshot, network: Network, date: np.datetime64 | None = None
) -> None:
    """Write a snapshot, whole or not at all; ``date`` of the morning, where it is known."""
    write_text_atomically(Path(path), render(from_snapshot(snapshot, network, date)))


def read_days(path: Path | str, network: Network) -> Days:
    """Read days at ``network``; errors as in `read_network`."""
    return read_dated_days(path, network)[0]


def read_dated_days(path: Path | str, network: Network) -> tuple[Days, np.datetime64 | None]:
    """As `read_days`, with the date of the first morning, where the file has one."""
    path = Path(path)
    model = parse(DaysModel, path)
    with naming(path):
        return to_days(model, network), to_date(model.start, "start.")


def write_days(
    path: Path | str, days: Days, network: Network, date: np.datetime64 | None = None
) -> None:
    """Write days, whole or not at all; ``date`` of the first morning, where it is known."""
    write_text_atomically(Path(path), render(from_days(days, network, date)))


def read_plan(path: Path | str, network: Network) -> Plan:
    """Read a plan; errors as in `read_network`."""
    path = Path(path)
    model = parse(PlanModel, path)
    with naming(path):
        return to_plan(model, network)


def write_plan(
    path: Path | str,
    plan: Plan,
    network: Network,
    explanation: Explanation | None = None,
    left_out: Sequence[UnorderedCustomer] | None = None,
    author: Author | None = None,
) -> None:
    """Write a plan, whole or not at all; its explanation, who had no order and who chose are for
    people, and are not read back.
    """
    write_text_atomically(
        Path(path), render(from_plan(plan, network, explanation, left_out, author))
    )


def read_trips(path: Path | str, network: Network) -> tuple[Trip, ...]:
    """Read executed trips; errors as in `read_network`."""
    path = Path(path)
    model = parse(TripsModel, path)
    with naming(path):
        return to_trips(model.trips, network)


def write_trips(path: Path | str, trips: Sequence[Trip], network: Network) -> None:
    """Write executed trips, whole or not at all."""
    write_text_atomically(
        Path(path), render(TripsModel(format="lmrs-trips/1", trips=from_trips(trips, network)))
    )
