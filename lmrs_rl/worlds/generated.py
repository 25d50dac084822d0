"""Worlds by the name of their class or the path of its file."""

from __future__ import annotations

from pathlib import Path

from lmrs_rl.worlds.generator.drawing import draw_scenario
from lmrs_rl.worlds.scenario import Scenario
from lmrs_rl.worlds.world_class import read_world_class


def read_scenario(
    source: Path | str, seed: int | None = None, data: Path | str | None = None
) -> Scenario:
    """Draw a world of the class that a TOML file describes, with the first of its test seeds or
    another.

    ``data`` is the folder of a class that stands on real data; `InputError` for bad settings, see
    `read_world_class`.
    """
    world_class = read_world_class(source, data)
    return draw_scenario(world_class, world_class.splits.test[0] if seed is None else seed)
