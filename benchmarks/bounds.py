r"""The physical limit: how tight it is and how long it takes, by size; and beside valid plans of
others for real networks.

    OMP_NUM_THREADS=1 python -m benchmarks.bounds [--sizes 20 40 100 200] [--seeds 3] \
        [--data ../shared/data/roadef2016] [--output benchmarks/bounds]

Generated networks come from `benchmarks.routing_cases` (one to three loading sites, three types
of tanker, each refused by some customers); tanks use 400 to 2500 kg a day, last 3 to 25 days and
get what they use in 28 days. Times are CPU seconds of one thread; functions are compiled before.
Without the folder of the challenge's data that part is left out and said so.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

from benchmarks.routing_cases import routing_case
from lmrs_rl.bounds import LimitSettings, PhysicalLimit, efficiency, limit_of_trips, physical_limit
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.formats.roadef import read_instance, read_solution
from lmrs_rl.referee import judge

HERE = Path(__file__).parent
DAYS = 28
USE_KG_PER_DAY, COVER_DAYS = (400.0, 2500.0), (3.0, 25.0)
SETTINGS = {
    "default": LimitSettings(),
    "fine": LimitSettings(payload_steps=200, neighbours=8),
    "coarse": LimitSettings(payload_steps=30, neighbours=4),
}


@dataclass(frozen=True)
class Row:
    """A limit and what it took."""

    case: str
    customers: int
    settings: str
    km: float
    radial_km: float
    lp_km_upper: float
    iterations: int
    patterns: int
    complete: bool
    cpu_s: float
    km_driven: float = 0.0
    efficiency: float = 0.0

    @property
    def gap(self) -> float:
        """By how much the real program can be above the bound, as a share of it."""
        return self.lp_km_upper / self.km - 1 if self.km > 0 else 0.0


def row(
    case: str,
    customers: int,
    settings: str,
    limit: PhysicalLimit,
    cpu_s: float,
    km_driven: float = 0.0,
) -> Row:
    eta = efficiency(limit, km_driven) if km_driven else 0.0
    figures = (
        limit.km,
        limit.radial_km,
        limit.lp_km_upper,
        limit.iterations,
        limit.patterns,
        limit.complete,
    )
    return Row(case, customers, settings, *figures, cpu_s, km_driven, eta)


def generated(tanks: int, seed: int, settings: str) -> Row:
    """The limit of a generated network."""
    network = routing_case(tanks, seed=seed, reloads=True)[0]
    rng = np.random.default_rng([seed, tanks])
    use_kg = np.exp(rng.uniform(np.log(USE_KG_PER_DAY[0]), np.log(USE_KG_PER_DAY[1]), tanks))
    capacity_kg = use_kg * np.exp(rng.uniform(np.log(COVER_DAYS[0]), np.log(COVER_DAYS[1]), tanks))
    begun = process_time()
    limit = physical_limit(
        network, DAYS * use_kg, max_drop_kg=capacity_kg, settings=SETTINGS[settings]
    )
    return row(f"{tanks} tanks, seed {seed}", tanks, settings, limit, process_time() - begun)


def of_plan(folder: Path, plan: Path) -> Row:
    """The limit beside a valid plan of the ROADEF/EURO Challenge 2016."""
    name = (
        f"Instance_{plan.stem}"
        if plan.stem.startswith("V_")
        else ".".join(plan.stem.split(".")[:2])
    )
    instance = read_instance(folder / "instances" / f"{name}.xml")
    trips = read_solution(plan, instance)
    verdict = judge(instance.network, instance.days, trips)
    if verdict.operating:
        raise ValueError(f"{plan.stem} breaks rules: {verdict}")
    begun = process_time()
    limit = limit_of_trips(instance.network, instance.days, trips)
    return row(
        plan.stem,
        len(instance.network.customers),
        "default",
        limit,
        process_time() - begun,
        verdict.figures.km,
    )


def sizes_table(rows: Sequence[Row]) -> list[str]:
    """Medians by size and settings."""
    lines = [
        "| tanks | settings | over radial | gap | iterations | patterns | CPU s, median / most |",
        "|---|---|---|---|---|---|---|",
    ]
    for tanks, name in sorted({(r.customers, r.settings) for r in rows}):
        same = [r for r in rows if (r.customers, r.settings) == (tanks, name)]
        over, gap, turns, found = (
            median(each)
            for each in zip(
                *((r.km / r.radial_km, r.gap, r.iterations, r.patterns) for r in same), strict=True
            )
        )
        times = f"{median(r.cpu_s for r in same):.1f} / {max(r.cpu_s for r in same):.1f}"
        lines.append(
            f"| {tanks} | {name} | {over:.3f} | {gap:.2%} | {turns:g} | {found:g} | {times} |"
        )
    return lines


def plans_table(rows: Sequence[Row]) -> list[str]:
    head = [
        "| plan | customers | km driven | limit km | radial km | efficiency | gap | CPU s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return head + [
        f"| {r.case} | {r.customers} | {r.km_driven:.0f} | {r.km:.0f} | {r.radial_km:.0f} | "
        f"{r.efficiency:.3f} | {r.gap:.1%} | {r.cpu_s:.1f} |"
        for r in rows
    ]


def report(about: dict[str, str], sizes: Sequence[Row], plans: Sequence[Row]) -> str:
    """The results for people."""
    told = [f"{name}: {value}" for name, value in about.items()]
    settings = [
        f"- *{name}*: {value}"
        for name, value in SETTINGS.items()
        if any(r.settings == name for r in sizes)
    ]
    lines = [
        "# The physical limit: tightness and time",
        "",
        "; ".join(told),
        "",
        "## By size",
        "",
        *sizes_table(sizes),
        "",
        *settings,
        "",
    ]
    lines += [
        "*Over radial*: the limit as a multiple of the radial bound. *Gap*: how far real patterns "
        "stay above the limit at most."
    ]
    if plans:
        lines += [
            "",
            "## Beside valid plans of the ROADEF/EURO Challenge 2016",
            "",
            *plans_table(plans),
        ]
        lines += [
            "",
            "The plans are not the best known ones. Hours, driving limits and levels at the time "
            "of a visit are not in the limit.",
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 40, 100, 200])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument(
        "--settings", nargs="+", choices=list(SETTINGS), default=["default", "coarse"]
    )
    parser.add_argument(
        "--data", type=Path, default=HERE.parents[1] / "shared" / "data" / "roadef2016"
    )
    parser.add_argument("--output", type=Path, default=HERE / "bounds")
    args = parser.parse_args()
    generated(4, 0, "coarse")  # compiles
    sizes, plans = [], []
    for tanks, seed, name in (
        (t, s, n) for t in args.sizes for s in range(args.seeds) for n in args.settings
    ):
        sizes.append(generated(tanks, seed, name))
        print(sizes[-1], flush=True)
    if not args.data.is_dir():
        print("no challenge data: plans are left out")
    for path in sorted((args.data / "plans").glob("*.xml")):
        plans.append(of_plan(args.data, path))
        print(plans[-1], flush=True)
    about = {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("ortools", "numpy", "numba")},
    }
    result = {
        "about": about,
        "sizes": [asdict(r) for r in sizes],
        "plans": [asdict(r) for r in plans],
    }
    write_text_atomically(args.output.with_suffix(".json"), json.dumps(result, indent=1) + "\n")
    write_text_atomically(args.output.with_suffix(".md"), report(about, sizes, plans))


if __name__ == "__main__":
    main()
