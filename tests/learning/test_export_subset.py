"""A linear actor exports only what it reads. Needs torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="export needs torch (extra train)")
pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")

from lmrs_rl.dispatchers import LearnedDispatcher, load_agent  # noqa: E402
from lmrs_rl.dispatchers.policy.schema import ALL_TABLES, PolicyTables  # noqa: E402
from lmrs_rl.learning.actor import actor_of  # noqa: E402
from lmrs_rl.learning.export_agent import (  # noqa: E402
    PolicyInfo,
    _golden_inputs,
    sample_mornings,
    torch_outputs,
    without_unread,
    write_agent,
)
from tests.environment.small import BASELINE, small_env  # noqa: E402

ROOM, FILL, DUE, ALPHA, FILL_DAYS = 11, 0, 21, 3, 6


def lean_actor() -> Any:
    """Moves alpha and fill by room, fill and the work that is due."""
    actor = actor_of("linear")
    with torch.no_grad():
        actor.tanks.weight[ALPHA, ROOM] = 0.5
        actor.tanks.weight[FILL_DAYS, FILL] = -0.7
        actor.tanks.bias[FILL_DAYS] = 0.2
        actor.network.weight[ALPHA, DUE] = 0.3
    return actor


def test_unread_features_and_unmoved_actions_are_left_out() -> None:
    actor = lean_actor()
    lean, reads = without_unread(actor)
    assert [each.name for each in reads.tank_features] == ["fill", "room"]
    assert [each.name for each in reads.network_features] == ["due_1"]
    assert reads.action_names == ("alpha", "fill")
    assert reads.parameter_outputs == ("alpha", "value_per_kg", "fill_days")
    mornings = sample_mornings(small_env(), 2, 1)
    found = torch_outputs(lean, _golden_inputs(mornings, reads), reads)
    wanted = torch_outputs(actor, _golden_inputs(mornings))
    for name in reads.parameter_outputs:
        assert found[name] == pytest.approx(wanted[name], rel=1e-6), name
    columns = list(reads.action_names)
    assert found["u"] == pytest.approx(wanted["u"][:, :, [ALPHA, FILL_DAYS]], abs=1e-6), columns
    assert np.abs(found["u"]).max() > 0.1


def test_a_constant_still_has_a_column_of_each_kind() -> None:
    actor = actor_of("linear")
    with torch.no_grad():
        actor.tanks.bias[ALPHA] = 0.1
    lean, reads = without_unread(actor)
    assert (lean.tanks.weight.shape, lean.network.weight.shape) == ((1, 1), (1, 1))
    assert (len(reads.tank_features), len(reads.network_features)) == (1, 1)


@pytest.mark.parametrize("form", ["linear", "network", "shared"])
def test_a_new_actor_and_other_forms_read_everything(form: str) -> None:
    actor = actor_of(form)
    assert without_unread(actor) == (actor, ALL_TABLES)
    assert without_unread(actor)[1] == PolicyTables()


@pytest.mark.heavy
def test_an_agent_is_written_that_reads_less_and_decides_the_same(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="export needs onnx and onnxscript (extra train)")
    actor, info = lean_actor(), PolicyInfo("linear", BASELINE, "small", (1,))
    env = small_env()
    mornings = sample_mornings(env, 2, 1)
    write_agent(tmp_path / "lean", actor, info, mornings, "## What\n\nA test.")
    dispatcher = load_agent(tmp_path / "lean").dispatcher(np.random.default_rng(0))
    assert isinstance(dispatcher, LearnedDispatcher)
    assert dispatcher.policy.reads == without_unread(actor)[1]
    for context in mornings:
        at = dispatcher.at(context.date, context.plans)
        found = at(context.network, context.snapshot, context.forecast)
        wanted = torch_outputs(actor, _golden_inputs([context]))
        for name in ALL_TABLES.parameter_outputs:
            assert getattr(found, name) == pytest.approx(wanted[name][0], rel=1e-6), name
    with np.load(tmp_path / "lean" / "weights.npz") as weights:
        assert weights["tanks.weight"].shape == actor.tanks.weight.shape  # to be trained further
