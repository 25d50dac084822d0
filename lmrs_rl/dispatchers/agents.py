"""Dispatchers from folders: the shipped ones by name, others by path."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lmrs_rl.dispatchers.chance import RandomDispatcher
from lmrs_rl.dispatchers.fixed import FixedDispatcher, FixedParameters
from lmrs_rl.dispatchers.price import PriceDispatcher, PriceParameters
from lmrs_rl.domain import InputError
from lmrs_rl.planning import Dispatcher
from lmrs_rl.worlds.shipped import shipped_folder
from lmrs_rl.worlds.tables import from_table, read_toml

PARAMETERS = "parameters.toml"
KINDS = ("fixed", "price", "random", "hindsight")
OF_ANOTHER = ("random", "hindsight")
"""Kinds that take the numbers of another agent, whose folder lies beside theirs."""


@dataclass(frozen=True)
class Agent:
    """A dispatcher that can be deployed or compared with.

    Attributes
    ----------
    name : of its folder
    kind : one of `KINDS`
    parameters : its numbers
    """

    name: str
    kind: str
    parameters: FixedParameters | PriceParameters

    @property
    def sees_truth(self) -> bool:
        """Whether its forecast is to be what really comes: nobody has that outside of a simulation."""
        return self.kind == "hindsight"

    @property
    def fingerprint(self) -> str:
        """Tells two agents apart that have the same name and other numbers."""
        return hashlib.sha256(repr((self.kind, self.parameters)).encode()).hexdigest()[:16]

    def dispatcher(self, rng: np.random.Generator) -> Dispatcher:
        """The dispatcher for one run; ``rng`` is for those that draw lots, the others leave it alone."""
        if isinstance(self.parameters, PriceParameters):
            return PriceDispatcher(self.parameters)
        return RandomDispatcher(self.parameters, rng) if self.kind == "random" else FixedDispatcher(self.parameters)


def shipped_agents() -> tuple[str, ...]:
    """Names of the agents that ship, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in shipped_folder("agents").glob(f"*/{PARAMETERS}")))


def load_agent(source: str | Path) -> Agent:
    """Read the agent of a shipped name, or of a folder with ``parameters.toml``.

    The file holds the fields of `FixedParameters`; with ``kind = "price"`` those of `PriceParameters`; with ``kind = "random"`` or
    ``"hindsight"`` only ``parameters_of``, the name of the folder beside it whose numbers it takes.

    Raises
    ------
    InputError
        For an unknown name, a folder without the file, an unknown key, a value out of range.
    """
    folder = shipped_folder("agents") / source if str(source) in shipped_agents() else Path(source)
    if not folder.is_dir():
        wanted = f"one of {', '.join(shipped_agents())}, or a folder with {PARAMETERS}"
        raise InputError("dispatcher", repr(str(source)), wanted, "check the spelling or the path")
    path = folder / PARAMETERS
    table = read_toml(path)
    kind = table.pop("kind", "fixed")
    if kind not in KINDS:
        raise InputError(f"{path}: kind", repr(kind), f"one of {', '.join(KINDS)}", "leave it out for fixed parameters")
    try:
        return Agent(folder.resolve().name, kind, _parameters(folder, kind, table))
    except InputError as error:
        raise InputError(f"{path}: {error.field}", error.got, error.wanted, error.remedy) from error


def _parameters(folder: Path, kind: str, table: dict[str, Any]) -> FixedParameters | PriceParameters:
    if kind == "price":
        return from_table(PriceParameters(), table)
    if kind not in OF_ANOTHER:
        return from_table(FixedParameters(), table)
    other = table.pop("parameters_of", None)
    if not isinstance(other, str) or not (folder.parent / other / PARAMETERS).is_file():
        raise InputError("parameters_of", repr(other), f"the name of a folder beside this one with {PARAMETERS}", "name an agent")
    if table:
        raise InputError(next(iter(table)), "an unknown key", "kind and parameters_of alone", "change the numbers of the agent named")
    return FixedParameters.from_file(folder.parent / other / PARAMETERS)
