"""Compare agents on the same scenarios, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lmrs_rl.evaluation.card_text import write_card
from lmrs_rl.evaluation.controls import with_controls
from lmrs_rl.evaluation.execution import OnProgress, run_grid
from lmrs_rl.evaluation.grid import make_grid
from lmrs_rl.evaluation.scoring import ScoreCard, score_card
from lmrs_rl.evaluation.store import open_store, write_tables
from lmrs_rl.routing.router import Preset


def evaluate(
    agents: Sequence[str],
    worlds: Sequence[str],
    folder: Path | str,
    *,
    seeds: int = 10,
    days: int | None = None,
    split: str = "test",
    against: str | None = None,
    preset: Preset = "plan",
    jobs: int = 1,
    on_progress: OnProgress | None = None,
) -> ScoreCard:
    """Compare agents on the same scenarios, with paired 95 % intervals.

    An interrupted comparison continues where it stopped. A look-ahead agent brings its control
    (as many plans, all with the base's parameters), since choosing among several plans lowers the
    cost by itself.

    Parameters
    ----------
    agents
        Shipped names, or folders.
    worlds
        Shipped worlds, or TOML files.
    folder
        Where results are stored, tables included.
    seeds
        Scenarios of each world.
    days
        Evaluate only the first days after the warm-up.
    split
        Split the seeds come from: "train", "validation" or "test".
    against
        Agent to compare with; if not given, ``extended`` if it takes part, else the first.
    preset
        Effort of the router.
    jobs
        Processes.
    on_progress
        Called with the number of finished runs and the number of all runs (progress bars).

    Returns
    -------
    ScoreCard
        Each measure of each agent, and its ratio and difference to the one compared with.

    Raises
    ------
    InputError
        For an unknown agent, world or split; for no seeds or more than the split has; for a folder
        with the results of another comparison.

    Examples
    --------
    >>> import lmrs_rl
    >>> card = lmrs_rl.evaluate(["default", "tuned"], ["demo"], "compared", seeds=1, days=1)
    >>> card.against
    'default'
    """
    grid = with_controls(make_grid(agents, worlds, seeds, split=split, preset=preset, days=days))
    run_grid(grid, Path(folder), jobs, on_progress)
    store = open_store(Path(folder), grid)
    rows = store.rows()
    write_tables(store, rows)
    card = score_card(rows, against)
    write_card(store.folder / "score_card.csv", card)
    return card
