"""Open what can be simulated, by name or path.

A source is an Air Liquide instance, a generated world, or a network with days in JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from lmrs_rl.domain import CallInOrders, Days, InputError, Network
from lmrs_rl.domain.arrays import HOURS_PER_DAY
from lmrs_rl.domain.shipped import real_worlds, shipped_worlds
from lmrs_rl.forecast import Forecaster, KnownUse, WeekdayQuantiles
from lmrs_rl.formats.files import read_dated_days, read_network
from lmrs_rl.formats.roadef import RoadefInstance, read_instance
from lmrs_rl.simulation import World
from lmrs_rl.simulation.forecasts import hindsight
from lmrs_rl.worlds import Outages, Scenario, draw_scenario, read_world_class
from lmrs_rl.worlds.parameters import Cost


@dataclass(frozen=True, eq=False)
class Source:
    """A network and its days, with what is known of their origin.

    Attributes
    ----------
    network, days : to simulate
    cost : cost of stock-outs, and value of inventory
    instance : of the ROADEF/EURO Challenge that they come from, else ``None``
    scenario : that was drawn, else ``None``
    date : calendar date of the first morning, where it is known; instances have no calendar
    """

    network: Network
    days: Days
    cost: Cost = field(default_factory=Cost)
    instance: RoadefInstance | None = None
    scenario: Scenario | None = None
    date: np.datetime64 | None = None

    def world(self, *, date: np.datetime64 | None = None, truth: bool = False) -> World:
        """The world to simulate.

        Parameters
        ----------
        date : calendar date of the first morning, instead of the source's own
        truth : whether forecasts are the true use, for agents that know the future
        """
        # Not `World.of`, which takes the scenario's days: the source's may have been shortened.
        world = World.of_days(
            self.network,
            self.days,
            self._truth() if truth else self._forecaster(),
            cost=self.cost,
            first_date=self.date if date is None else date,
        )
        if self.scenario is None:
            return world
        return replace(world, outages=self.scenario.outages, seed=self.scenario.seed)

    @property
    def outages(self) -> Outages:
        """Breakdowns and closures during the days; only drawn worlds have any."""
        if self.scenario is None:
            return Outages.none(self.network.n_tanks)
        return self.scenario.outages

    def _forecaster(self) -> Forecaster:
        """A forecaster from history; instances have none, since their use is given in advance."""
        return WeekdayQuantiles() if len(self.days.start.history_kg) else KnownUse(self.days)

    def _truth(self) -> Forecaster:
        # A scenario also knows what comes after its last day, which the last plans reach into.
        return KnownUse(self.days) if self.scenario is None else hindsight(self.scenario)


def open_source(
    source: str, days: int | None = None, seed: int | None = None, data: Path | None = None
) -> Source:
    """Open the source of a name or path.

    Parameters
    ----------
    source : shipped world, TOML file, instance (.xml), or folder with ``network.json`` and
        ``days.json``
    days : only the first days
    seed : of the draw of a generated world, its first test seed if not given
    data : folder with the data that a generated world is built on

    Raises
    ------
    InputError
        For an unknown source, more days than there are, a seed or data for a source that is not
        generated.
    """
    path = Path(source)
    # A folder wins over a shipped world of the same name: it is what the user has made.
    shipped = source in (*shipped_worlds(), *real_worlds()) and not path.is_dir()
    if path.suffix == ".toml" or shipped:
        return shorten(_draw(source, seed, data), days)
    for option, value in (("seed", seed), ("data", data)):
        if value is not None:
            raise InputError(
                option, value, "none for a source that is not generated", f"leave {option} out"
            )
    return shorten(_read(path, source), days)


def open_world(
    source: str | Path,
    *,
    days: int | None = None,
    seed: int | None = None,
    data: Path | None = None,
) -> World:
    """The world that a name or path stands for, ready to be simulated.

    Parameters
    ----------
    source
        A shipped world, a TOML file, an instance of the ROADEF/EURO Challenge 2016 (.xml), or a
        folder with ``network.json`` and ``days.json``.
    days
        Only the first days.
    seed
        Of the draw of a generated world, its first test seed if not given.
    data
        Folder with the data that a world class with a key ``ground`` is built on.

    Returns
    -------
    World
        Network and days with their costs, forecaster and outages.

    Raises
    ------
    InputError
        For an unknown source, more days than there are, a seed or data for a source that is not
        generated.

    Examples
    --------
    >>> import lmrs_rl
    >>> world = lmrs_rl.open_world("demo", days=3)
    >>> world.network.n_tanks, world.days.hours
    (12, 72)
    """
    return open_source(str(source), days, seed, data).world()


def _draw(source: str, seed: int | None, data: Path | None) -> Source:
    world_class = read_world_class(source, data)
    scenario = draw_scenario(world_class, world_class.splits.test[0] if seed is None else seed)
    return Source(
        scenario.network,
        scenario.days,
        world_class.cost,
        scenario=scenario,
        date=scenario.date(0),
    )


def open_json(network: Path, days_file: Path, days: int | None = None) -> Source:
    """Open a network and days in JSON."""
    found = read_network(network)
    read, date = read_dated_days(days_file, found)
    return shorten(Source(found, read, date=date), days)


def shorten(source: Source, days: int | None) -> Source:
    """The first days of a source, without the orders called in for later.

    Parameters
    ----------
    source : to shorten
    days : how many, all if not given

    Raises
    ------
    InputError
        For more days than there are.
    """
    whole = source.days
    # Rounded up: the last day may be shorter than 24 hours.
    most = -(-whole.hours // HOURS_PER_DAY)
    if days is not None and days > most:
        raise InputError(
            "days",
            days,
            f"1 to {most}, the days of {whole.name}",
            "leave it out for all of them",
        )
    if days is None or days == most:
        return source
    cut = replace(whole, use_kg=whole.use_kg[: days * HOURS_PER_DAY])
    start = replace(
        whole.start, call_in_orders=_ending_before(whole.start.call_in_orders, cut.end_min)
    )
    orders = _ending_before(whole.call_in_orders, cut.end_min)
    return replace(source, days=replace(cut, start=start, call_in_orders=orders))


def _read(path: Path, source: str) -> Source:
    if path.suffix == ".xml":
        instance = read_instance(path)
        return Source(instance.network, instance.days, instance=instance)
    if source and path.is_dir():
        return open_json(path / "network.json", path / "days.json")
    wanted = (
        "an .xml instance, a .toml world, a folder with network.json and days.json, or one of "
        f"{', '.join(shipped_worlds())}"
    )
    raise InputError("source", repr(source), wanted, "check the path or the name")


def _ending_before(orders: CallInOrders, end_min: int) -> CallInOrders:
    return orders.take(np.flatnonzero(orders.latest_min < end_min))
