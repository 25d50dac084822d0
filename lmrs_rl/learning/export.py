"""Export of an actor to an ONNX policy file.

The graph maps features in physical units to final order parameters; torch's dynamo exporter writes
it.
"""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from lmrs_rl.dispatchers.policy import (
    ACTION_NAMES,
    ACTIONS,
    NETWORK_FEATURES,
    TANK_FEATURES,
    bounds,
    scales,
)
from lmrs_rl.dispatchers.policy.residual import LEAST_B, LOGIT_RANGE
from lmrs_rl.dispatchers.policy.schema import INPUTS, OUTPUTS, SCHEMA, tables
from lmrs_rl.domain import InputError
from lmrs_rl.errors import MissingExtraError

_OPSET = 20
"""ONNX opset, old enough for the runtimes in use where plans are made."""
_LARGEST_BYTES = 5_000_000
"""Upper bound on the size of a policy file."""


class PolicyGraph(nn.Module):  # type: ignore[misc]
    """Scaling and clipping of features, the actor, and the residual on the baseline.

    Inputs and outputs are described in `lmrs_rl.dispatchers.policy.schema`. The actor computes in
    float32 as in training, all before and after it in float64 as the environment does: where ``u``
    is 0 the output equals the baseline to the bit. The contents of places without a tank have no
    effect, even if they are NaN.
    """

    def __init__(self, actor: nn.Module) -> None:
        super().__init__()
        self.actor = actor
        for name, table in (("tank", TANK_FEATURES), ("network", NETWORK_FEATURES)):
            low, high = bounds(table)
            self.register_buffer(f"{name}_scale", torch.from_numpy(scales(table)))
            self.register_buffer(f"{name}_low", torch.from_numpy(low))
            self.register_buffer(f"{name}_high", torch.from_numpy(high))
        self.register_buffer(
            "step", torch.tensor([action.scale for action in ACTIONS], dtype=torch.float64)
        )

    def forward(
        self, tanks: torch.Tensor, network: torch.Tensor, mask: torch.Tensor, *rest: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        """The outputs in the order of `OUTPUTS`.

        ``rest`` are the baseline's parameters and the span, in the order of `INPUTS`.
        """
        present = mask > 0
        rows = torch.where(present[:, :, None], tanks, 0.0)
        of_tanks = _clip(rows / self.tank_scale, self.tank_low, self.tank_high)
        of_network = _clip(network / self.network_scale, self.network_low, self.network_high)
        u = torch.clamp(self.actor(of_tanks, of_network, present.to(torch.float32)), -1.0, 1.0)
        u = torch.where(present[:, :, None], u, 0.0)
        return (*_parameters(u.to(torch.float64) * self.step, *rest), u)


def _clip(values: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
    return torch.minimum(torch.maximum(values.to(torch.float32), low), high)


def _parameters(step: torch.Tensor, *rest: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """`lmrs_rl.dispatchers.policy.residual_parameters` in torch; tests compare the two."""
    base_x, base_a, base_b, base_alpha, base_beta, base_z, base_value, base_fill, span = rest
    by = {name: step[:, :, k] for k, name in enumerate(ACTION_NAMES)}
    share = torch.where(
        span > 0, torch.minimum(base_x, span) / torch.where(span > 0, span, 1.0), 0.5
    )
    factor = torch.exp(by["alpha"])
    return (
        torch.where(by["x"] == 0, base_x, _moved(share, by["x"]) * span),
        torch.clamp(base_a + by["a"], max=0.0),
        torch.maximum(base_b + by["b"], torch.clamp(base_b, max=LEAST_B)),
        base_alpha * factor,
        base_beta * torch.exp(by["beta"]),
        torch.where(by["z"] == 0, base_z, _moved(base_z, by["z"])),
        base_value * factor,
        torch.clamp(base_fill + by["fill"], min=0.0),
    )


def _moved(share: torch.Tensor, by: torch.Tensor) -> torch.Tensor:
    inside = torch.clamp(share, *LOGIT_RANGE)
    return 1.0 / (1.0 + (1.0 - inside) / inside * torch.exp(-by))


def policy_bytes(actor: nn.Module, about: Mapping[str, Any]) -> bytes:
    """The policy file of ``actor`` with its weights, for any batch size and number of tanks.

    Parameters
    ----------
    actor : to export
    about : further metadata, stored as JSON: baseline, environment, commit, training seeds, scores

    Raises
    ------
    InputError
        For weights that are not finite, a key of the metadata that the schema uses itself, or a
        file that is too large.
    MissingExtraError
        Without onnx and onnxscript.
    """
    _check_weights(actor)
    own = {"schema": SCHEMA, **{name: json.dumps(value) for name, value in tables().items()}}
    for name in about:
        if name in own:
            raise InputError(
                f"about.{name}",
                "a key of the schema's own",
                f"none of {', '.join(own)}",
                "rename it",
            )
    model = _exported(PolicyGraph(actor).eval())
    _strip_traces(model)
    for name, text in {**own, **{name: json.dumps(value) for name, value in about.items()}}.items():
        model.metadata_props.add(key=name, value=text)
    content = bytes(model.SerializeToString(deterministic=True))
    if len(content) >= _LARGEST_BYTES:
        raise InputError(
            "policy",
            f"{len(content)} bytes",
            f"less than {_LARGEST_BYTES}",
            "train a smaller actor",
        )
    return content


def _dummy_inputs(batch: int, tanks: int) -> tuple[torch.Tensor, ...]:
    """Dummy inputs for tracing the graph."""
    wide = (
        torch.zeros(batch, tanks, len(TANK_FEATURES), dtype=torch.float64),
        torch.zeros(batch, len(NETWORK_FEATURES), dtype=torch.float64),
    )
    # A new tensor for each: the exporter would merge inputs that are the same object.
    return (*wide, *(torch.full((batch, tanks), 0.5, dtype=torch.float64) for _ in INPUTS[2:]))


def _exported(graph: PolicyGraph) -> Any:
    """The graph as an onnx ModelProto."""
    try:
        import onnx
        import onnxscript
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    del onnx, onnxscript
    batch, tank = torch.export.Dim("batch"), torch.export.Dim("tank")
    free = {name: {0: batch} if name == "network" else {0: batch, 1: tank} for name in INPUTS[:3]}
    rest = tuple({0: batch, 1: tank} for _ in INPUTS[3:])
    with _without_export_warnings():
        program = torch.onnx.export(
            graph,
            # Not 1: the exporter would treat such a dimension as fixed.
            _dummy_inputs(2, 3),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_shapes=(free["tanks"], free["network"], free["mask"], rest),
            opset_version=_OPSET,
            external_data=False,
            verbose=False,
            dynamo=True,
        )
    return program.model_proto


def _strip_traces(model: Any) -> None:
    """Remove the stack traces of nodes, which hold paths of this machine and fill the file."""
    graph = model.graph
    for each in (
        graph,
        *graph.node,
        *graph.initializer,
        *graph.value_info,
        *graph.input,
        *graph.output,
        *model.functions,
    ):
        each.ClearField("metadata_props")
        each.ClearField("doc_string")


@contextmanager
def _without_export_warnings() -> Iterator[None]:
    """Suppress warnings of the exporter that are expected here.

    They are about a missing torchvision and about axes that share a name, which is intended.
    """
    log = logging.getLogger("torch.onnx._internal.exporter._registration")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings(
                "ignore", message=".*axis name: .* will not be used", category=UserWarning
            )
            warnings.filterwarnings("ignore", message=".*LeafSpec.*", category=FutureWarning)
            warnings.filterwarnings(
                "ignore", category=DeprecationWarning, module="(torch|onnx|copyreg).*"
            )
            yield
    finally:
        log.setLevel(level)


def _check_weights(actor: nn.Module) -> None:
    for name, value in actor.state_dict().items():
        if not torch.isfinite(value).all():
            raise InputError(
                f"weights.{name}",
                "NaN or infinite numbers",
                "finite weights",
                "take an earlier checkpoint",
            )
