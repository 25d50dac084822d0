"""An actor with noise on each number of each tank, and a value of the whole network: what policy
gradients learn with.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from stable_baselines3.common.policies import BasePolicy
from torch import nn

from lmrs_rl.learning.actor import ActorSettings, MeanMax, actor_of, draw
from lmrs_rl.learning.policies import act


class TankGaussianPolicy(BasePolicy):  # type: ignore[misc]
    """Means from an actor, a standard deviation for each of the seven numbers that all tanks share,
    independent noise.

    Parameters
    ----------
    observation_space, action_space, schedule : as stable-baselines3 gives them; ``schedule`` is of
        the learning rate
    form, settings : of the actor, see `actor_of`
    spread : first standard deviation, > 0
    critic : width of the value's network
    """

    def __init__(
        self,
        observation_space: Any,
        action_space: Any,
        schedule: Any,
        *,
        form: str,
        settings: ActorSettings,
        spread: float,
        critic: int,
        use_sde: bool = False,  # noqa: ARG002
    ) -> None:
        super().__init__(observation_space, action_space)
        self.actor = actor_of(form, settings)
        self.critic = Critic(ActorSettings(hidden=critic, seed=settings.seed + 1))
        self.log_std = nn.Parameter(torch.full((settings.actions,), math.log(spread)))
        self.optimizer = torch.optim.Adam(self.parameters(), lr=schedule(1.0), eps=1e-5)

    def forward(
        self,
        observation: dict[str, torch.Tensor],
        deterministic: bool = False,
        actions: torch.Tensor | None = None,
    ) -> Any:
        """Actions (B, N, 7), values (B, 1) and log-probabilities (B,) of all tanks together;
        given ``actions``, their log-probabilities (B, N).
        """
        mean = act(self.actor, observation)
        mask = observation["mask"].float()
        if actions is not None:
            return self._log_prob(mean, actions) * mask
        drawn = (
            mean
            if deterministic
            else mean + torch.randn_like(mean) * self.log_std.exp() * mask[:, :, None]
        )
        return (
            drawn,
            self.predict_values(observation),
            (self._log_prob(mean, drawn) * mask).sum(dim=1),
        )

    def predict_values(self, observation: dict[str, torch.Tensor]) -> torch.Tensor:
        """(B, 1)."""
        value: torch.Tensor = self.critic(
            observation["tanks"].float(),
            observation["network"].float(),
            observation["mask"].float(),
        )
        return value

    def _predict(
        self, observation: dict[str, torch.Tensor], deterministic: bool = False
    ) -> torch.Tensor:
        mean = act(self.actor, observation)
        return (
            mean
            if deterministic
            else mean
            + torch.randn_like(mean) * self.log_std.exp() * observation["mask"].float()[:, :, None]
        )

    def _log_prob(self, mean: torch.Tensor, actions: torch.Tensor) -> torch.Tensor:
        """(B, N)."""
        found: torch.Tensor = (
            torch.distributions.Normal(mean, self.log_std.exp()).log_prob(actions).sum(dim=2)
        )
        return found


class Critic(nn.Module):  # type: ignore[misc]
    """What a morning is worth: an encoder shared by the tanks, their mean and greatest, a head
    that sees these and the network's features.
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
        draw(self, settings.seed)

    def forward(
        self, tanks: torch.Tensor, network: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        """(B, 1)."""
        value: torch.Tensor = self.head(
            torch.cat([self.pool(self.encoder(tanks), mask), network], dim=1)
        )
        return value
