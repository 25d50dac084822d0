"""Does today's code give the figures of before, to the bit? Three rows of every results file.

    OMP_NUM_THREADS=1 python -m benchmarks.unchanged --compare benchmarks/unchanged.json
    OMP_NUM_THREADS=1 python -m benchmarks.unchanged --write FILE

``--write`` draws the rows, computes them and keeps their figures in FILE; ``--compare`` computes
the rows of FILE again, names each figure that differs, and exits with 1 if one does. Both also say
whether a row equals the committed one, which may be of older code. Clock times are left out. Which
tables have no rows here, and why, is in `benchmarks.unchanged_rows.NOT_RUN`.

The numbers depend on the processor and on the versions of libraries: compare on the machine and
in the environment that wrote FILE, or write a FILE of the earlier code first.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import sys
import traceback
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from benchmarks.checkout import head
from benchmarks.unchanged_rows import NOT_RUN, SOURCES, Figures, Key, Source
from lmrs_rl.domain.files import write_text_atomically

HERE = Path(__file__).parent
SEED = 2
"""Of the draw: with it every kind of agent and of changed world is among the rows."""
TIMES = (
    "cpu_s",
    "cpu_s_a_day",
    "fit_s",
    "predict_s",
    "sample_s",
    "seconds_a_day_max",
    "seconds_a_day_median",
    "wall_s",
)
"""Names of figures that are clock times."""
PEERS = ("numpy", "numba", "ortools", "lightgbm", "statsforecast")


def flat(value: Any, name: str = "") -> Figures:
    """Figures by name, nested ones by their names joined with ": ", without clock times."""
    if not isinstance(value, dict):
        return {name: value}
    found: Figures = {}
    for inner, each in value.items():
        if inner not in TIMES:
            found |= flat(each, f"{name}: {inner}" if name else str(inner))
    return found


def plain(figures: Figures) -> Figures:
    """The figures as a file of JSON gives them back, flat."""
    return flat(json.loads(json.dumps(figures, default=lambda value: value.item())))


def same(one: Any, other: Any) -> bool:
    """Equal to the bit; not a number equals itself, and 0 is not -0."""
    return json.dumps(one) == json.dumps(other)


def differences(before: Figures, now: Figures) -> list[str]:
    """What ``now`` has otherwise than ``before``, a line for each figure.

    Figures may have new names if all values are the same in the same order.
    """
    if before.keys() != now.keys() and same(list(before.values()), list(now.values())):
        return []
    lines = [f"{name}: missing now" for name in before.keys() - now.keys()]
    lines += [f"{name}: new" for name in now.keys() - before.keys()]
    for name in before.keys() & now.keys():
        if not same(before[name], now[name]):
            lines.append(f"{name}: {before[name]!r} before, {now[name]!r} now")
    return sorted(lines)


def content(source: str) -> Any:
    """The results file of a source, parsed if it is JSON."""
    path = HERE / source.partition(":")[0]
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else text


def drawn(name: str, source: Source) -> list[Key]:
    """Keys of rows drawn from the committed ones, in the order of the file.

    Each next row is one of those with the most values that no row before it has: another agent,
    another world.
    """
    keys = [key for key, _ in source.rows(content(name))]
    left = np.random.default_rng([SEED, *name.encode()]).permutation(len(keys)).tolist()
    chosen: list[int] = []
    seen: set[tuple[str, Any]] = set()
    while left and len(chosen) < source.count:
        chosen.append(max(left, key=lambda k: len(keys[k].items() - seen)))
        left.remove(chosen[-1])
        seen |= keys[chosen[-1]].items()
    return [keys[k] for k in sorted(chosen)]


def beside_committed(name: str, key: Key, figures: Figures) -> str:
    """How ``figures`` stand to those of the committed row."""
    rows = (row for other, row in SOURCES[name].rows(content(name)) if other == key)
    committed = plain(next(rows, {}))
    if not committed:
        return "no committed row of its own"
    now = {each: value for each, value in figures.items() if each in committed}
    if not (found := differences(committed, now)):
        return "equals the committed row"
    far = {each for each in committed if each not in now or not near(committed[each], now[each])}
    if not far:
        return f"equals the committed row but for rounding: {found[0]}"
    found = [line for line in found if line.startswith(tuple(f"{each}: " for each in far))]
    return f"other than committed in {len(far)} of {len(committed)} figures: {found[0]}"


def near(one: Any, other: Any) -> bool:
    """Same, or floats as near as two processors bring them."""
    floats = isinstance(one, float) and isinstance(other, float)
    return same(one, other) or (floats and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-6))


def told(cell: dict[str, Any]) -> str:
    """A cell in one line."""
    return f"{cell['source']} {', '.join(map(str, cell['key'].values()))}"


def computed(name: str, key: Key) -> dict[str, Any]:
    """A cell with today's figures."""
    begun = process_time()
    figures = plain(SOURCES[name].compute(key))
    committed = beside_committed(name, key, figures)
    about = {"cpu_s": round(process_time() - begun, 1), "committed": committed}
    return {"source": name, "key": key, **about, "figures": figures}


def write(path: Path, names: Sequence[str]) -> None:
    """Compute rows of these sources and keep them."""
    cells: list[dict[str, Any]] = []
    versions = {"python": platform.python_version(), **{name: version(name) for name in PEERS}}
    about = {"commit": head(), "machine": platform.machine(), "versions": versions}
    for name in names:
        for key in drawn(name, SOURCES[name]):
            cells.append(computed(name, key))
            told_s = f"{cells[-1]['committed']}, {cells[-1]['cpu_s']} CPU s"
            print(f"{told(cells[-1])}: {told_s}", flush=True)
            result = {"about": about, "not run": NOT_RUN, "cells": cells}
            write_text_atomically(path, json.dumps(result, indent=1) + "\n")


def compare(path: Path, names: Sequence[str]) -> int:
    """Compute the rows in ``path`` again; the number of those that differ or fail."""
    changed, begun = 0, process_time()
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for cell in (cell for cell in cells if cell["source"] in names):
        try:
            now = computed(cell["source"], cell["key"])
            found, committed = differences(cell["figures"], now["figures"]), now["committed"]
        except Exception:  # the other rows are worth knowing all the same
            found, committed = [traceback.format_exc()], "not computed"
        changed += bool(found)
        print(f"{told(cell)}: {'CHANGED' if found else 'unchanged'}, {committed}", flush=True)
        for line in found:
            print(f"  {line}", flush=True)
    print(f"{changed} changed, {process_time() - begun:.0f} CPU s")
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare; 1 where a row changed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", type=Path, metavar="FILE")
    mode.add_argument("--compare", type=Path, metavar="FILE")
    parser.add_argument("--only", nargs="+", choices=SOURCES, default=list(SOURCES))
    args = parser.parse_args(arguments)
    if args.write is not None:
        write(args.write, args.only)
        return 0
    return 1 if compare(args.compare, args.only) else 0


if __name__ == "__main__":
    sys.exit(main())
