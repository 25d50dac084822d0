"""Actors start at the baseline and see tanks as a set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmrs_rl.dispatchers.policy import ACTIONS, NETWORK_FEATURES, TANK_FEATURES
from lmrs_rl.domain import InputError

torch = pytest.importorskip("torch")

from lmrs_rl.learning.actor import ActorSettings, actor_of  # noqa: E402
from lmrs_rl.learning.settings import POOLINGS  # noqa: E402

F, G = len(TANK_FEATURES), len(NETWORK_FEATURES)
KINDS = [
    ("linear", "mean-max"),
    *(("network", pooling) for pooling in POOLINGS),
    ("shared", "mean-max"),
]


def new(kind: tuple[str, str]) -> Any:
    return actor_of(kind[0], ActorSettings(hidden=8, pooling=kind[1]))


def trained(kind: tuple[str, str], seed: int) -> Any:
    """One whose weights are all other than 0."""
    actor = new(kind)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for each in actor.parameters():
            each.copy_(0.3 * torch.randn(each.shape, generator=generator))
    return actor


def batch(n: int, seed: int, b: int = 2) -> tuple[Any, Any, Any]:
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.rand((b, n, F), generator=generator),
        torch.rand((b, G), generator=generator),
        torch.ones((b, n)),
    )


def asked(actor: Any, tanks: Any, network: Any, mask: Any) -> np.ndarray:
    with torch.no_grad():
        return np.asarray(actor(tanks, network, mask))


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_actor_is_the_baseline_to_the_bit(kind: tuple[str, str]) -> None:
    u = asked(new(kind), *batch(5, 0))
    assert u.shape == (2, 5, len(ACTIONS))
    assert u.dtype == np.float32
    assert (u == 0.0).all()


@pytest.mark.parametrize("kind", KINDS)
@given(n=st.integers(1, 12), padding=st.integers(0, 5), seed=st.integers(0, 1000))
def test_order_and_padding_do_not_count(
    kind: tuple[str, str], n: int, padding: int, seed: int
) -> None:
    actor, (tanks, network, mask) = trained(kind, seed), batch(n, seed)
    u = asked(actor, tanks, network, mask)
    assert (np.abs(u) <= 1).all()
    order = np.random.default_rng(seed).permutation(n)
    assert asked(actor, tanks[:, order], network, mask) == pytest.approx(u[:, order], abs=2e-6)
    # Empty places may hold anything: their u is 0 and nobody looks at them.
    wider = torch.cat([tanks, torch.full((2, padding, F), 7.0)], dim=1)
    padded = asked(actor, wider, network, torch.cat([mask, torch.zeros((2, padding))], dim=1))
    assert padded[:, :n] == pytest.approx(u, abs=2e-6)
    assert (padded[:, n:] == 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_of_twins_does_not_count(kind: tuple[str, str]) -> None:
    actor, (tanks, network, mask) = trained(kind, 3), batch(4, 3)
    twice = asked(actor, torch.cat([tanks, tanks], dim=1), network, torch.cat([mask, mask], dim=1))
    assert twice[:, :4] == pytest.approx(asked(actor, tanks, network, mask), abs=2e-6)


def test_tanks_of_a_network_actor_hear_of_each_other_and_those_of_a_linear_one_do_not() -> None:
    tanks, network, mask = batch(3, 1)
    other = tanks.clone()
    other[:, 0] = 1 - other[:, 0]
    for kind in KINDS:
        actor = trained(kind, 1)
        before, after = asked(actor, tanks, network, mask), asked(actor, other, network, mask)
        assert (before[:, 1:] == after[:, 1:]).all() == (kind[0] == "linear"), kind


@pytest.mark.parametrize("kind", KINDS)
def test_no_tank_at_all_is_no_trouble(kind: tuple[str, str]) -> None:
    tanks, network, _ = batch(3, 2)
    assert (asked(trained(kind, 2), tanks, network, torch.zeros((2, 3))) == 0).all()


def test_the_seed_draws_the_first_weights() -> None:
    def weights(seed: int) -> Any:
        return actor_of("network", ActorSettings(seed=seed)).encoder[0].weight

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


def test_bad_settings_are_refused() -> None:
    with pytest.raises(InputError, match="'deep'; wanted one of linear, network, shared"):
        actor_of("deep")
    with pytest.raises(InputError, match=r"actor\.pooling"):
        ActorSettings(pooling="sum")
    with pytest.raises(InputError, match=r"actor\.hidden: got 0"):
        ActorSettings(hidden=0)
    assert actor_of("network", ActorSettings(hidden=1)) is not None
