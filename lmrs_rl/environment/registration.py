"""Ids of the shipped worlds, such as ``lmrs/MultiSite-v0`` for ``envs/multi-site.toml``."""

from __future__ import annotations

import gymnasium as gym

from lmrs_rl.domain.shipped import shipped_worlds

VERSION = 0
"""Goes up with any change of dynamics, costs or observation."""


def env_id(world: str) -> str:
    """The id of a shipped world."""
    return f"lmrs/{''.join(part.capitalize() for part in world.split('-'))}-v{VERSION}"


def register_worlds() -> None:
    """Make the shipped worlds known to Gymnasium; those known already stay."""
    for world in shipped_worlds():
        if env_id(world) not in gym.registry:
            gym.register(
                env_id(world),
                entry_point="lmrs_rl.environment.environment:LmrsEnv",
                kwargs={"world": world},
            )
