"""World classes: the distributions that worlds are drawn from, one TOML file each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from lmrs_rl.domain import InputError
from lmrs_rl.domain.shipped import shipped_world
from lmrs_rl.domain.tables import from_table, read_toml, require
from lmrs_rl.worlds.generator.customers import SeriesGround
from lmrs_rl.worlds.generator.panel_parameters import Demand
from lmrs_rl.worlds.ground.ground_data import LPG_FILE, ground_folder
from lmrs_rl.worlds.ground.instances import InstanceGround
from lmrs_rl.worlds.ground.lpg_tanks import read_lpg
from lmrs_rl.worlds.ground.own_network import OwnNetwork
from lmrs_rl.worlds.parameters import (
    Cost,
    Crew,
    Disruptions,
    Episode,
    Fleet,
    Geography,
    Sites,
    Size,
    Splits,
    TankMix,
)

_GROUNDS = ("air-liquide", "lpg-tanks", "network")
_TABLES_OF_A_MIX = ("size", "episode", "cost", "splits")
"""Tables that a class may have beside ``among``; all others are those of the class chosen."""


@dataclass(frozen=True)
class WorldClass:
    """The parameters that a world is drawn from.

    Attributes
    ----------
    name : of the file
    size, geography, tanks, fleet, sites, crew, demand, disruptions, episode, cost, splits : tables
        of the file
    ground : real places or real consumption that worlds are built on, ``None`` where everything is
        drawn; the file names its kind only, see `read_world_class`
    among : classes of which a seed chooses one; size, length, cost and splits are this class's, all
        else is the chosen one's
    """

    name: str = "world"
    size: Size = field(default_factory=Size)
    geography: Geography = field(default_factory=Geography)
    tanks: TankMix = field(default_factory=TankMix)
    fleet: Fleet = field(default_factory=Fleet)
    sites: Sites = field(default_factory=Sites)
    crew: Crew = field(default_factory=Crew)
    demand: Demand = field(default_factory=lambda: Demand(cover_days=(3.0, 25.0)))
    disruptions: Disruptions = field(default_factory=Disruptions)
    episode: Episode = field(default_factory=Episode)
    cost: Cost = field(default_factory=Cost)
    splits: Splits = field(default_factory=Splits)
    ground: InstanceGround | SeriesGround | None = None
    among: tuple[WorldClass, ...] = ()

    def __post_init__(self) -> None:
        require("name", repr(self.name), bool(self.name), "a text")
        require(
            "demand.cover_days",
            list(self.demand.cover_days),
            self.demand.cover_days[0] >= 2,
            "at least 2 days: a weekend must be bridged",
        )

    def split_of(self, seed: int) -> str | None:
        """The split that the seed belongs to, ``None`` for none."""
        return next(
            (name for name in ("train", "validation", "test") if seed in self.splits.seeds(name)),
            None,
        )

    def chosen(self, k: int) -> WorldClass:
        """The ``k``-th class of ``among``, with the size, length, cost and splits of this one."""
        one = self.among[k]
        # Length and warm-up say how a world is run; the season is part of what the chosen class is.
        episode = replace(self.episode, season=one.episode.season)
        return replace(
            one,
            name=f"{self.name}:{one.name}",
            size=self.size,
            episode=episode,
            cost=self.cost,
            splits=self.splits,
        )


def read_world_class(source: Path | str, data: Path | str | None = None) -> WorldClass:
    r"""Read a world class from a TOML file, or the shipped one of that name.

    Parameters
    ----------
    source : path of a .toml file or a shipped name
    data : folder with the real data for a class with a key ``ground``, or one at most two levels
        above it: instances (\*.xml) of the ROADEF/EURO Challenge 2016 for "air-liquide",
        ``lpg_tanks.csv`` for "lpg-tanks", ``network.json`` and ``snapshot.json`` of the user's for
        "network"; none of them ships

    Raises
    ------
    InputError
        For a file that cannot be read, an unknown name or key, a value of the wrong type or out of
        range, data that are missing, or data for a class without ground.
    """
    path = Path(source)
    path = path if path.suffix == ".toml" else shipped_world(str(source))
    table = read_toml(path)
    try:
        ground = _ground(table.pop("ground", None), data)
        among = table.pop("among", None)
        if "name" in table:
            raise InputError(
                "name",
                repr(table["name"]),
                "no such key: a class is called as its file",
                "remove it",
            )
        if among is None:
            return from_table(WorldClass(name=path.stem, ground=ground, size=_size(ground)), table)
        others = [key for key in table if key not in _TABLES_OF_A_MIX]
        if others:
            raise InputError(
                others[0],
                "a table",
                f"beside 'among' only {', '.join(_TABLES_OF_A_MIX)}",
                "move it to a class of its own",
            )
        return from_table(WorldClass(name=path.stem, among=_among(path, among)), table)
    except InputError as error:
        raise InputError(
            f"{path.name}: {error.field}", error.got, error.wanted, error.remedy
        ) from error


def _among(path: Path, names: object) -> tuple[WorldClass, ...]:
    """Read the classes of these names from files beside ``path``; none may draw among others."""
    good = (
        isinstance(names, list)
        and bool(names)
        and all(isinstance(name, str) for name in names)
        and len(set(names)) == len(names)
    )
    # The type is tested again for type checkers, which do not see it in `good`.
    if not isinstance(names, list) or not good:
        raise InputError(
            "among",
            repr(names),
            "a list of names of classes, each once",
            "name files of this folder without .toml",
        )
    classes = []
    for name in names:
        if "among" in read_toml(path.parent / f"{name}.toml"):
            raise InputError(
                "among",
                repr(name),
                "a class that draws among no others",
                "name those that it draws among",
            )
        classes.append(read_world_class(path.parent / f"{name}.toml"))
    return tuple(classes)


def _ground(kind: object, data: Path | str | None) -> InstanceGround | SeriesGround | None:
    """Read the ground of a kind from the folder ``data``."""
    if kind is None and data is None:
        return None
    if kind not in _GROUNDS:
        raise InputError(
            "ground",
            repr(kind),
            f"one of {', '.join(_GROUNDS)} for a class with data",
            "correct the key, or leave the data out",
        )
    if data is None:
        raise InputError(
            "data",
            "no folder",
            f"the folder of the data for ground = {kind!r}, which do not ship",
            "give its path as 'data' (--data)",
        )
    folder = ground_folder(str(kind), data)
    if kind == "air-liquide":
        return InstanceGround.read(folder)
    if kind == "network":
        return InstanceGround((OwnNetwork.read(folder),))
    path = folder / LPG_FILE
    if not path.is_file():
        raise InputError(
            str(path), "no such file", "the tanks' readings", "give the folder that has it"
        )
    return SeriesGround(read_lpg(path, drop_outliers=True))


def _size(ground: InstanceGround | SeriesGround | None) -> Size:
    """Default size of a class: that of the user's own network, where worlds are built on one."""
    first = ground.instances[0] if isinstance(ground, InstanceGround) else None
    n = first.network.n_tanks if isinstance(first, OwnNetwork) else None
    return Size() if n is None else Size(tanks=(n, n), n_max=n)
