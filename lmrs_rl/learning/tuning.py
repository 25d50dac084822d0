"""Tunes fixed order parameters by CMA-ES on drawn worlds.

All candidates of a generation run on the same worlds. CMA-ES: Hansen & Ostermeier 2001,
doi:10.1162/106365601750190398, from the package cmaes (extra ``[train]``).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast, get_args

import numpy as np

from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters, load_agent
from lmrs_rl.domain import InputError
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.domain.tables import from_table, read_toml, require
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.forecast.remembered import RememberedForecaster
from lmrs_rl.learning.ranges import Range, parameters_at, ranges_of, shares_of
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.protocol import Router
from lmrs_rl.routing.router import Preset
from lmrs_rl.simulation import OrderPlanner, World, run
from lmrs_rl.simulation.forecasts import ForecastModel, scenario_forecaster
from lmrs_rl.worlds import WorldClass, draw_scenario, read_world_class

_REFERENCE = "default"
"""Agent whose cost in a scenario is 1: scenarios differ in size and difficulty."""
_CHECKPOINT = "generations.json"
_CHANGEABLE = ("generations", "finalists", "validation")
"""Settings that may change when a search continues: its length, and the final validation."""


@dataclass(frozen=True)
class TuningRecipe:
    """Settings of a tuning run.

    A run continues only with the same settings; ``generations``, ``finalists`` and ``validation``
    may change.

    Attributes
    ----------
    agent : "tuned" or "extended": which parameters are tuned, see `RANGES`
    start : agent that the search starts from
    world : world class
    tanks : (least, most) number of tanks, instead of the class's own
    days, warmup_days : [days] of an episode that count, and before them
    preset : of the router
    forecast : forecast model
    scenarios : training seeds of a generation, new ones in each
    population, generations : of the search
    sigma : initial step as a share of the ranges
    finalists : number of last generations whose best candidate is validated, besides the mean of
        the search and the start
    validation : number of validation seeds
    seed : of the search
    """

    agent: str = "tuned"
    start: str = "default"
    world: str = "mixed"
    tanks: tuple[int, int] = (20, 40)
    days: int = 28
    warmup_days: int = 7
    preset: str = "train"
    forecast: str = "ridge"
    scenarios: int = 8
    population: int = 10
    generations: int = 12
    sigma: float = 0.2
    finalists: int = 3
    validation: int = 24
    seed: int = 0

    def __post_init__(self) -> None:
        ranges_of(self.agent)
        for name in ("scenarios", "generations", "finalists", "validation", "days"):
            require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        require("population", self.population, self.population >= 4, "at least 4")
        require("sigma", self.sigma, 0 < self.sigma <= 1, "more than 0, at most 1")
        require(
            "forecast",
            repr(self.forecast),
            self.forecast in get_args(ForecastModel),
            f"one of {', '.join(get_args(ForecastModel))}",
        )
        require("seed", self.seed, self.seed >= 0, "at least 0")
        RouterSettings.preset(cast("Preset", self.preset))

    @classmethod
    def from_file(cls, path: Path | str) -> TuningRecipe:
        """Read a TOML file whose keys are the attributes.

        Raises
        ------
        InputError
            For unknown keys and bad values.
        """
        try:
            return from_table(cls(), read_toml(Path(path)))
        except InputError as error:
            raise InputError(
                f"{path}: {error.field}", error.got, error.wanted, error.remedy
            ) from error

    @property
    def world_class(self) -> WorldClass:
        """The world class with the recipe's size and length."""
        found = read_world_class(self.world)
        size = replace(found.size, tanks=self.tanks, n_max=max(self.tanks))
        return replace(
            found,
            size=size,
            episode=replace(found.episode, days=self.days, warmup_days=self.warmup_days),
        )

    @property
    def episodes(self) -> int:
        """Episodes of the search, those of the reference included, validation excluded."""
        return self.generations * self.scenarios * (self.population + 1)


@dataclass(frozen=True)
class Validated:
    """A finalist and its result.

    Attributes
    ----------
    name : where the parameters come from
    parameters : of the finalist
    cost, error : mean cost on the validation seeds relative to the reference, and standard error
    """

    name: str
    parameters: FixedParameters
    cost: float
    error: float


def tune(recipe: TuningRecipe, folder: Path, progress: Callable[[str], None] = print) -> Validated:
    """Search, then choose among the finalists on the validation seeds.

    Writes ``parameters.toml`` and ``result.json`` into ``folder``. A run that was interrupted
    continues after its last complete generation, with the same result.

    Parameters
    ----------
    recipe : of the run
    folder : to write
    progress : called with a line after each generation and each validation

    Raises
    ------
    InputError
        For a folder that holds the generations of another recipe.
    MissingExtraError
        Without the package cmaes.
    """
    ranges, start = ranges_of(recipe.agent), _fixed(recipe.start)
    folder.mkdir(parents=True, exist_ok=True)
    search, generations = _search(recipe, ranges, start), _read(folder / _CHECKPOINT, recipe)
    began = time.monotonic()
    # Stored generations go through the search, too, which has the same state afterwards.
    for k in range(recipe.generations):
        asked = [search.ask() for _ in range(recipe.population)]
        if k == len(generations):
            candidates = [parameters_at(ranges, u, start) for u in asked]
            costs = relative_costs(recipe, _train_seeds(recipe, k), candidates).mean(axis=0)
            generations.append({"shares": [u.tolist() for u in asked], "costs": costs.tolist()})
            _write(folder / _CHECKPOINT, recipe, generations)
            progress(_progress_line(recipe, k, costs, candidates, time.monotonic() - began))
        elif not np.array_equal(np.array(generations[k]["shares"]), np.array(asked)):
            # Compared to the bit, since JSON keeps all digits of a float.
            raise InputError(
                _CHECKPOINT,
                f"other candidates in generation {k + 1}",
                "those that this search draws",
                "start in an empty folder",
            )
        search.tell(list(zip(asked, generations[k]["costs"], strict=True)))
    finalists = _finalists(recipe, ranges, start, search.mean, generations)
    best = _validate(recipe, finalists, progress)
    _write_result(folder, recipe, best)
    return best[0]


def relative_costs(
    recipe: TuningRecipe, seeds: Sequence[int], candidates: Sequence[FixedParameters]
) -> FloatArray:
    """Mean cost of a day (scenarios, candidates) relative to the agent *default*.

    Both are of the same scenario, without the warm-up.
    """
    router = OrToolsRouter(RouterSettings.preset(cast("Preset", recipe.preset)))
    compared = [_fixed(_REFERENCE), *candidates]
    rows = []
    for seed in seeds:
        world = _world(recipe, seed)
        costs = [_cost(world, each, router, recipe.warmup_days) for each in compared]
        rows.append([cost / costs[0] for cost in costs[1:]])
    return np.array(rows)


def _validate(
    recipe: TuningRecipe,
    finalists: Sequence[tuple[str, FixedParameters]],
    progress: Callable[[str], None],
) -> list[Validated]:
    """Results of the finalists on the validation seeds, the cheapest first."""
    first, count = recipe.world_class.splits.validation
    require(
        "validation",
        recipe.validation,
        recipe.validation <= count,
        f"at most the {count} validation seeds of the class",
    )
    costs = relative_costs(
        recipe, range(first, first + recipe.validation), [each for _, each in finalists]
    )
    errors = np.full(costs.shape[1], np.nan)
    if len(costs) > 1:
        errors = costs.std(axis=0, ddof=1) / np.sqrt(len(costs))
    found = [
        Validated(name, each, float(c), float(e))
        for (name, each), c, e in zip(finalists, costs.mean(axis=0), errors, strict=True)
    ]
    for each in found:
        progress(
            f"validation: {each.name} costs {each.cost:.4f} +- {each.error:.4f} of {_REFERENCE}: "
            f"{_shown(recipe, each.parameters)}"
        )
    return sorted(found, key=lambda each: each.cost)


def _fixed(name: str) -> FixedParameters:
    found = load_agent(name).parameters
    if not isinstance(found, FixedParameters):
        raise InputError(
            "start", repr(name), "an agent with fixed parameters", "start from default or tuned"
        )
    return found


def _search(recipe: TuningRecipe, ranges: tuple[Range, ...], start: FixedParameters) -> Any:
    try:
        from cmaes import CMA
    except ImportError as error:
        raise MissingExtraError("cmaes", "train") from error
    bounds = np.tile([0.0, 1.0], (len(ranges), 1))
    return CMA(
        mean=shares_of(ranges, start),
        sigma=recipe.sigma,
        bounds=bounds,
        seed=recipe.seed,
        population_size=recipe.population,
    )


def _world(recipe: TuningRecipe, seed: int) -> World:
    scenario = draw_scenario(recipe.world_class, seed)
    forecaster = scenario_forecaster(scenario, cast("ForecastModel", recipe.forecast))
    # All candidates meet the same mornings, so each forecast is made only once.
    return World.of(scenario, recipe.world_class.cost, RememberedForecaster(forecaster))


def _cost(world: World, parameters: FixedParameters, router: Router, warmup_days: int) -> float:
    days = run(world, OrderPlanner(FixedDispatcher(parameters), router)).days[warmup_days:]
    return sum(day.costs.total for day in days) / len(days)


def _train_seeds(recipe: TuningRecipe, generation: int) -> range:
    seeds = recipe.world_class.splits.seeds("train")
    last = (generation + 1) * recipe.scenarios
    require(
        "generations",
        recipe.generations,
        last <= len(seeds),
        f"at most {len(seeds)} training seeds in all",
    )
    return seeds[generation * recipe.scenarios : last]


def _finalists(
    recipe: TuningRecipe,
    ranges: tuple[Range, ...],
    start: FixedParameters,
    mean: FloatArray,
    generations: Sequence[dict[str, Any]],
) -> list[tuple[str, FixedParameters]]:
    """The start, the mean of the search, and the best candidate of each of the last generations."""
    found = [("start", start), ("mean of the search", parameters_at(ranges, mean, start))]
    for k in range(max(0, len(generations) - recipe.finalists), len(generations)):
        best = generations[k]["shares"][int(np.argmin(generations[k]["costs"]))]
        found.append((f"best of generation {k + 1}", parameters_at(ranges, np.array(best), start)))
    return found


def _read(path: Path, recipe: TuningRecipe) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise InputError(
            str(path),
            f"unreadable ({error})",
            "generations of an earlier run",
            "start in an empty folder",
        ) from error
    if _of_the_search(document.get("recipe", {})) != _of_the_search(_as_json(recipe)):
        raise InputError(
            str(path),
            "generations of another recipe",
            "those of this one",
            "start in an empty folder",
        )
    return cast("list[dict[str, Any]]", document["generations"])


def _write(path: Path, recipe: TuningRecipe, generations: Sequence[dict[str, Any]]) -> None:
    write_text_atomically(
        path, json.dumps({"recipe": _as_json(recipe), "generations": list(generations)}) + "\n"
    )


def _write_result(folder: Path, recipe: TuningRecipe, validated: Sequence[Validated]) -> None:
    lines = [
        f"{each.name} = {getattr(validated[0].parameters, each.name)!r}\n"
        for each in ranges_of(recipe.agent)
    ]
    write_text_atomically(folder / "parameters.toml", "".join(lines))
    result = {
        "recipe": _as_json(recipe),
        "episodes": recipe.episodes,
        "validated": [asdict(each) for each in validated],
    }
    write_text_atomically(folder / "result.json", json.dumps(result, indent=1) + "\n")


def _as_json(recipe: TuningRecipe) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(json.dumps(asdict(recipe))))


def _of_the_search(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in _CHANGEABLE}


def _progress_line(
    recipe: TuningRecipe,
    k: int,
    costs: FloatArray,
    candidates: Sequence[FixedParameters],
    seconds: float,
) -> str:
    best = int(np.argmin(costs))
    head = f"generation {k + 1}/{recipe.generations}: mean {costs.mean():.4f}"
    found = f"best {costs[best]:.4f} of {_REFERENCE}, {seconds:.0f} s"
    return f"{head}, {found}; {_shown(recipe, candidates[best])}"


def _shown(recipe: TuningRecipe, parameters: FixedParameters) -> str:
    return ", ".join(
        f"{each.name} {getattr(parameters, each.name):.3g}" for each in ranges_of(recipe.agent)
    )
