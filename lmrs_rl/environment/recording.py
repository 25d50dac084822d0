"""Recorded episodes: files with actions and results that a replay must reproduce to the bit."""

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
"""Format 2 added fingerprints of world and forecasts.

A recording of format 1 cannot tell whether its world is still the same and must be recorded again.
"""
_ABOUT = (
    "world",
    "world_sha256",
    "cube_sha256",
    "seed_of_world",
    "days",
    "preset",
    "forecast",
    "baseline",
)
"""Keys that describe the environment.

The fingerprints are of the world class's definition and of the scenario's forecast cube (``None``
without one).
"""
PARTS = (
    "reward_eur",
    "distance_eur",
    "time_eur",
    "nights_eur",
    "stockouts_eur",
    "lost_sales_eur",
    "stock_eur",
    "km",
    "kg",
    "trips",
    "missed_orders",
)
"""Entries of a step's info that are recorded for each day."""

_Policy = Callable[[Observation], Float32Array]
"""From an observation to an action (N_max, 7)."""


@dataclass(frozen=True, eq=False)
class Recording:
    """An episode of ``T`` days.

    Attributes
    ----------
    about : arguments of the environment, with the seed of the world and fingerprints
    actions : (T, N_max, 7) float32
    rewards : (T,)
    parts : (T, P) entries of the infos, see `PARTS`
    digests : SHA-256 of each of the T + 1 observations
    """

    about: dict[str, Any]
    actions: Float32Array
    rewards: FloatArray
    parts: FloatArray
    digests: tuple[str, ...]

    def save(self, path: Path | str) -> None:
        """Write the episode to an npz file of arrays and a JSON text, without pickles."""
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
        """Read a file that `save` wrote.

        Raises
        ------
        InputError
            For a file that is missing, broken or of another format.
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
        if found != FORMAT or _current_names(about.pop("parts", None)) != PARTS:
            raise InputError(
                str(path), f"format {found!r}, or other parts", FORMAT, "record the episode again"
            )
        digests = tuple(about.pop("digests", ()))
        whole = len(actions) == len(rewards) == len(parts) == len(digests) - 1
        if about.keys() != set(_ABOUT) or not whole:
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
        """What differs in ``other``, as lines with the day; empty if all is equal to the bit."""
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
            # By bytes, which tell 0.0 from -0.0.
            if self.actions[day].tobytes() != other.actions[day].tobytes():
                found.append(f"day {day}: action")
            if self.rewards[day] != other.rewards[day]:
                found.append(f"day {day}: reward {self.rewards[day]!r} and {other.rewards[day]!r}")
            found += [
                f"day {day}: {PARTS[k]}"
                for k in np.flatnonzero(self.parts[day] != other.parts[day])
            ]
        if self.digests[-1] != other.digests[-1]:
            found.append("end: observation")
        return tuple(found)


def record(
    made: gym.Env[Observation, Float32Array], policy: _Policy, seed_of_world: int
) -> Recording:
    """Run ``policy`` for an episode of the world of that seed and record it.

    Wrappers around the `LmrsEnv` are removed first: ``policy`` sees the plain environment.

    Raises
    ------
    InputError
        For an environment that is no `LmrsEnv` inside, or a bad seed.
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
    # Episodes of this environment are truncated and never terminate.
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
    """Run the recorded actions again in the same world.

    Parameters
    ----------
    recording : of an episode
    world : needed where the class is not a shipped one
    cubes : folder of forecast cubes, needed where the forecasts came from a cube

    Raises
    ------
    InputError
        For a world class or forecast cube that differs from the one recorded, or a number of
        actions other than the number of days.
    """
    about = recording.about
    _check_days(about["days"], len(recording.actions))
    baseline = _baseline(about["baseline"])
    world_class = world_class_of(about["world"] if world is None else world)
    # By content, since a class of the same name may have changed in the meantime.
    _check_same("world", world_class.name, about["world_sha256"], definition_sha256(world_class))
    folder = folder_of("cubes", cubes)
    seed = about["seed_of_world"]
    cube = None if folder is None else cube_sha256(folder, draw_scenario(world_class, seed))
    _check_same("cubes", folder, about["cube_sha256"], cube)
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
    sha256 = hashlib.sha256()
    for name in sorted(observation):
        sha256.update(np.ascontiguousarray(observation[name]).tobytes())
    return sha256.hexdigest()


def _current_names(parts: object) -> tuple[str, ...]:
    """Names of recorded entries, those of earlier versions renamed."""
    if not isinstance(parts, list) or not all(isinstance(name, str) for name in parts):
        return ()
    return tuple(with_new_names("info", dict.fromkeys(parts)))


def _check_same(field: str, given: object, recorded: str | None, found: str | None) -> None:
    if recorded == found:
        return
    now, then = (f"SHA-256 {each[:16]}..." if each else "none" for each in (found, recorded))
    remedy = f"give the recorded one as '{field}', or record the episode again"
    raise InputError(
        field,
        f"{given} ({now})" if given else now,
        f"what the episode was recorded with ({then})",
        remedy,
    )


def _check_days(days: object, actions: int) -> None:
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
        got = repr(recorded)
        if isinstance(recorded, dict):
            got = f"keys {', '.join(map(str, recorded))}"
        raise InputError(
            "baseline", got, f"exactly {', '.join(sorted(names))}", "record the episode again"
        )
    return FixedParameters(**recorded)


def _about(env: LmrsEnv, seed_of_world: int) -> dict[str, Any]:
    scenario = env.episode.warm.scenario
    return {
        "world": env.world_class.name,
        "world_sha256": definition_sha256(env.world_class),
        "cube_sha256": None if env.cubes is None else cube_sha256(env.cubes, scenario),
        "seed_of_world": seed_of_world,
        "days": env.days,
        "preset": env.preset,
        "forecast": env.forecast,
        "baseline": asdict(env.baseline),
    }
