"""What serving a learned policy takes: milliseconds of a decision at 12 to 300 tanks, memory of a
fresh process, megabytes of its installation.

    OMP_NUM_THREADS=1 python -m benchmarks.serving --output benchmarks/serving.json

Actors have drawn weights; needs the extra [train] to export them. One thread; CPU time, as the
machine may have other work. The installation is an environment with numpy and onnxruntime and this
library without its other parts; leave it out with ``--no-install`` where there is no package
registry.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import torch

from benchmarks.checkout import head
from lmrs_rl.dispatchers import FixedDispatcher, FixedParameters, LearnedDispatcher, load_agent
from lmrs_rl.dispatchers.learned import feed
from lmrs_rl.dispatchers.policy import Geometry, PolicyContext, physical
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.learning.actor import ActorSettings, actor_of
from lmrs_rl.learning.export_agent import PolicyInfo, sample_mornings, write_agent
from lmrs_rl.simulation import DecisionState, World, scenario_forecaster
from lmrs_rl.worlds import draw_scenario, read_world_class

ROOT = Path(__file__).resolve().parents[1]
FORMS = {
    "linear": ("linear", {}),
    "network": ("network", {}),
    "attention": ("network", {"pooling": "attention"}),
}
TANKS = (12, 40, 100, 300)
FRESH = """
import sys
import numpy as np

def peak_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))

bare = peak_mb()
from lmrs_rl.dispatchers import load_agent
dispatcher = load_agent(sys.argv[1]).dispatcher(np.random.default_rng(0))
with np.load(sys.argv[1] + "/golden.npz") as golden:
    given = {name: golden["in_" + name][:1] for name in dispatcher.policy.reads.inputs}
where = np.arange(300) % given["mask"].shape[1]
given = {name: value if name == "network" else value[:, where] for name, value in given.items()}
for _ in range(100):
    dispatcher.policy(given)
heavy = ("torch", "onnx", "ortools", "gymnasium", "pandas", "numba", "pydantic", "scipy", "typer")
print(bare, peak_mb(), *(name for name in heavy if name in sys.modules))
"""
"""A process that loads an agent and decides for 300 tanks, a hundred times. What getrusage says
is no use: it begins with the parent's peak.
"""


def first_morning(tanks: int) -> DecisionState:
    """Of a calm world with so many tanks."""
    world = read_world_class("calm")
    world = replace(world, size=replace(world.size, tanks=(tanks, tanks), n_max=tanks))
    scenario = draw_scenario(world, world.splits.seeds("train")[0])
    return World.of(scenario, world.cost, scenario_forecaster(scenario)).start()


def median_ms(function: Callable[[], Any], times: int) -> dict[str, float]:
    """Median and 95th percentile [ms] of CPU time of a call."""
    function()
    spent = []
    for _ in range(times):
        begun = process_time()
        function()
        spent.append(1e3 * (process_time() - begun))
    return {
        "median": round(float(np.median(spent)), 3),
        "p95": round(float(np.quantile(spent, 0.95)), 3),
    }


def decision(agent: Path, morning: DecisionState, times: int) -> dict[str, Any]:
    """[ms] of the graph alone, of the features, and of a whole decision."""
    dispatcher = load_agent(agent).dispatcher(np.random.default_rng(0))
    if not isinstance(dispatcher, LearnedDispatcher):
        raise TypeError(agent)
    at = dispatcher.at(morning.date, ())
    known = (morning.network, morning.snapshot, morning.forecast)
    choice = at.choose(*known)
    judged = np.ones(len(choice.tanks), dtype=np.bool_)
    given = feed(
        choice.tanks[None], choice.network[None], judged, choice.base, choice.span_kg, choice.reads
    )
    return {
        "graph_ms": median_ms(lambda: dispatcher.policy(given), times),
        "decision_ms": median_ms(lambda: at.choose(*known), max(times // 20, 5)),
    }


def features(morning: DecisionState, times: int) -> dict[str, float]:
    """[ms] of what the policy sees, the baseline's numbers and the geometry of the network,
    which stand in every decision.
    """

    baseline = load_agent("extended").parameters
    if not isinstance(baseline, FixedParameters) or morning.date is None:
        raise TypeError(baseline)
    choose, date = FixedDispatcher(baseline), morning.date

    def seen() -> None:
        base = choose(morning.network, morning.snapshot, morning.forecast)
        physical(
            PolicyContext(
                morning.network,
                morning.snapshot,
                morning.forecast,
                Geometry.of(morning.network),
                base,
                (),
                date,
            )
        )

    return median_ms(seen, max(times // 20, 5))


def exported(folder: Path, form: str) -> Path:
    """An agent with drawn weights."""
    kind, settings = FORMS[form]
    actor = actor_of(kind, ActorSettings(**settings))  # type: ignore[arg-type]
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for each in actor.parameters():
            each.normal_(std=0.1, generator=generator)
    env = LmrsEnv("demo", days=2)
    write_agent(
        folder / form,
        actor,
        PolicyInfo(kind, env.baseline, "demo", (0,)),
        sample_mornings(env, 1, 1),
        "## What\n\nFor a benchmark.",
    )
    return folder / form


def fresh(python: Path, agent: Path) -> dict[str, Any]:
    """Peak memory [MB] of a new process with numpy alone, and with the agent loaded and asked."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [str(python), "-c", FRESH, str(agent)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    bare, with_agent, *loaded = done.stdout.split()
    return {
        "numpy_mb": round(float(bare), 1),
        "with_agent_mb": round(float(with_agent), 1),
        "other_libraries": loaded,
    }


def installed(folder: Path, agent: Path) -> dict[str, Any]:
    """Size [MB] of an environment with numpy and onnxruntime alone, less pip, and the memory of
    a process in it.
    """
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    parts = [f"{name}=={version(name)}" for name in ("numpy", "onnxruntime")]
    subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *parts],
        check=True,
    )
    subprocess.run(
        [str(python), "-m", "pip", "uninstall", "--quiet", "--yes", "pip", "setuptools"],
        check=True,
        capture_output=True,
    )
    size = sum(
        path.stat().st_size
        for where in (folder, ROOT / "lmrs_rl")
        for path in where.rglob("*")
        if path.is_file() and not path.is_symlink()
    )
    return {"installed_mb": round(size / 1e6, 1), **fresh(python, agent)}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--times", type=int, default=1000, help="calls of the graph")
    parser.add_argument("--no-install", action="store_true")
    arguments = parser.parse_args()
    found: dict[str, Any] = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "versions": {
            name: version(name) for name in ("numpy", "onnxruntime", "onnx", "onnxscript", "torch")
        },
        "commit": head(),
        "decisions": [],
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        agents = {form: exported(folder, form) for form in FORMS}
        for tanks in TANKS:
            morning = first_morning(tanks)
            sight_ms = features(morning, arguments.times)
            for form, agent in agents.items():
                row = {
                    "tanks": tanks,
                    "form": form,
                    "features_ms": sight_ms,
                    **decision(agent, morning, arguments.times),
                }
                found["decisions"].append(row)
                print(row, flush=True)
        found["files_bytes"] = {
            form: (agent / "policy.onnx").stat().st_size for form, agent in agents.items()
        }
        found["this_environment"] = {
            form: fresh(Path(sys.executable), agent) for form, agent in agents.items()
        }
        if not arguments.no_install:
            found["numpy_and_onnxruntime_alone"] = installed(folder / "venv", agents["network"])
    arguments.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
