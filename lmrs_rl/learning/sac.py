"""Soft actor-critic on seven numbers that all tanks share, from stable-baselines3: Haarnoja et
al. 2018, doi:10.48550/arXiv.1812.05905.
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

STATE = "learner.npz"
LAYERS = {"latent_pi.0": "head.0", "latent_pi.2": "head.2", "mu": "last"}
"""Of the learner's actor and of a `SharedActor`."""


class SharedSAC(SAC):  # type: ignore[misc]
    """See the module.

    A run that goes on has its weights and optimisers again, but neither its buffer of mornings nor
    the episode it was in: it first plays ``before`` mornings, with its own noise, and ends
    otherwise than one that was not cut off.

    Parameters
    ----------
    env : environments side by side, each a `PooledObservation` of a `SharedAction`
    recipe : seed, actor and settings of "sac" are taken from it
    """

    def __init__(self, env: VecEnv, recipe: Recipe, **settings: Any) -> None:
        sac = recipe.sac
        self.recipe, self.daybook = recipe, InfoAverager()
        super().__init__(
            "MlpPolicy",
            env,
            learning_rate=sac.learning_rate,
            buffer_size=sac.buffer,
            learning_starts=sac.before,
            batch_size=sac.batch,
            gamma=sac.discount,
            ent_coef=f"auto_{sac.entropy}",
            policy_kwargs={"net_arch": [recipe.actor.hidden] * 2},
            seed=recipe.seed,
            device="cpu",
            **settings,
        )
        with torch.no_grad():
            # The mean is the baseline, its noise the same everywhere.
            for layer in (self.actor.mu, self.actor.log_std):
                layer.weight.zero_()
            self.actor.mu.bias.zero_()
            self.actor.log_std.bias.fill_(math.log(sac.spread))

    def _sample_action(
        self, learning_starts: int, action_noise: Any = None, n_envs: int = 1
    ) -> Any:
        """The policy's own noise from the first morning on: random numbers would be far from the
        baseline.
        """
        del learning_starts
        return super()._sample_action(0, action_noise, n_envs)

    def save(self, path: Any, exclude: Any = None, include: Any = None) -> None:  # noqa: ARG002
        """Write what `load` goes on from into the folder of a run, see `Checkpoint`."""
        arrays = {
            **module_arrays("policy", self.policy),
            "log_ent_coef": self.log_ent_coef.detach().numpy(),
            "days": self.num_timesteps,
            "updates": self._n_updates,
        }
        for name, optimizer in self._optimizers().items():
            arrays |= adam_arrays(name, optimizer)
        checkpoint = Checkpoint(Path(path), self.recipe)
        checkpoint.write_arrays(STATE, arrays)
        checkpoint.write_latest(self.actor_weights(), self.num_timesteps)

    @classmethod
    def load(cls, path: Any, env: VecEnv, *, recipe: Recipe, **settings: Any) -> Self:
        """Go on from a folder; see the class for what differs."""
        found, checkpoint = cls(env, recipe, **settings), Checkpoint(Path(path), recipe)
        start = checkpoint.start()
        if start is not None:
            found._take(start)
        arrays = checkpoint.read_arrays(STATE)
        if arrays:
            load_module("policy", found.policy, arrays)
            with torch.no_grad():
                found.log_ent_coef.copy_(torch.as_tensor(arrays["log_ent_coef"]))
            for name, optimizer in found._optimizers().items():
                load_adam(name, optimizer, arrays)
            found.num_timesteps = int(arrays["days"])
            found._n_updates = int(arrays.get("updates", 0))  # earlier versions did not keep it
            found.learning_starts = found.num_timesteps + recipe.sac.before
            found.set_random_seed(recipe.seed + found.num_timesteps)
        return found

    def _take(self, weights: Mapping[str, Any]) -> None:
        """Put arrays of a `SharedActor` into the learner's (`InputError` for another's)."""
        load_weights(actor_of("shared", settings_of(self.recipe.actor, self.recipe.seed)), weights)
        state = self.actor.state_dict()
        for theirs, ours in LAYERS.items():
            state |= {
                f"{theirs}.{part}": torch.as_tensor(weights[f"{ours}.{part}"])
                for part in ("weight", "bias")
            }
        self.actor.load_state_dict(state)

    def _optimizers(self) -> dict[str, Any]:
        return {
            "adam_actor": self.actor.optimizer,
            "adam_critic": self.critic.optimizer,
            "adam_entropy": self.ent_coef_optimizer,
        }

    def actor_weights(self) -> dict[str, Any]:
        """Arrays of a `SharedActor` that answers as this learner does without noise."""
        state = self.actor.state_dict()
        named = {
            f"{ours}.{part}": state[f"{theirs}.{part}"]
            for theirs, ours in LAYERS.items()
            for part in ("weight", "bias")
        }
        return {name: each.detach().cpu().numpy().copy() for name, each in named.items()}

    def actor_policy(self) -> Policy:
        """That actor, ready to play in another process."""
        return TorchPolicy(
            "shared", settings_of(self.recipe.actor, self.recipe.seed), self.actor_weights()
        )

    def progress_row(self) -> dict[str, Any]:
        """The days since the last call as numbers."""
        return {
            "entropy_weight": float(self.log_ent_coef.detach().exp()),
            "updates": self._n_updates,
            "figures": self.daybook.close(),
        }
