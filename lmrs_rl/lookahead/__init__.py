"""Floor 7: search in front of learning: several plans tried out in imagination, the best carried
out.
"""

from lmrs_rl.lookahead.agents import look_ahead_of, planner_of
from lmrs_rl.lookahead.candidates import Candidate, Proposer
from lmrs_rl.lookahead.planner import LookAhead, LookAheadResult

__all__ = [
    "Candidate",
    "LookAheadResult",
    "LookAhead",
    "Proposer",
    "look_ahead_of",
    "planner_of",
]
