"""The look-ahead: several plans for today, each rolled over what may come, the best of them
carried out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from lmrs_rl.dispatchers.lookahead_settings import LookAheadSettings
from lmrs_rl.dispatchers.protocol import Dispatcher, dispatcher_at
from lmrs_rl.domain import Plan, Trip
from lmrs_rl.domain.arrays import MINUTES_PER_DAY, FloatArray
from lmrs_rl.domain.workers import WorkerPool
from lmrs_rl.lookahead.candidates import Candidate, Proposer, candidates_of
from lmrs_rl.lookahead.halving import halving
from lmrs_rl.lookahead.risk import day_risks
from lmrs_rl.lookahead.rolling import Rolling
from lmrs_rl.routing import OrToolsRouter, RouterSettings
from lmrs_rl.routing.core import CoreSettings
from lmrs_rl.simulation import (
    PLANS_KEPT,
    Decision,
    DecisionState,
    GivenParameters,
    OrderPlanner,
    decide,
)
from lmrs_rl.simulation.futures import draw_futures
from lmrs_rl.simulation.prices import StockPrices
from lmrs_rl.worlds.parameters import Cost

TRIES = RouterSettings(
    core=CoreSettings(iterations=0, iterations_per_order=30, mean_removed=6.0), search=None
)
"""The router of candidates with other parameters than the base's: little work, as it sets out
from the base's plan of the same state.
"""
ROLLS = RouterSettings(
    core=CoreSettings(iterations=0, iterations_per_order=2, mean_removed=5.0), search=None
)
"""The router of imagined mornings: costs of days come out within 2.5 % of those with eight times
the work, see `benchmarks/lookahead.md`.
"""


@dataclass(frozen=True, eq=False)
class LookAheadResult:
    """What a look-ahead thought of.

    Attributes
    ----------
    candidates, decisions : each candidate and what would be decided with it
    distinct : those candidates whose first day is no earlier one's; the others stand for nothing
        new and are not rolled
    costs : (candidates, paths) [EUR] of each plan over each future, NaN where it was not rolled
    chosen : the candidate whose mean is the least of those that were rolled to the end
    """

    candidates: tuple[Candidate, ...]
    decisions: tuple[Decision, ...]
    distinct: tuple[int, ...]
    costs: FloatArray
    chosen: int

    @property
    def decision(self) -> Decision:
        """What is decided."""
        return replace(self.decisions[self.chosen], candidate=self.candidates[self.chosen].name)

    @property
    def rolls(self) -> int:
        """How many were made."""
        return int(np.count_nonzero(~np.isnan(self.costs)))

    @property
    def gain(self) -> float:
        """[EUR] by which the plan chosen costs less than the base's over the futures that both met,
        on average; 0 for the base's own.

        The best of several estimates looks better than it is, so expect less.
        """
        both = self.costs[0] - self.costs[self.chosen]
        return 0.0 if self.chosen == 0 else float(both[~np.isnan(both)].mean())


@dataclass(frozen=True, eq=False)
class LookAhead:
    """A `Planner` that tries out several plans before it decides.

    Each candidate's orders are planned with a routing seed of its own: those with the base's
    parameters in full, from yesterday's plan on; the others with little work, from the base's plan
    of today on, which leaves them as good and far cheaper. The first day of each plan is driven and
    ``days - 1`` more are planned by the base, over futures drawn from the morning's forecast: the
    same futures for all (common random numbers), rolls spent by sequential halving. The plan with
    the least mean cost is the decision. Nothing goes in but the morning; the same morning and seed
    give the same decision, to the bit, however many workers there are.

    Attributes
    ----------
    base : whose parameters the candidates set out from, and who plans imagined mornings
    cost : what days are reckoned with
    settings : how far and how hard
    router : settings for plans with the base's parameters; their seed counts for nothing
    tries : settings for plans with others; their seed counts for nothing
    rolls : settings of the router of imagined mornings
    proposer : more candidates, or ``None``
    seed : of the futures and the drawn candidates, >= 0, together with the moment of the morning
    workers : who does the work
    """

    base: Dispatcher
    cost: Cost = field(default_factory=Cost)
    settings: LookAheadSettings = field(default_factory=LookAheadSettings)
    router: RouterSettings = field(default_factory=RouterSettings)
    tries: RouterSettings = TRIES
    rolls: RouterSettings = ROLLS
    proposer: Proposer | None = None
    seed: int = 0
    workers: WorkerPool = field(default_factory=WorkerPool)

    def __call__(self, state: DecisionState) -> Decision:
        return self.consider(state).decision

    def consider(self, state: DecisionState) -> LookAheadResult:
        """The decision and what it was weighed against.

        Raises
        ------
        InputError
            For a forecast shorter than the days that are looked ahead.
        """
        s = self.settings
        days_rng, lots_rng = (
            np.random.default_rng((self.seed, state.snapshot.time_min, k)) for k in range(2)
        )
        futures = draw_futures(state.forecast, s.paths, s.days, days_rng)
        base = dispatcher_at(self.base, state.date, state.plans)
        own = base(state.network, state.snapshot, state.forecast)
        candidates = candidates_of(state, own, s, lots_rng, self.proposer)
        decisions = self._decisions(state, candidates)
        distinct = distinct_today([each.plan for each in decisions], state.snapshot.time_min)
        prices = StockPrices.of(state.network, self.cost)
        rolling = Rolling(
            state,
            futures,
            day_risks(futures),
            OrderPlanner(self.base, OrToolsRouter(self.rolls)),
            self.cost,
            prices,
            s.caution,
        )
        costs, chosen = self._contest(rolling, decisions, distinct)
        return LookAheadResult(candidates, decisions, distinct, costs, chosen)

    def _decisions(
        self, state: DecisionState, candidates: tuple[Candidate, ...]
    ) -> tuple[Decision, ...]:
        own = self._plans(state, candidates[: self.settings.seeds], self.router)
        here = replace(state, plans=(own[0].plan, *state.plans)[:PLANS_KEPT])
        return (*own, *self._plans(here, candidates[self.settings.seeds :], self.tries))

    def _plans(
        self, state: DecisionState, candidates: tuple[Candidate, ...], settings: RouterSettings
    ) -> list[Decision]:
        routers = [OrToolsRouter(replace(settings, seed=each.seed)) for each in candidates]
        given = [GivenParameters(each.parameters) for each in candidates]
        return self.workers.map(decide, [state] * len(candidates), given, routers)

    def _contest(
        self, rolling: Rolling, decisions: tuple[Decision, ...], distinct: tuple[int, ...]
    ) -> tuple[FloatArray, int]:
        """Costs (candidates, paths) and the winner; of equally good ones the first."""
        costs = np.full((len(decisions), self.settings.paths), np.nan)
        left, had = list(distinct), 0
        for each in halving(len(distinct), self.settings.budget, self.settings.paths):
            left = left[: each.entrants]
            paths = range(had, each.samples)
            if paths:
                found = self.workers.map(
                    Rolling.costs,
                    [rolling] * len(left),
                    [decisions[k] for k in left],
                    [paths] * len(left),
                )
                costs[left, had : each.samples] = found
            had = each.samples
            left.sort(key=lambda k: (float(costs[k, :had].mean()), k))
        return costs, left[0]


def distinct_today(plans: list[Plan], time_min: int) -> tuple[int, ...]:
    """Those plans whose trips of the first day are no earlier plan's: only these are carried
    out, the rest is planned again tomorrow.
    """
    first: dict[tuple[Trip, ...], int] = {}
    for k, plan in enumerate(plans):
        first.setdefault(plan.starting_before(time_min + MINUTES_PER_DAY), k)
    return tuple(first.values())
