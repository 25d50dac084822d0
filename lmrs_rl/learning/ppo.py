"""Proximal policy optimisation (PPO) with a probability ratio for each tank.

Schulman et al. 2017, doi:10.48550/arXiv.1707.06347, on top of stable-baselines3. The joint
probability ratio of all tanks is useless after even a small step: with 30 tanks of seven numbers it
is a product of 210 factors. Each tank therefore has its own ratio, clipped separately, and all
share the morning's advantage, as in independent PPO of several agents (de Witt et al. 2020,
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

_STATE = "learner.npz"


class TankPPO(PPO):  # type: ignore[misc]
    """PPO with a ratio for each tank, see the module.

    A rollout is a number of whole episodes, and its random numbers depend only on the number of
    days before it. Weights and optimiser are therefore the whole state between two rollouts.

    Parameters
    ----------
    env : parallel environments, each an `LmrsEnv`
    recipe : gives seed, actor and settings of "ppo"
    """

    def __init__(self, env: VecEnv, recipe: Recipe, **settings: Any) -> None:
        ppo = recipe.ppo
        self.recipe, self.averager = recipe, InfoAverager()
        kwargs = {
            "form": recipe.actor.form,
            "settings": settings_of(recipe.actor, recipe.seed),
            "init_std": ppo.init_std,
            "critic": ppo.critic,
        }
        # Not an `ActorCriticPolicy`, with whose single ratio of probabilities PPO could not learn.
        policy: Any = TankGaussianPolicy
        super().__init__(
            policy,
            env,
            learning_rate=ppo.learning_rate,
            n_steps=ppo.episodes * recipe.world.days,
            batch_size=ppo.batch,
            n_epochs=ppo.epochs,
            gamma=ppo.gamma,
            gae_lambda=ppo.gae_lambda,
            clip_range=ppo.clip,
            ent_coef=ppo.ent_coef,
            max_grad_norm=ppo.max_norm,
            policy_kwargs=kwargs,
            seed=recipe.seed,
            device="cpu",
            **settings,
        )

    def collect_rollouts(
        self, env: VecEnv, callback: Any, rollout_buffer: Any, n_rollout_steps: int
    ) -> bool:
        """Collect a rollout from new episodes, seeded by the number of days so far."""
        # With the same seed at the same day, a continued run is equal to an uninterrupted one. The
        # shift makes the 32-bit word fit into the signed integers that seeds must be.
        sequence = np.random.SeedSequence([self.recipe.seed, self.num_timesteps])
        self.set_random_seed(int(sequence.generate_state(1)[0] >> 1))
        # A reset, since the environments take up the seed that was just set only then.
        observation: Any = env.reset()
        self._last_obs = observation
        self._last_episode_starts = np.ones(env.num_envs, dtype=bool)
        return bool(super().collect_rollouts(env, callback, rollout_buffer, n_rollout_steps))

    def train(self) -> None:
        """Run ``n_epochs`` of minibatch updates over the rollout."""
        self.policy.set_training_mode(True)
        self._update_learning_rate(self.policy.optimizer)
        # Copies, since the first step of the optimiser changes the weights that collected.
        old = {name: each.detach().clone() for name, each in self.policy.state_dict().items()}
        losses: list[dict[str, float]] = []
        for _ in range(self.n_epochs):
            losses += [self._step(batch, old) for batch in self.rollout_buffer.get(self.batch_size)]
            self._n_updates += 1
        for name in losses[0]:
            self.logger.record(f"train/{name}", float(np.mean([each[name] for each in losses])))
        self.logger.record("train/spread", float(self.policy.log_std.detach().exp().mean()))

    def _step(self, batch: Any, old: dict[str, torch.Tensor]) -> dict[str, float]:
        """One step of the optimiser on ``batch``; ``old`` are the weights that collected it."""
        observations, mask = batch.observations, batch.observations["mask"].float()
        actions = batch.actions.reshape(len(mask), mask.shape[1], -1)
        # The buffer holds joint log-probabilities only, so those by tank are computed again.
        with torch.no_grad():
            old_log_prob = torch.func.functional_call(
                self.policy, old, (observations,), {"actions": actions}
            )
        log_prob = self.policy(observations, actions=actions)
        advantage = (batch.advantages - batch.advantages.mean()) / (batch.advantages.std() + 1e-8)
        schedule: Any = self.clip_range  # a number until stable-baselines3 has set up the model
        clip = schedule(self._current_progress_remaining)
        loss, clipped = surrogate(log_prob, old_log_prob, advantage, mask, clip)
        value = torch.nn.functional.mse_loss(
            self.policy.predict_values(observations).flatten(), batch.returns
        )
        # The entropy of a Gaussian is the sum of its log standard deviations plus a constant.
        total = loss - self.ent_coef * self.policy.log_std.sum() + self.vf_coef * value
        self.policy.optimizer.zero_grad()
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.policy.parameters(), self.max_grad_norm)
        self.policy.optimizer.step()
        return {"loss": loss.item(), "value_loss": value.item(), "cut": clipped.item()}

    def save(self, path: Any, exclude: Any = None, include: Any = None) -> None:  # noqa: ARG002
        """Write the state that `load` continues from into the folder of a run, see `Checkpoint`."""
        arrays = {
            **module_arrays("policy", self.policy),
            **adam_arrays("adam", self.policy.optimizer),
            "days": self.num_timesteps,
            "updates": self._n_updates,
        }
        checkpoint = Checkpoint(Path(path), self.recipe)
        checkpoint.write_arrays(_STATE, arrays)
        checkpoint.write_latest(self.actor_weights(), self.num_timesteps)

    # Runs are folders here, not the zip files of stable-baselines3.
    @classmethod
    def load(  # pyright: ignore[reportIncompatibleMethodOverride]
        cls, path: Any, env: VecEnv, *, recipe: Recipe, **settings: Any
    ) -> Self:
        """Continue the run in a folder as if it had never been interrupted."""
        found, checkpoint = cls(env, recipe, **settings), Checkpoint(Path(path), recipe)
        start = checkpoint.start()
        if start is not None:
            load_weights(found.policy.actor, start)
        arrays = checkpoint.read_arrays(_STATE)
        if arrays:
            load_module("policy", found.policy, arrays)
            load_adam("adam", found.policy.optimizer, arrays)
            found.num_timesteps = int(arrays["days"])
            found._n_updates = int(arrays.get("updates", 0))  # earlier versions did not store it
        return found

    def actor_weights(self) -> dict[str, Any]:
        """Arrays of the actor."""
        return weights_of(self.policy.actor)

    def actor_policy(self) -> Policy:
        """The present actor, ready to run in another process."""
        return TorchPolicy(
            self.recipe.actor.form,
            settings_of(self.recipe.actor, self.recipe.seed),
            self.actor_weights(),
        )

    def progress_row(self) -> dict[str, Any]:
        """Noise, updates, and mean figures of the days since the last call."""
        return {
            "spread": float(self.policy.log_std.detach().exp().mean()),
            "updates": self._n_updates,
            "figures": self.averager.close(),
        }


def surrogate(
    log_prob: torch.Tensor,
    old: torch.Tensor,
    advantage: torch.Tensor,
    mask: torch.Tensor,
    clip: float,
) -> tuple[torch.Tensor, torch.Tensor]:
    """PPO's clipped loss, averaged over all tanks, and the share of their ratios out of range.

    Parameters
    ----------
    log_prob, old : (B, N) log-probabilities of the action of each tank, now and at collection
    advantage : (B,) of the morning
    mask : (B, N) 1 where there is a tank
    clip : range of the ratio around 1
    """
    ratio = torch.exp(log_prob - old)
    clipped = torch.clamp(ratio, 1 - clip, 1 + clip)
    gain = torch.minimum(ratio * advantage[:, None], clipped * advantage[:, None])
    out_of_range = ((ratio - 1).abs() > clip) * mask
    return -(gain * mask).sum() / mask.sum(), out_of_range.sum() / mask.sum()
