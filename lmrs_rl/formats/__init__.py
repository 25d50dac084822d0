"""Floor 3: file formats of networks, snapshots, days, plans and trips.

`lmrs_rl.formats.roadef` holds those of the ROADEF/EURO Challenge 2016.
"""

from lmrs_rl.formats.files import (
    read_dated_days,
    read_dated_snapshot,
    read_days,
    read_network,
    read_plan,
    read_snapshot,
    read_trips,
    write_days,
    write_network,
    write_plan,
    write_snapshot,
    write_trips,
)

__all__ = [
    "read_dated_days",
    "read_dated_snapshot",
    "read_days",
    "read_network",
    "read_plan",
    "read_snapshot",
    "read_trips",
    "write_days",
    "write_network",
    "write_plan",
    "write_snapshot",
    "write_trips",
]
