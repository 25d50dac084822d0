"""Floor 2: checks trips against every operating rule, sharing no code with ``routing``.

The rule book is that of the ROADEF/EURO Challenge 2016 (Air Liquide inventory routing, rules V2.2),
in its codes; rules for what the challenge has not (several products, hours of loading sites, rates)
have codes of their own.
"""

from lmrs_rl.referee.judgement import judge
from lmrs_rl.referee.verdict import RULES, Figures, Verdict, Violation

__all__ = ["RULES", "Figures", "Verdict", "Violation", "judge"]
