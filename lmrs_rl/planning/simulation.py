"""Simulate a world under an agent, day after day, with key figures and files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lmrs_rl.dispatchers import Agent
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.evaluation import Kpis, kpis
from lmrs_rl.formats.files import write_trips
from lmrs_rl.formats.roadef import write_solution
from lmrs_rl.lookahead import planner_of
from lmrs_rl.planning.agents import find_agent
from lmrs_rl.planning.choice import SEED, require_date
from lmrs_rl.planning.sources import Source, open_source
from lmrs_rl.routing import RouterSettings
from lmrs_rl.simulation import DayOutcome, Rollout, run


@dataclass(frozen=True, eq=False)
class Simulation:
    """A simulated world; `simulate` makes it.

    Attributes
    ----------
    source
        What was simulated.
    rollout
        What happened, day by day.
    kpis
        Key figures, counted by the referee.

    Examples
    --------
    >>> import lmrs_rl
    >>> from pathlib import Path
    >>> from lmrs_rl.planning import open_source
    >>> done = lmrs_rl.simulate(open_source("demo", days=1))
    >>> done.write(Path("results"))
    >>> sorted(path.name for path in Path("results").iterdir())
    ['kpis.json', 'trips.json']
    """

    source: Source
    rollout: Rollout
    kpis: Kpis

    def write(self, folder: Path) -> None:
        """Write ``trips.json`` and ``kpis.json``; for an instance of the ROADEF/EURO Challenge also
        ``solution.xml``.

        Parameters
        ----------
        folder
            Where the files go; it is created where it is missing.
        """
        folder.mkdir(parents=True, exist_ok=True)
        source = self.source
        write_trips(folder / "trips.json", self.rollout.trips, source.network)
        if source.instance is not None:
            write_solution(folder / "solution.xml", self.rollout.trips, source.instance)
        figures = {"name": source.days.name, **self.kpis.as_dict()}
        write_text_atomically(folder / "kpis.json", json.dumps(figures, indent=1) + "\n")


def simulate(
    source: Source | str | Path,
    agent: Agent | str | Path = "default",
    *,
    router: RouterSettings | None = None,
    date: np.datetime64 | None = None,
    on_day: Callable[[DayOutcome], None] | None = None,
) -> Simulation:
    """Simulate a world day after day: plan five days, execute the first, repeat.

    Parameters
    ----------
    source
        What is simulated, see `open_source`: a shipped world, a TOML file, an instance of the
        ROADEF/EURO Challenge, or a folder with ``network.json`` and ``days.json``.
    agent
        Agent that chooses order parameters, or plans itself: an agent, a shipped name or a folder.
    router
        Effort of the router, that of the preset "plan" if not given.
    date
        Calendar date of the first morning, instead of the source's own.
    on_day
        Called at the end of every day (progress bars).

    Returns
    -------
    Simulation
        All days, and the key figures that the referee counted.

    Raises
    ------
    InputError
        For an unknown source or agent; for a learned agent without a date; for days that do not
        belong to the network or hold no hour.

    Examples
    --------
    >>> import lmrs_rl
    >>> from lmrs_rl.planning import open_source
    >>> done = lmrs_rl.simulate(open_source("demo", days=2))
    >>> len(done.rollout.days), done.kpis.broken_rules
    (2, 0)
    """
    source = source if isinstance(source, Source) else open_source(str(source))
    agent = agent if isinstance(agent, Agent) else find_agent(str(agent), sees_truth=True)
    world = source.world(date=date, truth=agent.sees_truth)
    require_date(agent, world.first_date)
    rng = np.random.default_rng(SEED)
    planner = planner_of(agent, router or RouterSettings(), world.cost, rng)
    rollout = run(world, planner, on_day=on_day)
    return Simulation(source, rollout, kpis(source.network, source.days, rollout))
