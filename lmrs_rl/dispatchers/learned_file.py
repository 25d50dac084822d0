"""Reads policy files: numpy and onnxruntime are all that it takes, and nothing in a file is ever
run but its graph.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lmrs_rl.dispatchers.policy.schema import INPUTS, OUTPUTS, SCHEMA, tables
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
    """

    session: Any
    about: dict[str, Any]
    content: bytes

    def __reduce__(self) -> tuple[Any, ...]:
        return PolicyFile.read, (self.content,)

    @classmethod
    def read(cls, content: bytes, name: str = "policy.onnx") -> PolicyFile:
        """Open the bytes of a file; ``name`` is for errors.

        Raises
        ------
        InputError
            Where onnxruntime is not installed, for bytes that are no ONNX graph, for a schema,
            features or parameters other than this code's.
        """
        session = _session(content, name)
        texts = dict(session.get_modelmeta().custom_metadata_map)
        if texts.get("schema") != SCHEMA:
            remedy = "take a policy of this version of lmrs-rl, or export it again"
            raise InputError(f"{name}: schema", repr(texts.get("schema")), repr(SCHEMA), remedy)
        about = {
            key: _json(f"{name}: {key}", text) for key, text in texts.items() if key != "schema"
        }
        _check_tables(about, name)
        for what, got, wanted in (
            ("inputs", session.get_inputs(), INPUTS),
            ("outputs", session.get_outputs(), OUTPUTS),
        ):
            if [each.name for each in got] != list(wanted):
                raise InputError(
                    f"{name}: {what}",
                    [each.name for each in got],
                    f"{', '.join(wanted)}",
                    "export the policy again",
                )
        return cls(session, about, content)

    def __call__(self, given: Mapping[str, np.ndarray]) -> Arrays:
        """The outputs for the inputs of the schema."""
        return dict(zip(OUTPUTS, self.session.run(list(OUTPUTS), dict(given)), strict=True))


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
    options.log_severity_level = 3
    errors = onnxruntime.capi.onnxruntime_pybind11_state
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


def _check_tables(about: Mapping[str, Any], name: str) -> None:
    """The file must mean by its features and parameters what this code does."""
    for key, wanted in tables().items():
        got = about.get(key)
        if got != wanted:
            remedy = "take the version of lmrs-rl that the policy was made with, or export and train it anew"
            raise InputError(
                f"{name}: {key}",
                _difference(got, wanted),
                f"the {key.replace('_', ' ')} of this version of lmrs-rl",
                remedy,
            )


def _difference(got: Any, wanted: Any) -> str:
    """What is other, in short."""
    if not isinstance(got, list) or not isinstance(wanted, list):
        return repr(got)
    if len(got) != len(wanted):
        return f"{len(got)} of them instead of {len(wanted)}"
    k = next(k for k, (one, other) in enumerate(zip(got, wanted, strict=True)) if one != other)
    return f"number {k} is {got[k]} instead of {wanted[k]}"
