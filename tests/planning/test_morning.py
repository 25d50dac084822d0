"""A real morning: what is known goes in, the plan with its explanation comes out.

A's default window opens and closes within the five days of a plan, so the plan serves A and B.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.dispatchers import Agent, FixedParameters, load_agent
from lmrs_rl.domain import InputError, Network
from lmrs_rl.forecast import KnownUse
from lmrs_rl.formats.files import read_plan
from lmrs_rl.orders import NoOrder
from lmrs_rl.planning.morning import MorningPlan, PlanSettings, plan
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.pinning.pins import Pins
from tests import tiny

QUICK = PlanSettings(RouterSettings.preset("train"))


def made(
    agent: Agent | str = "default",
    settings: PlanSettings | None = QUICK,
    network: Network | None = None,
    **more: object,
) -> MorningPlan:
    return plan(
        tiny.network() if network is None else network,
        tiny.snapshot(),
        agent,
        forecaster=KnownUse(tiny.days(10)),
        settings=settings,
        **more,  # type: ignore[arg-type]
    )


def customers(found: MorningPlan) -> set[int]:
    return {s.place for t in found.plan.trips for s in t.stops if s.kind == "drop"}


def test_a_morning_is_planned_and_told() -> None:
    found = made()
    assert customers(found) == {tiny.TANK_A, tiny.TANK_B}
    assert found.plan is found.decision.plan
    assert (found.chosen.agent, found.unordered, found.changes) == ("default", (), None)
    assert found.state.date is None
    assert len(found.explanation.slack) == len(found.plan.trips)


def test_the_agents_numbers_are_used() -> None:
    idle = Agent("idle", "fixed", FixedParameters(alpha=0.0))
    found = made(idle)
    # Orders without a penalty are missed.
    assert (found.chosen.agent, found.plan.trips) == ("idle", ())
    assert len(found.explanation.missed) == len(found.decision.orders) > 0


def test_agents_that_a_real_morning_cannot_have_are_refused() -> None:
    with pytest.raises(InputError, match="which knows the future"):
        made("hindsight")
    with pytest.raises(InputError, match="date: got nothing"):
        made("universal")


def test_who_is_due_and_cannot_be_ordered_for_is_told() -> None:
    network = tiny.network()
    allowed = np.array([[False], [True]])
    network = replace(network, tanks=replace(network.tanks, vehicle_allowed=allowed))
    found = made(network=network)
    assert [(each.customer, each.reason) for each in found.unordered] == [
        (tiny.TANK_A, NoOrder.NO_VEHICLE)
    ]
    assert customers(found) == {tiny.TANK_B}


def test_changes_from_the_plan_before_are_counted() -> None:
    first = made()
    again = made(before=first.plan)
    assert again.state.plans == (first.plan,)
    assert again.changes is not None
    # The same morning again: the search starts from the plan, and nothing better is found.
    assert again.changes.share_kept == 1.0


def test_trips_to_keep_are_kept() -> None:
    # 100 kg to A and 50 kg to B at noon are nobody's best plan.
    fixed = tiny.trip(720, 100.0, 50.0, 150.0)
    found = made(settings=replace(QUICK, pins=Pins((fixed,))))
    assert fixed in found.plan.trips
    assert fixed not in made().plan.trips
    # With a plan before, too.
    found = made(settings=replace(QUICK, pins=Pins((fixed,))), before=made().plan)
    assert fixed in found.plan.trips


def test_several_searches_find_a_plan_that_is_as_good_or_better() -> None:
    one, several = made(), made(settings=replace(QUICK, seeds=3))
    assert several.plan.costs.total <= one.plan.costs.total + 1e-6


@pytest.fixture
def ahead(tmp_path: Path) -> Agent:
    """A look-ahead that makes two plans and looks one day ahead."""
    text = "kind = 'lookahead'\nbase = 'mine'\ncandidates = 2\nseeds = 1\ndays = 1\npaths = 1\n"
    for name, numbers in (("ahead", text + "budget = 2\n"), ("mine", "z = 0.8\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "parameters.toml").write_text(numbers)
    return load_agent(tmp_path / "ahead")


def test_a_look_ahead_plans_by_itself(ahead: Agent) -> None:
    found = made(ahead)
    assert found.chosen.look_ahead is not None
    assert (found.chosen.look_ahead.base, found.chosen.look_ahead.plans) == ("mine", 2)
    assert tiny.TANK_A in customers(found)


@pytest.mark.parametrize(
    "changes",
    [{"pins": Pins((tiny.trip(720),))}, {"move_price": 1e-3}, {"seeds": 2}],
)
def test_a_look_ahead_with_what_it_cannot_keep_is_refused(
    ahead: Agent, changes: dict[str, object]
) -> None:
    with pytest.raises(InputError):
        made(ahead, replace(QUICK, **changes))  # type: ignore[arg-type]


def test_a_plan_and_its_details_are_written(tmp_path: Path) -> None:
    found = made()
    found.write(tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json", tiny.network()) == found.plan
    assert "default" in (tmp_path / "plan.json").read_text()
    for _ in range(2):  # the second time over what is there
        found.write_details(tmp_path / "new" / "details")
    assert sorted(path.name for path in (tmp_path / "new" / "details").iterdir()) == [
        "parameters.csv",
        "parameters.json",
        "trips.csv",
    ]


def test_tanks_that_keep_the_baseline_are_written_with_the_plan(tmp_path: Path) -> None:
    # A level far over the capacity is no number that a policy should judge by.
    broken = replace(tiny.snapshot(), level_kg=np.array([5000.0, 400.0]))
    days = replace(tiny.days(10), start=broken)
    found = plan(
        tiny.network(),
        broken,
        "universal",
        date=np.datetime64("2025-03-31"),
        forecaster=KnownUse(days),
        settings=QUICK,
    )
    assert [each.tank for each in found.chosen.fallbacks] == [tiny.TANK_A]
    assert found.state.date == np.datetime64("2025-03-31")
    found.write(tmp_path / "plan.json")
    document = json.loads((tmp_path / "plan.json").read_text())
    assert found.chosen.fallbacks[0].why in json.dumps(document, ensure_ascii=False)
