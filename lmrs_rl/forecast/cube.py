"""The forecast cube: all forecasts of a scenario, computed once, read in microseconds."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lmrs_rl.domain import DailyForecast, InputError, Network, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY, FloatArray
from lmrs_rl.domain.files import write_text_atomically
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.forecast.live import morning

_FORMAT = "lmrs-forecast-cube/1"
_HEADER = "header.json"
_KEY_TYPES: dict[str, type] = {
    "format": str,
    "ids": str,
    "first_day": int,
    "first_min": int,
    "quantiles": float,
    "pool_of": int,
}
_LISTS = {"ids", "quantiles", "pool_of"}
"""Keys of the header that hold a list of their type."""


class DailyForecaster(Protocol):
    """Forecasts a scenario morning by morning, such as a `PanelForecaster`."""

    @property
    def ids(self) -> tuple[str, ...]: ...

    def at(self, day: int) -> DailyForecast: ...


@dataclass(frozen=True, eq=False)
class ForecastCube:
    """The forecasts of the mornings ``first_day`` .. ``last_day``, memory-mapped.

    It is a forecaster for the planner. Its folder holds ``header.json``, ``daily_kg.npy``,
    ``ranks-<k>.npy`` for each pool (successive mornings with the same pool share one) and
    ``profile.npy`` where the forecasts have one. Content is checked when it is written, shapes when
    it is opened. A cube is pickled as its path, so that workers map the same pages.

    Attributes
    ----------
    path : the folder
    ids : (n,) tanks
    first_day : number of the first morning's day
    first_min : [min] start of day 0 on the network's clock
    quantiles : (Q,) levels
    daily_kg : (mornings, n, days, Q) [kg] quantiles of daily use
    pools : arrays (S, n, days) of rank vectors, see `DailyForecast`
    pool_of : (mornings,) number of each morning's pool
    profile : (n, 24) hourly profile or ``None``
    """

    path: Path
    ids: tuple[str, ...]
    first_day: int
    first_min: int
    quantiles: FloatArray
    daily_kg: Float32Array
    pools: tuple[Float32Array, ...]
    pool_of: tuple[int, ...]
    profile: FloatArray | None

    @property
    def last_day(self) -> int:
        return self.first_day + len(self.pool_of) - 1

    def at(self, day: int) -> DailyForecast:
        """The forecast on the morning of day ``day``, equal to the bit to the stored one.

        Raises
        ------
        InputError
            For a day outside the cube.
        """
        k = day - self.first_day
        if not 0 <= k < len(self.pool_of):
            raise InputError(
                "day", day, f"{self.first_day} to {self.last_day}", "build the cube over more days"
            )
        start = self.first_min + MINUTES_PER_DAY * day
        return DailyForecast.trusted(
            start, self.quantiles, self.daily_kg[k], self.pools[self.pool_of[k]], self.profile
        )

    def __call__(self, network: Network, snapshot: Snapshot) -> DailyForecast:
        return self.at(morning(network, snapshot, self.ids, self.first_min))

    def __reduce__(self) -> tuple[Callable[[Path], ForecastCube], tuple[Path]]:
        return open_cube, (self.path,)


def build_cube(
    path: Path | str,
    forecaster: DailyForecaster,
    first: int,
    last: int,
    *,
    on_day: Callable[[int], None] | None = None,
) -> ForecastCube:
    """Store the forecasts of the mornings ``first`` .. ``last`` in a new folder and open it.

    The folder appears complete or not at all.

    Parameters
    ----------
    path
        Folder that does not exist yet.
    forecaster
        Makes the forecasts.
    first, last
        Numbers of the first and the last morning's day.
    on_day
        Called with each day when its forecast is stored, for progress bars.

    Raises
    ------
    InputError
        Where ``path`` exists, ``first`` is after ``last``, or a morning's forecast has another
        shape than the first's.
    """
    target = Path(path).absolute()
    if target.exists():
        raise InputError(
            "path",
            str(path),
            "a folder that does not exist yet",
            "remove the old cube or choose another path",
        )
    if first > last:
        raise InputError("first", first, f"at most last = {last}", "swap the two")
    target.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so on the same file system: only there is the rename a single step.
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    unfinished.mkdir()
    try:
        _write(unfinished, forecaster, range(first, last + 1), on_day)
        _publish(unfinished, target)
    except BaseException:
        # After an interrupt, too, nothing is left behind.
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return open_cube(target)


def open_cube(path: Path | str) -> ForecastCube:
    """Map a cube written by `build_cube`.

    Raises
    ------
    InputError
        For a cube that is missing, broken or of another format.
    """
    folder = Path(path).absolute()
    header = _read_header(folder / _HEADER)
    daily_kg = _mapped(folder / "daily_kg.npy", np.float32, 4)
    pool_of = tuple(header["pool_of"])
    pools = tuple(
        _mapped(folder / f"ranks-{k}.npy", np.float32, 3) for k in range(max(pool_of) + 1)
    )
    profile = None
    if (folder / "profile.npy").exists():
        profile = _mapped(folder / "profile.npy", np.float64, 2)
    mornings, n, days, q = daily_kg.shape
    expected = (len(pool_of), len(header["ids"]), len(header["quantiles"]))
    if (
        (mornings, n, q) != expected
        or any(pool.shape[1:] != (n, days) for pool in pools)
        or (profile is not None and profile.shape != (n, HOURS_PER_DAY))
    ):
        raise InputError(
            str(folder),
            f"shape {daily_kg.shape}",
            f"{expected[0]} mornings, {expected[1]} tanks, {expected[2]} quantiles",
            "build it anew",
        )
    quantiles = np.array(header["quantiles"], dtype=np.float64)
    # All forecasts of the cube share this array without a copy.
    quantiles.setflags(write=False)
    return ForecastCube(
        folder,
        tuple(header["ids"]),
        header["first_day"],
        header["first_min"],
        quantiles,
        daily_kg,
        pools,
        pool_of,
        profile,
    )


def _publish(unfinished: Path, target: Path) -> None:
    """Move the finished folder to its place in one step."""
    try:
        unfinished.rename(target)
    except OSError as error:  # another process was faster
        raise InputError(
            "path", str(target), "a folder that does not exist yet", "open the cube that is there"
        ) from error


def _write(
    folder: Path, forecaster: DailyForecaster, mornings: range, on_day: Callable[[int], None] | None
) -> None:
    """Write all files of a cube, the header last."""
    daily_kg: Any = None
    start: DailyForecast | None = None
    pool: Float32Array | None = None
    pool_of: list[int] = []
    for k, day in enumerate(mornings):
        forecast = forecaster.at(day)
        if start is None:
            start = forecast
            shape = (len(mornings), *forecast.daily_kg.shape)
            # Filled morning by morning on disk, so that a large cube needs little memory.
            daily_kg = np.lib.format.open_memmap(
                folder / "daily_kg.npy", mode="w+", dtype=np.float32, shape=shape
            )
        _check_alike(forecast, start, k, day)
        if pool is None or not np.array_equal(forecast.ranks, pool):
            pool = forecast.ranks
            pool_of.append(max(pool_of, default=-1) + 1)
            np.save(folder / f"ranks-{pool_of[-1]}.npy", pool, allow_pickle=False)
        else:
            pool_of.append(pool_of[-1])
        daily_kg[k] = forecast.daily_kg
        if on_day is not None:
            on_day(day)
    daily_kg.flush()
    if start is not None:
        _write_header(folder, forecaster.ids, mornings[0], start, pool_of)


def _write_header(
    folder: Path, ids: tuple[str, ...], first: int, start: DailyForecast, pool_of: list[int]
) -> None:
    """Write what all mornings share, from the first one's forecast."""
    if start.profile is not None:
        np.save(folder / "profile.npy", start.profile, allow_pickle=False)
    header = {
        "format": _FORMAT,
        "ids": list(ids),
        "first_day": first,
        "first_min": start.start_min - MINUTES_PER_DAY * first,
        "quantiles": start.quantiles.tolist(),
        "pool_of": pool_of,
    }
    write_text_atomically(folder / _HEADER, json.dumps(header, indent=1))


def _check_alike(forecast: DailyForecast, start: DailyForecast, k: int, day: int) -> None:
    """Refuse a forecast that the cube's one header cannot describe."""
    if forecast.profile is None or start.profile is None:
        same_profile = forecast.profile is start.profile
    else:
        same_profile = np.array_equal(forecast.profile, start.profile)
    alike = (
        forecast.start_min == start.start_min + MINUTES_PER_DAY * k
        and forecast.daily_kg.shape == start.daily_kg.shape
        and np.array_equal(forecast.quantiles, start.quantiles)
        and same_profile
    )
    if not alike:
        raise InputError(
            f"forecast of day {day}",
            "another start, shape, quantiles or profile",
            "one like the first day's",
            "use one forecaster",
        )


def _read_header(path: Path) -> dict[str, Any]:
    """The header of a cube, with its keys and types checked."""
    header = _read_json(path)
    if (
        not isinstance(header, dict)
        or header.get("format") != _FORMAT
        or header.keys() != _KEY_TYPES.keys()
    ):
        raise InputError(
            str(path), "another format", f"a header of {_FORMAT}", "build the cube anew"
        )
    for key, kind in _KEY_TYPES.items():
        value, is_list = header[key], key in _LISTS
        entries = value if isinstance(value, list) else [value]
        # Not isinstance: True is an int, too.
        right_types = all(type(entry) is kind for entry in entries)
        if not entries or not right_types or isinstance(value, list) != is_list:
            wanted = f"a list of {kind.__name__}" if is_list else kind.__name__
            raise InputError(f"{path}: {key}", f"{value!r:.60}", wanted, "build the cube anew")
    if min(header["pool_of"]) < 0:
        raise InputError(
            f"{path}: pool_of",
            min(header["pool_of"]),
            "numbers of pools, from 0",
            "build the cube anew",
        )
    return header


def _read_json(path: Path) -> Any:
    """The content of a header file, of whatever form."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            str(path),
            error.strerror or "an unreadable file",
            "the header of a forecast cube",
            "build the cube first",
        ) from error
    except ValueError as error:
        raise InputError(
            str(path),
            f"broken JSON ({error})",
            "the header of a forecast cube",
            "build the cube anew",
        ) from error


def _mapped(path: Path, dtype: type, dimensions: int) -> Any:
    """The array in ``path``, mapped read-only.

    It is a plain ndarray over the mapping, since slices of a `numpy.memmap` cost ten times more.
    """
    try:
        array = np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            str(path),
            f"an unreadable array ({error})",
            "an array of a forecast cube",
            "build the cube anew",
        ) from error
    if array.dtype != dtype or array.ndim != dimensions:
        raise InputError(
            str(path),
            f"{array.dtype} of {array.ndim} dimensions",
            f"{np.dtype(dtype)} of {dimensions}",
            "build the cube anew",
        )
    return array
