"""From the runs of a grid to the score card: every key figure of every dispatcher, alone and
against one of them.
"""

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
AGAINST = "extended"
"""Whom dispatchers are judged against, where it takes part."""
LEAST_KNOWN = 5
"""Scenarios with a ratio of their own (not 0 over 0) from which on a ratio has an interval."""
SEED = 20_160_314
"""Of the bootstrap: any number, the same for every score card."""


@dataclass(frozen=True)
class Score:
    """A key figure of a dispatcher in a world, or in all.

    Attributes
    ----------
    world, agent : which; world is `ALL` for all together
    measure : which
    value : of the dispatcher, over all its runs there
    ratio, difference : to and from the one that it is judged against, paired by scenario; a
        dispatcher against itself has exactly 1 and 0. The ratio has no interval where fewer than
        `LEAST_KNOWN` scenarios have one of their own: few events say little
    """

    world: str
    agent: str
    measure: Measure
    value: ConfidenceInterval
    ratio: ConfidenceInterval
    difference: ConfidenceInterval


@dataclass(frozen=True)
class ScoreCard:
    """All scores, world by world, in the order of `MEASURES`.

    Attributes
    ----------
    against : whom all are judged against
    agents, worlds : in the grid's order, `ALL` last where there are several worlds
    scenarios : how many in each of ``worlds``
    scores : see `Score`
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
        """One of them."""
        return next(each for each in self.of(world, agent) if each.measure.name == measure)


def score_card(
    rows: Sequence[Row], against: str | None = None, rng: np.random.Generator | None = None
) -> ScoreCard:
    """Score the runs at one price of a stock-out.

    Parameters
    ----------
    against : "extended" if it takes part, else the first dispatcher, where not given
    rng : of the bootstrap; one of a fixed seed where not given

    Raises
    ------
    InputError
        For no runs, a dispatcher to compare with that has none, dispatchers that did not meet the
        same scenarios.
    """
    agents = tuple(dict.fromkeys(row.cell.agent for row in rows))
    if not agents:
        raise InputError("rows", "no runs", "at least one", "run the grid first")
    judge = against or (AGAINST if AGAINST in agents else agents[0])
    if judge not in agents:
        raise InputError(
            "against",
            repr(judge),
            f"one of {', '.join(agents)}",
            "compare with a dispatcher that takes part",
        )
    table = _Table.of(rows, agents)
    counts = resampled(table.world, rng or np.random.default_rng(SEED))
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
            counts * inside,
            inside.astype(np.float64),
            agents.index(agent),
            agents.index(judge),
        )
    ]
    return ScoreCard(
        judge,
        agents,
        tuple(name for name, _ in groups),
        tuple(int(inside.sum()) for _, inside in groups),
        tuple(scores),
    )


@dataclass(frozen=True, eq=False)
class _Table:
    """Figures side by side: ``figures[name]`` (agents, scenarios); ``world`` (scenarios,)
    numbers of worlds.
    """

    agents: tuple[str, ...]
    scenarios: tuple[tuple[str, int], ...]
    world: IntArray
    figures: dict[str, FloatArray]

    @classmethod
    def of(cls, rows: Sequence[Row], agents: tuple[str, ...]) -> _Table:
        by_key = {(row.cell.agent, row.cell.world, row.cell.seed): row.figures for row in rows}
        scenarios = tuple(dict.fromkeys((row.cell.world, row.cell.seed) for row in rows))
        lacking = [
            (agent, *scene)
            for agent in agents
            for scene in scenarios
            if (agent, *scene) not in by_key
        ]
        if lacking or len(by_key) != len(rows):
            got = f"{len(lacking)} runs lacking" if lacking else "a run twice"
            raise InputError(
                "rows",
                got,
                "each dispatcher once in each scenario, at one price",
                "run the whole grid",
            )
        names = {name for each in MEASURES for name in (each.over, each.under)}
        figures = {
            name: np.array(
                [[by_key[agent, *scene][name] for scene in scenarios] for agent in agents]
            )
            for name in names
        }
        worlds = list(dict.fromkeys(world for world, _ in scenarios))
        return cls(
            agents,
            scenarios,
            np.array([worlds.index(world) for world, _ in scenarios], dtype=np.int64),
            figures,
        )


def _scores(
    table: _Table, world: str, counts: FloatArray, inside: FloatArray, k: int, judge: int
) -> list[Score]:
    """Scores of agent ``k``; ``counts`` (samples, m) and ``inside`` (m,) say how often each
    scenario counts.
    """
    enough = bool(np.bincount(table.world[inside > 0]).max() > 1)
    found = []
    for measure in MEASURES:
        point, drawn = (_values(table, measure, weights) for weights in (inside[None], counts))
        a, b, estimate_a, estimate_b = (
            drawn[k],
            drawn[judge],
            float(point[k, 0]),
            float(point[judge, 0]),
        )
        known = enough and (k == judge or _known(table, measure, inside, k, judge) >= LEAST_KNOWN)
        found.append(
            Score(
                world,
                table.agents[k],
                measure,
                interval(estimate_a, a, enough),
                interval(
                    1.0 if k == judge else _ratio(estimate_a, estimate_b),
                    np.ones(len(a)) if k == judge else ratio(a, b),
                    known,
                ),
                interval(
                    0.0 if k == judge else estimate_a - estimate_b,
                    np.zeros(len(a)) if k == judge else a - b,
                    enough,
                ),
            )
        )
    return found


def _values(table: _Table, measure: Measure, weights: FloatArray) -> FloatArray:
    """(agents, samples) of a measure."""
    return measure.scale * quotient(
        table.figures[measure.over] @ weights.T, table.figures[measure.under] @ weights.T
    )


def _known(table: _Table, measure: Measure, inside: FloatArray, k: int, judge: int) -> int:
    """How many scenarios have a ratio of ``k`` to the judge of their own: some of it on either
    side, and the measure known on both.
    """
    own = quotient(
        table.figures[measure.over][[k, judge]], table.figures[measure.under][[k, judge]]
    )[:, inside > 0]
    return int(np.count_nonzero(~np.isnan(ratio(own[0], own[1]))))


def _ratio(a: float, b: float) -> float:
    return float(ratio(np.array([a]), np.array([b]))[0])
