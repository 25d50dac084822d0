"""Gymnasium ids of the shipped worlds, such as ``lmrs/MultiSite-v0`` for ``envs/multi-site.toml``.

``import lmrs_rl`` registers them without importing Gymnasium or the environment: a process that
never makes an environment does not pay for these imports, and need not have Gymnasium installed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_VERSION = 0
"""Incremented by any change of dynamics, costs or observations."""


def env_id(world: str) -> str:
    """The Gymnasium id of a shipped world.

    Parameters
    ----------
    world
        Name of the world, such as ``multi-site``.

    Returns
    -------
    str
        The id, for ``gymnasium.make``.

    Examples
    --------
    >>> from lmrs_rl import env_id
    >>> env_id("multi-site")
    'lmrs/MultiSite-v0'
    """
    return f"lmrs/{''.join(part.capitalize() for part in world.split('-'))}-v{_VERSION}"


def register_worlds() -> None:
    """Register the shipped worlds with Gymnasium, except those that are registered already."""
    import gymnasium as gym

    from lmrs_rl.domain.shipped import shipped_worlds

    for world in shipped_worlds():
        if env_id(world) not in gym.registry:
            gym.register(
                env_id(world),
                entry_point="lmrs_rl.environment.environment:LmrsEnv",
                kwargs={"world": world},
            )


def register_with_gymnasium() -> None:
    """Register the worlds now if Gymnasium is imported, otherwise as soon as it is."""
    if sys.modules.get("gymnasium") is not None:
        register_worlds()
    elif not any(isinstance(each, _GymnasiumFinder) for each in sys.meta_path):
        sys.meta_path.insert(0, _GymnasiumFinder())


class _GymnasiumFinder:
    """Import hook: finds gymnasium as Python does, with a loader that registers the worlds.

    It does not inherit from `importlib.abc`, whose import takes longer than all the rest here.
    """

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if name != "gymnasium":
            return None
        # Needed only once: the import that is under way goes on below.
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _RegisteringLoader(spec.loader)  # type: ignore[assignment]
        return spec


class _RegisteringLoader:
    """Loads a module with ``loader`` and then registers the worlds."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self.loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The module keeps the loader that Python would have given it.
        if module.__spec__ is not None:
            module.__spec__.loader = self.loader
        module.__loader__ = self.loader
        self.loader.exec_module(module)
        register_worlds()
