"""Controls of look-ahead agents.

Choosing the cheapest of several plans lowers the cost by itself, whatever the parameters. So the
gain of a look-ahead is reported beside that of a control that chooses among as many plans.
"""

from __future__ import annotations

from dataclasses import replace

from lmrs_rl.dispatchers import Agent
from lmrs_rl.domain import InputError
from lmrs_rl.evaluation.grid import Grid

ENDING = "-control"
"""A control is named after its look-ahead agent, with this ending."""


def with_controls(grid: Grid) -> Grid:
    """The grid with a control after each look-ahead agent, unless the grid already has it.

    Raises
    ------
    InputError
        For an agent that has the name of a control and is another agent.
    """
    found: list[Agent] = []
    for agent in grid.agents:
        found.append(agent)
        control = control_of(agent)
        if control is not None and not any(_same(control, each) for each in (*grid.agents, *found)):
            if any(each.name == control.name for each in grid.agents):
                raise InputError(
                    "dispatchers",
                    f"{control.name}, but not as the control of {agent.name}",
                    _wanted(control),
                    "rename one of the two",
                )
            found.append(control)
    return replace(grid, agents=tuple(found))


def control_of(agent: Agent) -> Agent | None:
    """The control of a look-ahead agent: as many plans, all with the base's parameters.

    These plans differ in routing seeds alone.

    ``None`` for agents that do not look ahead and for controls.
    """
    search = agent.search
    if search is None or (search.seeds == search.candidates and agent.proposer is None):
        return None
    return replace(
        agent,
        name=f"{agent.name}{ENDING}",
        proposer=None,
        search=replace(search, seeds=search.candidates),
    )


def _same(control: Agent, other: Agent) -> bool:
    """Whether ``other`` decides as the control does.

    Steps and spreads are ignored: they have no effect where all plans have the base's parameters.
    """
    if control.search is None or other.search is None:
        return False
    found = ((control, control.search), (other, other.search))
    one, two = (
        replace(each, search=replace(search, step=0.0, spread=0.0, tank_spread=0.0))
        for each, search in found
    )
    return one.fingerprint == two.fingerprint


def _wanted(control: Agent) -> str:
    seeds = 0 if control.search is None else control.search.seeds
    return f"its base and settings with seeds = {seeds} and no proposer in an agent of that name"
