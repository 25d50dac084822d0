"""Episodes as files: what was done and what came of it, to be done again to the bit."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from lmrs_rl.dispatchers import FixedParameters
from lmrs_rl.dispatchers.policy import Observation
from lmrs_rl.domain import InputError
from lmrs_rl.domain.aliases import with_new_names
from lmrs_rl.domain.arguments import whole_number
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.domain.files import write_bytes_atomically
from lmrs_rl.domain.fingerprints import definition_sha256
from lmrs_rl.domain.quantile_function import Float32Array
from lmrs_rl.environment.arguments import folder_of, world_class_of
from lmrs_rl.environment.environment import LmrsEnv
from lmrs_rl.simulation.forecasts import cube_sha256
from lmrs_rl.worlds import WorldClass, draw_scenario

FORMAT = "lmrs-episode/2"
"""2 has fingerprints of what was played; an episode of 1 cannot tell whether its world is still
the same, and is recorded again.
"""
ABOUT = (
    "world",
    "world_sha256",
    "cube_sha256",
    "seed_of_world",
    "days",
    "preset",
    "forecast",
    "baseline",
)
"""Of the environment: fingerprints are of the class as it was defined, and of the scenario's
forecast cube (``None`` without one).
"""
PARTS = (
    "reward_eur",
    "distance_eur",
    "time_eur",
    "nights_eur",
    "stockouts_eur",
    "lost_eur",
    "stock_eur",
    "km",
    "kg",
    "trips",
    "missed_orders",
)
"""Of the info of a step, kept for each day."""

Policy = Callable[[Observation], Float32Array]
"""From an observation to an action (N_max, 7)."""


@dataclass(frozen=True, eq=False)
class Recording:
    """An episode of ``T`` days.

    Attributes
    ----------
    about : what the environment was made with, the world's seed among it, see `ABOUT`
    actions : (T, N_max, 7) float32
    rewards : (T,)
    parts : (T, P) of the infos, see `PARTS`
    digests : T + 1 texts, SHA-256 of each observation
    """

    about: dict[str, Any]
    actions: Float32Array
    rewards: FloatArray
    parts: FloatArray
    digests: tuple[str, ...]

    def save(self, path: Path | str) -> None:
        """Write the episode as one file: arrays and a JSON text in npz, no pickle."""
        text = json.dumps(
            {**self.about, "format": FORMAT, "parts": list(PARTS), "digests": list(self.digests)}
        )
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            about=np.array(text),
            actions=self.actions,
            rewards=self.rewards,
            parts=self.parts,
        )
        write_bytes_atomically(Path(path), buffer.getvalue())

    @classmethod
    def load(cls, path: Path | str) -> Recording:
        """Read a file that `save` wrote (`InputError` for one that is missing, broken or of
        another format).
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                about = json.loads(str(file["about"]))
                actions, rewards, parts = (
                    np.array(file[name]) for name in ("actions", "rewards", "parts")
                )
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise InputError(
                str(path),
                f"no whole recording ({error})",
                "a file that Recording.save wrote",
                "record the episode again",
            ) from error
        found = about.pop("format", None) if isinstance(about, dict) else None
        if found != FORMAT or about.pop("parts", None) != list(PARTS):
            raise InputError(
                str(path), f"format {found!r}, or other parts", FORMAT, "record the episode again"
            )
        digests = tuple(about.pop("digests", ()))
        if (
            about.keys() != set(ABOUT)
            or not len(actions) == len(rewards) == len(parts) == len(digests) - 1
        ):
            raise InputError(
                str(path),
                "no whole recording",
                "a file that Recording.save wrote",
                "record the episode again",
            )
        if isinstance(about["baseline"], dict):
            about["baseline"] = with_new_names("FixedParameters", about["baseline"], "baseline.")
        return cls(about, actions, rewards, parts, digests)

    def differences(self, other: Recording) -> tuple[str, ...]:
        """What is not the same to the bit in ``other``: the day and the thing, in order; empty
        where all is.
        """
        found = [
            f"about: {key}"
            for key in sorted(self.about.keys() | other.about.keys())
            if self.about.get(key) != other.about.get(key)
        ]
        if len(self.rewards) != len(other.rewards):
            return (*found, f"days: {len(self.rewards)} and {len(other.rewards)}")
        for day in range(len(self.rewards)):
            if self.digests[day] != other.digests[day]:
                found.append(f"day {day}: observation")
            if self.actions[day].tobytes() != other.actions[day].tobytes():
                found.append(f"day {day}: action")
            if self.rewards[day] != other.rewards[day]:
                found.append(f"day {day}: reward {self.rewards[day]!r} and {other.rewards[day]!r}")
            found += [
                f"day {day}: {PARTS[k]}"
                for k in np.flatnonzero(self.parts[day] != other.parts[day])
            ]
        return (
            (*found, "end: observation") if self.digests[-1] != other.digests[-1] else tuple(found)
        )


def record(
    made: gym.Env[Observation, Float32Array], policy: Policy, seed_of_world: int
) -> Recording:
    """Play an episode of that world to its end under ``policy`` and keep it.

    Wrappers around the `LmrsEnv` are looked through (`InputError` where there is none inside).
    """
    env = made.unwrapped if isinstance(made, gym.Env) else made
    if not isinstance(env, LmrsEnv):
        raise InputError(
            "env",
            type(env).__name__,
            "an LmrsEnv, wrapped or not",
            "make it with gymnasium.make or LmrsEnv",
        )
    seed_of_world = whole_number(
        "seed_of_world",
        seed_of_world,
        0,
        None,
        "a whole number of at least 0",
        "name the seed of a world",
    )
    observation, _ = env.reset(options={"seed_of_world": seed_of_world})
    about = _about(env, seed_of_world)
    actions, rewards, parts, digests, over = [], [], [], [digest(observation)], False
    while not over:
        action = np.asarray(policy(observation), dtype=np.float32)
        observation, reward, _, over, info = env.step(action)
        actions.append(action)
        rewards.append(reward)
        parts.append([info[name] for name in PARTS])
        digests.append(digest(observation))
    return Recording(about, np.stack(actions), np.array(rewards), np.array(parts), tuple(digests))


def replay(
    recording: Recording,
    world: str | Path | WorldClass | None = None,
    cubes: str | Path | None = None,
) -> Recording:
    """The same actions in the same world once more.

    ``world`` is needed where the class is not one that ships, ``cubes`` where the forecasts came
    from a cube.

    Raises
    ------
    InputError
        For a class that is defined otherwise than the one recorded, or another forecast cube, if
        any; for other than an action for each day.
    """
    about = recording.about
    _whole_days(about["days"], len(recording.actions))
    baseline = _baseline(about["baseline"])
    world_class = world_class_of(about["world"] if world is None else world)
    _same("world", world_class.name, about["world_sha256"], definition_sha256(world_class))
    folder = folder_of("cubes", cubes)
    seed = about["seed_of_world"]
    _same(
        "cubes",
        folder,
        about["cube_sha256"],
        None if folder is None else cube_sha256(folder, draw_scenario(world_class, seed)),
    )
    env = LmrsEnv(
        world_class,
        days=about["days"],
        preset=about["preset"],
        baseline=baseline,
        forecast=about["forecast"],
        cubes=folder,
    )
    left = iter(recording.actions)
    return record(env, lambda _: next(left), seed)


def digest(observation: Observation) -> str:
    """SHA-256 of the arrays of an observation, in the order of their names."""
    mark = hashlib.sha256()
    for name in sorted(observation):
        mark.update(np.ascontiguousarray(observation[name]).tobytes())
    return mark.hexdigest()


def _same(field: str, given: object, recorded: str | None, found: str | None) -> None:
    if recorded == found:
        return
    now, then = (f"SHA-256 {each[:16]}..." if each else "none" for each in (found, recorded))
    remedy = f"give what was played with as '{field}', or record the episode again"
    raise InputError(
        field,
        f"{given} ({now})" if given else now,
        f"what the episode was recorded with ({then})",
        remedy,
    )


def _whole_days(days: object, actions: int) -> None:
    if days != actions:
        raise InputError(
            "days",
            f"{days!r} with {actions} actions",
            "an action for each day",
            "record the episode again",
        )


def _baseline(recorded: object) -> FixedParameters:
    names = {each.name for each in fields(FixedParameters)}
    if not isinstance(recorded, dict) or recorded.keys() != names:
        got = (
            f"keys {', '.join(map(str, recorded))}"
            if isinstance(recorded, dict)
            else repr(recorded)
        )
        raise InputError(
            "baseline", got, f"exactly {', '.join(sorted(names))}", "record the episode again"
        )
    return FixedParameters(**recorded)


def _about(env: LmrsEnv, seed_of_world: int) -> dict[str, Any]:
    return {
        "world": env.world_class.name,
        "world_sha256": definition_sha256(env.world_class),
        "cube_sha256": None
        if env.cubes is None
        else cube_sha256(env.cubes, env.state.warm.scenario),
        "seed_of_world": seed_of_world,
        "days": env.days,
        "preset": env.preset,
        "forecast": env.forecast,
        "baseline": asdict(env.baseline),
    }
