"""Look-aheads are compared beside their controls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lmrs_rl.dispatchers import Agent, FixedParameters, load_agent
from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.domain import InputError
from lmrs_rl.evaluation import Grid, with_controls
from lmrs_rl.evaluation.controls import control_of
from tests.evaluation.grids import grid

BASE, OTHER = (
    Agent("base", "fixed", FixedParameters()),
    Agent("other", "fixed", FixedParameters(z=0.8)),
)
SETTINGS = LookAheadSettings(candidates=3, seeds=1, days=2, paths=2, budget=6)
AHEAD = Agent("ahead", "lookahead", BASE.parameters, BASE, OTHER, SETTINGS)


def names(found: Grid) -> list[str]:
    return [agent.name for agent in found.agents]


def of(*agents: Agent) -> Grid:
    return replace(grid(), agents=agents)


@pytest.mark.parametrize("name", ["lookahead", "universal-lookahead"])
def test_the_control_made_of_a_shipped_look_ahead_is_the_one_that_ships(name: str) -> None:
    if name != "lookahead":
        pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")
    made, shipped = control_of(load_agent(name)), load_agent(f"{name}-control")
    assert made is not None
    assert (made.name, made.fingerprint) == (shipped.name, shipped.fingerprint)


def test_a_look_ahead_asked_for_alone_gets_its_control_right_after_it() -> None:
    found = with_controls(of(AHEAD, BASE))
    assert names(found) == ["ahead", "ahead-control", "base"]
    control = found.agents[1]
    assert (control.base, control.proposer, control.search) == (
        BASE,
        None,
        replace(SETTINGS, seeds=3),
    )
    assert {cell.agent for cell in found.cells} == {"ahead", "ahead-control", "base"}


def test_nothing_is_added_to_controls_or_where_the_control_is_asked_for() -> None:
    assert names(with_controls(grid(["lookahead-control", "default"]))) == [
        "lookahead-control",
        "default",
    ]
    assert names(with_controls(grid(["lookahead-control", "lookahead"]))) == [
        "lookahead-control",
        "lookahead",
    ]
    # By whatever name, and with whatever step, which no plan of a control takes.
    mine = Agent(
        "mine", "lookahead", BASE.parameters, BASE, None, replace(SETTINGS, seeds=3, step=0.1)
    )
    assert names(with_controls(of(AHEAD, mine))) == ["ahead", "mine"]


def test_look_aheads_that_differ_in_what_they_propose_alone_share_a_control() -> None:
    assert names(with_controls(of(AHEAD, replace(AHEAD, name="plain", proposer=None)))) == [
        "ahead",
        "ahead-control",
        "plain",
    ]
    further = replace(AHEAD, name="further", search=replace(SETTINGS, days=3))
    assert names(with_controls(of(AHEAD, further))) == [
        "ahead",
        "ahead-control",
        "further",
        "further-control",
    ]


def test_identical_parameters_with_a_proposer_are_no_control() -> None:
    proposing = replace(AHEAD, search=replace(SETTINGS, seeds=3))
    assert names(with_controls(of(proposing))) == ["ahead", "ahead-control"]


def test_another_agent_of_the_controls_name_is_refused() -> None:
    with pytest.raises(
        InputError,
        match=r"dispatchers: got ahead-control, but not as the control of ahead; wanted .* seeds "
        r"= 3",
    ):
        with_controls(of(AHEAD, replace(BASE, name="ahead-control")))
