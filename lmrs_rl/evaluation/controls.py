"""Controls of look-aheads: whoever chooses among plans gains something, so what a look-ahead
gains is told beside what its control does.
"""

from __future__ import annotations

from dataclasses import replace

from lmrs_rl.dispatchers import Agent
from lmrs_rl.domain import InputError
from lmrs_rl.evaluation.grid import Grid

ENDING = "-control"
"""Of a control's name, after that of its look-ahead."""


def with_controls(grid: Grid) -> Grid:
    """The grid with the control of each of its look-aheads, right after it where no other agent of
    the grid is one.

    Raises
    ------
    InputError
        For an agent that has the name of a control and is another one.
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
    """A look-ahead with the same plans and rolls in number, all plans with the base's parameters:
    they differ in routing seeds alone.

    ``None`` for agents that do not look ahead and for those that are controls themselves.
    """
    if agent.search is None or (
        agent.search.seeds == agent.search.candidates and agent.proposer is None
    ):
        return None
    return replace(
        agent,
        name=f"{agent.name}{ENDING}",
        proposer=None,
        search=replace(agent.search, seeds=agent.search.candidates),
    )


def _same(control: Agent, other: Agent) -> bool:
    """Whether ``other`` decides as the control does: steps and spreads count for nothing where
    no plan has other parameters than the base's.
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
