"""The order parameters of a morning's plan: which agent chose them and why, as data and files."""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lmrs_rl.dispatchers import Agent, Dispatcher, LearnedDispatcher, dispatcher_at
from lmrs_rl.dispatchers.learned import Choice, Fallback
from lmrs_rl.dispatchers.learned_reasons import FeatureInfluence, Influences, influences
from lmrs_rl.domain import InputError, Network, OrderParameters, Snapshot
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.domain.order_parameters import MOVED
from lmrs_rl.simulation import Decision, DecisionState

_PARAMETERS = tuple(each.name for each in MOVED)
"""Order parameters in the files; no dispatcher varies the others by tank."""
_REASONS = 5
"""Features reported for each tank in JSON; CSV and tables show the first of them."""
IN_CSV = 3
"""Features in a row of the CSV file."""
SEED = 0
"""Seed of agents that draw at random, so that a plan can be repeated."""


@dataclass(frozen=True, eq=False)
class ChosenCandidate:
    """The candidate that won a look-ahead.

    Attributes
    ----------
    candidate : its name; "base" for the base's own parameters
    plans : number of candidates
    base : name of the agent that candidates start from
    base_parameters : that agent's choice
    """

    candidate: str
    plans: int
    base: str
    base_parameters: OrderParameters


@dataclass(frozen=True, eq=False)
class ChosenParameters:
    """The order parameters of a morning and the reasons for them.

    Attributes
    ----------
    parameters : chosen
    agent : name of the agent that chose them
    date : of the morning, where it is known
    choice : of a learned agent, or of the learned base of a look-ahead agent; else ``None``
    why : influence of the features on ``choice``; ``None`` without one
    look_ahead : winner of a look-ahead; ``None`` for other agents
    """

    parameters: OrderParameters
    agent: str
    date: np.datetime64 | None
    choice: Choice | None = None
    why: Influences | None = None
    look_ahead: ChosenCandidate | None = None

    def reasons(self, tank: int, count: int = _REASONS) -> tuple[FeatureInfluence, ...]:
        """The tank's features that mattered most; empty for agents that are not learned."""
        if self.choice is None or self.why is None:
            return ()
        return self.why.of_tank(self.choice, tank, count)

    def shared_reasons(self, count: int = _REASONS) -> tuple[FeatureInfluence, ...]:
        """Features of the network that mattered most, on average over all tanks."""
        if self.choice is None or self.why is None:
            return ()
        return self.why.of_network(self.choice, count)

    def fallback(self, tank: int) -> str | None:
        """Why a tank keeps the baseline's parameters; ``None`` where it does not."""
        return next((each.why for each in self.fallbacks if each.tank == tank), None)

    @property
    def fallbacks(self) -> tuple[Fallback, ...]:
        """Tanks that keep the baseline's parameters, in order."""
        return () if self.choice is None else self.choice.fallbacks


def explain_choice(agent: Agent, state: DecisionState, decision: Decision) -> ChosenParameters:
    """The parameters of a decision with the reasons for them.

    Parameters
    ----------
    agent : that decided
    state : of the morning
    decision : made

    Raises
    ------
    InputError
        For a learned agent without a date.
    """
    if agent.base is None or agent.search is None:
        return _chosen_by(agent, state, decision.parameters)
    # The decision holds the winner's parameters only, so the base is asked once more for its own.
    own = _own_parameters(agent.base, state)
    base = _chosen_by(agent.base, state, own)
    won = ChosenCandidate(decision.candidate or "base", agent.search.candidates, base.agent, own)
    return replace(base, parameters=decision.parameters, agent=agent.name, look_ahead=won)


def _dispatcher_of(agent: Agent, state: DecisionState) -> Dispatcher:
    dispatcher = agent.dispatcher(np.random.default_rng(SEED))
    return dispatcher_at(dispatcher, state.date, state.plans)


def _own_parameters(agent: Agent, state: DecisionState) -> OrderParameters:
    return _dispatcher_of(agent, state)(state.network, state.snapshot, state.forecast)


def _chosen_by(agent: Agent, state: DecisionState, parameters: OrderParameters) -> ChosenParameters:
    dispatcher = _dispatcher_of(agent, state)
    if not isinstance(dispatcher, LearnedDispatcher):
        return ChosenParameters(parameters, agent.name, state.date)
    # A decision has no features in it. The policy draws nothing, so asking it again gives the same.
    choice = dispatcher.choose(state.network, state.snapshot, state.forecast)
    why = influences(dispatcher, choice)
    return ChosenParameters(choice.parameters, agent.name, state.date, choice, why)


def require_date(agent: Agent, date: np.datetime64 | None) -> None:
    """Refuse a learned agent, or a look-ahead agent with a learned base, without a date.

    Raises
    ------
    InputError
        For such an agent without a date.
    """
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
    """Write ``parameters.json`` and ``parameters.csv``.

    They hold each tank's order parameters, those that the choice started from, and the features
    that mattered.
    """
    document = {
        "format": "lmrs-parameters/1",
        "agent": chosen.agent,
        "date": None if chosen.date is None else str(chosen.date),
        "time_min": snapshot.time_min,
        "look_ahead": _look_ahead(chosen),
        "network": _network_features(chosen),
        "network_reasons": [_reason(each) for each in chosen.shared_reasons()],
        "tanks": [_tank(chosen, network, tank) for tank in range(network.n_tanks)],
    }
    write_text_atomically(
        folder / "parameters.json", json.dumps(document, indent=1, allow_nan=False) + "\n"
    )
    write_text_atomically(folder / "parameters.csv", _csv(chosen, network))


def _look_ahead(chosen: ChosenParameters) -> dict[str, Any] | None:
    won = chosen.look_ahead
    if won is None:
        return None
    return {"candidate": won.candidate, "plans": won.plans, "base": won.base}


def _tank(chosen: ChosenParameters, network: Network, tank: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": network.customers.ids[tank],
        "parameters": _numbers(chosen.parameters, tank),
    }
    if chosen.look_ahead is not None:
        found["base"] = _numbers(chosen.look_ahead.base_parameters, tank)
    if chosen.choice is None:
        return found
    actions = chosen.choice.reads.action_names
    return found | {
        "baseline": _numbers(chosen.choice.base, tank),
        "fallback": chosen.fallback(tank),
        "answer": dict(zip(actions, chosen.choice.u[tank].tolist(), strict=True)),
        "reasons": [_reason(each) for each in chosen.reasons(tank)],
    }


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
        text, list(rows[0]) if rows else ["tank", *_PARAMETERS], lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _row(chosen: ChosenParameters, network: Network, tank: int) -> dict[str, Any]:
    """A tank's row by column: its parameters, the baseline's with reasons, then those of a
    look-ahead's base and the name of the candidate.
    """
    row: dict[str, Any] = {"tank": network.customers.ids[tank], **_numbers(chosen.parameters, tank)}
    if chosen.choice is not None:
        texts = [each.text for each in chosen.reasons(tank, IN_CSV)]
        row |= {
            f"baseline_{name}": value for name, value in _numbers(chosen.choice.base, tank).items()
        }
        # All rows have the same columns, so missing reasons are empty.
        padded = [*texts, *([""] * (IN_CSV - len(texts)))]
        row |= {"fallback": chosen.fallback(tank) or ""}
        row |= {f"reason_{k + 1}": text for k, text in enumerate(padded)}
    if chosen.look_ahead is not None:
        row |= {
            f"base_{name}": value
            for name, value in _numbers(chosen.look_ahead.base_parameters, tank).items()
        }
        row["candidate"] = chosen.look_ahead.candidate
    return row


def _numbers(parameters: OrderParameters, tank: int) -> dict[str, float]:
    return {name: float(getattr(parameters, name)[tank]) for name in _PARAMETERS}


def _finite(value: float) -> float | None:
    """``None`` for infinity, which JSON does not have."""
    return value if math.isfinite(value) else None
