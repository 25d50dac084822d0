"""Draw a scenario by the name of its world class or the path of a TOML file."""

from __future__ import annotations

from pathlib import Path

from lmrs_rl.worlds.generator.drawing import draw_scenario
from lmrs_rl.worlds.scenario import Scenario
from lmrs_rl.worlds.world_class import read_world_class


def read_scenario(
    source: Path | str, seed: int | None = None, data: Path | str | None = None
) -> Scenario:
    """Draw a scenario of the world class that a TOML file describes.

    A `Scenario` is what was drawn, with the whole truth of its days. `lmrs_rl.open_world` goes one
    step further: it returns a `World`, which adds costs and a forecaster and can be simulated, and
    it opens sources that are not generated, too.

    Parameters
    ----------
    source : path of a .toml file or name of a shipped world
    seed : of the draw; the first test seed of the class if not given
    data : folder with the data that a class with a key ``ground`` is built on

    Raises
    ------
    InputError
        For bad settings, see `read_world_class`; for a negative seed.
    """
    world_class = read_world_class(source, data)
    return draw_scenario(world_class, world_class.splits.test[0] if seed is None else seed)
