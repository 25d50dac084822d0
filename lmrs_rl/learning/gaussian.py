"""A Gaussian policy over the actions of all tanks, with a value of the whole network."""

from __future__ import annotations

import math
from typing import Any

import torch
from stable_baselines3.common.policies import BasePolicy
from torch import nn

from lmrs_rl.learning.actor import ActorSettings, MeanMax, actor_of, init_weights
from lmrs_rl.learning.policies import act


class TankGaussianPolicy(BasePolicy):  # type: ignore[misc]
    """Independent Gaussian noise on each number of each tank.

    The means come from an actor; each of the seven numbers has a learned standard deviation, which
    all tanks share.

    Parameters
    ----------
    observation_space, action_space, schedule : as stable-baselines3 gives them; ``schedule`` is of
        the learning rate
    form, settings : of the actor, see `actor_of`
    init_std : initial standard deviation, > 0
    critic : width of the value network
    """

    def __init__(
        self,
        observation_space: Any,
        action_space: Any,
        schedule: Any,
        *,
        form: str,
        settings: ActorSettings,
        init_std: float,
        critic: int,
        use_sde: bool = False,  # noqa: ARG002
    ) -> None:
        super().__init__(observation_space, action_space)
        self.actor = actor_of(form, settings)
        # With the actor's seed and width its encoder would start as a copy of the actor's.
        self.critic = Critic(ActorSettings(hidden=critic, seed=settings.seed + 1))
        self.log_std = nn.Parameter(torch.full((settings.actions,), math.log(init_std)))
        # eps as stable-baselines3 sets it for PPO.
        self.optimizer = torch.optim.Adam(self.parameters(), lr=schedule(1.0), eps=1e-5)

    def forward(
        self,
        observation: dict[str, torch.Tensor],
        deterministic: bool = False,
        actions: torch.Tensor | None = None,
    ) -> Any:
        """Actions (B, N, 7), values (B, 1) and joint log-probabilities (B,) of all tanks.

        With ``actions`` given, only their log-probabilities (B, N) by tank.
        """
        mean = act(self.actor, observation)
        mask = observation["mask"].float()
        if actions is not None:
            return self._log_prob(mean, actions) * mask
        drawn = mean if deterministic else self._with_noise(mean, mask)
        log_prob = (self._log_prob(mean, drawn) * mask).sum(dim=1)
        return drawn, self.predict_values(observation), log_prob

    def predict_values(self, observation: dict[str, torch.Tensor]) -> torch.Tensor:
        """Values (B, 1) of the observations."""
        value: torch.Tensor = self.critic(
            observation["tanks"].float(),
            observation["network"].float(),
            observation["mask"].float(),
        )
        return value

    # Observations are always dictionaries here.
    def _predict(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, observation: dict[str, torch.Tensor], deterministic: bool = False
    ) -> torch.Tensor:
        mean = act(self.actor, observation)
        return mean if deterministic else self._with_noise(mean, observation["mask"].float())

    def _with_noise(self, mean: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        # Without noise at empty places, so that their actions are 0 as those of the actor.
        # Not cut to [-1, 1]: stable-baselines3 does so for the environment, and keeps the numbers
        # that the log-probabilities belong to.
        return mean + torch.randn_like(mean) * self.log_std.exp() * mask[:, :, None]

    def _log_prob(self, mean: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """Log-probabilities (B, N) of each tank's seven numbers."""
        found: torch.Tensor = (
            torch.distributions.Normal(mean, self.log_std.exp()).log_prob(actions).sum(dim=2)
        )
        return found


class Critic(nn.Module):  # type: ignore[misc]
    """Value network: an encoder of each tank, mean and maximum over tanks, a head.

    The head also gets the features of the network.
    """

    def __init__(self, settings: ActorSettings) -> None:
        super().__init__()
        width = settings.hidden
        self.encoder = nn.Sequential(
            nn.Linear(settings.tank_features, width), nn.Tanh(), nn.Linear(width, width), nn.Tanh()
        )
        self.pool = MeanMax(width)
        self.head = nn.Sequential(
            nn.Linear(self.pool.width + settings.network_features, width),
            nn.Tanh(),
            nn.Linear(width, 1),
        )
        init_weights(self, settings.seed)

    def forward(
        self, tanks: torch.Tensor, network: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """Values (B, 1), for the inputs of an actor."""
        value: torch.Tensor = self.head(
            torch.cat([self.pool(self.encoder(tanks), mask), network], dim=1)
        )
        return value
