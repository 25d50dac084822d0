"""A world under an agent, day after day, with its key figures and files."""

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
    """Days that were simulated.

    Attributes
    ----------
    source : what was simulated
    rollout : day by day
    kpis : key figures, counted by the referee
    """

    source: Source
    rollout: Rollout
    kpis: Kpis

    def write(self, folder: Path) -> None:
        """Write ``trips.json`` and ``kpis.json``, and ``solution.xml`` of an instance of the
        ROADEF/EURO Challenge.
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
    """Run a world day after day: plan five days, execute one, go on from what it left.

    Parameters
    ----------
    source
        What is simulated, see `open_source`: a shipped world, a TOML file, an instance of the
        ROADEF/EURO Challenge, or a folder with ``network.json`` and ``days.json``.
    agent
        Who chooses order parameters, or plans: an agent, a shipped name or a folder.
    router
        Work of the router, that of the preset "plan" if not given.
    date
        Calendar date of the first morning, instead of the source's own.
    on_day
        Called with every day as it ends (progress bars).

    Returns
    -------
    Simulation
        All days, and key figures that the referee counted.

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
