"""Score card of a grid: each measure of each dispatcher, alone and compared with a reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray, IntArray
from lmrs_rl.evaluation.measure import MEASURES, Measure
from lmrs_rl.evaluation.statistics import ConfidenceInterval, interval, quotient, ratio, resampled
from lmrs_rl.evaluation.store import Row

ALL = "all worlds"
_REFERENCE = "extended"
"""Dispatcher that the others are compared with, where it takes part."""
_LEAST_RATIOS = 5
"""A ratio has an interval if at least so many scenarios have one of their own (not 0 over 0): few
events say little.
"""
_SEED = 20_160_314
"""Seed of the bootstrap: any number, but the same for every score card."""


@dataclass(frozen=True)
class Score:
    """A measure of a dispatcher in a world.

    Attributes
    ----------
    world : its name, or `ALL` for all worlds together
    agent : name of the dispatcher
    measure : what is measured
    value : over all runs of the dispatcher in the world
    ratio, difference : to the reference, paired by scenario; exactly 1 and 0 for the reference
        itself. The ratio has no interval where fewer than `_LEAST_RATIOS` scenarios have a ratio
    """

    world: str
    agent: str
    measure: Measure
    value: ConfidenceInterval
    ratio: ConfidenceInterval
    difference: ConfidenceInterval


@dataclass(frozen=True)
class ScoreCard:
    """The scores of all dispatchers, world by world, in the order of `MEASURES`.

    Attributes
    ----------
    against : name of the reference dispatcher
    agents, worlds : in the grid's order, `ALL` last where there are several worlds
    scenarios : number in each of ``worlds``
    scores : all of them
    """

    against: str
    agents: tuple[str, ...]
    worlds: tuple[str, ...]
    scenarios: tuple[int, ...]
    scores: tuple[Score, ...]

    def of(self, world: str, agent: str) -> tuple[Score, ...]:
        """The scores of a dispatcher in a world."""
        return tuple(each for each in self.scores if each.world == world and each.agent == agent)

    def score(self, world: str, agent: str, measure: str) -> Score:
        """The score of a dispatcher in a world by one measure."""
        return next(each for each in self.of(world, agent) if each.measure.name == measure)


def score_card(
    rows: Sequence[Row], against: str | None = None, rng: np.random.Generator | None = None
) -> ScoreCard:
    """Score runs at one cost of a stock-out.

    Parameters
    ----------
    rows : each dispatcher once in each scenario
    against : reference dispatcher; if not given, "extended" if it takes part, else the first
    rng : of the bootstrap; one with a fixed seed if not given

    Raises
    ------
    InputError
        For no runs, a reference without runs, dispatchers with different scenarios.
    """
    agents = tuple(dict.fromkeys(row.cell.agent for row in rows))
    if not agents:
        raise InputError("rows", "no runs", "at least one", "run the grid first")
    reference = against or (_REFERENCE if _REFERENCE in agents else agents[0])
    if reference not in agents:
        raise InputError(
            "against",
            repr(reference),
            f"one of {', '.join(agents)}",
            "compare with a dispatcher that takes part",
        )
    table = _Table.of(rows, agents)
    counts = resampled(table.world, rng or np.random.default_rng(_SEED))
    names = tuple(dict.fromkeys(cell[0] for cell in table.scenarios))
    groups = [(name, table.world == k) for k, name in enumerate(names)]
    if len(names) > 1:
        groups.append((ALL, np.ones(len(table.world), dtype=np.bool_)))
    scores = [
        each
        for name, inside in groups
        for agent in agents
        for each in _scores(
            table,
            name,
            # Samples keep the size of each world, so their part of a world is a sample of it.
            counts * inside,
            inside.astype(np.float64),
            agents.index(agent),
            agents.index(reference),
        )
    ]
    return ScoreCard(
        reference,
        agents,
        tuple(name for name, _ in groups),
        tuple(int(inside.sum()) for _, inside in groups),
        tuple(scores),
    )


@dataclass(frozen=True, eq=False)
class _Table:
    """Figures of all runs as arrays.

    Attributes
    ----------
    agents : names, in order
    scenarios : world and seed of each
    world : (scenarios,) number of each scenario's world
    figures : name to (agents, scenarios)
    """

    agents: tuple[str, ...]
    scenarios: tuple[tuple[str, int], ...]
    world: IntArray
    figures: dict[str, FloatArray]

    @classmethod
    def of(cls, rows: Sequence[Row], agents: tuple[str, ...]) -> _Table:
        by_key = {(row.cell.agent, row.cell.world, row.cell.seed): row.figures for row in rows}
        scenarios = tuple(dict.fromkeys((row.cell.world, row.cell.seed) for row in rows))
        keys = [[(agent, *scenario) for scenario in scenarios] for agent in agents]
        missing = sum(key not in by_key for row in keys for key in row)
        if missing or len(by_key) != len(rows):
            raise InputError(
                "rows",
                f"{missing} runs missing" if missing else "a run twice",
                "each dispatcher once in each scenario, at one cost of a stock-out",
                "run the whole grid",
            )
        names = {name for each in MEASURES for name in (each.numerator, each.denominator)}
        figures = {
            name: np.array([[by_key[key][name] for key in row] for row in keys]) for name in names
        }
        worlds = list(dict.fromkeys(world for world, _ in scenarios))
        return cls(
            agents,
            scenarios,
            np.array([worlds.index(world) for world, _ in scenarios], dtype=np.int64),
            figures,
        )


def _scores(
    table: _Table, world: str, counts: FloatArray, inside: FloatArray, k: int, reference: int
) -> list[Score]:
    """Scores of agent ``k`` by all measures.

    Parameters
    ----------
    table : figures of all runs
    world : name of the group of scenarios
    counts : (samples, m) how often each scenario is in each bootstrap sample
    inside : (m,) 1 for the scenarios of the group, 0 for others
    k, reference : numbers of the agent and of the one it is compared with
    """
    # One scenario alone tells nothing of the variation between scenarios.
    enough = bool(np.bincount(table.world[inside > 0]).max() > 1)
    found = []
    for measure in MEASURES:
        point, drawn = (_values(table, measure, weights) for weights in (inside[None], counts))
        own, other = float(point[k, 0]), float(point[reference, 0])
        if k == reference:
            # Exactly 1 and 0, where the quotient of a measure could be NaN.
            to_ratio = interval(1.0, np.ones(len(drawn[k])), enough)
            to_difference = interval(0.0, np.zeros(len(drawn[k])), enough)
        else:
            known = _scenarios_with_ratio(table, measure, inside, k, reference) >= _LEAST_RATIOS
            to_ratio = interval(
                _ratio(own, other), ratio(drawn[k], drawn[reference]), enough and known
            )
            to_difference = interval(own - other, drawn[k] - drawn[reference], enough)
        value = interval(own, drawn[k], enough)
        found.append(Score(world, table.agents[k], measure, value, to_ratio, to_difference))
    return found


def _values(table: _Table, measure: Measure, weights: FloatArray) -> FloatArray:
    """(agents, samples) values of a measure; ``weights`` (samples, m) of the scenarios."""
    numerator, denominator = (
        table.figures[name] for name in (measure.numerator, measure.denominator)
    )
    return measure.scale * quotient(numerator @ weights.T, denominator @ weights.T)


def _scenarios_with_ratio(
    table: _Table, measure: Measure, inside: FloatArray, k: int, reference: int
) -> int:
    """Number of scenarios in which the ratio of ``k`` to the reference is not 0 over 0."""
    numerator, denominator = (
        table.figures[name][[k, reference]] for name in (measure.numerator, measure.denominator)
    )
    each = quotient(numerator, denominator)[:, inside > 0]
    return int(np.count_nonzero(~np.isnan(ratio(each[0], each[1]))))


def _ratio(a: float, b: float) -> float:
    return float(ratio(np.array([a]), np.array([b]))[0])
