"""Policy files as a planner reads them, without torch: what they answer, and which are refused.
The file is of ``python -m tests.agents.renew``.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from lmrs_rl.dispatchers.learned_file import Arrays, PolicyFile
from lmrs_rl.dispatchers.policy.schema import BASE_INPUTS, INPUTS, OUTPUTS, PARAMETER_OUTPUTS
from lmrs_rl.domain import InputError
from lmrs_rl.errors import MissingExtraError

pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")

WILD = Path(__file__).resolve().parents[1] / "agents" / "wild"
CONTENT = (WILD / "policy.onnx").read_bytes()


def golden(prefix: str, names: tuple[str, ...]) -> Arrays:
    with np.load(WILD / "golden.npz") as arrays:
        return {name: arrays[f"{prefix}_{name}"] for name in names}


@pytest.fixture(scope="module")
def policy() -> PolicyFile:
    return PolicyFile.read(CONTENT)


def taken(given: Arrays, places: np.ndarray) -> Arrays:
    """The inputs or outputs at some places, in that order."""
    return {name: value if name == "network" else value[:, places] for name, value in given.items()}


def test_golden_inputs_give_golden_outputs(policy: PolicyFile) -> None:
    found, wanted = policy(golden("in", INPUTS)), golden("out", OUTPUTS)
    for name in OUTPUTS:
        assert found[name] == pytest.approx(wanted[name], rel=1e-5, abs=1e-5), name
    assert np.abs(wanted["u"]).max() > 0.5  # the golden outputs are not just the baseline


def test_the_order_of_tanks_does_not_matter(policy: PolicyFile) -> None:
    given = golden("in", INPUTS)
    order = np.random.default_rng(0).permutation(given["mask"].shape[1])
    found, wanted = policy(taken(given, order)), taken(policy(given), order)
    for name in OUTPUTS:
        assert found[name] == pytest.approx(wanted[name], rel=1e-5, abs=1e-5), name


def test_what_stands_in_places_without_a_tank_does_not_matter(policy: PolicyFile) -> None:
    given = golden("in", INPUTS)
    wild = dict(given)
    empty = given["mask"] == 0
    assert empty.any()
    for name in ("tanks", *BASE_INPUTS, "span_kg"):
        wild[name] = np.array(given[name])
        wild[name][empty] = np.nan
    found, wanted = policy(wild), policy(given)
    for name in OUTPUTS:
        assert found[name][~empty].tolist() == wanted[name][~empty].tolist(), name


def test_how_many_places_are_empty_does_not_matter(policy: PolicyFile) -> None:
    given = {name: value[:1] for name, value in golden("in", INPUTS).items()}
    n = int(given["mask"].sum())
    bare = policy(taken(given, np.arange(n)))
    wide = policy(
        {
            name: value
            if name == "network"
            else np.pad(value, [(0, 0), (0, 40), (0, 0)][: value.ndim])
            for name, value in given.items()
        }
    )
    for name in OUTPUTS:
        assert wide[name][:, :n] == pytest.approx(bare[name], rel=1e-5, abs=1e-5), name


def test_a_tank_that_is_masked_keeps_the_baseline_to_the_bit(policy: PolicyFile) -> None:
    given = golden("in", INPUTS)
    given["mask"] = np.array(given["mask"])
    given["mask"][:, 0] = 0
    found = policy(given)
    for name, base in zip(PARAMETER_OUTPUTS, BASE_INPUTS, strict=True):
        assert found[name][:, 0].tobytes() == given[base][:, 0].tobytes(), name
        assert (found[name][:, 1:] != given[base][:, 1:]).any(), name
    assert not found["u"][:, 0].any()


def test_the_same_inputs_give_the_same_bits(policy: PolicyFile) -> None:
    one, other = policy(golden("in", INPUTS)), PolicyFile.read(CONTENT)(golden("in", INPUTS))
    assert all(one[name].tobytes() == other[name].tobytes() for name in OUTPUTS)


def test_another_process_opens_it_anew(policy: PolicyFile) -> None:
    given = golden("in", INPUTS)
    there = pickle.loads(pickle.dumps(policy))
    assert there.about == policy.about
    assert all(np.array_equal(values, there(given)[name]) for name, values in policy(given).items())


def test_metadata_tell_where_the_policy_comes_from(policy: PolicyFile) -> None:
    assert policy.about["environment"] == "small"
    assert policy.about["training_seeds"] == [1]
    assert policy.about["scores"] == {"cost": 1.5}
    assert policy.about["baseline"]["x_share"] == 0.5
    assert [each["name"] for each in policy.about["parameters"]] == list(PARAMETER_OUTPUTS)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        (b"lmrs-policy/2", b"lmrs-policy/1", "schema"),
        (b'"name": "cover_50"', b'"name": "cover_51"', "tank_features"),  # another feature
        (b'"unit": "EUR/kg", "scale": 0.2', b'"unit": "USD/kg", "scale": 0.2', "tank_features"),
        (b'"name": "weekday_cos"', b'"name": "weekday_tan"', "network_features"),
        (b'"name": "alpha", "scale": 2.0', b'"name": "gamma", "scale": 2.0', "actions"),
        (b'"scale": 0.1, "how": "add"', b'"scale": 0.1, "how": "odd"', "actions"),
        (b'"unit": "1/h^2"', b'"unit": "1/h^3"', "parameters"),
    ],
)
def test_a_file_of_another_kind_is_refused(old: bytes, new: bytes, field: str) -> None:
    assert CONTENT.count(old) == 1
    with pytest.raises(InputError, match=field):
        PolicyFile.read(CONTENT.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"unit": "EUR/kg", "scale": 0.2', b'"unit": "EUR/kg", "scale": 0.3'),
        (b'"name": "alpha", "scale": 2.0', b'"name": "alpha", "scale": 3.0'),
        (b'"least_b": 0.05', b'"least_b": 0.06'),
    ],
)
def test_scales_and_limits_are_the_graphs_affair(
    policy: PolicyFile, old: bytes, new: bytes
) -> None:
    """They are in the graph itself: a library with others reads the file, and gets the same."""
    assert CONTENT.count(old) == 1
    other, given = PolicyFile.read(CONTENT.replace(old, new)), golden("in", INPUTS)
    assert all(other(given)[name].tobytes() == policy(given)[name].tobytes() for name in OUTPUTS)


@pytest.mark.parametrize("content", [b"", b"not a graph", CONTENT[: len(CONTENT) // 2]])
def test_what_is_no_policy_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match=r"policy\.onnx"):
        PolicyFile.read(content)


def test_a_missing_runtime_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"onnxruntime.*lmrs-rl\[serve\]"):
        PolicyFile.read(CONTENT)


def test_the_graph_answers_for_300_tanks_at_once(policy: PolicyFile) -> None:
    # A tenth of a millisecond on a free core; the bound leaves room for one that is not.
    given = golden("in", INPUTS)
    given = taken(
        {name: value[:1] for name, value in given.items()}, np.arange(300) % given["mask"].shape[1]
    )
    assert policy(given)["alpha"].shape == (1, 300)
    seconds = []
    for _ in range(20):
        begun = perf_counter()
        policy(given)
        seconds.append(perf_counter() - begun)
    assert np.median(seconds) < 0.005


DECIDING = """
import sys
from dataclasses import replace

absent = "torch onnx ortools numba gymnasium pydantic typer rich pandas scipy"
for name in absent.split():
    sys.modules[name] = None  # as if it were not installed

import numpy as np
from lmrs_rl.dispatchers import load_agent
from lmrs_rl.forecast import WeekdayQuantiles
from lmrs_rl.orders import make_orders
from tests import tiny

network, history = tiny.network(), np.tile([240.0, 120.0], (14, 1))
snapshot = replace(tiny.snapshot(), history_kg=history)
forecast = WeekdayQuantiles()(network, snapshot)
dispatcher = load_agent(sys.argv[1]).dispatcher(np.random.default_rng(0))
choice = dispatcher.at(np.datetime64("2025-03-31"), ()).choose(network, snapshot, forecast)
moved = bool((choice.parameters.alpha != choice.base.alpha).all())
print(moved, choice.fallbacks, len(make_orders(network, snapshot, forecast, choice.parameters)))
"""


def test_a_learned_agent_decides_where_numpy_and_onnxruntime_alone_are_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DECIDING, str(WILD)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.strip() == "True () 2", done.stderr


def test_serving_takes_neither_torch_nor_ortools_nor_gymnasium() -> None:
    heavy = ("torch", "onnx", "ortools", "gymnasium", "pandas", "numba", "pydantic")
    script = (
        "import sys; from lmrs_rl.dispatchers import load_agent; "
        f"load_agent({str(WILD)!r}).dispatcher(None); "
    )
    script += f"print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == "[]", done.stderr
