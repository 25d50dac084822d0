"""Which order parameters a morning's plan is made with, by whom they were chosen, and why."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from lmrs_rl.dispatchers import (
    Agent,
    FixedParameters,
    LearnedDispatcher,
    load_agent,
    shipped_agents,
)
from lmrs_rl.dispatchers.agents import PARAMETERS
from lmrs_rl.dispatchers.learned import Choice, Fallback
from lmrs_rl.dispatchers.learned_reasons import Influences, Reason, influences
from lmrs_rl.dispatchers.policy import ACTION_NAMES, NETWORK_FEATURES
from lmrs_rl.domain import InputError, Network, OrderParameters, Snapshot
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.environment import Morning
from lmrs_rl.planning import morning_dispatcher
from lmrs_rl.worlds.json_edge import calendar_date
from lmrs_rl.worlds.shipped import shipped_folder
from lmrs_rl.worlds.tables import read_toml

NUMBERS = ("x_kg", "a", "b", "alpha", "beta", "z", "value_per_kg", "fill_days")
"""Order parameters that are told; the rest no dispatcher varies by tank."""
SHOWN = ("x_kg", "b", "alpha", "z", "fill_days")
"""Those in the table."""
REASONS = 5
"""Features told of each tank in JSON; CSV and the table have the first of them."""
IN_CSV, IN_TABLE, ROWS = 3, 4, 8
"""Features in a row of the CSV file and of the table, and rows of the table."""
LOTS = 0
"""Seed of an agent that draws lots or futures."""


@dataclass(frozen=True, eq=False)
class Won:
    """What a look-ahead's parameters come from.

    Attributes
    ----------
    candidate : name of the one whose plan is carried out, "base" for the base's own parameters
    plans : how many candidates there were
    base : name of the agent that they set out from
    base_parameters : what that agent chose
    """

    candidate: str
    plans: int
    base: str
    base_parameters: OrderParameters


@dataclass(frozen=True, eq=False)
class Chosen:
    """Order parameters of a morning.

    Attributes
    ----------
    parameters : chosen
    agent : name of who chose
    date : of the morning, where it is known
    choice, why : of a learned agent, or of the learned base of one that looks ahead; ``None`` for
        others
    won : of an agent that looks ahead, ``None`` for others
    """

    parameters: OrderParameters
    agent: str
    date: np.datetime64 | None
    choice: Choice | None = None
    why: Influences | None = None
    won: Won | None = None

    def reasons(self, tank: int, count: int = REASONS) -> tuple[Reason, ...]:
        """Its own features that mattered most for a tank; nothing for agents that cannot tell."""
        return (
            ()
            if self.choice is None or self.why is None
            else self.why.of_tank(self.choice, tank, count)
        )

    def shared_reasons(self, count: int = REASONS) -> tuple[Reason, ...]:
        """Features of the network that mattered most, for all tanks on average."""
        return (
            ()
            if self.choice is None or self.why is None
            else self.why.of_network(self.choice, count)
        )

    def fallback(self, tank: int) -> str | None:
        """Why a tank keeps the baseline's numbers, where it does."""
        return next((each.why for each in self.fallbacks if each.tank == tank), None)

    @property
    def fallbacks(self) -> tuple[Fallback, ...]:
        """Tanks that keep the baseline's numbers, in order."""
        return () if self.choice is None else self.choice.fallbacks


def who_chooses(agent: str | None, parameters: Path | None, *, look_ahead: bool = True) -> Agent:
    """The agent of ``--agent`` or ``--parameters``; the source's examples without either.
    ``look_ahead``: whether it may choose plans.

    Raises
    ------
    InputError
        For both, an unknown agent, one that sees the future, one that looks ahead where that is not
        possible.
    """
    if agent is None:
        return Agent(
            "default" if parameters is None else parameters.stem, "fixed", _numbers_of(parameters)
        )
    if parameters is not None:
        raise InputError(
            "--parameters", f"{parameters} and --agent {agent}", "one of the two", "leave one out"
        )
    if agent not in shipped_agents() and not (agent and Path(agent, PARAMETERS).is_file()):
        raise InputError(
            "--agent", repr(agent), _takes(look_ahead), "check the spelling or the path"
        )
    found = load_agent(agent)
    if found.sees_truth:
        raise InputError(
            "--agent",
            f"{agent!r}, which knows the future",
            _takes(look_ahead),
            "only lmrs evaluate has a future to show it",
        )
    if found.search is not None and not look_ahead:
        raise InputError(
            "--agent", f"{agent!r}, a look-ahead", _takes(look_ahead), "let lmrs evaluate play it"
        )
    return found


def _takes(look_ahead: bool) -> str:
    """What a command takes for an agent."""
    no = ("hindsight",) if look_ahead else ("hindsight", "lookahead")
    names = [
        name
        for name in shipped_agents()
        if read_toml(shipped_folder("agents") / name / PARAMETERS).get("kind") not in no
    ]
    return f"one of {', '.join(names)}, or a folder with {PARAMETERS}"


def _numbers_of(parameters: Path | None) -> FixedParameters:
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


def parsed_date(text: str | None) -> np.datetime64 | None:
    """The date of ``--date`` (`InputError` for what is none)."""
    return None if text is None else calendar_date("--date", text)


def choose(who: Agent, morning: Morning) -> Chosen:
    """The order parameters of the morning (`InputError` for a learned agent without a date)."""
    dispatcher = morning_dispatcher(
        who.dispatcher(np.random.default_rng(LOTS)), morning.date, morning.plans
    )
    known = (morning.network, morning.snapshot, morning.forecast)
    if not isinstance(dispatcher, LearnedDispatcher):
        return Chosen(dispatcher(*known), who.name, morning.date)
    if morning.date is None:
        wanted = "the morning's date: a learned agent looks at weekday and season"
        remedy = 'give --date 2025-03-31, or a snapshot with "date": "2025-03-31"'
        raise InputError("--date", "nothing", wanted, remedy)
    choice = dispatcher.choose(*known)
    return Chosen(choice.parameters, who.name, morning.date, choice, influences(dispatcher, choice))


def choice_table(chosen: Chosen, network: Network) -> Table | None:
    """Tanks whose numbers a learned agent moved most, or the learned base of one that looks
    ahead; nothing for other agents.
    """
    choice, won = chosen.choice, chosen.won
    if choice is None:
        return None
    order = np.argsort(-np.abs(choice.u).max(axis=1), kind="stable")[:ROWS].tolist()
    who, of_base = ("it", "baseline") if won is None else (won.base, f"{won.base}; baseline")
    table = Table(
        title=f"{chosen.agent}: {len(order)} of {network.n_tanks} tanks, those that {who} moved "
        f"most",
        title_justify="left",
    )
    for column in ("tank", f"chosen ({of_base})", "its features that mattered most"):
        table.add_column(column)
    compared = [choice.base] if won is None else [won.base_parameters, choice.base]
    for tank in order:
        others = {name: "; ".join(_number(each, name, tank) for each in compared) for name in SHOWN}
        lines = [
            f"{name} {_number(chosen.parameters, name, tank)} ({others[name]})" for name in SHOWN
        ]
        table.add_row(
            network.customers.ids[tank],
            "\n".join(lines),
            "\n".join(each.text for each in chosen.reasons(tank, IN_TABLE)),
        )
    return table


def choice_lines(chosen: Chosen, network: Network) -> list[str]:
    """Which candidate of a look-ahead won, what mattered for all tanks, and a sentence for each
    tank that keeps the baseline.
    """
    won, shared = chosen.won, [each.text for each in chosen.shared_reasons(IN_CSV)]
    lines = (
        []
        if won is None
        else [
            f"{chosen.agent} takes the plan of candidate '{won.candidate}', one of {won.plans} "
            f"around {won.base}"
        ]
    )
    lines += [f"for all tanks: {'; '.join(shared)}"] if shared else []
    # A candidate moves all tanks, so that in a look-ahead it is the base that keeps the baseline.
    keeps = "keeps the baseline" if won is None else f"keeps the baseline in {won.base}"
    return lines + [
        f"tank {network.customers.ids[each.tank]} {keeps}: {each.why}" for each in chosen.fallbacks
    ]


def write_choice(folder: Path, chosen: Chosen, network: Network, snapshot: Snapshot) -> None:
    """``parameters.json`` and ``parameters.csv``: every tank's order parameters, what they come
    from beside, and what mattered.
    """
    document = {
        "format": "lmrs-parameters/1",
        "agent": chosen.agent,
        "date": None if chosen.date is None else str(chosen.date),
        "time_min": snapshot.time_min,
        "look_ahead": None
        if chosen.won is None
        else {
            "candidate": chosen.won.candidate,
            "plans": chosen.won.plans,
            "base": chosen.won.base,
        },
        "network": _network_features(chosen),
        "network_reasons": [_reason(each) for each in chosen.shared_reasons()],
        "tanks": [_tank(chosen, network, tank) for tank in range(network.n_tanks)],
    }
    write_text_atomically(
        folder / "parameters.json", json.dumps(document, indent=1, allow_nan=False) + "\n"
    )
    write_text_atomically(folder / "parameters.csv", _csv(chosen, network))


def _tank(chosen: Chosen, network: Network, tank: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": network.customers.ids[tank],
        "parameters": _numbers(chosen.parameters, tank),
    }
    if chosen.won is not None:
        found["base"] = _numbers(chosen.won.base_parameters, tank)
    if chosen.choice is None:
        return found
    answer = dict(zip(ACTION_NAMES, chosen.choice.u[tank].tolist(), strict=True))
    told = {
        "baseline": _numbers(chosen.choice.base, tank),
        "fallback": chosen.fallback(tank),
        "answer": answer,
    }
    return found | told | {"reasons": [_reason(each) for each in chosen.reasons(tank)]}


def _reason(reason: Reason) -> dict[str, Any]:
    numbers = {
        "value": _finite(reason.value),
        "usual": _finite(reason.usual),
        "unit": reason.feature.unit,
    }
    return {"feature": reason.feature.name, **numbers, "moves": reason.moves}


def _network_features(chosen: Chosen) -> dict[str, float | None] | None:
    if chosen.choice is None:
        return None
    return {
        each.name: _finite(value)
        for each, value in zip(NETWORK_FEATURES, chosen.choice.network.tolist(), strict=True)
    }


def _csv(chosen: Chosen, network: Network) -> str:
    rows = [_row(chosen, network, tank) for tank in range(network.n_tanks)]
    text = io.StringIO()
    writer = csv.DictWriter(
        text, list(rows[0]) if rows else ["tank", *NUMBERS], lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _row(chosen: Chosen, network: Network, tank: int) -> dict[str, Any]:
    """By column: the numbers chosen, the baseline's and why, then those of a look-ahead's base
    and the candidate's name.
    """
    row: dict[str, Any] = {"tank": network.customers.ids[tank], **_numbers(chosen.parameters, tank)}
    if chosen.choice is not None:
        texts = [each.text for each in chosen.reasons(tank, IN_CSV)]
        row |= {
            f"baseline_{name}": value for name, value in _numbers(chosen.choice.base, tank).items()
        }
        row |= {"fallback": chosen.fallback(tank) or ""} | {
            f"reason_{k + 1}": text for k, text in enumerate(_filled(texts, IN_CSV))
        }
    if chosen.won is not None:
        row |= {
            f"base_{name}": value
            for name, value in _numbers(chosen.won.base_parameters, tank).items()
        }
        row["candidate"] = chosen.won.candidate
    return row


def _filled(texts: Sequence[str], count: int) -> list[str]:
    return [*texts, *([""] * (count - len(texts)))]


def _numbers(parameters: OrderParameters, tank: int) -> dict[str, float]:
    return {name: float(getattr(parameters, name)[tank]) for name in NUMBERS}


def _number(parameters: OrderParameters, name: str, tank: int) -> str:
    value = float(getattr(parameters, name)[tank])
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


def _finite(value: float) -> float | None:
    """JSON knows no infinity: nothing stands for it."""
    return value if math.isfinite(value) else None
