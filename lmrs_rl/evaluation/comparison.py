"""Agents compared on the same scenarios, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lmrs_rl.evaluation.card_text import write_card
from lmrs_rl.evaluation.controls import with_controls
from lmrs_rl.evaluation.execution import Report, run_grid
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
    report: Report | None = None,
) -> ScoreCard:
    """Compare agents on the same scenarios, with paired 95 % intervals.

    Results are kept in ``folder``; a comparison that was interrupted goes on there. An agent that
    looks ahead brings its control (the same work, equal parameters).

    Parameters
    ----------
    agents
        Shipped names, or folders.
    worlds
        Shipped worlds, or TOML files.
    folder
        Where results are kept, tables included.
    seeds
        Scenarios of each world.
    days
        Only the first days that count.
    split
        Whose seeds: "train", "validation" or "test".
    against
        Agent to compare with; ``extended`` if it takes part, else the first, if not given.
    preset
        Work of the router.
    jobs
        Processes.
    report
        Called with the number of runs done and of all (progress bars).

    Returns
    -------
    ScoreCard
        Each measure of each agent, beside the one compared with.

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
    run_grid(grid, Path(folder), jobs, report)
    store = open_store(Path(folder), grid)
    rows = store.rows()
    write_tables(store, rows)
    card = score_card(rows, against)
    write_card(store.folder / "score_card.csv", card)
    return card
