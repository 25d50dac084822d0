"""Export: the graph beside the environment's own scaling and residual, the runtime beside torch.
Needs torch.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="export needs torch (extra train)")
pytest.importorskip("onnxruntime", reason="policies are run by onnxruntime (extra serve)")

from lmrs_rl.dispatchers import LearnedDispatcher, load_agent  # noqa: E402
from lmrs_rl.dispatchers.learned import feed  # noqa: E402
from lmrs_rl.dispatchers.learned_file import Arrays, PolicyFile  # noqa: E402
from lmrs_rl.dispatchers.policy import (  # noqa: E402
    NETWORK_FEATURES,
    TANK_FEATURES,
    PolicyContext,
    physical,
    residual_parameters,
    scaled,
)
from lmrs_rl.dispatchers.policy.schema import BASE_INPUTS, OUTPUTS, PARAMETER_OUTPUTS  # noqa: E402
from lmrs_rl.domain import InputError  # noqa: E402
from lmrs_rl.learning.actor import ActorSettings, actor_of  # noqa: E402
from lmrs_rl.learning.export import policy_bytes  # noqa: E402
from lmrs_rl.learning.export_agent import (  # noqa: E402
    PolicyInfo,
    check_parity,
    sample_mornings,
    torch_outputs,
    write_agent,
)
from lmrs_rl.learning.export_run import actor_with_weights  # noqa: E402
from lmrs_rl.learning.settings import FORMS, ActorRecipe  # noqa: E402
from tests.environment.small import BASELINE, small_env  # noqa: E402

WILD = Path(__file__).resolve().parents[1] / "agents" / "wild"


def drawn(form: str, settings: ActorSettings | None = None, seed: int = 0) -> Any:
    """An actor with weights that were drawn."""
    actor = actor_of(form, settings)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for each in actor.parameters():
            each.normal_(std=0.3, generator=generator)
    return actor


def inputs(batch: int, tanks: int, empty: int = 0, seed: int = 0) -> Arrays:
    """Features all over their ranges and beyond, numbers of a baseline, ``empty`` places more
    without a tank.
    """
    rng = np.random.default_rng((seed, batch, tanks))
    places = tanks + empty
    found: Arrays = {
        "tanks": np.stack(
            [
                each.scale * rng.uniform(each.low - 0.5, each.high + 0.5, (batch, places))
                for each in TANK_FEATURES
            ],
            axis=2,
        ),
        "network": np.stack(
            [
                each.scale * rng.uniform(each.low - 0.5, each.high + 0.5, batch)
                for each in NETWORK_FEATURES
            ],
            axis=1,
        ),
        "mask": np.repeat((np.arange(places) < tanks)[None].astype(np.float64), batch, axis=0),
        "base_x_kg": rng.uniform(0, 20_000, (batch, places)),
        "base_a": -rng.uniform(0, 0.1, (batch, places)),
        "base_b": rng.uniform(0.01, 1.2, (batch, places)),
        "base_alpha": rng.uniform(0, 5000, (batch, places)),
        "base_beta": rng.uniform(0, 1e-3, (batch, places)),
        "base_z": rng.uniform(0.001, 0.999, (batch, places)),
        "base_value_per_kg": rng.uniform(0, 0.5, (batch, places)),
        "base_fill_days": rng.uniform(0, 1, (batch, places)),
        "span_kg": np.maximum(rng.uniform(-2000, 20_000, (batch, places)), 0.0),
    }
    found["tanks"][rng.random(found["tanks"].shape) < 0.02] = np.inf
    return found


@cache
def small_sight() -> PolicyContext:
    """A morning of a small world."""
    env = small_env()
    env.reset(seed=3)
    return env.episode.context


def wild_actor() -> Any:
    with np.load(WILD / "weights.npz") as weights:
        return actor_with_weights(
            ActorRecipe(form="network", hidden=8), {name: weights[name] for name in weights.files}
        )


@pytest.mark.parametrize("empty", [0, 13])
@pytest.mark.parametrize("tanks", [1, 2, 7, 50, 300])
def test_the_runtime_answers_as_torch_does(tanks: int, empty: int) -> None:
    policy, actor = PolicyFile.read((WILD / "policy.onnx").read_bytes()), wild_actor()
    for batch in (1, 3):
        given_ = inputs(batch, tanks, empty)
        wanted = torch_outputs(actor, given_)
        check_parity(policy(given_), wanted)  # within 1e-5
        assert np.abs(wanted["u"]).max() > 0.1


def test_parity_is_refused_a_hair_beyond() -> None:
    wanted = {name: np.full(3, 10.0) for name in OUTPUTS}
    check_parity({**wanted, "z": np.full(3, 10.0 + 0.9e-4)}, wanted)
    with pytest.raises(InputError, match="policy: z"):
        check_parity({**wanted, "z": np.full(3, 10.0 + 1.1e-4)}, wanted)
    with pytest.raises(InputError, match="policy: z"):
        check_parity({**wanted, "z": np.full(3, np.nan)}, wanted)


@given(st.integers(0, 2**32 - 1), st.sampled_from(["linear", "network"]))
def test_the_graph_scales_and_changes_as_the_environment_does(seed: int, form: str) -> None:
    """The mapping is in the graph a second time: here the two are held together on a real
    network.
    """
    sight = small_sight()
    network, actor = sight.network, drawn(form, ActorSettings(hidden=8), seed % 1000)
    of_tanks, of_network = physical(sight)
    of_tanks = of_tanks * np.random.default_rng(seed).uniform(0.5, 1.5, of_tanks.shape)
    n = network.n_tanks
    with torch.no_grad():
        seen = (
            torch.from_numpy(scaled(TANK_FEATURES, of_tanks))[None],
            torch.from_numpy(scaled(NETWORK_FEATURES, of_network))[None],
        )
        u = actor(*seen, torch.ones(1, n)).numpy()[0]
    found = torch_outputs(
        actor,
        feed(
            of_tanks[None],
            of_network[None],
            np.ones(n, dtype=np.bool_),
            sight.base,
            sight.geometry.span_kg,
        ),
    )
    assert found["u"][0].tolist() == u.tolist()  # scaled and cut to the bit as the environment does
    wanted = residual_parameters(network, sight.base, u)
    for name in PARAMETER_OUTPUTS:
        assert found[name][0] == pytest.approx(getattr(wanted, name), rel=1e-12), name


@pytest.mark.parametrize("form", FORMS)
def test_a_new_actor_is_the_baseline_to_the_bit(form: str) -> None:
    given_ = inputs(2, 7, 2)
    found = torch_outputs(actor_of(form), given_)
    for name, base in zip(PARAMETER_OUTPUTS, BASE_INPUTS, strict=True):
        assert found[name].tobytes() == given_[base].tobytes(), name


def test_weights_of_another_actor_are_refused() -> None:
    with pytest.raises(InputError, match="weights"):
        actor_with_weights(ActorRecipe(form="linear"), wild_actor().state_dict())


def test_weights_that_are_not_finite_are_refused() -> None:
    actor = actor_of("linear")
    with torch.no_grad():
        actor.tanks.bias[0] = float("nan")
    with pytest.raises(InputError, match=r"weights\.tanks\.bias"):
        policy_bytes(actor, {})


def test_metadata_may_not_take_the_schemas_keys() -> None:
    with pytest.raises(InputError, match=r"about\.actions"):
        policy_bytes(actor_of("linear"), {"actions": []})


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("form", "shape"),
    [
        *((form, ActorSettings()) for form in FORMS),
        ("network", ActorSettings(hidden=16, pooling="attention")),
    ],
)
def test_every_form_is_exported_with_free_axes(form: str, shape: ActorSettings) -> None:
    pytest.importorskip("onnxscript", reason="export needs onnx and onnxscript (extra train)")
    onnx = pytest.importorskip("onnx", reason="export needs onnx and onnxscript (extra train)")
    actor = drawn(form, shape)
    content = policy_bytes(actor, {"baseline": {}})
    onnx.checker.check_model(onnx.load_from_string(content), full_check=True)
    assert policy_bytes(actor, {"baseline": {}}) == content  # the same weights give the same file
    policy = PolicyFile.read(content)
    for batch, tanks, empty in ((1, 1, 0), (1, 2, 1), (2, 7, 0), (3, 50, 9), (1, 300, 0)):
        given_ = inputs(batch, tanks, empty)
        check_parity(policy(given_), torch_outputs(actor, given_))


@pytest.mark.heavy
def test_an_agent_is_written_that_answers_in_the_environment_as_its_actor(tmp_path: Path) -> None:
    pytest.importorskip("onnxscript", reason="export needs onnx and onnxscript (extra train)")
    env, actor = small_env(), drawn("linear")
    with torch.no_grad():
        for each in actor.parameters():
            each.mul_(0.3)
    write_agent(
        tmp_path / "mine",
        actor,
        PolicyInfo("linear", BASELINE, "small", (1, 2)),
        sample_mornings(env, 2, 2),
        "## What\n\nA test.",
    )
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {
        "policy.onnx",
        "parameters.toml",
        "weights.npz",
        "golden.npz",
        "card.md",
    }
    content = (tmp_path / "mine" / "policy.onnx").read_bytes()
    assert len(content) < 5_000_000
    assert (
        str(Path(__file__).resolve().parents[2]).encode() not in content
    )  # no path of this machine
    dispatcher = load_agent(tmp_path / "mine").dispatcher(np.random.default_rng(0))
    assert isinstance(dispatcher, LearnedDispatcher)
    observation, _ = env.reset(seed=5)
    simulated = env.simulate(dispatcher, 2)
    for day in simulated.days:
        with torch.no_grad():
            seen = [
                torch.from_numpy(observation[name].astype(np.float32))[None]
                for name in ("tanks", "network", "mask")
            ]
            action = actor(*seen).numpy()[0]
        observation, _, _, _, info = env.step(action)
        assert info["km"] == pytest.approx(day.km)
        assert info["kg"] == pytest.approx(day.kg)
