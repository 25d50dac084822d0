"""Floor 2: checks trips against every operating rule, sharing no code with ``routing``.

The rules and their codes are those of the ROADEF/EURO Challenge 2016 (Air Liquide inventory
routing, rules V2.2). Rules that the challenge does not know (several products, opening hours of
loading sites) have codes of their own.
"""

from lmrs_rl.referee.judgement import judge
from lmrs_rl.referee.verdict import RULES, Figures, Verdict, Violation

__all__ = ["RULES", "Figures", "Verdict", "Violation", "judge"]
