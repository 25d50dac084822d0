"""Would the tests notice? A seeded sample of mutants against their related tests.

    python -m benchmarks.mutation --rows runs/mutation.jsonl --output benchmarks/mutation

Sixty small changes (see `benchmarks.mutants`), as many of each kind, are drawn over the modules
that decide something. Each is made in a copy of the tree and judged by the test files that are
related to its module (see `benchmarks.related_tests`), the nearest first and heavy tests last,
until one fails or `BUDGET_S` are over. Where numba compiles the module, it does not here: compiled
code is kept by file, and would not see a change. Rows are kept, so that a run can be taken up
again; ``--again`` judges the survivors once more. Mutants that do the same as the code are named
in ``mutation_equivalents.toml`` and are not counted.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from benchmarks.checkout import head
from benchmarks.mutants import Edit, parses, sites
from benchmarks.related_tests import Tree

ROOT = Path(__file__).resolve().parents[1]
EQUIVALENTS = Path(__file__).with_name("mutation_equivalents.toml")
LEFT_OUT = (
    "*.__main__",
    "*.cli*",
    "*.worlds*",
    "*.interrupts",
    "*.page",
    "*.picture*",
    "*.registration",
    "*.report*",
    "*.card_text",
    "*.svg",
)
"""Modules that decide nothing about a day: command line, generators, what is shown to people."""
BUDGET_S = 120.0
"""[s] after which no further test of a mutant begins."""
HANGS_S = 180.0
"""[s] more that the last test may take; after that it hangs."""
NOT_COPIED = (".git", ".venv", "runs", "build", "dist", ".hypothesis", ".*_cache", "*.egg-info")
KILLED, TIMEOUT, SURVIVED = "killed", "timeout", "survived"
NOTHING_FAILED = (0, 5)
"""Exit codes of pytest: all passed, or there was no test."""
Row = dict[str, Any]
Outcome = tuple[str, float, str]
Equivalents = dict[tuple[str, str, str], str]


@dataclass(frozen=True)
class Mutant:
    """A change of a module; ``line`` and ``mutated`` are its first line before and after."""

    module: str
    path: str
    edit: Edit
    line: str
    mutated: str

    @property
    def row(self) -> Row:
        """What tells it from others."""
        about = {"module": self.module, "path": self.path, "number": self.edit.line}
        place = {"at": self.edit.start, "kind": self.edit.kind}
        return {**about, **place, "line": self.line, "mutated": self.mutated}


def draw(tree: Tree, count: int, seed: int) -> list[Mutant]:
    """So many mutants, as many of each kind as there are; no place is drawn twice."""
    by_kind: dict[str, list[tuple[str, tuple[Edit, ...]]]] = {}
    for module in tree.modules:
        if tree.light(module) and not any(fnmatch.fnmatch(module, each) for each in LEFT_OUT):
            for site in sites(_source(tree, module)):
                by_kind.setdefault(site[0].kind, []).append((module, site))
    rng = np.random.default_rng(seed)
    order = {kind: rng.permutation(len(by_kind[kind])).tolist() for kind in sorted(by_kind)}
    found: list[Mutant] = []
    while len(found) < count and any(order.values()):
        for kind in [each for each in order if order[each]]:
            module, site = by_kind[kind][order[kind].pop()]
            edit, source = site[int(rng.integers(len(site)))], _source(tree, module)
            if len(found) < count and parses(edit.apply(source)):
                path = str(tree.modules[module])
                found.append(Mutant(module, path, edit, *edit.lines(source)))
    return found


def _source(tree: Tree, module: str) -> str:
    return (tree.root / tree.modules[module]).read_text(encoding="utf-8")


class Bench:
    """A copy of the tree in which mutants are judged."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
        self.folder, self.tree = folder, Tree(folder)

    def judge(self, mutant: Mutant) -> Row:
        """Its row with what became of it.

        A test that fails on the code as it is notices nothing; its file is left out.
        """
        tests = list(map(str, self.tree.related(mutant.module)))
        jit = not self.tree.compiled(mutant.module)
        while True:
            outcome, seconds, by = self._run_mutated(mutant, tests, jit)
            # The name of a test may be cut where its parameters have a dash: then its file counts.
            again = ([by], [by.split("::")[0]]) if by else (tests,)
            if outcome == SURVIVED or any(self.run(each, jit)[0] == SURVIVED for each in again):
                break
            if not by:
                outcome = SURVIVED
                break
            tests.remove(by.split("::")[0])
        result = {"outcome": outcome, "by": by, "seconds": round(seconds, 1), "jit": jit}
        return {**mutant.row, **result, "test_files": len(tests)}

    def _run_mutated(self, mutant: Mutant, tests: Sequence[str], jit: bool) -> Outcome:
        path = self.folder / mutant.path
        source, stat = path.read_text(encoding="utf-8"), path.stat()
        path.write_text(mutant.edit.apply(source), encoding="utf-8")
        try:
            return self.run(tests, jit)
        finally:
            path.write_text(source, encoding="utf-8")
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def run(self, tests: Sequence[str], jit: bool) -> Outcome:
        """Outcome, time [s], and the test that failed; tests that are not there notice nothing."""
        if not tests:
            return SURVIVED, 0.0, ""
        options = ["-x", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--tb=no"]
        options += ["-p", "benchmarks.time_limit", "-m", "heavy or not heavy"]
        options += [] if jit else ["-W", "ignore:overflow encountered:RuntimeWarning"]
        more = {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        more |= {"OMP_NUM_THREADS": "1", "TEST_BUDGET_S": str(BUDGET_S)}
        more |= {} if jit else {"NUMBA_DISABLE_JIT": "1"}
        began = monotonic()
        with subprocess.Popen(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=self.folder,
            env={**os.environ, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                told, _ = process.communicate(timeout=BUDGET_S + HANGS_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                return TIMEOUT, monotonic() - began, ""
        failed = [*re.findall(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", told, re.MULTILINE), ""][0]
        fine = process.returncode in NOTHING_FAILED or (not failed and "time is up" in told)
        return SURVIVED if fine else KILLED, monotonic() - began, failed


def read_equivalents(path: Path = EQUIVALENTS) -> Equivalents:
    """Path of the module, line and mutated line to the reason why nothing changes."""
    if not path.exists():
        return {}
    with path.open("rb") as file:
        entries = tomllib.load(file).get("equivalent", [])
    return {(each["path"], each["line"], each["mutated"]): each["reason"] for each in entries}


def _key(row: Row) -> tuple[str, str, str]:
    return row["path"], row["line"], row["mutated"]


def rates(rows: Iterable[Row], equivalents: Equivalents) -> dict[str, int]:
    """How many were killed (those that hang among them), survived, and are equivalent."""
    found = Counter[str]()
    for row in rows:
        gone = row["outcome"] != SURVIVED
        found["killed" if gone else "equivalent" if _key(row) in equivalents else "survived"] += 1
        found["timeouts"] += row["outcome"] == TIMEOUT
    return {name: found[name] for name in ("killed", "timeouts", "survived", "equivalent")}


def report(rows: Sequence[Row], about: Row, equivalents: Equivalents) -> str:
    """The readable table."""
    total = rates(rows, equivalents)
    counted = total["killed"] + total["survived"]
    share = f"{total['killed'] / max(counted, 1):.0%}"
    lines = [
        "# Would the tests notice?",
        "",
        f"`python -m benchmarks.mutation`, {about['date']}, commit {about['commit']}, seed "
        f"{about['seed']}, Python {about['python']}, {about['versions']}.",
        "",
        f"Of {len(rows)} mutants drawn, {total['equivalent']} do the same as the code. Of the "
        f"other {counted}, related tests killed **{total['killed']} ({share})**, "
        f"{total['timeouts']} of them by hanging.",
    ]
    for title, name in (("Package", "package"), ("Kind", "kind")):
        lines += ["", f"| {title} | killed | survived | equivalent |", "|---|---|---|---|"]
        for value in sorted({_group(row, name) for row in rows}):
            part = rates([row for row in rows if _group(row, name) == value], equivalents)
            cells = (part[each] for each in ("killed", "survived", "equivalent"))
            lines.append(f"| {value} | {' | '.join(map(str, cells))} |")
    alive = [row for row in rows if row["outcome"] == SURVIVED]
    for title, same in (("Survivors", False), ("Equivalent", True)):
        chosen = [row for row in alive if (_key(row) in equivalents) is same]
        lines += ["", f"## {title}", *(_told(row, equivalents) for row in chosen)]
    return "\n".join(lines) + "\n"


def _group(row: Row, name: str) -> str:
    return str(row["module"].split(".")[1] if name == "package" else row["kind"])


def _told(row: Row, equivalents: Equivalents) -> str:
    reason = equivalents.get(_key(row), "")
    told = f"\n`{row['path']}` line {row['number']}, {row['kind']}"
    told += f": {reason}" if reason else ""
    return f"{told}\n\n```diff\n- {row['line']}\n+ {row['mutated']}\n```"


def write_report(output: Path, rows: Sequence[Row], seed: int, commit: str) -> None:
    """``OUTPUT.json`` and ``OUTPUT.md``; ``commit`` is that of the code judged."""
    packages = ("numpy", "numba", "ortools", "pytest", "hypothesis")
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        "seed": seed,
        "python": platform.python_version(),
        "versions": ", ".join(f"{name} {version(name)}" for name in packages),
    }
    equivalents = read_equivalents()
    found = {**about, **rates(rows, equivalents), "rows": list(rows)}
    output.with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    output.with_suffix(".md").write_text(report(rows, about, equivalents), encoding="utf-8")


def judge_all(mutants: Sequence[Mutant], log: Path, again: bool) -> list[Row]:
    """A row of each; those that ``log`` has are not judged again, survivors on demand."""
    have: dict[tuple[str, int, str], Row] = {}
    if log.exists():
        for row in map(json.loads, log.read_text(encoding="utf-8").splitlines()):
            have[row["path"], row["at"], row["mutated"]] = row
    log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        bench = None
        for k, mutant in enumerate(mutants):
            key = (mutant.path, mutant.edit.start, mutant.mutated)
            if key in have and not (again and have[key]["outcome"] == SURVIVED):
                continue
            if bench is None:
                bench = Bench(Path(name) / "tree")
            have[key] = bench.judge(mutant)
            with log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(have[key]) + "\n")
            told = f"{have[key]['outcome']} {mutant.path}:{mutant.edit.line} {mutant.mutated}"
            print(f"{k + 1}/{len(mutants)} {told}", flush=True)
    return [have[each.path, each.edit.start, each.mutated] for each in mutants]


def main() -> None:
    """Draw, judge, report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=Path, required=True, help="what has been judged, kept there")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="judge survivors once more")
    parser.add_argument("--output", type=Path, help="write OUTPUT.json and OUTPUT.md")
    arguments = parser.parse_args()
    # Before anything is judged: a run takes half an hour, in which work may go on.
    commit = head()
    mutants = draw(Tree(ROOT), arguments.count, arguments.seed)
    rows = judge_all(mutants, arguments.rows, arguments.again)
    print(rates(rows, read_equivalents()))
    if arguments.output is not None:
        write_report(arguments.output, rows, arguments.seed, commit)


if __name__ == "__main__":
    main()
