r"""The forecaster beside seasonal naive and AutoETS: same data, same splits, same process, CPU
seconds of one thread.

    OMP_NUM_THREADS=1 python -m benchmarks.forecast [--parts lpg panels cold speed] \
        [--seed 20261201] [--data ../shared/data/lpg_tanks/lpg_tanks.csv]

Needs the extra ``[forecast]``. Results of each part go to ``benchmarks/forecast_<part>.json`` and
all that stand to ``benchmarks/forecast.md``. The seed of the panels is to be one that no one has
looked at before: choose a new one, and report what it gives.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks.forecast_oracle import KnowsGenerator
from benchmarks.lpg import read_lpg
from lmrs_rl.domain.arrays import BoolArray, FloatArray
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.forecast.backtests.backtest import BacktestResult, backtest
from lmrs_rl.forecast.backtests.metrics import BootstrapInterval
from lmrs_rl.forecast.backtests.scores import only, scaled_wql_ratio, scores
from lmrs_rl.forecast.cube import build_cube
from lmrs_rl.forecast.live import PanelForecaster
from lmrs_rl.forecast.models.auto import AutoModel
from lmrs_rl.forecast.models.protocol import QUANTILES, TrainableModel
from lmrs_rl.forecast.models.ridge import RidgeModel
from lmrs_rl.forecast.models.seasonal_naive import SeasonalNaive
from lmrs_rl.forecast.models.statistical import Statistical
from lmrs_rl.forecast.panel import Panel, View
from lmrs_rl.worlds.generator.panel_parameters import PanelParameters
from lmrs_rl.worlds.generator.panels import generate_panel, without_covariates

HERE = Path(__file__).parent
DAYS = 7
PEERS = ("SeasonalNaive", "SeasonalNaive of statsforecast", "AutoETS")
TWO_YEARS = 731
COLD_DAYS = (0, 3, 7, 14, TWO_YEARS)
COLD_PANELS = 5
FLOOR = (
    "The model that knows the generator, every trait and the state of every morning marks the "
    "floor: in expectation nothing that learns can beat it, "
    "in one draw of 100 series and 5 origins it may happen. A bar near its ratio is met by luck "
    "of the draw alone."
)


def models() -> tuple[TrainableModel, ...]:
    return (
        AutoModel(),
        RidgeModel(),
        SeasonalNaive(),
        Statistical("SeasonalNaive"),
        Statistical("AutoETS"),
    )


def judged(result: BacktestResult, seed: int) -> dict[str, Any]:
    """Figures of every model, ratios with bootstrap intervals over series and origins, coverage
    by customer type.
    """
    rng = np.random.default_rng(seed)
    ratios = {
        f"{run.name} / {peer}": str(scaled_wql_ratio(result, run.name, peer, rng))
        for run in result.runs
        for peer in PEERS
        if run.name != peer
    }
    types = {
        int(kind): next(
            each.as_dict()
            for each in scores(only(result, result.customer_type == kind))
            if each.name == "auto"
        )
        for kind in np.unique(result.customer_type)
    }
    return {
        "series": len(result.ids),
        "origins": len(result.origins),
        "scores": [each.as_dict() for each in scores(result)],
        "ratios of mean scaled wQL": ratios,
        "auto by customer type": types,
    }


def lpg(data: Path, seed: int) -> dict[str, Any]:
    """Real tanks: an origin every two weeks of the last twelve months."""
    panel = read_lpg(data)
    origins = list(range(panel.days - 365, panel.days - DAYS, 14))
    clean = read_lpg(data, drop_outliers=True)
    return {
        "as it is": judged(
            backtest(panel, models(), origins=origins, days=DAYS, refit_every=8, on_origin=told),
            seed,
        ),
        "without 5 days of sensor trouble": judged(
            backtest(clean, models(), origins=origins, days=DAYS, refit_every=8, on_origin=told),
            seed,
        ),
    }


def panels(seed: int) -> dict[str, Any]:
    """A generated panel, beside the floor that knows the generator, then the same without any
    covariates.
    """
    panel = generate_panel(PanelParameters(), seed, series=100, days=TWO_YEARS + 70)
    origins = list(range(TWO_YEARS, TWO_YEARS + 63, 13))
    floor = KnowsGenerator(PanelParameters(), seed, len(panel.ids), panel.days)
    full = judged(
        backtest(
            panel, (*models(), floor), origins=origins, days=DAYS, refit_every=3, on_origin=told
        ),
        seed,
    )
    loss = {row["name"]: row["scaled_wql"] for row in full["scores"]}
    full["share of the reachable gain over SeasonalNaive"] = {
        name: (loss["SeasonalNaive"] - loss[name]) / (loss["SeasonalNaive"] - loss[floor.name])
        for name in ("auto", "ridge", "AutoETS")
    }
    bare = judged(
        backtest(
            without_covariates(panel),
            models(),
            origins=origins,
            days=DAYS,
            refit_every=3,
            on_origin=told,
        ),
        seed,
    )
    return {"with covariates": full, "without covariates": bare}


def cold(seed: int) -> dict[str, Any]:
    """New tanks: a fifth of the series of five panels has only its last days measured; error and
    coverage on those, beside full history.

    The model that meets them was fitted before they came, once a panel; beside it stands one fitted
    on the same panel with all history.
    """
    found = [cold_panel(seed + 1 + 100 * k) for k in range(COLD_PANELS)]
    # (knowns, new series)
    error, size, inside, counted = (
        np.concatenate([each[k] for each in found], axis=1) for k in range(4)
    )
    rng = np.random.default_rng(seed)
    draws = rng.integers(error.shape[1], size=(2000, error.shape[1]))
    rows, full = {}, len(COLD_DAYS) - 1
    for k, known in enumerate(COLD_DAYS):
        wape = error[k].sum() / size[k].sum()
        # The same days of the same series: their use cancels.
        ratios = error[k][draws].sum(axis=1) / error[full][draws].sum(axis=1)
        low, high = np.quantile(ratios, [0.025, 0.975])
        rows[str(known)] = {
            "wape": float(wape),
            "coverage_80": float(inside[k].sum() / counted[k].sum()),
            "wape / full": str(
                BootstrapInterval(
                    float(error[k].sum() / error[full].sum()), float(low), float(high)
                )
            ),
        }
    return {"new series": int(error.shape[1]), "days of history": rows}


def cold_panel(seed: int) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Sums over origins and days for each number of days known and each new series: absolute
    error, use, days inside the band, days.
    """
    panel = generate_panel(PanelParameters(), seed, series=100, days=TWO_YEARS + 70)
    origins = list(range(TWO_YEARS, TWO_YEARS + 63, 13))
    new = np.arange(len(panel.ids)) % 5 == 0
    sums = np.zeros((4, len(COLD_DAYS), int(new.sum())))
    fits = {
        full: AutoModel().fit(cold_view(panel, origins[0], TWO_YEARS if full else 0, new), DAYS)
        for full in (False, True)
    }
    for k, known in enumerate(COLD_DAYS):
        for origin in origins:
            predicted = fits[known == TWO_YEARS](cold_view(panel, origin, known, new), DAYS)[new]
            actual = panel.use[origin : origin + DAYS, new].T
            ok = ~np.isnan(actual)
            sums[0, k] += np.where(
                ok, np.abs(actual - predicted[:, :, len(QUANTILES) // 2]), 0.0
            ).sum(axis=1)
            sums[1, k] += np.where(ok, actual, 0.0).sum(axis=1)
            sums[2, k] += (
                ok & (actual >= predicted[:, :, 3]) & (actual <= predicted[:, :, 11])
            ).sum(axis=1)
            sums[3, k] += ok.sum(axis=1)
    print(f"cold start: panel {seed} done", flush=True)
    return sums[0], sums[1], sums[2], sums[3]


def cold_view(panel: Panel, origin: int, known: int, new: BoolArray) -> View:
    """What is known where the ``new`` series have been measured for ``known`` days only."""
    use = np.array(panel.use)
    use[: max(origin - known, 0), new] = np.nan
    return replace(panel, use=use).known_at(origin)


def speed(seed: int) -> dict[str, Any]:
    """500 series with two years of days: CPU seconds of one thread, medians of repeated runs."""
    panel = generate_panel(PanelParameters(), seed + 2, series=500, days=TWO_YEARS + 14)
    view = panel.known_at(TWO_YEARS)
    started = process_time()
    fitted = AutoModel().fit(view, DAYS)
    retrain = process_time() - started
    predict = median_s(lambda: fitted(view, DAYS), 5)
    forecaster = PanelForecaster(panel, fitted, days=DAYS)
    paths = (
        median_s(lambda: forecast.paths(200, np.random.default_rng(0)), 5)
        if (forecast := forecaster.at(TWO_YEARS))
        else 0.0
    )
    with tempfile.TemporaryDirectory() as folder:
        cube = build_cube(Path(folder) / "cube", forecaster, TWO_YEARS, TWO_YEARS + 3)
        look_up = median_s(lambda: cube.at(TWO_YEARS + 2), 2000, clock=perf_counter)
    return {
        "retrain_s": retrain,
        "predict_ms": 1e3 * predict,
        "paths_200_ms": 1e3 * paths,
        "cube_look_up_ms": 1e3 * look_up,
    }


def median_s(
    work: Callable[[], object], times: int, clock: Callable[[], float] = process_time
) -> float:
    seconds = []
    for _ in range(times):
        started = clock()
        work()
        seconds.append(clock() - started)
    return float(np.median(seconds))


def told(model: str, origin: int) -> None:
    print(f"{model}: origin {origin + 1} done", flush=True)


def table(found: dict[str, Any]) -> list[str]:
    """A backtest's figures as a Markdown table with its ratios below."""
    names = (
        "scaled_wql",
        "wql",
        "wape",
        "mase",
        "coverage_80",
        "coverage_95",
        "coverage_80_days_7",
        "coverage_95_days_7",
        "ece",
        "fit_s",
        "predict_s",
    )
    lines = ["| model | " + " | ".join(names) + " |", "|" + "---|" * (len(names) + 1)]
    lines += [
        f"| {row['name']} | " + " | ".join(f"{row[name]:.3f}" for name in names) + " |"
        for row in found["scores"]
    ]
    lines += [
        "",
        *[f"- {name}: {value}" for name, value in found["ratios of mean scaled wQL"].items()],
        "",
    ]
    reached = found.get("share of the reachable gain over SeasonalNaive", {})
    lines += [FLOOR, ""] if reached else []
    lines += [
        f"- {name}: {share:.3f} of the gain over SeasonalNaive that knowing the generator brings"
        for name, share in reached.items()
    ]
    for kind, row in found["auto by customer type"].items():
        lines.append(
            f"- auto, customer type {kind}: coverage {row['coverage_80']:.3f} and "
            f"{row['coverage_95']:.3f}, wape {row['wape']:.3f}"
        )
    return [*lines, ""]


def report(parts: dict[str, dict[str, Any]]) -> str:
    text = [
        "# Forecasts beside their peers",
        "",
        "Ratios of mean scaled wQL with 95 % bootstrap intervals over series and origins.",
        "",
    ]
    for part, found in parts.items():
        text += [
            f"## {part}",
            "",
            f"{found['about']['date']}, seed {found['about']['seed']}, "
            f"{found['about']['versions']}",
            "",
        ]
        result = found["result"]
        tables: Sequence[tuple[str, Any]] = (
            [("", result)]
            if "scores" in result
            else [(k, v) for k, v in result.items() if isinstance(v, dict) and "scores" in v]
        )
        for name, each in tables:
            text += ([f"### {name}", ""] if name else []) + table(each)
        if not tables:
            text += ["```", json.dumps(result, indent=1), "```", ""]
    return "\n".join(text)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--parts",
        nargs="*",
        default=["speed", "cold", "lpg", "panels"],
        choices=["lpg", "panels", "cold", "speed"],
    )
    parser.add_argument("--seed", type=int, default=20261201)
    parser.add_argument(
        "--data",
        type=Path,
        default=HERE.parent.parent / "shared" / "data" / "lpg_tanks" / "lpg_tanks.csv",
    )
    args = parser.parse_args()
    work: dict[str, Callable[[], dict[str, Any]]] = {
        "lpg": lambda: lpg(args.data, args.seed),
        "panels": lambda: panels(args.seed),
        "cold": lambda: cold(args.seed),
        "speed": lambda: speed(args.seed),
    }
    for part in args.parts:
        versions = {
            "python": platform.python_version(),
            **{k: version(k) for k in ("lmrs-rl", "numpy", "lightgbm", "statsforecast")},
        }
        about = {"date": datetime.date.today().isoformat(), "seed": args.seed, "versions": versions}
        found = {"about": about, "result": work[part]()}
        write_text_atomically(HERE / f"forecast_{part}.json", json.dumps(found, indent=1) + "\n")
        print(json.dumps(found["result"], indent=1)[:3000], flush=True)
    stand = {p: HERE / f"forecast_{p}.json" for p in ("lpg", "panels", "cold", "speed")}
    write_text_atomically(
        HERE / "forecast.md",
        report({p: json.loads(f.read_text()) for p, f in stand.items() if f.exists()}),
    )


if __name__ == "__main__":
    main()
