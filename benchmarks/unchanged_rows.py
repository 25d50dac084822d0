"""How rows of the committed results are found and computed again, one `Source` per table.

A source calls the functions of the script that made the table, and imports them only when it
does, because some scripts need extras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lmrs_rl.forecast.models.protocol import TrainableModel
    from lmrs_rl.forecast.panel import Panel

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "shared" / "data"
LONGEST_S = 50.0
"""Rows that took longer are not drawn."""
DISPATCHER_DAYS = 104
"""Days of an episode with its warm-up, for an estimate of what a row takes."""
STOCKOUTS = "stockout_tank_days"
ROLLING = "mornings of a rolling horizon"

Key = dict[str, Any]
Figures = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """A table of results.

    Attributes
    ----------
    rows : from the parsed file (text of a Markdown file) to the key and the committed figures of
        each row that can be computed again; the figures are empty where the file keeps only sums
    compute : from a key to the figures that today's code gives
    count : how many rows are drawn
    """

    rows: Callable[[Any], list[tuple[Key, Figures]]]
    compute: Callable[[Key], Figures]
    count: int = 3


def picked(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The entries of ``row`` with these names."""
    return {name: row[name] for name in names}


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    """``row`` without the entries of these names."""
    return {name: value for name, value in row.items() if name not in names}


def dispatcher_rows(content: Any) -> list[tuple[Key, Figures]]:
    """Rows of the agents that come with the library."""
    shipped = {path.name for path in (HERE.parent / "agents").iterdir()}
    names = ("variant", "world", "seed", "days", "preset", "agent")
    return [
        (picked(row, *names), row["figures"])
        for row in content["rows"]
        if row["agent"] in shipped and DISPATCHER_DAYS * row["times"]["seconds_a_day"] < LONGEST_S
    ]


def short_dispatcher_rows(content: Any) -> list[tuple[Key, Figures]]:
    """As `dispatcher_rows` with two weeks in place of 90 days, whose figures the file has not."""
    return [({**key, "days": 14}, {}) for key, _ in dispatcher_rows(content)]


def dispatcher(key: Key) -> Figures:
    from benchmarks.dispatcher import Task, run

    (row,) = run(Task(**without(key, "agent"), agents=(key["agent"],), code=""))
    return dict(row["figures"])


def ablation_rows(content: Any) -> list[tuple[Key, Figures]]:
    """Each policy in each scenario, but the one that takes eight more episodes to find."""
    return [
        ({**picked(row, "world", "seed"), "days": content["days"], "policy": policy}, figures)
        for row in content["rows"]
        for policy, figures in row["figures"].items()
        if policy != "state frozen"
    ]


def ablation(key: Key) -> Figures:
    from benchmarks import ablations as script
    from benchmarks.around_extended import NEAR, NEAR_PRICE
    from lmrs_rl.learning.rollout import baseline_policy, run_episode

    name, policy = key["policy"], script.linear_policy("universal")
    env = script.env_of(key["world"], key["days"], "universal")
    change = script.changes(script.moved_columns(policy), ()).get(name)
    acting = baseline_policy if change is None else script.changed(policy, change)
    played = run_episode(env, key["seed"], acting)
    price = NEAR_PRICE * env.world_class.cost.stockout_per_tank_day
    smoothed = played.smoothed(NEAR, price).cost
    return {"cost": played.cost, "smoothed": smoothed, **picked(played.figures, STOCKOUTS)}


def around_extended(key: Key) -> Figures:
    from benchmarks.around_extended import scenario

    return scenario(key["number"])


def lookahead_rows(content: Any) -> list[tuple[Key, Figures]]:
    """Runs of the agents that come with the library."""
    names = ("world", "tanks", "number", "days", "agent")
    shipped = {path.name for path in (HERE.parent / "agents").iterdir()}
    return [
        (picked(row, *names), without(row, *names))
        for row in content["runs"]
        if row["agent"] in shipped
    ]


def lookahead(key: Key) -> Figures:
    from benchmarks.lookahead import play, prepared
    from lmrs_rl.dispatchers import load_agent

    morning = prepared(key["world"], key["tanks"], key["number"], key["days"], 7)
    return dict(play(*morning, load_agent(key["agent"])))


def routing_rows(content: Any) -> list[tuple[Key, Figures]]:
    """Plans of the engines that stop by themselves rather than after some CPU time."""
    names = ("tanks", "variant", "seed", "engine")
    return [
        (picked(row, *names), without(row, *names, "gap"))
        for row in content["quality"]["rows"]
        if row["budget_s"] is None and row["cpu_s"] < LONGEST_S / 2
    ]


def routing(key: Key) -> Figures:
    from benchmarks.routing import make_case, row
    from benchmarks.routing_engines import ENDS_BY_ITSELF, NET_S

    case = make_case(key["tanks"], key["variant"], key["seed"])
    answer = ENDS_BY_ITSELF[key["engine"]](case.problem, NET_S, case.seed)
    return row(case, key["engine"], None, answer)


def stage_rows(content: Any) -> list[tuple[Key, Figures]]:
    """The mean cost of each stage; its gap depends on the other stages."""
    return [
        ({"table": table, "stage": row["stage"]}, picked(row, "mean_cost"))
        for table, rows in content["stages"]["tables"].items()
        for row in rows
        if row["median_cpu_ms"] < 1000
    ]


def stage(key: Key) -> Figures:
    from benchmarks.routing_stages import generated_mornings, measured, rolling_mornings, stages

    size, _, what = key["table"].partition(", ")
    count = int(what.split()[0])
    rolling = what.endswith(ROLLING)
    mornings = (
        rolling_mornings(size, count)
        if rolling
        else generated_mornings(int(size.split()[0]), count)
    )
    name = key["stage"]
    (row,) = measured(mornings, {name: stages(("train", "plan", "best"))[name]})
    return picked(row, "mean_cost")


def quantity_rows(content: Any) -> list[tuple[Key, Figures]]:
    """All rows of a size: they are found together."""
    part = content["quantities"]
    return [
        ({"tanks": tanks, "cases": part["cases"]}, {"rows": numbered(rows)})
        for tanks, rows in part["tables"].items()
    ]


def numbered(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows by their number, so that each figure has a name of its own."""
    return {str(k): row for k, row in enumerate(rows)}


def quantities(key: Key) -> Figures:
    from benchmarks.routing_quantities import quantity_tables

    tables = quantity_tables(sizes=[int(key["tanks"])], cases=key["cases"])["tables"]
    return {"rows": numbered(tables[key["tanks"]])}


def roadef_rows(content: Any) -> list[tuple[Key, Figures]]:
    return [
        (picked(row, "instance"), without(row, "instance"))
        for row in content["rows"]
        if row["days"] * row["seconds_a_day_median"] < LONGEST_S
    ]


def roadef(key: Key) -> Figures:
    from benchmarks.roadef import run
    from lmrs_rl.dispatchers import FixedParameters
    from lmrs_rl.routing import RouterSettings

    parameters = FixedParameters.from_file(HERE / "roadef.toml")
    return run((key["instance"], DATA / "roadef2016", parameters, RouterSettings()))


def bound_rows(content: Any) -> list[tuple[Key, Figures]]:
    names = ("case", "customers", "settings")
    return [(picked(row, *names), without(row, *names)) for row in content["sizes"]]


def bound(key: Key) -> Figures:
    from benchmarks.bounds import generated

    return asdict(generated(key["customers"], int(key["case"].split()[-1]), key["settings"]))


def bound_of_plan_rows(content: Any) -> list[tuple[Key, Figures]]:
    return [(picked(row, "case"), without(row, "case")) for row in content["plans"]]


def bound_of_plan(key: Key) -> Figures:
    from benchmarks.bounds import of_plan

    folder = DATA / "roadef2016"
    return asdict(of_plan(folder, folder / "plans" / f"{key['case']}.xml"))


def ends_rows(content: Any) -> list[tuple[Key, Figures]]:
    names = ("world", "seed")
    return [(picked(row, *names), without(row, *names)) for row in content]


def ends(key: Key) -> Figures:
    from benchmarks.environment_ends import ends as play

    return asdict(play(key["world"], key["seed"], (20, 40), 21, 5))


def episode_rows(content: Any) -> list[tuple[Key, Figures]]:
    """All episodes; the file has sums over them."""
    worlds = list(content["by_class"])
    return [
        ({"number": k, "world": worlds[k % len(worlds)]}, {}) for k in range(content["episodes"])
    ]


def episode(key: Key) -> Figures:
    from benchmarks.environment_fuzz import tried
    from lmrs_rl.environment import LmrsEnv

    return asdict(tried(LmrsEnv(key["world"], days=7), key["number"], 0))


def problem_rows(content: Any) -> list[tuple[Key, Figures]]:
    """All problems; the file has counts of them."""
    return [({"number": k, "seed": content["seed"]}, {}) for k in range(content["problems"])]


def problem(key: Key) -> Figures:
    from benchmarks.fuzz_routing import problem as drawn
    from benchmarks.fuzz_routing import troubles
    from tests.routing.checks import solve

    case, kinds = drawn(key["number"], key["seed"])
    plan = solve(case).plan
    found: Figures = {"kinds": kinds, "orders": len(case.orders), "missed": plan.missed}
    return {**found, "cost": plan.costs.total, "troubles": troubles(case)}


def forecast_rows(*slow: str) -> Callable[[Any], list[tuple[Key, Figures]]]:
    """Scores of the models on each panel, but those of the ``slow`` ones."""
    return lambda content: [
        ({"seed": content["about"]["seed"], "panel": panel, "model": row["name"]}, row)
        for panel, found in content["result"].items()
        for row in found["scores"]
        if row["name"] not in slow
    ]


def lpg(key: Key) -> Figures:
    from benchmarks.forecast import DAYS
    from benchmarks.lpg import read_lpg

    data = DATA / "lpg_tanks" / "lpg_tanks.csv"
    panel = read_lpg(data, drop_outliers=key["panel"].startswith("without"))
    origins = range(panel.days - 365, panel.days - DAYS, 14)
    return scored(panel, key["model"], origins, refit_every=8)


def generated_panel(key: Key) -> Figures:
    from benchmarks.forecast import TWO_YEARS
    from benchmarks.forecast_oracle import KnowsGenerator
    from lmrs_rl.worlds.generator.panel_parameters import PanelParameters
    from lmrs_rl.worlds.generator.panels import generate_panel, without_covariates

    parameters, days = PanelParameters(), TWO_YEARS + 70
    panel = generate_panel(parameters, key["seed"], series=100, days=days)
    floor = KnowsGenerator(parameters, key["seed"], len(panel.ids), panel.days)
    if key["panel"].startswith("without"):
        panel = without_covariates(panel)
    origins = range(TWO_YEARS, TWO_YEARS + 63, 13)
    return scored(panel, key["model"], origins, 3, floor)


def scored(
    panel: Panel, name: str, origins: Sequence[int], refit_every: int, *others: TrainableModel
) -> Figures:
    """Scores of the model of this name among the script's models and ``others``."""
    from benchmarks.forecast import DAYS, models
    from lmrs_rl.forecast.backtests.backtest import backtest
    from lmrs_rl.forecast.backtests.scores import scores

    (model,) = (each for each in (*models(), *others) if each.name == name)
    result = backtest(panel, [model], origins=list(origins), days=DAYS, refit_every=refit_every)
    return scores(result)[0].as_dict()


def world_rows(content: str) -> list[tuple[Key, Figures]]:
    """Rows of the Markdown table, with figures as they are printed."""
    cells = [line.strip("| ").split(" | ") for line in content.splitlines() if line[:2] == "| "]
    return [
        (
            {"world": row[0].rpartition("-")[0], "seed": int(row[0].rpartition("-")[2])},
            {"printed": " | ".join(row[7:])},
        )
        for row in cells[1:]
    ]


def world(key: Key) -> Figures:
    from benchmarks.worlds import run
    from lmrs_rl.dispatchers import FixedParameters
    from lmrs_rl.worlds import draw_scenario, read_world_class

    o = run(draw_scenario(read_world_class(key["world"]), key["seed"]), FixedParameters())
    first = f"{o.dry:.2f} | {o.lost:.2f} | {o.busy:.2f} | {o.busiest:.2f}"
    return {**asdict(o), "printed": f"{first} | {o.kg_per_km:.1f} | {o.missed:.2f}"}


def around_rows(content: Any) -> list[tuple[Key, Figures]]:
    return [(picked(row, "number"), without(row, "number")) for row in content]


DISPATCHERS = {
    "dispatcher.json": 7,
    "dispatcher_ahead.json": 3,
    "dispatcher_classes.json": 3,
    "dispatcher_elsewhere.json": 3,
    "dispatcher_plan.json": 3,
    "dispatcher_universal.json": 3,
    "dispatcher_variants.json": 4,
}
"""Rows by file: as many as there are agents or variants where these are quick."""
SOURCES: dict[str, Source] = {
    **{name: Source(dispatcher_rows, dispatcher, count) for name, count in DISPATCHERS.items()},
    "dispatcher_200.json": Source(short_dispatcher_rows, dispatcher),
    "ablations.json": Source(ablation_rows, ablation),
    "around_extended.json": Source(around_rows, around_extended),
    "lookahead.json": Source(lookahead_rows, lookahead),
    "lookahead_more.json": Source(lookahead_rows, lookahead),
    "routing.json: quality": Source(routing_rows, routing),
    "routing.json: stages": Source(stage_rows, stage),
    "routing.json: quantities": Source(quantity_rows, quantities),
    "roadef.json": Source(roadef_rows, roadef),
    "bounds.json: sizes": Source(bound_rows, bound),
    "bounds.json: plans": Source(bound_of_plan_rows, bound_of_plan),
    "environment_ends.json": Source(ends_rows, ends),
    "environment_fuzz.json": Source(episode_rows, episode),
    "fuzz_routing.json": Source(problem_rows, problem),
    "forecast_lpg.json": Source(forecast_rows("auto", "AutoETS"), lpg),
    "forecast_panels.json": Source(forecast_rows("AutoETS"), generated_panel),
    "worlds.md": Source(world_rows, world),
}
"""By the name of the file, and of the table where it has several."""

NOT_RUN = {
    "environment.json": "times only",
    "forecast_speed.json": "times only",
    "lookahead_speed.json": "times only",
    "serving.json": "times, memory and sizes of files and installations",
    "mutation.json": "of the tests, not of figures; a run takes half an hour",
    "forecast_cold.json": "sums over five panels, minutes; forecast_panels.json has its model",
    "learners.json": "needs the folders of training runs, which are not committed",
    "yardsticks.json": "needs instances that are not here; engines stop after some CPU time",
    "routing.json: train": "its gap is to a search that stops after some CPU time",
    "routing.json: memory": "memory only",
    "routing.json: compile": "times only",
}
"""Why a table has no `Source`."""
