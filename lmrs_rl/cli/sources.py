"""What a command works on: an Air Liquide instance, a generated world, or a network and days in
JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from lmrs_rl.domain import CallInOrders, Days, InputError, Network
from lmrs_rl.domain.arrays import HOURS_PER_DAY
from lmrs_rl.environment.simulation import date_of
from lmrs_rl.forecast import Forecaster, KnownUse, WeekdayQuantiles
from lmrs_rl.planning import Router
from lmrs_rl.routing.router import Preset
from lmrs_rl.worlds.files import read_dated_days, read_network
from lmrs_rl.worlds.generated import read_world
from lmrs_rl.worlds.informed import InformedForecaster, InformedRouter
from lmrs_rl.worlds.roadef import RoadefInstance, read_instance
from lmrs_rl.worlds.scenario import Scenario
from lmrs_rl.worlds.shipped import real_worlds, shipped_worlds

SourceArgument = Annotated[
    str,
    typer.Argument(
        help="An Air Liquide instance (.xml), a generated world (.toml, or the name of one that "
        "ships), or a folder with network.json and days.json.",
        show_default=False,
    ),
]
DaysOption = Annotated[
    int | None, typer.Option("--days", min=1, help="Only the first days.", show_default=False)
]
PresetOption = Annotated[
    Preset, typer.Option(help="Work of the router: quick is the quickest, best the slowest.")
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of the data of a world on real ground.", show_default=False
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", min=0, help="Another seed for a generated world.", show_default=False),
]


@dataclass(frozen=True, eq=False)
class Source:
    """A network and its days.

    Attributes
    ----------
    network, days : whatever they come from
    instance : of the challenge, where they come from it
    scenario : where they are drawn
    told_date : of the first morning, where a file tells it
    """

    network: Network
    days: Days
    instance: RoadefInstance | None = None
    scenario: Scenario | None = None
    told_date: np.datetime64 | None = None

    @property
    def first_date(self) -> np.datetime64 | None:
        """Of the first morning, in a drawn world or as told; instances have no calendar."""
        return self.told_date if self.scenario is None else date_of(self.scenario, 0)

    def forecaster(self) -> Forecaster:
        """From history where there is one; instances come without, and their use counts as
        known.
        """
        if not len(self.days.start.history_kg):
            return KnownUse(self.days)
        return (
            WeekdayQuantiles()
            if self.scenario is None
            else InformedForecaster(self.scenario, WeekdayQuantiles())
        )

    def informed(self, router: Router) -> Router:
        """The router with what is known each morning of breakdowns and closures in a drawn
        world.
        """
        return router if self.scenario is None else InformedRouter(self.scenario, router)


def open_source(
    source: str, days: int | None = None, seed: int | None = None, data: Path | None = None
) -> Source:
    """Open whatever ``source`` names, cut to ``days`` days; ``seed`` and ``data`` are for
    generated worlds (`InputError` for others).
    """
    path = Path(source)
    if path.suffix == ".toml" or (
        source in (*shipped_worlds(), *real_worlds()) and not path.is_dir()
    ):
        world = read_world(source, seed, data)
        return shorten(Source(world.network, world.days, scenario=world), days)
    for option, value in (("--seed", seed), ("--data", data)):
        if value is not None:
            raise InputError(
                option, value, "none for a source that is not generated", f"leave {option} out"
            )
    return shorten(_open(path, source), days)


def open_json(network: Path, days_file: Path, days: int | None = None) -> Source:
    """Open a network and days in JSON."""
    found = read_network(network)
    read, date = read_dated_days(days_file, found)
    return shorten(Source(found, read, told_date=date), days)


def shorten(source: Source, days: int | None) -> Source:
    """Only the first days; orders called in for later are left out (`InputError` for more days
    than there are).
    """
    whole = source.days
    most = -(-whole.hours // HOURS_PER_DAY)
    if days is not None and days > most:
        raise InputError(
            "--days",
            days,
            f"1 to {most}, the days of {whole.name}",
            "leave --days out for all of them",
        )
    if days is None or days == most:
        return source
    cut = replace(whole, use_kg=whole.use_kg[: days * HOURS_PER_DAY])
    start = replace(whole.start, call_in_orders=_due(whole.start.call_in_orders, cut.end_min))
    return replace(
        source,
        days=replace(cut, start=start, call_in_orders=_due(whole.call_in_orders, cut.end_min)),
    )


def _open(path: Path, source: str) -> Source:
    if path.suffix == ".xml":
        instance = read_instance(path)
        return Source(instance.network, instance.days, instance)
    if source and path.is_dir():
        return open_json(path / "network.json", path / "days.json")
    wanted = f"an .xml instance, a .toml world, a folder with network.json and days.json, or one of {', '.join(shipped_worlds())}"
    raise InputError("source", repr(source), wanted, "check the path or the name")


def _due(orders: CallInOrders, end_min: int) -> CallInOrders:
    return orders.take(np.flatnonzero(orders.latest_min < end_min))
