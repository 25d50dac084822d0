"""The physical limit: a lower bound on the km of any plan that delivers the same quantities.

**Segments.** A segment is what a vehicle drives from one loading to the next, before its first
loading (with what was on board at the start) or after its last one. Every vehicle starts and ends
at its base, so its segments and the empty moves between them form a closed tour. On a segment a
vehicle drops at most its payload ``Q``, of one product. Each trip drops at most ``D_i`` at customer
i; a segment may reach over several trips.

**Linear program.** The km of any plan are therefore at least those of

    min   sum_P c_P x_P
    with  sum_P q_iP x_P + f_i >= W_i           for each customer i,
          as many segments from each node as to it,
          at most one first segment per vehicle,
          sum_i f_i <= free kg,   x, f >= 0

over delivery patterns P: nodes, visits and quantities with ``q_iP <= D_i`` a trip and
``sum_i q_iP <= Q``. ``c_P`` is the length of the shortest path through the visits, ``W_i`` the
delivered quantity, ``f_i`` the part of it that came with trips that had started before. Distances
are shortest paths through any points, so that the bound holds where the triangle inequality fails.
Smaller vehicles of the same base with no more rights are merged into larger ones. Times, access
hours, rests and driving limits are relaxed: they only make plans longer.

**Validity.** By linear duality any prices ``pi_i >= 0`` and potentials ``sigma`` with ``c_P >=
sum_i pi_i q_iP + sigma_start - sigma_end`` for every P (less ``rho`` for first segments) give the
bound ``sum_i pi_i (W_i - f_i) - sum rho``: summed over the segments of a plan the potentials
cancel. Column generation improves the prices. After each pricing they are lowered until no pattern
violates the condition, so that stopping early costs tightness, not validity. Rounding ``D_i`` up to
steps of the payload and the ng-route relaxation (see `pricing`) enlarge the set of patterns: both
only lower the bound. Floating point may err by about 1e-12 of the value; a thousand times as much
is subtracted. Plans may break rules on quantities by the referee's tolerance of 1e-6 kg.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from lmrs_rl.bounds.demand import DeliveredQuantities
from lmrs_rl.bounds.initial_stock import InitialStock, initial_stock
from lmrs_rl.bounds.master import Master, Prices
from lmrs_rl.bounds.patterns import real_patterns
from lmrs_rl.bounds.pricing import Memory, Segment, cheapest_segments, memory_of
from lmrs_rl.bounds.radial import radial_prices, single_customer_segments
from lmrs_rl.bounds.segments import Relaxation, relax
from lmrs_rl.domain import InputError, Network, Snapshot
from lmrs_rl.domain.arrays import FloatArray, floats, not_below

_SAFETY = 1e-9
"""Share of the bound that is subtracted for rounding errors of floating point."""
_NEGLIGIBLE_KG = 1e-3
"""[kg] Total deliveries to a customer below this are ignored: a solver takes them for noise."""


@dataclass(frozen=True)
class LimitSettings:
    """How much effort is spent on a tight bound; any setting gives a valid one.

    Attributes
    ----------
    payload_steps : number of steps that a payload is divided into, in [1, 1000]; the largest drop
        of a trip is rounded up to whole steps
    neighbours : size of the ng-route neighbourhood without the customer itself, in [0, 10]; time
        and memory double with each
    gap : relative gap between bound and restricted master at which to stop, in [0, 1]
    max_iterations : of column generation, >= 0; with 0 only the radial bound is found
    smoothing : weight of the best prices so far against the master's, in [0, 0.999] (Wentges 1997,
        doi:10.1016/S0969-6016(97)00002-6)
    """

    payload_steps: int = 100
    neighbours: int = 7
    gap: float = 1e-3
    max_iterations: int = 500
    smoothing: float = 0.5

    def __post_init__(self) -> None:
        _between("payload_steps", self.payload_steps, 1, 1000)
        _between("neighbours", self.neighbours, 0, 10)
        _between("gap", self.gap, 0.0, 1.0)
        _between("max_iterations", self.max_iterations, 0, 10**9)
        _between("smoothing", self.smoothing, 0.0, 0.999)


@dataclass(frozen=True, eq=False)
class PhysicalLimit:
    """A lower bound on the km of any plan, with what it rests on.

    Attributes
    ----------
    km : [km] the bound: no plan that delivers the same drives less
    radial_km : [km] the bound of full trucks to one customer at a time
    lp_km_upper : [km] value of the linear program over real patterns (each customer once a trip,
        drops not rounded): the optimum without relaxations lies between ``km`` and this; infinite
        where the solver failed
    delivered_kg : [kg] total delivered
    price : (customers,) [km/kg] feasible dual price of each customer: the marginal km of a delivery
    iterations : number of iterations of column generation
    patterns : number of patterns found
    complete : whether the requested gap was reached, or no pattern was left that improves the
        linear program; False where iterations ran out or the solver failed. The bound holds in
        either case.
    """

    km: float
    radial_km: float
    lp_km_upper: float
    delivered_kg: float
    price: FloatArray
    iterations: int
    patterns: int
    complete: bool

    @property
    def kg_per_km(self) -> float:
        """[kg/km] the most that any plan can reach; infinite where the limit is 0 km."""
        return self.delivered_kg / self.km if self.km > 0 else float("inf")


def efficiency(limit: PhysicalLimit, km_driven: float) -> float:
    """The limit's km as a share of ``km_driven``, in [0, 1] for a plan that keeps the rules.

    1 where nothing had to be driven.

    Raises
    ------
    InputError
        For km that are negative or not finite, or 0 km where some are needed.
    """
    if not np.isfinite(km_driven) or km_driven < 0 or (km_driven == 0 and limit.km > 0):
        raise InputError(
            "km_driven",
            km_driven,
            f"at least {limit.km:g} km",
            "give the km of the plan whose deliveries the limit was computed for",
        )
    return limit.km / km_driven if km_driven > 0 else 1.0


def physical_limit(
    network: Network,
    delivered_kg: ArrayLike,
    *,
    max_drop_kg: ArrayLike | None = None,
    start: Snapshot | None = None,
    settings: LimitSettings | None = None,
) -> PhysicalLimit:
    """The least km with which any plan delivers ``delivered_kg``.

    Parameters
    ----------
    network : where the plan is driven
    delivered_kg : (customers,) [kg] to each tank and call-in customer, >= 0; see
        `executed.delivered_kg`
    max_drop_kg : (customers,) [kg] the most that one trip can drop at each, > 0; see
        `executed.max_drop_per_trip`. Without it any payload fits anywhere, and the limit is close
        to the radial bound
    start : snapshot at the start of the days: product on board or in transit needed no loading;
        without it there was none
    settings : see `LimitSettings`

    Raises
    ------
    InputError
        For arrays of the wrong shape or range, and deliveries that no vehicle could have brought.
    """
    settings = settings or LimitSettings()
    kg, most_kg = _checked(network, delivered_kg, max_drop_kg)
    stock = initial_stock(network, start)
    relaxation = relax(
        network,
        kg >= _NEGLIGIBLE_KG,
        most_kg,
        settings.payload_steps,
        stock.load_kg,
        stock.load_product,
    )
    counted_kg = np.where(kg < _NEGLIGIBLE_KG, 0.0, kg)
    demand = _reachable(
        network,
        DeliveredQuantities(counted_kg, network.customers.product, stock.free_kg),
        relaxation,
        stock,
    )
    radial = radial_prices(relaxation, len(kg))
    # Radial prices know no first segments, so all that was on board is free to them.
    all_free = replace(demand, free_kg=stock.all_kg)
    radial_km = all_free.least_cost_km(radial) * (1 - _SAFETY)
    best = _ProvenBound(radial_km, radial, np.zeros(len(relaxation.node_point)))
    if not demand.kg.any():
        return PhysicalLimit(0.0, 0.0, 0.0, float(kg.sum()), radial, 0, 0, True)
    return _generate(relaxation, demand, best, float(kg.sum()), settings)


@dataclass(frozen=True, eq=False)
class _ProvenBound:
    """A bound [km] with the prices (n,) and potentials (N,) that prove it."""

    km: float
    price: FloatArray
    potential: FloatArray


def _generate(
    relaxation: Relaxation,
    demand: DeliveredQuantities,
    best: _ProvenBound,
    total: float,
    settings: LimitSettings,
) -> PhysicalLimit:
    """Column generation, starting from the radial bound ``best``."""
    radial_km, master = best.km, Master(relaxation, demand)
    memories: list[Memory] = []
    if settings.max_iterations:
        memories = [memory_of(kind, settings.neighbours) for kind in relaxation.kinds]
    segments = single_customer_segments(relaxation)
    master.add(segments)
    solved, weight, iterations, ended = master.solve(), 0.0, 0, False
    while (
        solved
        and not ended
        and iterations < settings.max_iterations
        and best.km < (1 - settings.gap) * solved.km
    ):
        iterations += 1
        found, proven = _price(relaxation, demand, memories, _blend(solved, best, weight))
        best = proven if proven.km > best.km else best
        # Pricing may use smoothed prices: only what improves the master at its own prices is new.
        improves = -_SAFETY * solved.km
        new = [each for each in found if _reduced_km(relaxation, each, solved) < improves]
        # Only at the master's own prices does finding nothing prove its optimum.
        ended = not new and weight == 0.0
        # Where smoothed prices find nothing, the next pricing uses the master's own prices.
        weight = settings.smoothing if new else 0.0
        if new:
            segments += new
            master.add(new)
            solved = master.solve()
    upper = _real_km(relaxation, demand, segments, best)
    complete = ended or (solved is not None and best.km >= (1 - settings.gap) * solved.km)
    return PhysicalLimit(
        best.km, radial_km, upper, total, best.price, iterations, len(segments), complete
    )


def _real_km(
    relaxation: Relaxation,
    demand: DeliveredQuantities,
    segments: list[Segment],
    best: _ProvenBound,
) -> float:
    """[km] the linear program over real patterns made from ``segments``; infinite if GLOP fails."""
    real = Master(relaxation, demand)
    real.add(real_patterns(relaxation, segments, best.price))
    solved = real.solve()
    # No optimum lies below a proven bound: less than that is the solver's tolerance.
    return max(solved.km, best.km) if solved else float("inf")


def _price(
    relaxation: Relaxation, demand: DeliveredQuantities, memories: list[Memory], at: Prices
) -> tuple[list[Segment], _ProvenBound]:
    """The best segments at prices ``at``, and the bound that those prices prove once lowered.

    Prices fall until no segment has a negative reduced cost, which makes them dual feasible. First
    segments do not lower them: what they save is subtracted from the bound instead.
    """
    potential = _consistent(relaxation, at.potential)
    segments: list[Segment] = []
    excess, first_saving = np.zeros(len(demand.kg)), 0.0
    for number, (kind, after) in enumerate(zip(relaxation.kinds, memories, strict=True)):
        found, too_high, saved = cheapest_segments(number, kind, after, at.price, potential)
        segments += found
        if kind.first:
            first_saving += saved
        else:
            # A customer has one price for all kinds, so the worst kind decides.
            excess[kind.customer] = np.maximum(excess[kind.customer], too_high)
    # All prices of a product fall by the same amount: a segment delivers one product, so its
    # reduced cost rises by that amount for each kg.
    for product in np.unique(demand.product):
        same = demand.product == product
        excess[same] = excess[same].max()
    price = np.maximum(at.price - excess, 0.0)
    km = demand.least_cost_km(price) * (1 - _SAFETY) - first_saving
    return segments, _ProvenBound(km, price, potential)


def _blend(solved: Prices, best: _ProvenBound, weight: float) -> Prices:
    """Smoothed prices: ``weight`` of the best ones so far, the rest of the master's."""
    price = weight * best.price + (1 - weight) * solved.price
    potential = weight * best.potential + (1 - weight) * solved.potential
    return Prices(solved.km, price, potential, solved.first_saving)


def _consistent(relaxation: Relaxation, potential: FloatArray) -> FloatArray:
    """Potentials lowered until no empty move has a negative reduced cost.

    Moves are shortest paths, so one pass over them is enough.
    """
    result = np.array(potential)
    a, b = relaxation.moves.T
    np.minimum.at(result, a, potential[b] + relaxation.move_km)
    return result


def _reduced_km(relaxation: Relaxation, segment: Segment, at: Prices) -> float:
    """[km] reduced cost of a segment at prices ``at``."""
    customer = relaxation.kinds[segment.kind].customer
    # The visit of the base, where kg is 0, is no customer.
    revenue = sum(
        kg * float(at.price[customer[i]])
        for i, kg in zip(segment.visits, segment.kg, strict=True)
        if kg > 0
    )
    return (
        segment.km
        - revenue
        - float(at.potential[segment.start])
        + float(at.potential[segment.end])
        + float(at.first_saving[segment.kind])
    )


def _checked(
    network: Network, delivered_kg: ArrayLike, max_drop_kg: ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    """(n,) [kg] delivered, and the most that a trip drops: no more than was delivered in all."""
    n = len(network.customers)
    kg = floats("delivered_kg", delivered_kg, (n,))
    not_below("delivered_kg", kg, 0, "sum up the drops at each customer")
    given = np.full(n, np.inf) if max_drop_kg is None else max_drop_kg
    most = floats("max_drop_kg", given, (n,), allow_inf=True)
    bad = (most <= 0) & (kg > 0)
    if np.any(bad):
        k = int(np.argmax(bad))
        raise InputError(
            f"max_drop_kg[{k}]",
            float(most[k]),
            "more than 0 kg where something was delivered",
            "give the tank's capacity",
        )
    # No plan with these deliveries drops more at once, and fewer patterns make a tighter bound.
    return kg, np.minimum(most, kg)


def _reachable(
    network: Network, demand: DeliveredQuantities, relaxation: Relaxation, stock: InitialStock
) -> DeliveredQuantities:
    """The demand without customers that no segment after a loading can serve.

    Their product must have been on board or in transit at the start. Leaving them out lowers the
    bound, which keeps it valid.

    Raises
    ------
    InputError
        Where there was not enough of it at the start.
    """
    reached = np.zeros(len(demand.kg), dtype=np.bool_)
    for kind in (kind for kind in relaxation.kinds if not kind.first):
        reached[kind.customer] = True
    unreached = np.where(reached, 0.0, demand.kg)
    left = stock.all_kg - np.bincount(demand.product, unreached, minlength=len(stock.all_kg))
    if np.any(left < -_NEGLIGIBLE_KG):
        k = int(np.argmax((unreached > 0) & (left < 0)[demand.product]))
        raise InputError(
            f"delivered_kg[{k}]",
            f"{demand.kg[k]:g} kg to {network.customers.ids[k]}",
            "deliveries that a vehicle can load and bring",
            "check which vehicles may come and which sites offer its product",
        )
    return replace(demand, kg=demand.kg - unreached)


def _between(name: str, value: float, least: float, most: float) -> None:
    whole = isinstance(least, int)
    wrong_type = isinstance(value, bool) or (whole and not isinstance(value, int))
    if wrong_type or not least <= value <= most:
        raise InputError(
            name,
            value,
            f"{'a whole number ' if whole else ''}from {least:g} to {most:g}",
            "correct the setting",
        )
