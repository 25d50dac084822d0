"""The grid of runs of a comparison: dispatchers, worlds, seeds and costs of a stock-out."""

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
"""Packages that no run of a grid uses: a change of them leaves stored results valid."""


@dataclass(frozen=True)
class Grid:
    """Every dispatcher in every scenario, at every cost of a stock-out.

    Attributes
    ----------
    agents, worlds : each name once
    seeds : number of scenarios of each world, the first seeds of the split, >= 1
    split : "train", "validation" or "test"
    preset : effort of the router
    forecast : forecasting model
    stockout_cost_factors : factors on the worlds' cost of a stock-out, > 0, see
        `lmrs_rl.evaluation.sweep`; 1 for a plain comparison
    days : evaluate only the first days after the warm-up; all where ``None``
    """

    agents: tuple[Agent, ...]
    worlds: tuple[WorldClass, ...]
    seeds: int
    split: str = "test"
    preset: Preset = "plan"
    forecast: ForecastModel = "weekly"
    stockout_cost_factors: tuple[float, ...] = (1.0,)
    days: int | None = None

    def __post_init__(self) -> None:
        self._check_names()
        self._check_counts()
        factors = list(self.stockout_cost_factors)
        require(
            "stockout_cost_factors",
            factors,
            bool(factors) and all(0 < factor < 1e6 for factor in factors),
            "one or more factors over 0",
        )
        require("stockout_cost_factors", factors, len(set(factors)) == len(factors), "each once")
        require(
            "forecast",
            repr(self.forecast),
            self.forecast in get_args(ForecastModel),
            f"one of {', '.join(get_args(ForecastModel))}",
        )
        # For its error alone, which an unknown preset raises.
        RouterSettings.preset(self.preset)

    def _check_names(self) -> None:
        for field, names in (
            ("dispatchers", [agent.name for agent in self.agents]),
            ("worlds", [world.name for world in self.worlds]),
        ):
            require(field, "none", bool(names), "at least one")
            twice = [name for k, name in enumerate(names) if name in names[:k]]
            require(field, f"{', '.join(twice)} twice", not twice, "each name once")

    def _check_counts(self) -> None:
        """Seeds and days, which must not be more than any of the worlds has."""
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

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All runs; those of a scenario follow each other."""
        return tuple(
            Cell(world.name, int(seed), agent.name, factor)
            for world in self.worlds
            for seed in world.splits.seeds(self.split)[: self.seeds]
            for agent in self.agents
            for factor in self.stockout_cost_factors
        )

    def agent(self, name: str) -> Agent:
        """The agent of that name."""
        return next(agent for agent in self.agents if agent.name == name)

    def world(self, name: str) -> WorldClass:
        """The world class of that name."""
        return next(world for world in self.worlds if world.name == name)

    def as_json(self) -> dict[str, Any]:
        """Everything that decides the results, as JSON values; equal grids have equal results."""
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
            "stockout_cost_factors": list(self.stockout_cost_factors),
            "days": None if self.days is None else int(self.days),
        }
        # As it is read back from a file, where tuples are lists.
        return cast("dict[str, Any]", json.loads(json.dumps(document)))


@dataclass(frozen=True)
class Cell:
    """One run of a grid: a dispatcher in one scenario at one cost of a stock-out.

    Attributes
    ----------
    world : name of the world class
    seed : of the scenario
    agent : name of the dispatcher
    stockout_cost_factor : factor on the world's cost of a stock-out
    """

    world: str
    seed: int
    agent: str
    stockout_cost_factor: float = 1.0


def make_grid(
    dispatchers: Sequence[str],
    worlds: Sequence[str],
    seeds: int,
    *,
    split: str = "test",
    preset: Preset = "plan",
    forecast: ForecastModel = "weekly",
    stockout_cost_factors: Sequence[float] = (1.0,),
    days: int | None = None,
    data: Path | None = None,
) -> Grid:
    """A grid from names or paths.

    Parameters
    ----------
    dispatchers : shipped names or folders
    worlds : shipped names or TOML files
    seeds, split, preset, forecast, stockout_cost_factors, days : see `Grid`
    data : folder with the data of worlds that are built on real data

    Raises
    ------
    InputError
        For an unknown dispatcher, world or split, a name twice, no seeds or more than the split
        has, days beyond an episode.
    """
    # Data are refused for a world that is not built on any, and worlds may be of both kinds.
    classes = tuple(
        read_world_class(world, data if _needs_data(world) else None) for world in worlds
    )
    agents = tuple(load_agent(each) for each in dispatchers)
    factors = tuple(float(factor) for factor in stockout_cost_factors)
    return Grid(agents, classes, seeds, split, preset, forecast, factors, days)


def _needs_data(world: str) -> bool:
    """Whether the world is built on data of the user's, which its TOML file says."""
    path = Path(world)
    return "ground" in read_toml(path if path.suffix == ".toml" else shipped_world(world))


# Cached: this process goes on with the modules it has loaded, even if the files change meanwhile.
@cache
def code_fingerprint() -> str:
    """Fingerprint of the library's code, so that results of another version are told apart."""
    return package_fingerprint(Path(lmrs_rl.__file__).parent)


def package_fingerprint(package: Path) -> str:
    """Hash of the names and contents of the sources under ``package``, without `NO_FIGURES`."""
    digest = hashlib.sha256()
    for name, source in sorted(
        (path.relative_to(package).as_posix(), path) for path in package.rglob("*.py")
    ):
        if name.split("/")[0] not in NO_FIGURES:
            content = source.read_bytes()
            # With the length, so that moving text between two files gives another hash.
            digest.update(f"{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]
