"""Writes the folder of a learned agent: policy, baseline, weights, golden data, card."""

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

_PARITY = 1e-5
"""Tolerated difference between the ONNX runtime and torch, relative for numbers above 1."""
_GOLDEN = 3
"""Number of mornings with golden inputs and outputs."""


@dataclass(frozen=True)
class PolicyInfo:
    """Metadata of a policy file.

    Attributes
    ----------
    form : of the actor
    baseline : that the actor was trained on
    environment : world class, or environment id
    training_seeds : of the learner
    commit : of the code, where known; several for an average or a run continued with other code
    scores : figures by name, as JSON
    """

    form: str
    baseline: FixedParameters
    environment: str
    training_seeds: tuple[int, ...]
    commit: str | None = None
    scores: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The metadata, with the versions of the library and of torch."""
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
    """Write an agent that `lmrs_rl.dispatchers.load_agent` reads.

    Each file is written atomically, ``parameters.toml`` last: without it a folder is no agent.

    Parameters
    ----------
    folder : to write
    actor : to export
    about : metadata of the policy file
    mornings : of the environment under the baseline: the first `_GOLDEN` become golden inputs, and
        the median of the network's features over all of them is the reference of explanations
    card : text for card.md, placed above the generated facts

    Raises
    ------
    InputError
        For an actor that cannot be exported, no mornings, or outputs of the ONNX runtime that
        differ from torch's.
    """
    if not mornings:
        raise InputError("mornings", "none", "at least one", "give mornings of the environment")
    lean, reads = without_unread(actor)
    typical = np.median([physical(context)[1] for context in mornings], axis=0)[
        reads.network_columns
    ]
    facts = {**about.as_json(), "typical_network": typical.tolist()}
    content = policy_bytes(lean, facts, reads)
    given = _golden_inputs(mornings[:_GOLDEN], reads)
    expected = torch_outputs(lean, given, reads)
    # Before anything is written: a policy that differs from torch's must not become an agent.
    check_parity(PolicyFile.read(content)(given), expected)
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes_atomically(folder / "policy.onnx", content)
    # All weights and not the lean actor's alone, so that they can be trained further.
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
    """Mornings of ``env`` under its baseline, from several scenarios.

    The first mornings of all scenarios come first, so that golden data cover several networks.
    """
    zero_action = np.zeros((env.n_max, len(ACTIONS)), dtype=np.float32)
    found: list[list[PolicyContext]] = []
    for k in range(scenarios):
        env.reset(seed=seed + k)
        found.append([env.episode.context])
        for _ in range(min(days, env.days) - 1):
            env.step(zero_action)
            found[-1].append(env.episode.context)
    return [each[0] for each in found] + [context for each in found for context in each[1:]]


def _golden_inputs(mornings: Sequence[PolicyContext], reads: PolicyTables = ALL_TABLES) -> Arrays:
    """Inputs of the graph for several mornings at once, smaller networks padded."""
    most = max(context.network.n_tanks for context in mornings)
    batch = []
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
        batch.append(
            {
                name: value if name == "network" else _padded(value, most)
                for name, value in given.items()
            }
        )
    return {name: np.concatenate([each[name] for each in batch]) for name in reads.inputs}


def _padded(values: np.ndarray, places: int) -> np.ndarray:
    """``values`` (B, N, ...) padded with 0 to (B, places, ...)."""
    wide = np.zeros((values.shape[0], places, *values.shape[2:]), dtype=values.dtype)
    wide[:, : values.shape[1]] = values
    return wide


def torch_outputs(actor: nn.Module, given: Arrays, reads: PolicyTables = ALL_TABLES) -> Arrays:
    """Outputs of the graph of ``actor``, computed in torch."""
    with torch.no_grad():
        found = PolicyGraph(actor, reads).eval()(
            *(torch.from_numpy(np.array(given[name])) for name in reads.inputs)
        )
    return {name: value.numpy() for name, value in zip(reads.outputs, found, strict=True)}


def check_parity(got: Arrays, wanted: Arrays) -> None:
    """Raise `InputError` where outputs of the ONNX runtime differ from torch's."""
    for name in wanted:
        difference = float(
            np.max(np.abs(got[name] - wanted[name]) / np.maximum(np.abs(wanted[name]), 1.0))
        )
        if not difference <= _PARITY:  # also true for NaN
            raise InputError(
                f"policy: {name}",
                f"{difference:g} from torch",
                f"at most {_PARITY:g}",
                "report it with the versions of torch and onnxruntime",
            )


def _npz(arrays: Arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _leaves(scores: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Values of a nested table under their joined names."""
    found: list[tuple[str, Any]] = []
    for name, value in scores.items():
        if isinstance(value, Mapping):
            found += _leaves(value, f"{before}{name} ")
        else:
            found.append((before + name, f"{value:.5g}" if isinstance(value, float) else value))
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
