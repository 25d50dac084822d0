"""Actors as policies: of stable-baselines3, and as plain functions of an observation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from stable_baselines3.common.policies import BasePolicy

from lmrs_rl.dispatchers.policy import Observation
from lmrs_rl.domain import InputError
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.learning.actor import ActorSettings, actor_of


class ActorPolicy(BasePolicy):  # type: ignore[misc]
    """A policy of stable-baselines3 that is an actor alone, without noise or value.

    With it, callbacks, ``predict`` and logging of stable-baselines3 work for the evolution.

    Parameters
    ----------
    observation_space, action_space : of the environment
    form, settings : see `actor_of`
    """

    def __init__(
        self,
        observation_space: Any,
        action_space: Any,
        _schedule: Any = None,
        *,
        form: str = "linear",
        settings: ActorSettings | None = None,
    ):
        super().__init__(observation_space, action_space)
        self.actor = actor_of(form, settings)

    # Observations are always dictionaries here.
    def _predict(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        observation: dict[str, torch.Tensor],
        deterministic: bool = False,  # noqa: ARG002
    ) -> torch.Tensor:
        """The action (B, N, 7)."""
        return act(self.actor, observation)


class TorchPolicy:
    """An actor as a function of one observation, with numpy arrays in and out.

    It pickles as form, settings and arrays, so that other processes can make it again.
    """

    def __init__(self, form: str, settings: ActorSettings, weights: dict[str, Any]) -> None:
        self._arguments = (form, settings, weights)
        self._actor = actor_of(form, settings)
        load_weights(self._actor, weights)

    def __call__(self, observation: Observation) -> Float32Array:
        """The action (N_max, 7)."""
        batch = {name: torch.from_numpy(each)[None] for name, each in observation.items()}
        with torch.no_grad():
            u: Float32Array = act(self._actor, batch)[0].numpy()
        return u

    def __reduce__(self) -> tuple[Any, ...]:
        return TorchPolicy, self._arguments


def act(actor: Any, observation: dict[str, torch.Tensor]) -> torch.Tensor:
    """The actions (B, N, 7) of an actor for a batch of observations."""
    return actor(
        observation["tanks"].float(), observation["network"].float(), observation["mask"].float()
    )


def load_weights(actor: Any, weights: Mapping[str, Any]) -> None:
    """Load arrays into an actor (`InputError` if names or shapes do not fit)."""
    wanted = {name: tuple(each.shape) for name, each in actor.state_dict().items()}
    got = {name: tuple(np.shape(each)) for name, each in weights.items()}
    if got != wanted:
        raise InputError(
            "weights",
            got,
            f"{wanted}",
            "take weights of the same form, made with the same features",
        )
    actor.load_state_dict({name: torch.as_tensor(each) for name, each in weights.items()})


def weights_of(actor: Any) -> dict[str, Any]:
    """Copies of an actor's arrays."""
    # Copies: the arrays share their memory with the weights, which training goes on changing.
    return {name: each.detach().cpu().numpy().copy() for name, each in actor.state_dict().items()}
