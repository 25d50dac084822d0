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
from lmrs_rl.planning.choice import SEED, require_date
from lmrs_rl.planning.sources import Source
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


def simulate_source(
    source: Source,
    agent: Agent,
    *,
    router: RouterSettings | None = None,
    date: np.datetime64 | None = None,
    on_day: Callable[[DayOutcome], None] | None = None,
) -> Simulation:
    """Run all days of ``source`` under ``agent``.

    Parameters
    ----------
    router : work of the router
    date : calendar date of the first morning, instead of the source's own
    on_day : called with every day as it ends (progress bars)

    Raises
    ------
    InputError
        For a learned agent without a date, days that do not belong to the network or hold no hour.
    """
    world = source.world(date=date, truth=agent.sees_truth)
    require_date(agent, world.first_date)
    rng = np.random.default_rng(SEED)
    planner = planner_of(agent, router or RouterSettings(), world.cost, rng)
    rollout = run(world, planner, on_day=on_day)
    return Simulation(source, rollout, kpis(source.network, source.days, rollout))
