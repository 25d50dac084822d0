"""Floor 7: look-ahead planners: several plans are rolled over drawn futures, the best is kept."""

from lmrs_rl.lookahead.agents import look_ahead_of, planner_of
from lmrs_rl.lookahead.candidates import Candidate, Proposer
from lmrs_rl.lookahead.planner import LookAhead, LookAheadResult

__all__ = [
    "Candidate",
    "LookAhead",
    "LookAheadResult",
    "Proposer",
    "look_ahead_of",
    "planner_of",
]
