"""What can be simulated is opened by name or path, whole or its first days."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lmrs_rl
from lmrs_rl.domain import CallInOrders, Days, InputError
from lmrs_rl.forecast import KnownUse, WeekdayQuantiles
from lmrs_rl.formats.files import write_days, write_network
from lmrs_rl.planning.sources import Source, open_json, open_source, shorten
from lmrs_rl.worlds import Outages, draw_scenario, read_world_class
from lmrs_rl.worlds.parameters import Cost
from tests import tiny
from tests.worlds.small import same

DAY = np.datetime64("2025-03-31")


def called(*latest_min: int) -> CallInOrders:
    """Orders of customer C that end at these minutes."""
    rows = [[tiny.CALL_IN, 0, latest, 80, 100, 0] for latest in latest_min]
    return CallInOrders(*np.array(rows, dtype=np.float64).T)


def source(days: Days | None = None, history: int = 0) -> Source:
    found = tiny.days(3) if days is None else days
    start = replace(found.start, history_kg=np.full((history, 2), 100.0))
    return Source(tiny.network(call_ins=1), replace(found, start=start))


def json_world(folder: Path, date: np.datetime64 | None = None) -> Path:
    folder.mkdir()
    write_network(folder / "network.json", tiny.network())
    write_days(folder / "days.json", tiny.days(3), tiny.network(), date=date)
    return folder


def test_a_shipped_world_is_its_first_test_scenario_with_its_costs() -> None:
    opened = open_source("demo")
    world_class = read_world_class("demo")
    scenario = draw_scenario(world_class, world_class.splits.test[0])
    assert same(opened.days, scenario.days)
    assert same(opened.network, scenario.network)
    assert (opened.cost, opened.instance) == (world_class.cost, None)
    assert opened.date == scenario.date(0)
    assert same(opened.outages, scenario.outages)
    world = opened.world()
    assert world.seed == scenario.seed == world_class.splits.test[0]
    assert same(world.outages, scenario.outages)
    assert isinstance(world.forecaster, WeekdayQuantiles)


def test_a_seed_draws_another_world() -> None:
    opened = open_source("demo", seed=3, days=1)
    assert opened.scenario is not None
    assert opened.scenario.seed == opened.world().seed == 3
    assert opened.days.hours == 24


def test_a_world_in_a_file_is_drawn_too(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text((Path(lmrs_rl.__file__).parents[1] / "envs" / "demo.toml").read_text())
    opened = open_source(str(path), seed=3)
    assert opened.scenario is not None
    assert same(opened.days.use_kg, open_source("demo", seed=3).days.use_kg)


def test_a_folder_is_read_and_wins_over_a_shipped_world_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    json_world(tmp_path / "demo", DAY)
    monkeypatch.chdir(tmp_path)
    opened = open_source("demo", days=2)
    assert (opened.days.name, opened.days.hours, opened.scenario) == ("tiny", 48, None)
    assert opened.date == DAY
    assert opened.cost == Cost()
    assert same(opened.outages, Outages.none(2))


@pytest.mark.parametrize("option", [{"seed": 0}, {"data": Path("data")}])
def test_a_seed_or_data_for_a_folder_are_refused(
    tmp_path: Path, option: dict[str, int | Path]
) -> None:
    (name,) = option
    with pytest.raises(InputError, match=f"{name}: got .*; wanted none for a source"):
        open_source(str(json_world(tmp_path / "w")), **option)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["", "nowhere", "nowhere.json"])
def test_an_unknown_source_is_refused_with_the_worlds_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # The empty name is not the current folder, though that holds a world.
    monkeypatch.chdir(json_world(tmp_path / "w"))
    assert open_source(".").days.name == "tiny"
    with pytest.raises(InputError, match=f"source: got '{name}'; wanted an .xml instance.* demo"):
        open_source(name)


def test_two_files_are_a_source(tmp_path: Path) -> None:
    folder = json_world(tmp_path / "w")
    opened = open_json(folder / "network.json", folder / "days.json", 1)
    assert (opened.days.hours, opened.date, opened.network.n_tanks) == (24, None, 2)


def test_open_world_passes_all_that_it_is_given() -> None:
    world = lmrs_rl.open_world("demo", days=2, seed=3)
    assert (world.days.hours, world.seed) == (48, 3)
    with pytest.raises(InputError, match="data"):
        lmrs_rl.open_world("demo", data=Path("nowhere"))


def test_a_date_given_replaces_the_sources_own() -> None:
    own = replace(source(), date=DAY)
    assert own.world().first_date == DAY
    assert own.world(date=DAY + 7).first_date == DAY + 7
    assert source().world().first_date is None


def test_use_is_forecast_from_history_where_there_is_any_and_known_elsewhere() -> None:
    assert isinstance(source(history=1).world().forecaster, WeekdayQuantiles)
    assert isinstance(source().world().forecaster, KnownUse)
    # Who may know the future forecasts what comes, history or not.
    assert isinstance(source(history=1).world(truth=True).forecaster, KnownUse)


def test_the_truth_of_a_drawn_world_goes_on_after_its_days() -> None:
    whole, short = open_source("demo"), open_source("demo", days=1)
    forecast = short.world(truth=True).forecaster(short.network, short.days.start)
    known = forecast.cumulative(np.full(short.network.n_tanks, 0.5))
    # Three days later the true use of the whole, though the source has one day.
    assert known[:, 72] == pytest.approx(whole.days.use_kg[:72].sum(axis=0))


def test_costs_reach_the_world() -> None:
    dear = replace(source(), cost=Cost(lost_per_kg=7.0))
    assert dear.world().cost == Cost(lost_per_kg=7.0)


@pytest.mark.parametrize(("hours", "most"), [(48, 2), (49, 3), (47, 2), (1, 1)])
def test_a_last_day_cut_short_counts_as_a_day(hours: int, most: int) -> None:
    days = Days("cut", tiny.snapshot(), tiny.use_kg(hours), CallInOrders.none())
    whole = source(days)
    assert shorten(whole, most) is whole
    assert shorten(whole, None) is whole
    with pytest.raises(InputError, match=f"days: got {most + 1}; wanted 1 to {most}, the days of"):
        shorten(whole, most + 1)


def test_a_shortened_source_has_the_first_hours_and_the_orders_that_end_in_them() -> None:
    whole = tiny.days(3)
    # Of an order that ends with the last minute no minute is cut off.
    both = replace(
        whole,
        use_kg=whole.use_kg * np.arange(1, 73)[:, None],
        start=replace(whole.start, call_in_orders=called(1439, 1440)),
        call_in_orders=called(1440, 100, 1439, 4000),
    )
    cut = shorten(Source(tiny.network(call_ins=1), both, date=DAY), 1)
    assert cut.days.use_kg[:, 0].tolist() == [10.0 * hour for hour in range(1, 25)]
    assert cut.days.start.call_in_orders.latest_min.tolist() == [1439]
    assert cut.days.call_in_orders.latest_min.tolist() == [100, 1439]
    assert cut.date == DAY
