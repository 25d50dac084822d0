"""Sequential halving: all candidates get a few samples, the better half gets more, and so on."""

from __future__ import annotations

from dataclasses import dataclass

from lmrs_rl.domain import InputError


@dataclass(frozen=True)
class Round:
    """A round of sequential halving.

    Attributes
    ----------
    entrants : number of candidates that take part
    samples : number of samples that each of them has had by the end of the round, those of earlier
        rounds included
    """

    entrants: int
    samples: int


def rounds_of(entrants: int) -> int:
    """Number of rounds until one of ``entrants`` is left: ``ceil(log2(entrants))``."""
    return (entrants - 1).bit_length()


def halving(entrants: int, budget: int, samples: int) -> tuple[Round, ...]:
    """Schedule the rounds of sequential halving between ``entrants``.

    At most ``budget`` samples are spent in all, at most ``samples`` on each entrant. Each of the
    ``R = ceil(log2(entrants))`` rounds spends ``budget / R``, evenly over its entrants, rounded
    down; then the better half, rounded up, goes on (Karnin, Koren & Somekh 2013, Almost Optimal
    Exploration in Multi-Armed Bandits, algorithm 3). Unlike there, samples of earlier rounds are
    kept. One entrant needs no round.

    Raises
    ------
    InputError
        For no entrants, no samples, or a budget that leaves some round without a sample for each of
        its entrants.
    """
    if entrants < 1:
        raise InputError("entrants", entrants, "at least 1", "give a candidate to choose")
    if samples < 1:
        raise InputError("samples", samples, "at least 1", "16 are a good start")
    total = rounds_of(entrants)
    if budget < entrants * total:
        raise InputError(
            "budget",
            budget,
            f"at least {entrants * total} for {entrants} entrants",
            "one sample for each in each of the rounds",
        )
    found: list[Round] = []
    left, taken = entrants, 0
    for _ in range(total):
        taken = min(taken + budget // (left * total), samples)
        found.append(Round(left, taken))
        left = -(-left // 2)
    return tuple(found)
