"""The page on the environment says what the code does."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from lmrs_rl.domain.shipped import shipped_worlds
from lmrs_rl.environment import LmrsEnv
from lmrs_rl.registration import env_id

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "environment.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, flags=re.DOTALL | re.MULTILINE)
FIRST, REAL = BLOCKS


def test_every_argument_has_a_row_and_no_other() -> None:
    arguments = [name for name in inspect.signature(LmrsEnv.__init__).parameters if name != "self"]
    table = PAGE[PAGE.index("| argument |") : PAGE.index("Unknown arguments")]
    assert re.findall(r"^\| `([a-z_]+)` \|", table, flags=re.MULTILINE) == arguments


def test_every_id_is_named_and_no_other() -> None:
    assert set(re.findall(r"lmrs/\w+-v\d", PAGE)) == {env_id(world) for world in shipped_worlds()}


def test_the_first_example_runs() -> None:
    found: dict[str, object] = {}
    exec(compile(FIRST.replace("Calm", "Demo"), "docs/environment.md", "exec"), found)
    assert isinstance(found["reward"], float)


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["lpg-tanks", "air-liquide"])
def test_real_worlds_get_into_the_environment_as_told(name: str, shared_data: Path) -> None:
    found: dict[str, object] = {}
    told = REAL.replace("path/to/data", str(shared_data)).replace("lpg-tanks", name)
    exec(compile(told, "docs/environment.md", "exec"), found)
    env = found["env"]
    assert isinstance(env, LmrsEnv)
    assert env.world_class.ground is not None
    assert found["observation"] in env.observation_space
    reward = env.step(np.zeros(env.action_space.shape or (), dtype=np.float32))[1]
    assert np.isfinite(reward)
