"""Reads policy files: numpy and onnxruntime are all that it takes, and nothing in a file is ever
run but its graph.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lmrs_rl.dispatchers.policy.schema import READABLE, PolicyTables
from lmrs_rl.domain import InputError
from lmrs_rl.errors import MissingExtraError

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class PolicyFile:
    """A policy ready to answer.

    Attributes
    ----------
    session : of onnxruntime
    about : the metadata
    content : the bytes, from which another process opens it anew
    reads : features that it reads, and what it answers
    """

    session: Any
    about: dict[str, Any]
    content: bytes
    reads: PolicyTables

    def __reduce__(self) -> tuple[Any, ...]:
        return PolicyFile.read, (self.content,)

    @classmethod
    def read(cls, content: bytes, name: str = "policy.onnx") -> PolicyFile:
        """Open the bytes of a file; ``name`` is for errors.

        Raises
        ------
        InputError
            For bytes that are no ONNX graph, for an unknown schema, for features, actions or
            parameters that this library does not have or means something else by.
        MissingExtraError
            Where onnxruntime is not installed.
        """
        session = _session(content, name)
        texts = dict(session.get_modelmeta().custom_metadata_map)
        if texts.get("schema") not in READABLE:
            remedy = "take a policy of this version of lmrs-rl, or export it again"
            wanted = f"one of {', '.join(READABLE)}"
            raise InputError(f"{name}: schema", repr(texts.get("schema")), wanted, remedy)
        about = {
            key: _json(f"{name}: {key}", text) for key, text in texts.items() if key != "schema"
        }
        reads = PolicyTables.of_file(about, name)
        _check_graph(session, reads, name)
        return cls(session, about, content, reads)

    def __call__(self, given: Mapping[str, np.ndarray]) -> Arrays:
        """The outputs for the inputs of its tables."""
        outputs = list(self.reads.outputs)
        return dict(zip(outputs, self.session.run(outputs, dict(given)), strict=True))


def _session(content: bytes, name: str) -> Any:
    """One thread, no arenas that grow: the graph takes less than a millisecond at 300 tanks, and
    the same inputs give the same bits.

    A whole decision takes longer, as features are computed before it: see `benchmarks/serving.md`.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtraError("onnxruntime", "serve") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    # Errors alone: warnings about a graph would go to the caller's standard error.
    options.log_severity_level = 3
    errors: Any = vars(onnxruntime)["capi"].onnxruntime_pybind11_state
    broken = (
        errors.InvalidProtobuf,
        errors.InvalidGraph,
        errors.Fail,
        errors.InvalidArgument,
        errors.NotImplemented,
    )
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except broken as error:
        raise InputError(
            name,
            f"{len(content)} bytes that onnxruntime cannot read ({error})",
            "a policy file",
            "export or copy it again",
        ) from error


def _json(field: str, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            field,
            f"broken JSON ({error})",
            "metadata of an exported policy",
            "export the policy again",
        ) from error


def _check_graph(session: Any, reads: PolicyTables, name: str) -> None:
    """The graph must have the inputs, outputs and columns that its metadata name."""
    widths = {
        "tanks": len(reads.tank_features),
        "network": len(reads.network_features),
        "u": len(reads.actions),
    }
    for what, got, wanted in (
        ("inputs", session.get_inputs(), reads.inputs),
        ("outputs", session.get_outputs(), reads.outputs),
    ):
        names = [each.name for each in got]
        if names != list(wanted):
            raise InputError(
                f"{name}: {what}", names, f"{', '.join(wanted)}", "export the policy again"
            )
        for each in got:
            # A graph may leave a width open.
            width = each.shape[-1]
            if isinstance(width, int) and width != widths.get(each.name, width):
                raise InputError(
                    f"{name}: {each.name}",
                    f"{width} columns",
                    f"{widths[each.name]}, one for each name in the metadata",
                    "export the policy again",
                )
