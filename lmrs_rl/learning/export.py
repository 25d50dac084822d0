"""Export of an actor to an ONNX policy file.

The graph maps features in physical units to final order parameters; torch's dynamo exporter writes
it.
"""

from __future__ import annotations

import json
import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from lmrs_rl.dispatchers.policy import bounds, scales
from lmrs_rl.dispatchers.policy.residual import action_of
from lmrs_rl.dispatchers.policy.schema import ALL_TABLES, SCHEMA, PolicyTables
from lmrs_rl.domain import InputError
from lmrs_rl.domain.order_parameters import LOGIT_RANGE, ParameterSpec
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

    tank_scale: torch.Tensor
    tank_low: torch.Tensor
    tank_high: torch.Tensor
    network_scale: torch.Tensor
    network_low: torch.Tensor
    network_high: torch.Tensor
    step: torch.Tensor

    def __init__(self, actor: nn.Module, reads: PolicyTables = ALL_TABLES) -> None:
        super().__init__()
        self.actor, self.reads = actor, reads
        for name, table in (("tank", reads.tank_features), ("network", reads.network_features)):
            low, high = bounds(table)
            self.register_buffer(f"{name}_scale", torch.from_numpy(scales(table)))
            self.register_buffer(f"{name}_low", torch.from_numpy(low))
            self.register_buffer(f"{name}_high", torch.from_numpy(high))
        self.register_buffer(
            "step", torch.tensor([action.scale for action in reads.actions], dtype=torch.float64)
        )

    def forward(
        self, tanks: torch.Tensor, network: torch.Tensor, mask: torch.Tensor, *rest: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        """The outputs in the order of `PolicyTables.outputs`.

        ``rest`` are the baseline's parameters and the span, in the order of `PolicyTables.inputs`.
        """
        present = mask > 0
        # Not by a product with the mask, since 0 times NaN is NaN.
        rows = torch.where(present[:, :, None], tanks, 0.0)
        of_tanks = _clip(rows / self.tank_scale, self.tank_low, self.tank_high)
        of_network = _clip(network / self.network_scale, self.network_low, self.network_high)
        u = torch.clamp(self.actor(of_tanks, of_network, present.to(torch.float32)), -1.0, 1.0)
        u = torch.where(present[:, :, None], u, 0.0)
        return (*_parameters(self.reads, u.to(torch.float64) * self.step, *rest), u)


def _clip(values: torch.Tensor, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
    return torch.minimum(torch.maximum(values.to(torch.float32), low), high)


def _parameters(
    reads: PolicyTables, step: torch.Tensor, *rest: torch.Tensor
) -> tuple[torch.Tensor, ...]:
    """`lmrs_rl.dispatchers.policy.residual_parameters` in torch; tests compare the two."""
    *bases, span = rest
    by = {name: step[:, :, k] for k, name in enumerate(reads.action_names)}
    return tuple(
        _moved(spec, base, by[spec.moved_by], span)
        for spec, base in zip(reads.parameters, bases, strict=True)
    )


def _moved(
    spec: ParameterSpec, base: torch.Tensor, step: torch.Tensor, span: torch.Tensor
) -> torch.Tensor:
    action, number = action_of(spec), spec.number
    if action.how == "factor":
        return base * torch.exp(step)
    if action.how == "logit":
        return torch.where(step == 0, base, _logit_moved(spec, base, step, span))
    moved = base + step
    if action.least is not None:
        # A baseline below `least` is not raised to it, so that an action of 0 changes nothing.
        moved = torch.maximum(moved, torch.clamp(base, max=action.least))
    elif math.isfinite(number.low):
        moved = torch.clamp(moved, min=number.low)
    return torch.clamp(moved, max=number.high) if math.isfinite(number.high) else moved


def _logit_moved(
    spec: ParameterSpec, base: torch.Tensor, step: torch.Tensor, span: torch.Tensor
) -> torch.Tensor:
    if not spec.span:
        return _share_moved(base, step)
    share = torch.where(span > 0, torch.minimum(base, span) / torch.where(span > 0, span, 1.0), 0.5)
    return _share_moved(share, step) * span


def _share_moved(share: torch.Tensor, by: torch.Tensor) -> torch.Tensor:
    inside = torch.clamp(share, *LOGIT_RANGE)
    # The sigmoid of logit(share) + by, without a logarithm.
    return 1.0 / (1.0 + (1.0 - inside) / inside * torch.exp(-by))


def policy_bytes(
    actor: nn.Module, about: Mapping[str, Any], reads: PolicyTables = ALL_TABLES
) -> bytes:
    """The policy file of ``actor``, weights inside, batch and tanks free.

    Parameters
    ----------
    actor : as wide as the tables of ``reads``
    about : recorded in the metadata beside the schema and the tables: baseline, environment,
        commit, training seeds, scores and so on, as JSON
    reads : features that the actor takes, actions that it answers

    Raises
    ------
    InputError
        For weights that are not finite, a key of the metadata that the schema uses itself, or a
        file that is too large.
    MissingExtraError
        Without onnx and onnxscript.
    """
    _check_weights(actor)
    tables = {name: json.dumps(value) for name, value in reads.as_json().items()}
    own = {"schema": SCHEMA, **tables}
    for name in about:
        if name in own:
            raise InputError(
                f"about.{name}",
                "a key of the schema's own",
                f"none of {', '.join(own)}",
                "rename it",
            )
    model = _exported(PolicyGraph(actor, reads).eval())
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


def _dummy_inputs(
    batch: int, tanks: int, reads: PolicyTables = ALL_TABLES
) -> tuple[torch.Tensor, ...]:
    """Dummy inputs for tracing the graph."""
    wide = (
        torch.zeros(batch, tanks, len(reads.tank_features), dtype=torch.float64),
        torch.zeros(batch, len(reads.network_features), dtype=torch.float64),
    )
    # A new tensor for each: the exporter would merge inputs that are the same object.
    rest = reads.inputs[len(wide) :]
    return (*wide, *(torch.full((batch, tanks), 0.5, dtype=torch.float64) for _ in rest))


def _exported(graph: PolicyGraph) -> Any:
    """The graph as an onnx ModelProto."""
    try:
        # Torch needs both; imported here only to name the one that is missing.
        import onnx
        import onnxscript
    except ImportError as error:
        raise MissingExtraError(str(error.name), "train") from error
    del onnx, onnxscript
    batch, tank = torch.export.Dim("batch"), torch.export.Dim("tank")
    reads = graph.reads
    free = {name: {0: batch, 1: tank} for name in reads.inputs} | {"network": {0: batch}}
    # To torch the variadic `rest` of `forward` is one argument, a tuple.
    first, rest = reads.inputs[:3], reads.inputs[3:]
    with _without_export_warnings():
        program: Any = torch.onnx.export(
            graph,
            # Not 1: the exporter would treat such a dimension as fixed.
            _dummy_inputs(2, 3, reads),
            input_names=list(reads.inputs),
            output_names=list(reads.outputs),
            dynamic_shapes=(*(free[name] for name in first), tuple(free[name] for name in rest)),
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
