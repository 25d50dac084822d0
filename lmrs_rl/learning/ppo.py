"""Proximal policy optimisation on the numbers of each tank, from stable-baselines3, with ratios of
its own for each tank.

Schulman et al. 2017, doi:10.48550/arXiv.1707.06347. The probability of what all tanks do together
says next to nothing after a small step: with 30 tanks of seven numbers it is a product of 210
factors. Each tank therefore has its own ratio, cut on its own, and all share the morning's
advantage, as agents that learn side by side do (de Witt et al. 2020,
doi:10.48550/arXiv.2011.09533).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import VecEnv

from lmrs_rl.learning.checkpoint import Checkpoint
from lmrs_rl.learning.gaussian import TankGaussianPolicy
from lmrs_rl.learning.info_averager import InfoAverager
from lmrs_rl.learning.policies import TorchPolicy, load_weights, weights_of
from lmrs_rl.learning.recipe import Recipe
from lmrs_rl.learning.rollout import Policy
from lmrs_rl.learning.search_space import settings_of
from lmrs_rl.learning.states import adam_arrays, load_adam, load_module, module_arrays

STATE = "learner.npz"


class TankPPO(PPO):  # type: ignore[misc]
    """See the module. A rollout is whole episodes of worlds that its number draws: between two of
    them, weights and optimiser are all there is.

    Parameters
    ----------
    env : environments side by side, each an `LmrsEnv`
    recipe : seed, actor and settings of "ppo" are taken from it
    """

    def __init__(self, env: VecEnv, recipe: Recipe, **settings: Any) -> None:
        ppo = recipe.ppo
        self.recipe, self.daybook = recipe, InfoAverager()
        kwargs = {
            "form": recipe.actor.form,
            "settings": settings_of(recipe.actor, recipe.seed),
            "spread": ppo.spread,
            "critic": ppo.critic,
        }
        super().__init__(
            TankGaussianPolicy,
            env,
            learning_rate=ppo.learning_rate,
            n_steps=ppo.episodes * recipe.world.days,
            batch_size=ppo.batch,
            n_epochs=ppo.epochs,
            gamma=ppo.discount,
            gae_lambda=ppo.trace,
            clip_range=ppo.clip,
            ent_coef=ppo.entropy,
            max_grad_norm=ppo.max_norm,
            policy_kwargs=kwargs,
            seed=recipe.seed,
            device="cpu",
            **settings,
        )

    def collect_rollouts(
        self, env: VecEnv, callback: Any, rollout_buffer: Any, n_rollout_steps: int
    ) -> bool:
        """Begins new episodes; all that is random in them and in the steps that follow hangs on
        the days played so far.
        """
        self.set_random_seed(
            int(
                np.random.SeedSequence([self.recipe.seed, self.num_timesteps]).generate_state(1)[0]
                >> 1
            )
        )
        self._last_obs = env.reset()
        self._last_episode_starts = np.ones(env.num_envs, dtype=bool)
        return bool(super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps))

    def train(self) -> None:
        """Some passes over the rollout."""
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        before = {name: each.detach().clone() for name, each in self.policy.state_dict().items()}
        told: list[dict[str, float]] = []
        for _ in range(self.n_epochs):
            told += [
                self._step(batch, before) for batch in self.rollout_buffer.get(self.batch_size)
            ]
            self._n_updates += 1
        for name in told[0]:
            self.logger.record(f"train/{name}", float(np.mean([each[name] for each in told])))
        self.logger.record("train/spread", float(self.policy.log_std.detach().exp().mean()))

    def _step(self, batch: Any, before: dict[str, torch.Tensor]) -> dict[str, float]:
        """One step of the optimiser on ``batch``; ``before`` are the policy's arrays that the
        rollout was played with.
        """
        seen, mask = batch.observations, batch.observations["mask"].float()
        actions = batch.actions.reshape(len(mask), mask.shape[1], -1)
        with torch.no_grad():
            old = torch.func.functional_call(self.policy, before, (seen,), {"actions": actions})
        log_prob = self.policy(seen, actions=actions)
        advantage = (batch.advantages - batch.advantages.mean()) / (batch.advantages.std() + 1e-8)
        clip = self.clip_range(self._current_progress_remaining)
        loss, cut = surrogate(log_prob, old, advantage, mask, clip)
        value = torch.nn.functional.mse_loss(
            self.policy.predict_values(seen).flatten(), batch.returns
        )
        total = loss - self.ent_coef * self.policy.log_std.sum() + self.vf_coef * value
        self.policy.optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.policy.parameters(), self.max_grad_norm)
        self.policy.optimizer.step()
        return {"loss": loss.item(), "value_loss": value.item(), "cut": cut.item()}

    def save(self, path: Any, exclude: Any = None, include: Any = None) -> None:  # noqa: ARG002
        """Write what `load` goes on from into the folder of a run, see `Checkpoint`."""
        arrays = {
            **module_arrays("policy", self.policy),
            **adam_arrays("adam", self.policy.optimizer),
            "days": self.num_timesteps,
            "updates": self._n_updates,
        }
        checkpoint = Checkpoint(Path(path), self.recipe)
        checkpoint.write_arrays(STATE, arrays)
        checkpoint.write_latest(self.actor_weights(), self.num_timesteps)

    @classmethod
    def load(cls, path: Any, env: VecEnv, *, recipe: Recipe, **settings: Any) -> Self:
        """Go on from a folder: as if the run had never been cut off."""
        found, checkpoint = cls(env, recipe, **settings), Checkpoint(Path(path), recipe)
        start = checkpoint.start()
        if start is not None:
            load_weights(found.policy.actor, start)
        arrays = checkpoint.read_arrays(STATE)
        if arrays:
            load_module("policy", found.policy, arrays)
            load_adam("adam", found.policy.optimizer, arrays)
            found.num_timesteps = int(arrays["days"])
            found._n_updates = int(arrays.get("updates", 0))  # earlier versions did not keep it
        return found

    def actor_weights(self) -> dict[str, Any]:
        """Arrays of the actor."""
        return weights_of(self.policy.actor)

    def actor_policy(self) -> Policy:
        """The actor as it is now, ready to play in another process."""
        return TorchPolicy(
            self.recipe.actor.form,
            settings_of(self.recipe.actor, self.recipe.seed),
            self.actor_weights(),
        )

    def progress_row(self) -> dict[str, Any]:
        """The days since the last call as numbers."""
        return {
            "spread": float(self.policy.log_std.detach().exp().mean()),
            "updates": self._n_updates,
            "figures": self.daybook.close(),
        }


def surrogate(
    log_prob: torch.Tensor,
    old: torch.Tensor,
    advantage: torch.Tensor,
    mask: torch.Tensor,
    clip: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The clipped loss, mean over the tanks that there are, and the share of their ratios that are
    out of range.

    ``log_prob`` and ``old`` (B, N) of what each tank did, ``advantage`` (B,) of the morning,
    ``mask`` (B, N).
    """
    ratio = torch.exp(log_prob - old)
    gain = torch.minimum(
        ratio * advantage[:, None], torch.clamp(ratio, 1 - clip, 1 + clip) * advantage[:, None]
    )
    return -(gain * mask).sum() / mask.sum(), (((ratio - 1).abs() > clip) * mask).sum() / mask.sum()
