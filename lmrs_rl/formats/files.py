"""Read and write networks, snapshots, days, plans and trips as JSON files.

Every file names its kind and version in the field ``format``. What is read back equals what was
written, to the last bit.
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
from lmrs_rl.formats.json_fields import naming_file, parse, render
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
    """Read a network from a JSON file.

    Parameters
    ----------
    path
        Of the file.

    Returns
    -------
    Network
        As it was written, to the last bit.

    Raises
    ------
    InputError
        Naming file and field (``network.json: tanks[3].capacity_kg``), what it held, what is
        accepted and what to do.

    Examples
    --------
    >>> import lmrs_rl
    >>> from lmrs_rl.formats import write_network
    >>> write_network("network.json", lmrs_rl.open_world("demo").network)
    >>> lmrs_rl.read_network("network.json").n_tanks
    12
    """
    path = Path(path)
    # Errors of `parse` name the file already; those of the conversion do not.
    model = parse(NetworkModel, path)
    with naming_file(path):
        return to_network(model)


def write_network(path: Path | str, network: Network) -> None:
    """Write a network as JSON; the file is whole or not written at all."""
    write_text_atomically(Path(path), render(from_network(network)))


def read_snapshot(path: Path | str, network: Network) -> Snapshot:
    """Read a snapshot, the state of a network on a morning, from a JSON file.

    Parameters
    ----------
    path
        Of the file.
    network
        Network that the ids in the file refer to.

    Returns
    -------
    Snapshot
        As it was written, to the last bit.

    Raises
    ------
    InputError
        Naming file and field, what it held, what is accepted and what to do.

    Examples
    --------
    >>> import lmrs_rl
    >>> from lmrs_rl.formats import write_snapshot
    >>> world = lmrs_rl.open_world("demo")
    >>> write_snapshot("snapshot.json", world.days.start, world.network)
    >>> lmrs_rl.read_snapshot("snapshot.json", world.network).time_min
    0
    """
    return read_dated_snapshot(path, network)[0]


def read_dated_snapshot(
    path: Path | str, network: Network
) -> tuple[Snapshot, np.datetime64 | None]:
    """As `read_snapshot`, with the morning's date; ``None`` where the file has none."""
    path = Path(path)
    model = parse(SnapshotModel, path)
    with naming_file(path):
        return to_snapshot(model, network), to_date(model)


def write_snapshot(
    path: Path | str, snapshot: Snapshot, network: Network, date: np.datetime64 | None = None
) -> None:
    """Write a snapshot as JSON, whole or not at all; ``date`` is the morning's, where known."""
    write_text_atomically(Path(path), render(from_snapshot(snapshot, network, date)))


def read_days(path: Path | str, network: Network) -> Days:
    """Read days, that is the first morning, the use and the orders called in, from a JSON file.

    Parameters
    ----------
    path
        Of the file.
    network
        Network that the ids in the file refer to.

    Returns
    -------
    Days
        As they were written, to the last bit.

    Raises
    ------
    InputError
        Naming file and field, what it held, what is accepted and what to do.

    Examples
    --------
    >>> import lmrs_rl
    >>> from lmrs_rl.formats import write_days
    >>> world = lmrs_rl.open_world("demo", days=2)
    >>> write_days("days.json", world.days, world.network)
    >>> lmrs_rl.read_days("days.json", world.network).hours
    48
    """
    return read_dated_days(path, network)[0]


def read_dated_days(path: Path | str, network: Network) -> tuple[Days, np.datetime64 | None]:
    """As `read_days`, with the date of the first morning; ``None`` where the file has none."""
    path = Path(path)
    model = parse(DaysModel, path)
    with naming_file(path):
        return to_days(model, network), to_date(model.start, "start.")


def write_days(
    path: Path | str, days: Days, network: Network, date: np.datetime64 | None = None
) -> None:
    """Write days as JSON, whole or not at all; ``date`` is the first morning's, where known."""
    write_text_atomically(Path(path), render(from_days(days, network, date)))


def read_plan(path: Path | str, network: Network) -> Plan:
    """Read a plan from a JSON file; its explanation is for people and is not read.

    Parameters
    ----------
    path
        Of the file.
    network
        Network that the ids in the file refer to.

    Returns
    -------
    Plan
        As it was written, to the last bit.

    Raises
    ------
    InputError
        Naming file and field, what it held, what is accepted and what to do.

    Examples
    --------
    >>> import lmrs_rl
    >>> world = lmrs_rl.open_world("demo", days=1)
    >>> made = lmrs_rl.plan(world.network, world.days.start)
    >>> made.write("plan.json")
    >>> lmrs_rl.read_plan("plan.json", world.network).complete
    True
    """
    path = Path(path)
    model = parse(PlanModel, path)
    with naming_file(path):
        return to_plan(model, network)


def write_plan(
    path: Path | str,
    plan: Plan,
    network: Network,
    explanation: Explanation | None = None,
    unordered: Sequence[UnorderedCustomer] | None = None,
    author: Author | None = None,
) -> None:
    """Write a plan as JSON, whole or not at all.

    Parameters
    ----------
    path : of the file
    plan : to write
    network : whose ids the file refers to
    explanation : why the plan is as it is
    unordered : customers who are due but have no order
    author : which agent chose the order parameters

    The last three are for people and are not read back.
    """
    write_text_atomically(
        Path(path), render(from_plan(plan, network, explanation, unordered, author))
    )


def read_trips(path: Path | str, network: Network) -> tuple[Trip, ...]:
    """Read executed trips; errors as in `read_network`."""
    path = Path(path)
    model = parse(TripsModel, path)
    with naming_file(path):
        return to_trips(model.trips, network)


def write_trips(path: Path | str, trips: Sequence[Trip], network: Network) -> None:
    """Write executed trips as JSON, whole or not at all."""
    write_text_atomically(
        Path(path), render(TripsModel(format="lmrs-trips/1", trips=from_trips(trips, network)))
    )
