"""What is to be compared: dispatchers, worlds, seeds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast, get_args

import lmrs_rl
from lmrs_rl import __version__
from lmrs_rl.dispatchers import Agent, load_agent
from lmrs_rl.domain.arguments import whole_number
from lmrs_rl.domain.fingerprints import definition_sha256
from lmrs_rl.domain.shipped import shipped_world
from lmrs_rl.domain.tables import read_toml, require
from lmrs_rl.routing import RouterSettings
from lmrs_rl.routing.router import Preset
from lmrs_rl.simulation.forecasts import ForecastModel
from lmrs_rl.worlds import WorldClass, read_world_class

NO_FIGURES = ("cli", "learning", "planning", "service")
"""Packages that no run of a grid passes through; all others can change a figure."""


@dataclass(frozen=True)
class Grid:
    """Every dispatcher in every scenario, at every price of a stock-out.

    Attributes
    ----------
    agents, worlds : each name once
    seeds : how many of the split, the first ones, >= 1
    split : "train", "validation" or "test"
    preset : of the router
    forecast : model of module 1
    prices : multiples of the worlds' price of a stock-out, > 0, see `lmrs_rl.evaluation.sweep`; 1
        for a plain comparison
    days : of the episode that count, the first ones of the same scenarios; all where ``None``
    """

    agents: tuple[Agent, ...]
    worlds: tuple[WorldClass, ...]
    seeds: int
    split: str = "test"
    preset: Preset = "plan"
    forecast: ForecastModel = "weekly"
    prices: tuple[float, ...] = (1.0,)
    days: int | None = None

    def __post_init__(self) -> None:
        for field, names in (
            ("dispatchers", [agent.name for agent in self.agents]),
            ("worlds", [world.name for world in self.worlds]),
        ):
            require(field, "none", bool(names), "at least one")
            twice = [name for k, name in enumerate(names) if name in names[:k]]
            require(field, f"{', '.join(twice)} twice", not twice, "each name once")
        whole_number(
            "seeds", self.seeds, 1, None, "a whole number, at least 1", "correct the setting"
        )
        for world in self.worlds:
            count = len(world.splits.seeds(self.split))
            require(
                "seeds",
                self.seeds,
                self.seeds <= count,
                f"at most the {count} {self.split} seeds of {world.name}",
            )
            if self.days is not None:
                most = world.episode.days
                whole_number(
                    "days",
                    self.days,
                    1,
                    most,
                    f"1 to the {most} days of {world.name}",
                    "shorten the episode or leave it out",
                )
        require(
            "prices",
            list(self.prices),
            bool(self.prices) and all(0 < p < 1e6 for p in self.prices),
            "one or more multiples over 0",
        )
        require("prices", list(self.prices), len(set(self.prices)) == len(self.prices), "each once")
        require(
            "forecast",
            repr(self.forecast),
            self.forecast in get_args(ForecastModel),
            f"one of {', '.join(get_args(ForecastModel))}",
        )
        RouterSettings.preset(self.preset)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All runs, those of a scenario together."""
        return tuple(
            Cell(world.name, int(seed), agent.name, price)
            for world in self.worlds
            for seed in world.splits.seeds(self.split)[: self.seeds]
            for agent in self.agents
            for price in self.prices
        )

    def agent(self, name: str) -> Agent:
        """The agent of that name."""
        return next(agent for agent in self.agents if agent.name == name)

    def world(self, name: str) -> WorldClass:
        """The class of that name."""
        return next(world for world in self.worlds if world.name == name)

    def as_json(self) -> dict[str, Any]:
        """All that decides the results, for `lmrs_rl.evaluation.store`."""
        document = {
            "format": "lmrs-evaluation/1",
            "version": __version__,
            "code": code_fingerprint(),
            "dispatchers": {agent.name: agent.fingerprint for agent in self.agents},
            "worlds": {world.name: definition_sha256(world)[:16] for world in self.worlds},
            "split": self.split,
            "seeds": int(self.seeds),
            "preset": self.preset,
            "forecast": self.forecast,
            "prices": list(self.prices),
            "days": None if self.days is None else int(self.days),
        }
        return cast("dict[str, Any]", json.loads(json.dumps(document)))


@dataclass(frozen=True)
class Cell:
    """One run: a dispatcher in the scenario of a world and a seed, at a price of a stock-out."""

    world: str
    seed: int
    agent: str
    price: float = 1.0


def make_grid(
    dispatchers: Sequence[str],
    worlds: Sequence[str],
    seeds: int,
    *,
    split: str = "test",
    preset: Preset = "plan",
    forecast: ForecastModel = "weekly",
    prices: Sequence[float] = (1.0,),
    days: int | None = None,
    data: Path | None = None,
) -> Grid:
    """A grid from names or paths.

    ``days`` ends the episodes of the same scenarios after so many days that count; ``data`` is the
    folder of worlds on real ground.

    Raises
    ------
    InputError
        For an unknown dispatcher, world or split, a name twice, no seeds or more than the split
        has, days beyond an episode.
    """
    classes = tuple(read_world_class(world, data if _real(world) else None) for world in worlds)
    agents = tuple(load_agent(each) for each in dispatchers)
    return Grid(
        agents, classes, seeds, split, preset, forecast, tuple(float(p) for p in prices), days
    )


def _real(world: str) -> bool:
    """Whether the class stands on data of the user's: told by its file."""
    path = Path(world)
    return "ground" in read_toml(path if path.suffix == ".toml" else shipped_world(world))


@cache
def code_fingerprint() -> str:
    """Tells results of other code apart; once a process, as what was loaded stays, whoever edits
    the files meanwhile.
    """
    return package_fingerprint(Path(lmrs_rl.__file__).parent)


def package_fingerprint(package: Path) -> str:
    """Of the sources under ``package``, names and bytes, `NO_FIGURES` left out."""
    digest = hashlib.sha256()
    for name, source in sorted(
        (path.relative_to(package).as_posix(), path) for path in package.rglob("*.py")
    ):
        if name.split("/")[0] not in NO_FIGURES:
            content = source.read_bytes()
            digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]
