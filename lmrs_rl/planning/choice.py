"""Which order parameters a morning's plan is made with, who chose them, and why; as files."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lmrs_rl.dispatchers import Agent, LearnedDispatcher, dispatcher_at
from lmrs_rl.dispatchers.learned import Choice, Fallback
from lmrs_rl.dispatchers.learned_reasons import FeatureInfluence, Influences, influences
from lmrs_rl.domain import InputError, Network, OrderParameters, Snapshot
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.domain.order_parameters import MOVED
from lmrs_rl.simulation import Decision, DecisionState

NUMBERS = tuple(each.name for each in MOVED)
"""Order parameters that are told; the rest no dispatcher varies by tank."""
REASONS = 5
"""Features told of each tank in JSON; CSV and tables have the first of them."""
IN_CSV = 3
"""Features in a row of the CSV file."""
SEED = 0
"""Seed of an agent that draws at random."""


@dataclass(frozen=True, eq=False)
class ChosenCandidate:
    """What a look-ahead's parameters come from.

    Attributes
    ----------
    candidate : name of the one whose plan is carried out, "base" for the base's own parameters
    plans : how many candidates there were
    base : name of the agent that they start from
    base_parameters : what that agent chose
    """

    candidate: str
    plans: int
    base: str
    base_parameters: OrderParameters


@dataclass(frozen=True, eq=False)
class ChosenParameters:
    """Order parameters of a morning.

    Attributes
    ----------
    parameters : chosen
    agent : name of the agent that chose
    date : of the morning, where it is known
    choice, why : of a learned agent, or of the learned base of one that looks ahead; ``None`` for
        others
    look_ahead : of an agent that looks ahead, ``None`` for others
    """

    parameters: OrderParameters
    agent: str
    date: np.datetime64 | None
    choice: Choice | None = None
    why: Influences | None = None
    look_ahead: ChosenCandidate | None = None

    def reasons(self, tank: int, count: int = REASONS) -> tuple[FeatureInfluence, ...]:
        """Its own features that mattered most for a tank; nothing for agents that cannot tell."""
        return (
            ()
            if self.choice is None or self.why is None
            else self.why.of_tank(self.choice, tank, count)
        )

    def shared_reasons(self, count: int = REASONS) -> tuple[FeatureInfluence, ...]:
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


def explain_choice(agent: Agent, state: DecisionState, decision: Decision) -> ChosenParameters:
    """The parameters of ``decision``, made by ``agent`` on the morning ``state``, and why.

    Raises
    ------
    InputError
        For a learned agent without a date.
    """
    if agent.base is None or agent.search is None:
        return _chosen_by(agent, state, decision.parameters)
    own = _own_parameters(agent.base, state)
    base = _chosen_by(agent.base, state, own)
    won = ChosenCandidate(decision.candidate or "base", agent.search.candidates, base.agent, own)
    return replace(base, parameters=decision.parameters, agent=agent.name, look_ahead=won)


def _own_parameters(agent: Agent, state: DecisionState) -> OrderParameters:
    dispatcher = agent.dispatcher(np.random.default_rng(SEED))
    chosen = dispatcher_at(dispatcher, state.date, state.plans)
    return chosen(state.network, state.snapshot, state.forecast)


def _chosen_by(agent: Agent, state: DecisionState, parameters: OrderParameters) -> ChosenParameters:
    dispatcher = dispatcher_at(
        agent.dispatcher(np.random.default_rng(SEED)), state.date, state.plans
    )
    if not isinstance(dispatcher, LearnedDispatcher):
        return ChosenParameters(parameters, agent.name, state.date)
    choice = dispatcher.choose(state.network, state.snapshot, state.forecast)
    why = influences(dispatcher, choice)
    return ChosenParameters(choice.parameters, agent.name, state.date, choice, why)


def require_date(agent: Agent, date: np.datetime64 | None) -> None:
    """Refuse a learned agent, or one that looks ahead from one, without a date (`InputError`)."""
    chooser = agent if agent.base is None else agent.base
    if chooser.kind == "learned" and date is None:
        raise InputError(
            "date",
            "nothing",
            "the morning's date: a learned agent looks at weekday and season",
            'give the date, such as 2025-03-31, or a snapshot with "date": "2025-03-31"',
        )


def write_choice(
    folder: Path, chosen: ChosenParameters, network: Network, snapshot: Snapshot
) -> None:
    """``parameters.json`` and ``parameters.csv``: every tank's order parameters, what they come
    from beside, and what mattered.
    """
    document = {
        "format": "lmrs-parameters/1",
        "agent": chosen.agent,
        "date": None if chosen.date is None else str(chosen.date),
        "time_min": snapshot.time_min,
        "look_ahead": None
        if chosen.look_ahead is None
        else {
            "candidate": chosen.look_ahead.candidate,
            "plans": chosen.look_ahead.plans,
            "base": chosen.look_ahead.base,
        },
        "network": _network_features(chosen),
        "network_reasons": [_reason(each) for each in chosen.shared_reasons()],
        "tanks": [_tank(chosen, network, tank) for tank in range(network.n_tanks)],
    }
    write_text_atomically(
        folder / "parameters.json", json.dumps(document, indent=1, allow_nan=False) + "\n"
    )
    write_text_atomically(folder / "parameters.csv", _csv(chosen, network))


def _tank(chosen: ChosenParameters, network: Network, tank: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": network.customers.ids[tank],
        "parameters": _numbers(chosen.parameters, tank),
    }
    if chosen.look_ahead is not None:
        found["base"] = _numbers(chosen.look_ahead.base_parameters, tank)
    if chosen.choice is None:
        return found
    answer = dict(
        zip(chosen.choice.reads.action_names, chosen.choice.u[tank].tolist(), strict=True)
    )
    told = {
        "baseline": _numbers(chosen.choice.base, tank),
        "fallback": chosen.fallback(tank),
        "answer": answer,
    }
    return found | told | {"reasons": [_reason(each) for each in chosen.reasons(tank)]}


def _reason(reason: FeatureInfluence) -> dict[str, Any]:
    numbers = {
        "value": _finite(reason.value),
        "usual": _finite(reason.usual),
        "unit": reason.feature.unit,
    }
    return {"feature": reason.feature.name, **numbers, "moves": reason.moves}


def _network_features(chosen: ChosenParameters) -> dict[str, float | None] | None:
    if chosen.choice is None:
        return None
    return {
        each.name: _finite(value)
        for each, value in zip(
            chosen.choice.reads.network_features, chosen.choice.network.tolist(), strict=True
        )
    }


def _csv(chosen: ChosenParameters, network: Network) -> str:
    rows = [_row(chosen, network, tank) for tank in range(network.n_tanks)]
    text = io.StringIO()
    writer = csv.DictWriter(
        text, list(rows[0]) if rows else ["tank", *NUMBERS], lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _row(chosen: ChosenParameters, network: Network, tank: int) -> dict[str, Any]:
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
    if chosen.look_ahead is not None:
        row |= {
            f"base_{name}": value
            for name, value in _numbers(chosen.look_ahead.base_parameters, tank).items()
        }
        row["candidate"] = chosen.look_ahead.candidate
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
