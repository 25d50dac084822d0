"""Find an agent by name, by folder, or by a file of fixed order parameters."""

from __future__ import annotations

from pathlib import Path

from lmrs_rl.dispatchers import Agent, FixedParameters, load_agent, shipped_agents
from lmrs_rl.dispatchers.agents import PARAMETERS
from lmrs_rl.domain import InputError
from lmrs_rl.domain.shipped import shipped_folder
from lmrs_rl.domain.tables import read_toml


def find_agent(
    agent: str | None = None, parameters: Path | None = None, *, sees_truth: bool = False
) -> Agent:
    """The agent of a shipped name, a folder or a file of fixed parameters.

    Parameters
    ----------
    agent : shipped name, or folder with ``parameters.toml``; ``default`` if nothing is given
    parameters : TOML file of fixed parameters, instead of ``agent``
    sees_truth : whether an agent that knows the future is allowed

    Raises
    ------
    InputError
        For both arguments, an unknown agent, one that knows the future where that is not allowed.
    """
    if agent is None:
        name = "default" if parameters is None else parameters.stem
        return Agent(name, "fixed", _fixed_parameters(parameters))
    if parameters is not None:
        raise InputError(
            "parameters", f"{parameters} with agent {agent}", "one of the two", "leave one out"
        )
    # An empty name as a path would mean the current folder.
    if agent not in shipped_agents() and not (agent and Path(agent, PARAMETERS).is_file()):
        raise InputError(
            "agent", repr(agent), _choices(sees_truth), "check the spelling or the path"
        )
    found = load_agent(agent)
    if found.sees_truth and not sees_truth:
        raise InputError(
            "agent",
            f"{agent!r}, which knows the future",
            _choices(sees_truth),
            "use it in a simulation: a real morning has no known future",
        )
    return found


def _choices(sees_truth: bool) -> str:
    # Reads the kind only: loading all agents would load their policies.
    names = [
        name
        for name in shipped_agents()
        if sees_truth
        or read_toml(shipped_folder("agents") / name / PARAMETERS).get("kind") != "hindsight"
    ]
    return f"one of {', '.join(names)}, or a folder with {PARAMETERS}"


def _fixed_parameters(parameters: Path | None) -> FixedParameters:
    if parameters is None:
        return FixedParameters()
    try:
        return FixedParameters.from_file(parameters)
    except InputError as error:
        if error.field.startswith(parameters.name):
            raise
        raise InputError(
            f"{parameters.name}: {error.field}", error.got, error.wanted, error.remedy
        ) from error
