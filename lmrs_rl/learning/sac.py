"""Soft actor-critic (SAC) on seven numbers that all tanks share.

Haarnoja et al. 2018, doi:10.48550/arXiv.1812.05905, as in stable-baselines3.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import torch
from stable_baselines3 import SAC
from stable_baselines3.common.vec_env import VecEnv

from lmrs_rl.learning.actor import actor_of
from lmrs_rl.learning.checkpoint import Checkpoint
from lmrs_rl.learning.info_averager import InfoAverager
from lmrs_rl.learning.policies import TorchPolicy, load_weights
from lmrs_rl.learning.recipe import Recipe
from lmrs_rl.learning.rollout import Policy
from lmrs_rl.learning.search_space import settings_of
from lmrs_rl.learning.states import adam_arrays, load_adam, load_module, module_arrays

_STATE = "learner.npz"
_LAYERS = {"latent_pi.0": "head.0", "latent_pi.2": "head.2", "mu": "last"}
"""Layers of the learner's actor, and the equal ones of a `SharedActor`."""


class SharedSAC(SAC):  # type: ignore[misc]
    """SAC on one action for all tanks, see the module.

    A continued run has its weights and optimisers, but neither its replay buffer nor the episode in
    progress: it first collects ``learning_starts`` mornings with its own noise, and its result
    differs from that of an uninterrupted run.

    Parameters
    ----------
    env : parallel environments, each a `PooledObservation` of a `SharedAction`
    recipe : gives seed, actor and settings of "sac"
    """

    def __init__(self, env: VecEnv, recipe: Recipe, **settings: Any) -> None:
        sac = recipe.sac
        self.recipe, self.averager = recipe, InfoAverager()
        super().__init__(
            "MlpPolicy",
            env,
            learning_rate=sac.learning_rate,
            buffer_size=sac.buffer,
            learning_starts=sac.learning_starts,
            batch_size=sac.batch,
            gamma=sac.gamma,
            ent_coef=f"auto_{sac.ent_coef}",
            policy_kwargs={"net_arch": [recipe.actor.hidden] * 2},
            seed=recipe.seed,
            device="cpu",
            **settings,
        )
        with torch.no_grad():
            # The initial policy has the baseline as its mean and the same noise everywhere.
            actor: Any = self.actor
            for layer in (actor.mu, actor.log_std):
                layer.weight.zero_()
            actor.mu.bias.zero_()
            actor.log_std.bias.fill_(math.log(sac.init_std))

    def _sample_action(
        self, learning_starts: int, action_noise: Any = None, n_envs: int = 1
    ) -> Any:
        """Sample from the policy from the first morning on, never uniformly."""
        # Uniform actions, which stable-baselines3 starts with, would be far from the baseline.
        del learning_starts
        return super()._sample_action(0, action_noise, n_envs)

    def save(self, path: Any, exclude: Any = None, include: Any = None) -> None:  # noqa: ARG002
        """Write the state that `load` continues from into the folder of a run, see `Checkpoint`."""
        arrays = {
            **module_arrays("policy", self.policy),
            "log_ent_coef": self._log_entropy_weight.detach().numpy(),
            "days": self.num_timesteps,
            "updates": self._n_updates,
        }
        for name, optimizer in self._optimizers().items():
            arrays |= adam_arrays(name, optimizer)
        checkpoint = Checkpoint(Path(path), self.recipe)
        checkpoint.write_arrays(_STATE, arrays)
        checkpoint.write_latest(self.actor_weights(), self.num_timesteps)

    # Runs are folders here, not the zip files of stable-baselines3.
    @classmethod
    def load(  # pyright: ignore[reportIncompatibleMethodOverride]
        cls, path: Any, env: VecEnv, *, recipe: Recipe, **settings: Any
    ) -> Self:
        """Continue the run in a folder; the class says what differs from an uninterrupted one."""
        found, checkpoint = cls(env, recipe, **settings), Checkpoint(Path(path), recipe)
        start = checkpoint.start()
        if start is not None:
            found._load_actor(start)
        arrays = checkpoint.read_arrays(_STATE)
        if arrays:
            load_module("policy", found.policy, arrays)
            with torch.no_grad():
                found._log_entropy_weight.copy_(torch.as_tensor(arrays["log_ent_coef"]))
            for name, optimizer in found._optimizers().items():
                load_adam(name, optimizer, arrays)
            found.num_timesteps = int(arrays["days"])
            found._n_updates = int(arrays.get("updates", 0))  # earlier versions did not store it
            found.learning_starts = found.num_timesteps + recipe.sac.learning_starts
            # With the first seed the noise of the first days would come again.
            found.set_random_seed(recipe.seed + found.num_timesteps)
        return found

    def _load_actor(self, weights: Mapping[str, Any]) -> None:
        """Copy the arrays of a `SharedActor` into the learner (`InputError` if they do not fit)."""
        # Loaded into such an actor first, which checks names and shapes.
        load_weights(actor_of("shared", settings_of(self.recipe.actor, self.recipe.seed)), weights)
        state = self.actor.state_dict()
        for theirs, ours in _LAYERS.items():
            state |= {
                f"{theirs}.{part}": torch.as_tensor(weights[f"{ours}.{part}"])
                for part in ("weight", "bias")
            }
        self.actor.load_state_dict(state)

    @property
    def _log_entropy_weight(self) -> torch.Tensor:
        """Logarithm of the entropy coefficient, which is learned here."""
        found: Any = self.log_ent_coef
        weight: torch.Tensor = found
        return weight

    def _optimizers(self) -> dict[str, Any]:
        return {
            "adam_actor": self.actor.optimizer,
            "adam_critic": self.critic.optimizer,
            "adam_entropy": self.ent_coef_optimizer,
        }

    def actor_weights(self) -> dict[str, Any]:
        """Arrays of a `SharedActor` with the output of this learner without noise."""
        state = self.actor.state_dict()
        named = {
            f"{ours}.{part}": state[f"{theirs}.{part}"]
            for theirs, ours in _LAYERS.items()
            for part in ("weight", "bias")
        }
        return {name: each.detach().cpu().numpy().copy() for name, each in named.items()}

    def actor_policy(self) -> Policy:
        """The actor of `actor_weights`, ready to run in another process."""
        return TorchPolicy(
            "shared", settings_of(self.recipe.actor, self.recipe.seed), self.actor_weights()
        )

    def progress_row(self) -> dict[str, Any]:
        """Entropy coefficient, updates, and mean figures of the days since the last call."""
        return {
            "entropy_weight": float(self._log_entropy_weight.detach().exp()),
            "updates": self._n_updates,
            "figures": self.averager.close(),
        }
