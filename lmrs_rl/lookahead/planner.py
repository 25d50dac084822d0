"""The look-ahead planner: each of several plans is rolled over futures, the best is decided."""

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
from lmrs_rl.lookahead.rolling import RolloutEvaluator
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

_CANDIDATE_ROUTER = RouterSettings(
    core=CoreSettings(iterations=0, iterations_per_order=30, mean_removed=6.0), search=None
)
"""Router settings for candidates with other parameters than the base's.

Little work is enough, since the router starts from the base's plan of the same state.
"""
_ROLLOUT_ROUTER = RouterSettings(
    core=CoreSettings(iterations=0, iterations_per_order=2, mean_removed=5.0), search=None
)
"""Router settings for the later mornings of a rollout.

The costs of days are within 2.5 % of those with eight times the work, see
`benchmarks/lookahead.md`.
"""


@dataclass(frozen=True, eq=False)
class LookAheadResult:
    """All candidates of a look-ahead, their costs, and the choice.

    Attributes
    ----------
    candidates, decisions : each candidate and the decision that it leads to
    distinct : indices of the candidates whose first day differs from that of every earlier one;
        the others would have the same costs and are not rolled out
    costs : (candidates, paths) [EUR] of each plan over each future, NaN where it was not rolled out
    chosen : index of the candidate with the least mean cost in the last round
    """

    candidates: tuple[Candidate, ...]
    decisions: tuple[Decision, ...]
    distinct: tuple[int, ...]
    costs: FloatArray
    chosen: int

    @property
    def decision(self) -> Decision:
        """The decision of the candidate chosen, under the candidate's name."""
        return replace(self.decisions[self.chosen], candidate=self.candidates[self.chosen].name)

    @property
    def rollouts(self) -> int:
        """Number of rollouts made."""
        return int(np.count_nonzero(~np.isnan(self.costs)))

    @property
    def gain(self) -> float:
        """Mean saving [EUR] of the plan chosen against the base's, over the futures of both.

        It is 0 for the base's own plan. The best of several estimates looks better than it is, so
        expect less.
        """
        both = self.costs[0] - self.costs[self.chosen]
        return 0.0 if self.chosen == 0 else float(both[~np.isnan(both)].mean())


@dataclass(frozen=True, eq=False)
class LookAhead:
    """A `Planner` that evaluates several plans by rollouts before it decides.

    Each candidate's orders are planned with a routing seed of its own: those with the base's
    parameters in full, starting from yesterday's plan; the others with little work, starting from
    the base's plan of today, which makes them as good and far cheaper. The first day of each plan
    is executed and the base plans ``days - 1`` more days, over futures drawn from the morning's
    forecast. All plans meet the same futures (common random numbers), and rollouts are allotted by
    sequential halving. The plan with the least mean cost is the decision. It depends on nothing but
    the state and the seed, to the bit, however many workers there are.

    Attributes
    ----------
    base : dispatcher from whose parameters candidates start, and that plans later mornings
    cost : cost model of days
    settings : number of candidates, futures and days
    router : settings for plans with the base's parameters; their seed is replaced
    candidate_router : settings for plans with other parameters; their seed is replaced
    rollout_router : settings for the later mornings of a rollout
    proposer : of more candidates, or ``None``
    seed : of the futures and the drawn candidates, >= 0, together with the time of the morning
    workers : pool that plans and rolls out
    """

    base: Dispatcher
    cost: Cost = field(default_factory=Cost)
    settings: LookAheadSettings = field(default_factory=LookAheadSettings)
    router: RouterSettings = field(default_factory=RouterSettings)
    candidate_router: RouterSettings = _CANDIDATE_ROUTER
    rollout_router: RouterSettings = _ROLLOUT_ROUTER
    proposer: Proposer | None = None
    seed: int = 0
    workers: WorkerPool = field(default_factory=WorkerPool)

    def __call__(self, state: DecisionState) -> Decision:
        return self.consider(state).decision

    def consider(self, state: DecisionState) -> LookAheadResult:
        """The decision with all candidates that it was compared with.

        Raises
        ------
        InputError
            For a forecast shorter than the days of a future.
        """
        s = self.settings
        # Separate streams: the futures do not depend on how many candidates are drawn.
        futures_rng, candidates_rng = (
            np.random.default_rng((self.seed, state.snapshot.time_min, k)) for k in range(2)
        )
        futures = draw_futures(state.forecast, s.paths, s.days, futures_rng)
        base = dispatcher_at(self.base, state.date, state.plans)
        own = base(state.network, state.snapshot, state.forecast)
        candidates = candidates_of(state, own, s, candidates_rng, self.proposer)
        decisions = self._decisions(state, candidates)
        distinct = distinct_today([each.plan for each in decisions], state.snapshot.time_min)
        # `self.base` and not `base`, which has the date and the previous plans of this morning.
        evaluator = RolloutEvaluator(
            state,
            futures,
            day_risks(futures),
            OrderPlanner(self.base, OrToolsRouter(self.rollout_router)),
            self.cost,
            StockPrices.of(state.network, self.cost),
            s.caution,
        )
        costs, chosen = self._halve(evaluator, decisions, distinct)
        return LookAheadResult(candidates, decisions, distinct, costs, chosen)

    def _decisions(
        self, state: DecisionState, candidates: tuple[Candidate, ...]
    ) -> tuple[Decision, ...]:
        own = self._plans(state, candidates[: self.settings.seeds], self.router)
        # The other candidates see the base's plan of today as the latest one and start from it.
        planned = replace(state, plans=(own[0].plan, *state.plans)[:PLANS_KEPT])
        others = candidates[self.settings.seeds :]
        return (*own, *self._plans(planned, others, self.candidate_router))

    def _plans(
        self, state: DecisionState, candidates: tuple[Candidate, ...], settings: RouterSettings
    ) -> list[Decision]:
        routers = [OrToolsRouter(replace(settings, seed=each.seed)) for each in candidates]
        given = [GivenParameters(each.parameters) for each in candidates]
        return self.workers.map(decide, [state] * len(candidates), given, routers)

    def _halve(
        self,
        evaluator: RolloutEvaluator,
        decisions: tuple[Decision, ...],
        distinct: tuple[int, ...],
    ) -> tuple[FloatArray, int]:
        """Costs (candidates, paths) and the winner; of equally good ones the first."""
        costs = np.full((len(decisions), self.settings.paths), np.nan)
        left, taken = list(distinct), 0
        # Never too small a budget: the settings have checked it for all the candidates.
        for each in halving(len(distinct), self.settings.budget, self.settings.paths):
            left = left[: each.entrants]
            paths = range(taken, each.samples)
            if paths:
                found = self.workers.map(
                    RolloutEvaluator.costs,
                    [evaluator] * len(left),
                    [decisions[k] for k in left],
                    [paths] * len(left),
                )
                costs[left, taken : each.samples] = found
            taken = each.samples
            # Equal costs go by the index, so that the base's plan only gives way to a gain.
            left.sort(key=lambda k: (float(costs[k, :taken].mean()), k))
        return costs, left[0]


def distinct_today(plans: list[Plan], time_min: int) -> tuple[int, ...]:
    """Indices of the plans whose trips of the first day differ from those of every earlier plan.

    Only the first day is executed, the rest is planned again tomorrow: plans that share it are the
    same decision.
    """
    first: dict[tuple[Trip, ...], int] = {}
    for k, plan in enumerate(plans):
        first.setdefault(plan.starting_before(time_min + MINUTES_PER_DAY), k)
    return tuple(first.values())
