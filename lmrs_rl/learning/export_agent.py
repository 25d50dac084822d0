"""Writes the folder of a learned agent: the policy, the baseline's numbers, weights, golden
inputs and outputs, a card.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

import lmrs_rl
from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.dispatchers.learned import feed
from lmrs_rl.dispatchers.learned_file import Arrays, PolicyFile
from lmrs_rl.dispatchers.policy import ACTIONS, PolicyContext, physical
from lmrs_rl.dispatchers.policy.schema import ALL_TABLES, PolicyTables
from lmrs_rl.domain import InputError
from lmrs_rl.domain.files import write_bytes_atomically, write_text_atomically
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.learning.actor import ActorSettings, LinearActor
from lmrs_rl.learning.export import PolicyGraph, policy_bytes

PARITY = 1e-5
"""How far the runtime may be from torch, relative to numbers over 1."""
GOLDEN = 3
"""Mornings with golden inputs and outputs."""


@dataclass(frozen=True)
class PolicyInfo:
    """What a policy file tells of its making.

    Attributes
    ----------
    form : of the actor
    baseline : that it was trained on
    environment : class of worlds, or id
    training_seeds : of the learner
    commit : of the code, where known; several of a mean or of a run that went on with other code
    scores : figures by name, as JSON
    """

    form: str
    baseline: FixedParameters
    environment: str
    training_seeds: tuple[int, ...]
    commit: str | None = None
    scores: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For the metadata."""
        versions = {
            "lmrs-rl": lmrs_rl.__version__,
            "torch": str(torch.__version__).partition("+")[0],
        }
        return {
            **asdict(self),
            "training_seeds": list(self.training_seeds),
            "scores": dict(self.scores),
            "versions": versions,
        }


def write_agent(
    folder: Path, actor: nn.Module, about: PolicyInfo, mornings: Sequence[PolicyContext], card: str
) -> None:
    """Write an agent that `lmrs_rl.dispatchers.load_agent` reads; each file whole or not at all,
    ``parameters.toml`` last.

    Parameters
    ----------
    mornings : of the environment under the baseline: the first `GOLDEN` become golden inputs, the
        median of the network's features over all of them is what explanations compare a morning
        with
    card : text for card.md, below the facts that are told by themselves

    Raises
    ------
    InputError
        For an actor that cannot be exported, no mornings, a runtime that answers otherwise than
        torch.
    """
    if not mornings:
        raise InputError("mornings", "none", "at least one", "give mornings of the environment")
    lean, reads = without_unread(actor)
    typical = np.median([physical(context)[1] for context in mornings], axis=0)[
        reads.network_columns
    ]
    told = {**about.as_json(), "typical_network": typical.tolist()}
    content = policy_bytes(lean, told, reads)
    given = golden_inputs(mornings[:GOLDEN], reads)
    expected = answers(lean, given, reads)
    check_parity(PolicyFile.read(content)(given), expected)
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes_atomically(folder / "policy.onnx", content)
    write_bytes_atomically(
        folder / "weights.npz",
        _npz({name: value.numpy() for name, value in actor.state_dict().items()}),
    )
    golden = {
        **{f"in_{name}": given[name] for name in reads.inputs},
        **{f"out_{name}": expected[name] for name in reads.outputs},
    }
    write_bytes_atomically(folder / "golden.npz", _npz(golden))
    write_text_atomically(
        folder / "card.md", _card(folder.resolve().name, actor, about, content, card)
    )
    numbers = "\n".join(f"{name} = {value!r}" for name, value in asdict(about.baseline).items())
    write_text_atomically(
        folder / "parameters.toml",
        f'# The baseline that policy.onnx changes: see card.md.\nkind = "learned"\n{numbers}\n',
    )


def without_unread(actor: nn.Module) -> tuple[nn.Module, PolicyTables]:
    """A linear actor without features and actions that all its weights leave out, and the tables of
    what is left; another actor as it is, with everything.

    So a policy does not depend on features that it has no use for: neither on their faults on a
    morning, nor on their meaning in versions of the library to come.
    """
    if not isinstance(actor, LinearActor):
        return actor, ALL_TABLES
    weights = torch.cat([actor.tanks.weight, actor.network.weight, actor.tanks.bias[:, None]], 1)
    actions = torch.nonzero(weights.ne(0).any(dim=1))[:, 0]
    if not len(actions):
        return actor, ALL_TABLES  # a new actor answers 0, whatever it reads
    tank, network = _read_columns(actor.tanks.weight), _read_columns(actor.network.weight)
    settings = ActorSettings(
        tank_features=len(tank), network_features=len(network), actions=len(actions)
    )
    lean = LinearActor(settings)
    with torch.no_grad():
        lean.tanks.weight.copy_(actor.tanks.weight[actions][:, tank])
        lean.tanks.bias.copy_(actor.tanks.bias[actions])
        lean.network.weight.copy_(actor.network.weight[actions][:, network])
    return lean, PolicyTables.moving(
        [ALL_TABLES.tank_features[k] for k in tank.tolist()],
        [ALL_TABLES.network_features[k] for k in network.tolist()],
        [ALL_TABLES.actions[k] for k in actions.tolist()],
    )


def _read_columns(weight: torch.Tensor) -> torch.Tensor:
    """Columns with a weight other than 0; the first where there is none, as an input of a graph
    has a column at least.
    """
    read = torch.nonzero(weight.ne(0).any(dim=0))[:, 0]
    return read if len(read) else torch.zeros(1, dtype=torch.int64)


def sample_mornings(
    env: LmrsEnv, scenarios: int = 3, days: int = 7, seed: int = 0
) -> list[PolicyContext]:
    """Mornings of ``env`` under its baseline, of so many scenarios; the first morning of each
    comes first.
    """
    nothing = np.zeros((env.n_max, len(ACTIONS)), dtype=np.float32)
    found: list[list[PolicyContext]] = []
    for k in range(scenarios):
        env.reset(seed=seed + k)
        found.append([env.state.context])
        for _ in range(min(days, env.days) - 1):
            env.step(nothing)
            found[-1].append(env.state.context)
    return [each[0] for each in found] + [context for each in found for context in each[1:]]


def golden_inputs(mornings: Sequence[PolicyContext], reads: PolicyTables = ALL_TABLES) -> Arrays:
    """The graph's inputs for several mornings at once, networks of other sizes filled up with
    places without a tank.
    """
    most = max(context.network.n_tanks for context in mornings)
    each = []
    for context in mornings:
        tanks, network = physical(context)
        given = feed(
            tanks[None][:, :, reads.tank_columns],
            network[None][:, reads.network_columns],
            np.ones(len(tanks), dtype=np.bool_),
            context.base,
            context.geometry.span_kg,
            reads,
        )
        each.append(
            {
                name: value if name == "network" else padded(value, most)
                for name, value in given.items()
            }
        )
    return {name: np.concatenate([one[name] for one in each]) for name in reads.inputs}


def padded(values: np.ndarray, places: int) -> np.ndarray:
    """(B, N, ...) filled up with 0 to (B, places, ...)."""
    wide = np.zeros((values.shape[0], places, *values.shape[2:]), dtype=values.dtype)
    wide[:, : values.shape[1]] = values
    return wide


def answers(actor: nn.Module, given: Arrays, reads: PolicyTables = ALL_TABLES) -> Arrays:
    """What the graph answers in torch."""
    with torch.no_grad():
        found = PolicyGraph(actor, reads).eval()(
            *(torch.from_numpy(np.array(given[name])) for name in reads.inputs)
        )
    return {name: value.numpy() for name, value in zip(reads.outputs, found, strict=True)}


def check_parity(got: Arrays, wanted: Arrays) -> None:
    """Refuse a runtime that answers otherwise than torch (`InputError`)."""
    for name in wanted:
        away = float(
            np.max(np.abs(got[name] - wanted[name]) / np.maximum(np.abs(wanted[name]), 1.0))
        )
        if not away <= PARITY:
            raise InputError(
                f"policy: {name}",
                f"{away:g} from torch",
                f"at most {PARITY:g}",
                "report it with the versions of torch and onnxruntime",
            )


def _npz(arrays: Arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _leaves(scores: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Names and values of a nested table, names joined."""
    found: list[tuple[str, Any]] = []
    for name, value in scores.items():
        found += (
            _leaves(value, f"{before}{name} ")
            if isinstance(value, Mapping)
            else [(before + name, f"{value:.5g}" if isinstance(value, float) else value)]
        )
    return found


def _card(name: str, actor: nn.Module, about: PolicyInfo, content: bytes, text: str) -> str:
    facts = {
        "form of the actor": about.form,
        "weights": sum(value.numel() for value in actor.state_dict().values()),
        "trained on": about.environment,
        "training seeds": ", ".join(map(str, about.training_seeds)) or "none",
        "commit": about.commit or "not known",
        "baseline": ", ".join(f"{key} {value:g}" for key, value in asdict(about.baseline).items()),
        **{f"score: {name}": value for name, value in _leaves(about.scores)},
        "policy.onnx": f"{len(content):,} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}",
    }
    rows = "\n".join(f"| {key} | {value} |" for key, value in facts.items())
    head = f"# {name}: a learned dispatcher\n\n{text.strip()}"
    return f"{head}\n\n## Facts\n\n| | |\n|---|---|\n{rows}\n"
