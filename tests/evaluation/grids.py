"""A grid that runs in seconds, and rows made by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from lmrs_rl.dispatchers import load_agent
from lmrs_rl.evaluation import Cell, Grid, Row
from lmrs_rl.evaluation.measure import REQUIRED_FIGURES
from lmrs_rl.worlds import WorldClass
from lmrs_rl.worlds.parameters import Episode, Size

WORLD = WorldClass(
    name="wee",
    size=Size(tanks=(6, 8), n_max=8),
    episode=Episode(days=3, warmup_days=1, history_days=56),
)

FIGURES = dict.fromkeys(REQUIRED_FIGURES, 1.0)
"""Of a run in which everything is 1."""


def grid(
    agents: Sequence[str] = ("default", "extended"), seeds: int = 2, **changes: object
) -> Grid:
    """Shipped agents on `WORLD`."""
    plain = Grid(tuple(load_agent(each) for each in agents), (WORLD,), seeds, preset="train")
    return replace(plain, **changes)  # type: ignore[arg-type]


def row(
    agent: str,
    seed: int = 0,
    world: str = "wee",
    price: float = 1.0,
    also: Mapping[str, float] | None = None,
    **figures: float,
) -> Row:
    """A run with the given figures, those of ``also`` too; the others are 1."""
    return Row(
        Cell(world, seed, agent, price),
        world,
        FIGURES | dict(also or {}) | figures,
        {"seconds_a_day": 0.1, "dispatcher_seconds_a_day": 0.01},
    )
