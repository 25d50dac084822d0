"""The referee: references first, then the evidence, then rule by rule, then the figures."""

from __future__ import annotations

from collections.abc import Sequence

from lmrs_rl.domain import Days, Network, Trip
from lmrs_rl.referee.chain_rules import CHAIN_RULES
from lmrs_rl.referee.evidence import gather_evidence
from lmrs_rl.referee.figures import trip_figures
from lmrs_rl.referee.references import sound_references
from lmrs_rl.referee.stock_rules import STOCK_RULES
from lmrs_rl.referee.trip_rules import TRIP_RULES
from lmrs_rl.referee.verdict import Verdict


def judge(network: Network, days: Days, trips: Sequence[Trip]) -> Verdict:
    """Check trips against every operating rule and count what they cost and bring.

    Parameters
    ----------
    network
        Where the trips are driven.
    days
        Use and orders, and the snapshot at their start. That may be any morning: vehicles may be
        away, product on board, deliveries in transit.
    trips
        Trips in any order, but those of each driver and of each vehicle in order of start.

    Returns
    -------
    Verdict
        All violations, and figures of the trips. Drops after the end of the days change no level,
        but count for the trip that brings them.

    Raises
    ------
    InputError
        For days that do not belong to the network. Bad trips raise no error: they are violations.

    Notes
    -----
    Rules and codes follow the ROADEF/EURO Challenge 2016, rules V2.2 of 2016-03-07. Real numbers
    are compared with a tolerance of 1e-6. A driver whose ``night_min`` is 0 never spends a night on
    the road.
    """
    days.check_against(network)
    sound, unsound = sound_references(network, trips)
    evidence = gather_evidence(network, days, sound)
    broken = tuple(
        violation
        for rule in (*TRIP_RULES, *CHAIN_RULES, *STOCK_RULES)
        for violation in rule(evidence)
    )
    return Verdict(unsound + broken, trip_figures(evidence))
