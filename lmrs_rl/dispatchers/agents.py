"""Dispatchers from folders: the shipped ones by name, others by path."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lmrs_rl.dispatchers.fixed import FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.learned import LearnedDispatcher, LearnedParameters
from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.dispatchers.price import PriceDispatcher, PriceParameters
from lmrs_rl.dispatchers.protocol import Dispatcher
from lmrs_rl.dispatchers.random import RandomDispatcher
from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import with_old_names
from lmrs_rl.domain.shipped import shipped_folder
from lmrs_rl.domain.tables import from_table, read_toml

PARAMETERS, POLICY = "parameters.toml", "policy.onnx"
KINDS = ("fixed", "price", "random", "hindsight", "learned", "lookahead")
Parameters = FixedParameters | PriceParameters | LearnedParameters
OF_ANOTHER = ("random", "hindsight")
"""Kinds that take the numbers of another agent, whose folder lies beside theirs."""


@dataclass(frozen=True)
class Agent:
    """A dispatcher that can be deployed or compared with.

    Attributes
    ----------
    name : of its folder
    kind : one of `KINDS`
    parameters : its numbers, those of its base where it looks ahead; of a learned one its policy
        too
    base : agent that a look-ahead starts from, ``None`` for others
    proposer : agent that gives a look-ahead another candidate, or ``None``
    search : how far and how hard it looks ahead, ``None`` for others

    Examples
    --------
    >>> import lmrs_rl
    >>> agent = lmrs_rl.load_agent("extended")
    >>> agent.name, agent.kind, agent.sees_truth
    ('extended', 'fixed', False)
    """

    name: str
    kind: str
    parameters: Parameters
    base: Agent | None = None
    proposer: Agent | None = None
    search: LookAheadSettings | None = None

    @property
    def sees_truth(self) -> bool:
        """Whether its forecast is to be what really comes, which only a simulation knows."""
        return self.kind == "hindsight" or (self.base is not None and self.base.sees_truth)

    @property
    def fingerprint(self) -> str:
        """Tells two agents apart that have the same name and other numbers.

        An agent keeps its fingerprint when an attribute is renamed: rows of results have it.
        """
        others = [None if each is None else each.fingerprint for each in (self.base, self.proposer)]
        text = repr((self.kind, self.parameters, others, self.search))
        for kind in (FixedParameters, PriceParameters, LookAheadSettings):
            text = with_old_names(kind.__name__, text)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def dispatcher(self, rng: np.random.Generator) -> Dispatcher:
        """The dispatcher for one run; ``rng`` is for those that draw at random, the others leave it
        alone.

        Raises
        ------
        InputError
            For a look-ahead, which chooses plans and no parameters: `lmrs_rl.lookahead.planner_of`
            makes its planner.
        """
        if self.search is not None:
            raise InputError(
                "dispatcher",
                f"{self.name!r}, a look-ahead",
                "an agent that chooses parameters",
                "run it with lmrs evaluate or lmrs simulate",
            )
        if isinstance(self.parameters, PriceParameters):
            return PriceDispatcher(self.parameters)
        if isinstance(self.parameters, LearnedParameters):
            return LearnedDispatcher.of(self.parameters, f"{self.name}/{POLICY}")
        return (
            RandomDispatcher(self.parameters, rng)
            if self.kind == "random"
            else FixedDispatcher(self.parameters)
        )


def shipped_agents() -> tuple[str, ...]:
    """Names of the agents that ship, in alphabetical order.

    Returns
    -------
    tuple of str
        Names for `load_agent`.

    Examples
    --------
    >>> import lmrs_rl
    >>> "default" in lmrs_rl.shipped_agents()
    True
    """
    return tuple(
        sorted(path.parent.name for path in shipped_folder("agents").glob(f"*/{PARAMETERS}"))
    )


def load_agent(source: str | Path) -> Agent:
    """Read the agent of a shipped name, or of a folder with ``parameters.toml``.

    The file holds the fields of `FixedParameters`; with ``kind = "price"`` those of
    `PriceParameters`; with ``kind = "random"`` or ``"hindsight"`` only ``parameters_of``, the name
    of the folder beside it whose numbers it takes; with ``kind = "learned"`` either for the
    baseline that the folder's ``policy.onnx`` changes; with ``kind = "lookahead"`` the fields of
    `LookAheadSettings` with ``base``, and if wanted ``proposer``, names of folders beside it.

    Parameters
    ----------
    source
        Shipped name, or folder.

    Returns
    -------
    Agent
        With its parameters and, for a learned one, its policy.

    Raises
    ------
    InputError
        For an unknown name, a folder without the file, an unknown key, a value out of range, a
        policy that cannot be read or run.

    Examples
    --------
    >>> import lmrs_rl
    >>> lmrs_rl.load_agent("default").kind
    'fixed'
    """
    folder = shipped_folder("agents") / source if str(source) in shipped_agents() else Path(source)
    if not str(source) or not folder.is_dir():
        wanted = f"one of {', '.join(shipped_agents())}, or a folder with {PARAMETERS}"
        raise InputError("dispatcher", repr(str(source)), wanted, "check the spelling or the path")
    path = folder / PARAMETERS
    table = read_toml(path)
    kind = table.pop("kind", "fixed")
    if kind not in KINDS:
        raise InputError(
            f"{path}: kind",
            repr(kind),
            f"one of {', '.join(KINDS)}",
            "leave it out for fixed parameters",
        )
    try:
        if kind == "lookahead":
            return _looking_ahead(folder, table)
        # Resolved, since a folder given as "." has no name.
        return Agent(folder.resolve().name, kind, _parameters(folder, kind, table))
    except InputError as error:
        raise InputError(f"{path}: {error.field}", error.got, error.wanted, error.remedy) from error


def _parameters(folder: Path, kind: str, table: dict[str, Any]) -> Parameters:
    if kind == "price":
        return from_table(PriceParameters(), table)
    if kind in OF_ANOTHER or (kind == "learned" and "parameters_of" in table):
        fixed = _of_another(folder, table)
    else:
        fixed = from_table(FixedParameters(), table)
    return _learned(folder, fixed) if kind == "learned" else fixed


def _learned(folder: Path, baseline: FixedParameters) -> LearnedParameters:
    path = folder / POLICY
    try:
        found = LearnedParameters(baseline, path.read_bytes())
    except OSError as error:
        raise InputError(
            POLICY, str(error.strerror), "the policy beside the file", "export it, see lmrs export"
        ) from error
    LearnedDispatcher.of(found, POLICY)  # a broken file is refused now, not within a run
    return found


def _of_another(folder: Path, table: dict[str, Any]) -> FixedParameters:
    other = table.pop("parameters_of", None)
    if not isinstance(other, str) or not (folder.parent / other / PARAMETERS).is_file():
        raise InputError(
            "parameters_of",
            repr(other),
            f"the name of a folder beside this one with {PARAMETERS}",
            "name an agent",
        )
    if table:
        raise InputError(
            next(iter(table)),
            "an unknown key",
            "kind and parameters_of alone",
            "change the numbers of the agent named",
        )
    return FixedParameters.from_file(folder.parent / other / PARAMETERS)


def _looking_ahead(folder: Path, table: dict[str, Any]) -> Agent:
    base = _beside(folder, "base", table)
    proposer = _beside(folder, "proposer", table) if "proposer" in table else None
    return Agent(
        folder.resolve().name,
        "lookahead",
        base.parameters,
        base,
        proposer,
        from_table(LookAheadSettings(), table),
    )


def _beside(folder: Path, key: str, table: dict[str, Any]) -> Agent:
    """The agent in the folder beside this one that ``key`` names; one that draws at random or
    looks ahead itself is refused.
    """
    name = table.pop(key, None)
    if (
        not isinstance(name, str)
        or not (folder.parent / name / PARAMETERS).is_file()
        or name == folder.name
    ):
        raise InputError(
            key,
            repr(name),
            f"the name of a folder beside this one with {PARAMETERS}",
            "name an agent",
        )
    found = load_agent(folder.parent / name)
    if found.kind in ("random", "lookahead"):
        raise InputError(
            key,
            f"{name!r}, which is {found.kind}",
            "an agent that answers the same to the same morning",
            "name another one",
        )
    return found
