"""A simulated world: days one after the other under an agent, with figures and files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.dispatchers import Agent, FixedParameters
from lmrs_rl.domain import InputError
from lmrs_rl.formats.files import read_trips, write_days, write_network
from lmrs_rl.planning.simulation import simulate
from lmrs_rl.planning.sources import Source
from lmrs_rl.routing import RouterSettings
from lmrs_rl.simulation import DayOutcome
from tests import tiny

QUICK = RouterSettings.preset("train")
SOURCE = Source(tiny.network(), tiny.days(2))


def test_each_day_is_told_and_the_figures_are_of_all(tmp_path: Path) -> None:
    told: list[DayOutcome] = []
    done = simulate(SOURCE, router=QUICK, on_day=told.append)
    assert len(told) == len(done.rollout.days) == 2
    assert done.source is SOURCE
    # A is at its hit level after 48 h: nobody is below it, and a sound run has been there.
    figures = done.kpis.as_dict()
    assert (figures["broken_rules"], figures["below_hit_tank_hours"]) == (0, 0)
    assert figures["trips"] == len(done.rollout.trips) > 0
    done.write(tmp_path / "new" / "run")
    assert sorted(p.name for p in (tmp_path / "new" / "run").iterdir()) == [
        "kpis.json",
        "trips.json",
    ]
    done.write(tmp_path / "new" / "run")  # again, over what is there
    written = json.loads((tmp_path / "new" / "run" / "kpis.json").read_text())
    assert written == {"name": "tiny", **figures}
    trips = read_trips(tmp_path / "new" / "run" / "trips.json", SOURCE.network)
    assert trips == done.rollout.trips


def test_an_agent_of_ones_own_decides() -> None:
    # Nothing is lost by missing an order without a penalty: nobody drives.
    idle = Agent("idle", "fixed", FixedParameters(alpha=0.0))
    assert simulate(SOURCE, idle, router=QUICK).rollout.trips == ()


def test_a_world_is_opened_by_its_name_and_who_knows_the_future_may_decide(
    tmp_path: Path,
) -> None:
    write_network(tmp_path / "network.json", SOURCE.network)
    write_days(tmp_path / "days.json", tiny.days(1), SOURCE.network)
    done = simulate(tmp_path, "hindsight", router=QUICK)
    assert (done.source.days.name, len(done.rollout.days)) == ("tiny", 1)


def test_a_learned_agent_needs_a_date_of_its_own_or_the_sources() -> None:
    with pytest.raises(InputError, match="date: got nothing"):
        simulate(SOURCE, "universal", router=QUICK)
    with pytest.raises(InputError, match="agent"):
        simulate(SOURCE, "nobody", router=QUICK)
    one_day = Source(tiny.network(), tiny.days(1))
    march = np.datetime64("2025-03-31")
    for found in (
        simulate(replace(one_day, date=march), "universal", router=QUICK),
        simulate(one_day, "universal", router=QUICK, date=march),
    ):
        assert len(found.rollout.days) == 1
