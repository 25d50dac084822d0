"""Exports the agent of ``wild/`` anew: ``python -m tests.agents.renew``, after a change of the
features, the residual or the schema.

Its weights are drawn, not learned, and large, so that all tanks get other numbers than the
baseline's.
"""

from __future__ import annotations

from pathlib import Path

import torch

from lmrs_rl.learning.actor import ActorSettings, actor_of
from lmrs_rl.learning.export_agent import PolicyInfo, sample_mornings, write_agent
from tests.environment.small import BASELINE, small_env

WILD = Path(__file__).parent / "wild"
SEED = 2
"""Of the weights: one with which every number is moved, `fill` too, which has nothing below its
baseline.
"""
CARD = "## What\n\nDrawn weights, for tests of export and serving. It was never trained."


def main() -> None:
    """Write the folder."""
    actor = actor_of("network", ActorSettings(hidden=8, seed=1))
    with torch.no_grad():
        actor.last.weight.normal_(generator=torch.Generator().manual_seed(SEED))
    write_agent(
        WILD,
        actor,
        PolicyInfo("network", BASELINE, "small", (1,), scores={"cost": 1.5}),
        sample_mornings(small_env()),
        CARD,
    )


if __name__ == "__main__":
    main()
