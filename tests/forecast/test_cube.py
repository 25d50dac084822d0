"""The cube says what the live forecaster would say, to the bit, and never half."""

from __future__ import annotations

import json
import pickle
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lmrs_rl.domain import DailyForecast, InputError
from lmrs_rl.forecast import Forecaster
from lmrs_rl.forecast.cube import ForecastCube, build_cube, open_cube
from lmrs_rl.forecast.live import JointModel, PanelForecaster
from lmrs_rl.forecast.models.auto import AutoModel
from lmrs_rl.forecast.models.protocol import FittedModel
from lmrs_rl.forecast.models.ridge import RidgeModel
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from tests import tiny
from tests.forecast.stand_in_models import JointMeanModel, MeanModel, panel


def live(fitted: FittedModel | None = None, **settings: Any) -> PanelForecaster:
    return PanelForecaster(panel(), fitted or JointMeanModel(), **settings)


def cube_in(
    folder: Path, forecaster: PanelForecaster | None = None, first: int = 10, last: int = 20
) -> ForecastCube:
    return build_cube(folder / "cube", forecaster or live(), first, last)


def same(one: DailyForecast, two: DailyForecast) -> bool:
    arrays = [
        (getattr(one, name), getattr(two, name)) for name in ("quantiles", "daily_kg", "ranks")
    ]
    profiles = one.profile is two.profile is None or (
        one.profile is not None
        and two.profile is not None
        and np.array_equal(one.profile, two.profile)
    )
    return (
        one.start_min == two.start_min
        and profiles
        and all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in arrays)
    )


@pytest.mark.parametrize(
    "forecaster",
    [
        live(),
        live(MeanModel()),
        live(first_min=360, days=3, profile=np.random.default_rng(1).dirichlet(np.ones(24), 2)),
    ],
    ids=["pools that change", "one pool", "profile"],
)
def test_every_morning_is_that_of_the_live_forecaster(
    tmp_path: Path, forecaster: PanelForecaster
) -> None:
    cube = cube_in(tmp_path, forecaster)
    for day in range(10, 21):
        now, then = cube.at(day), forecaster.at(day)
        assert same(now, then), day
        np.testing.assert_array_equal(now.cumulative(0.8), then.cumulative(0.8))
        np.testing.assert_array_equal(
            now.paths(7, np.random.default_rng(day)), then.paths(7, np.random.default_rng(day))
        )


def test_the_automatic_models_mornings_are_those_of_the_live_forecaster(tmp_path: Path) -> None:
    past = panel(days=130)
    fitted: JointModel = AutoModel((RidgeModel(), SeasonalNaive()), windows=4).fit(
        past.known_at(120), 7
    )
    forecaster = PanelForecaster(past, fitted)
    cube = cube_in(tmp_path, forecaster, 120, 125)
    for day in range(120, 126):
        assert same(cube.at(day), forecaster.at(day)), day
    np.testing.assert_array_equal(cube.at(122).ranks, fitted.ranks(past.known_at(122), 7))


def test_the_cube_is_a_forecaster_for_the_planner(tmp_path: Path) -> None:
    cube: Forecaster = cube_in(tmp_path, live(first_min=360))
    snapshot = replace(tiny.snapshot(), time_min=360 + 12 * 1440)
    made = cube(tiny.network(), snapshot)
    np.testing.assert_array_equal(
        made.cumulative(0.7), live(first_min=360)(tiny.network(), snapshot).cumulative(0.7)
    )


def test_what_comes_after_a_morning_is_not_in_its_forecast(tmp_path: Path) -> None:
    use = np.array(panel().use)
    use[15:] = 999
    other = build_cube(
        tmp_path / "other", PanelForecaster(panel(use=use), JointMeanModel()), 10, 20
    )
    cube = cube_in(tmp_path)
    assert [day for day in range(10, 21) if not same(cube.at(day), other.at(day))] == [
        16,
        17,
        18,
        19,
        20,
    ]


def test_mornings_with_the_same_pool_share_it(tmp_path: Path) -> None:
    # A new one on the days 12, 15 and 18.
    assert cube_in(tmp_path).pool_of == (
        0,
        0,
        1,
        1,
        1,
        2,
        2,
        2,
        3,
        3,
        3,
    )
    assert cube_in(tmp_path / "one", live(MeanModel())).pool_of == (0,) * 11


def test_the_limits_of_the_cube_are_kept(tmp_path: Path) -> None:
    cube = cube_in(tmp_path)
    assert (cube.first_day, cube.last_day) == (10, 20)
    for day in (9, 21):
        with pytest.raises(InputError, match="day: got"):
            cube.at(day)
    alone = cube_in(tmp_path / "alone", first=4, last=4)
    assert same(alone.at(4), live().at(4))


def test_a_look_up_takes_less_than_a_twentieth_of_a_millisecond(tmp_path: Path) -> None:
    cube = cube_in(tmp_path)
    taken = []
    for _ in range(200):
        start = time.perf_counter()
        cube.at(15)
        taken.append(time.perf_counter() - start)
    assert np.median(taken) < 50e-6


def test_forecasts_of_the_cube_cannot_be_changed(tmp_path: Path) -> None:
    made = cube_in(tmp_path).at(12)
    for array in (made.daily_kg, made.ranks, made.quantiles):
        with pytest.raises(ValueError, match="read-only"):
            array[:] = 0


def test_a_pickled_cube_is_its_path(tmp_path: Path) -> None:
    cube = cube_in(tmp_path)
    text = pickle.dumps(cube)
    assert len(text) < 1000
    assert same(pickle.loads(text).at(11), cube.at(11))


def test_every_day_is_reported(tmp_path: Path) -> None:
    seen: list[int] = []
    build_cube(tmp_path / "cube", live(), 3, 6, on_day=seen.append)
    assert seen == [3, 4, 5, 6]


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="day"):
        cube_in(tmp_path, last=31)  # the panel ends on day 30
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyboardInterrupt):
        build_cube(tmp_path / "cube", live(), 3, 6, on_day=interrupt)
    assert list(tmp_path.iterdir()) == []


def interrupt(day: int) -> None:
    raise KeyboardInterrupt


def test_no_cube_is_overwritten(tmp_path: Path) -> None:
    cube_in(tmp_path)
    with pytest.raises(InputError, match="path"):
        cube_in(tmp_path, first=3)
    assert open_cube(tmp_path / "cube").first_day == 10


def test_the_slower_of_two_builders_leaves_the_first_ones_cube(tmp_path: Path) -> None:
    def faster(day: int) -> None:
        if day == 6:
            cube_in(tmp_path, first=1, last=2)

    with pytest.raises(InputError, match="open the cube"):
        build_cube(tmp_path / "cube", live(), 3, 6, on_day=faster)
    assert open_cube(tmp_path / "cube").first_day == 1
    assert [p.name for p in tmp_path.iterdir()] == ["cube"]


def test_days_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="first"):
        cube_in(tmp_path, first=11, last=10)


def test_a_forecaster_that_changes_shape_is_refused(tmp_path: Path) -> None:
    class Fickle:
        ids = ("A", "B")

        def at(self, day: int) -> DailyForecast:
            return live(days=3 if day > 4 else 4).at(day)

    with pytest.raises(InputError, match="day 5"):
        build_cube(tmp_path / "cube", Fickle(), 3, 6)


def test_other_tanks_are_refused(tmp_path: Path) -> None:
    other = build_cube(
        tmp_path / "other", PanelForecaster(panel(ids=("A", "Z")), MeanModel()), 0, 1
    )
    with pytest.raises(InputError, match=r"tanks\.ids"):
        other(tiny.network(), tiny.snapshot())


def broken_header(folder: Path, **changes: Any) -> None:
    header = json.loads((folder / "header.json").read_text())
    (folder / "header.json").write_text(json.dumps(header | changes))


@pytest.mark.parametrize(
    ("breakage", "field"),
    [
        (lambda p: (p / "header.json").unlink(), "header"),
        (lambda p: (p / "header.json").write_text("{"), "header"),
        (lambda p: (p / "header.json").write_text("[]"), "header"),
        (lambda p: broken_header(p, format="lmrs-forecast-cube/0"), "header"),
        (lambda p: broken_header(p, extra=1), "header"),
        (lambda p: broken_header(p, first_day="x"), "first_day"),
        (lambda p: broken_header(p, pool_of=[]), "pool_of"),
        (lambda p: broken_header(p, pool_of=[0, 0]), "shape"),
        (lambda p: broken_header(p, pool_of=[0] * 10 + [7]), "ranks-4"),
        (lambda p: broken_header(p, pool_of=[-1] * 11), "pool_of"),
        (lambda p: broken_header(p, ids=["A"]), "shape"),
        (lambda p: broken_header(p, quantiles=[0.5]), "shape"),
        (lambda p: (p / "daily_kg.npy").unlink(), "daily_kg"),
        (
            lambda p: (p / "daily_kg.npy").write_bytes((p / "daily_kg.npy").read_bytes()[:-1]),
            "daily_kg",
        ),
        (lambda p: (p / "daily_kg.npy").write_bytes(b""), "daily_kg"),
        (lambda p: np.save(p / "ranks-1.npy", np.zeros((2, 2, 7))), "ranks-1"),
        (lambda p: np.save(p / "ranks-1.npy", np.zeros((2, 2, 6), dtype=np.float32)), "shape"),
        (lambda p: np.save(p / "profile.npy", np.zeros((3, 24))), "shape"),
        (lambda p: np.save(p / "profile.npy", np.zeros((2, 23))), "shape"),
    ],
)
def test_a_broken_cube_is_refused(tmp_path: Path, breakage: Any, field: str) -> None:
    cube_in(tmp_path)
    breakage(tmp_path / "cube")
    with pytest.raises(InputError, match=field):
        open_cube(tmp_path / "cube")
