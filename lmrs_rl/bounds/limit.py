"""The physical limit: km that no plan stays under which delivers the same.

A run is what a vehicle does from one loading to the next, before the first loading (with what was
on board at the start) or after the last one. Every vehicle starts and ends at its base, so its runs
and empty moves between them close a circle. On a run a vehicle leaves at most its payload, of one
product; each trip (a run may stretch over several) leaves at most ``D_i`` at customer i. Hence the
km of any plan are at least those of the *delivery-pattern linear program*

    min  sum_P c_P x_P    with  sum_P q_iP x_P + f_i >= W_i,  as many runs from each place as to it,
    one first run a vehicle,
                                sum_i f_i <= free kg,  x, f >= 0

over patterns P: places, visits and quantities ``q_iP <= D_i`` a trip, ``sum_i q_iP <= Q``, with
``c_P`` the shortest way through them; ``f_i`` is what came with trips that had started before.
Visits are shortened to shortest ways through any points, so that nothing is lost where the triangle
inequality fails. Smaller vehicles of the same base and no more rights are merged into larger ones.
Times, hours, rests and driving limits are left out: they only make plans longer.

By linear duality any prices ``pi_i >= 0`` and potentials ``sigma`` with ``c_P >= sum_i pi_i q_iP +
sigma_start - sigma_end`` for every P (less ``rho`` for first runs) give the bound ``sum_i pi_i (W_i
- f_i) - sum rho``: summed over the runs of a plan the potentials cancel. Column generation improves
the prices; after each pricing they are lowered until no pattern violates the condition, so that
stopping early costs tightness, not validity. Rounding of D_i up to steps of the payload and the
ng-route relaxation (see `pricing`) enlarge the set of patterns: both only lower the bound. Floating
point may err by about 1e-12 of the value, which is taken off a thousandfold; plans may break rules
on quantities by the referee's tolerance of 1e-6 kg.
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
from lmrs_rl.bounds.radial import lone_segments, radial_prices
from lmrs_rl.bounds.segments import Relaxation, relax
from lmrs_rl.domain import InputError, Network, Snapshot
from lmrs_rl.domain.arrays import FloatArray, floats, not_below

SAFETY = 1e-9
"""Share that is taken off for the rounding of floating point."""
DUST_KG = 1e-3
"""[kg] Deliveries of less to a customer over all the time are left out: a solver takes them for
noise.
"""


@dataclass(frozen=True)
class LimitSettings:
    """How hard to try.

    Attributes
    ----------
    payload_steps : of which a payload consists, in [1, 1000]; most drops are rounded up to whole
        steps
    neighbours : how many other customers a run remembers at each, in [0, 10]; time and memory
        double with each
    gap : relative gap between bound and restricted master at which to stop, >= 0
    max_iterations : of column generation, >= 0; with 0 only the radial bound is found
    smoothing : weight of the best prices so far against the master's, in [0, 1) (Wentges 1997,
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
    """The least km that any plan needs.

    Attributes
    ----------
    km : [km] the bound: no plan that delivers the same drives less
    radial_km : [km] the bound of full trucks to one customer at a time
    lp_km_upper : [km] what patterns that are real (each customer once a trip, drops not rounded)
        reach in the linear program: the linear program without relaxations lies between ``km`` and
        this; infinite where the solver failed
    delivered_kg : [kg] in all
    price : (customers,) [km/kg] a valid price of each customer's kg: the marginal km of a delivery
    iterations : of column generation
    patterns : how many were found
    complete : whether the gap wanted was reached, or no pattern was left that improves the linear
        program; False where iterations ran out or the solver failed: the bound holds all the same
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
        """[kg/km] the most that any plan reaches; infinite where the limit is 0 km."""
        return self.delivered_kg / self.km if self.km > 0 else float("inf")


def efficiency(limit: PhysicalLimit, km_driven: float) -> float:
    """Share of the limit's km in those really driven, in [0, 1] for a plan that keeps the rules; 1
    where nothing had to be driven.

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
            "give the km of the plan that delivered what the limit was made for",
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
    delivered_kg : (customers,) [kg] to each tank and call-in customer, >= 0; see
        `executed.delivered_kg`
    max_drop_kg : (customers,) [kg] the most that one trip can leave at each, > 0; see
        `executed.most_a_trip_leaves`. Without it any payload fits anywhere, and the limit comes
        near the radial bound
    start : of the days: what was on board, or on its way, needed no loading; without it nothing was

    Raises
    ------
    InputError
        For arrays of the wrong shape or range, and deliveries that no vehicle could have brought.
    """
    settings = settings or LimitSettings()
    kg, most_kg = _checked(network, delivered_kg, max_drop_kg)
    on_board = initial_stock(network, start)
    relaxation = relax(
        network,
        kg >= DUST_KG,
        most_kg,
        settings.payload_steps,
        on_board.load_kg,
        on_board.load_product,
    )
    demand = _reachable(
        network,
        DeliveredQuantities(
            np.where(kg < DUST_KG, 0.0, kg), network.customers.product, on_board.free_kg
        ),
        relaxation,
        on_board,
    )
    radial = radial_prices(relaxation, len(kg))
    all_free = replace(demand, free_kg=on_board.all_kg)
    best = _Best(all_free.bill(radial) * (1 - SAFETY), radial, np.zeros(len(relaxation.node_point)))
    if not demand.kg.any():
        return PhysicalLimit(0.0, 0.0, 0.0, float(kg.sum()), radial, 0, 0, True)
    return _generate(relaxation, demand, best, float(kg.sum()), settings)


@dataclass(frozen=True, eq=False)
class _Best:
    """A bound [km] with the prices (n,) and potentials (N,) that prove it."""

    km: float
    price: FloatArray
    potential: FloatArray


def _generate(
    relaxation: Relaxation,
    demand: DeliveredQuantities,
    best: _Best,
    total: float,
    settings: LimitSettings,
) -> PhysicalLimit:
    """Column generation from the radial bound on."""
    radial_km, master = best.km, Master(relaxation, demand)
    memories = (
        [memory_of(kind, settings.neighbours) for kind in relaxation.kinds]
        if settings.max_iterations
        else []
    )
    runs = lone_segments(relaxation)
    master.add(runs)
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
        new = [run for run in found if _reduced_km(relaxation, run, solved) < -SAFETY * solved.km]
        ended = not new and weight == 0.0
        # Where smoothed prices find nothing, the master's own are asked next.
        weight = settings.smoothing if new else 0.0
        if new:
            runs += new
            master.add(new)
            solved = master.solve()
    real = Master(relaxation, demand)
    real.add(real_patterns(relaxation, runs, best.price))
    reached = real.solve()
    upper = max(reached.km, best.km) if reached else float("inf")
    complete = ended or (solved is not None and best.km >= (1 - settings.gap) * solved.km)
    return PhysicalLimit(
        best.km, radial_km, upper, total, best.price, iterations, len(runs), complete
    )


def _price(
    relaxation: Relaxation, demand: DeliveredQuantities, memories: list[Memory], at: Prices
) -> tuple[list[Segment], _Best]:
    """The best runs at the given prices, and the bound that those prices prove once lowered as
    far as it takes.
    """
    potential = _consistent(relaxation, at.potential)
    runs: list[Segment] = []
    excess, worth = np.zeros(len(demand.kg)), 0.0
    for number, (kind, after) in enumerate(zip(relaxation.kinds, memories, strict=True)):
        found, too_high, saved = cheapest_segments(number, kind, after, at.price, potential)
        runs += found
        if kind.first:
            worth += saved
        else:
            excess[kind.customer] = np.maximum(excess[kind.customer], too_high)
    # Of one product all prices fall by the same, as a run delivers one product: its reduced cost
    # rises by that much a kg.
    for product in np.unique(demand.product):
        same = demand.product == product
        excess[same] = excess[same].max()
    price = np.maximum(at.price - excess, 0.0)
    return runs, _Best(demand.bill(price) * (1 - SAFETY) - worth, price, potential)


def _blend(solved: Prices, best: _Best, weight: float) -> Prices:
    price, potential = (
        weight * a + (1 - weight) * b
        for a, b in ((best.price, solved.price), (best.potential, solved.potential))
    )
    return Prices(solved.km, price, potential, solved.worth)


def _consistent(relaxation: Relaxation, potential: FloatArray) -> FloatArray:
    """Potentials lowered until no move without a delivery gains by them; moves are shortest
    ways, so once over them is enough.
    """
    result = np.array(potential)
    a, b = relaxation.moves.T
    np.minimum.at(result, a, potential[b] + relaxation.move_km)
    return result


def _reduced_km(relaxation: Relaxation, run: Segment, at: Prices) -> float:
    customer = relaxation.kinds[run.kind].customer
    worth = sum(
        kg * float(at.price[customer[i]])
        for i, kg in zip(run.visits, run.kg, strict=True)
        if kg > 0
    )
    return (
        run.km
        - worth
        - float(at.potential[run.start])
        + float(at.potential[run.end])
        + float(at.worth[run.kind])
    )


def _checked(
    network: Network, delivered_kg: ArrayLike, max_drop_kg: ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    """(n,) [kg] delivered, and the most that a run brings: no more than was delivered in all."""
    n = len(network.customers)
    kg = floats("delivered_kg", delivered_kg, (n,))
    not_below("delivered_kg", kg, 0, "sum up the drops at each customer")
    most = floats(
        "max_drop_kg",
        np.full(n, np.inf) if max_drop_kg is None else max_drop_kg,
        (n,),
        allow_inf=True,
    )
    bad = (most <= 0) & (kg > 0)
    if np.any(bad):
        k = int(np.argmax(bad))
        raise InputError(
            f"max_drop_kg[{k}]",
            float(most[k]),
            "more than 0 kg where something was delivered",
            "give the tank's capacity",
        )
    return kg, np.minimum(most, kg)


def _reachable(
    network: Network, demand: DeliveredQuantities, relaxation: Relaxation, on_board: InitialStock
) -> DeliveredQuantities:
    """Without customers that no loading leads to: their product was on board at the start, and not
    counting it is on the safe side.

    Raises
    ------
    InputError
        Where it was not.
    """
    reached = np.zeros(len(demand.kg), dtype=np.bool_)
    for kind in (kind for kind in relaxation.kinds if not kind.first):
        reached[kind.customer] = True
    lost = np.where(reached, 0.0, demand.kg)
    left = on_board.all_kg - np.bincount(demand.product, lost, minlength=len(on_board.all_kg))
    if np.any(left < -DUST_KG):
        k = int(np.argmax((lost > 0) & (left < 0)[demand.product]))
        got, wanted = (
            f"{demand.kg[k]:g} kg to {network.customers.ids[k]}",
            "deliveries that a vehicle can load and bring",
        )
        raise InputError(
            f"delivered_kg[{k}]", got, wanted, "check who may come and who offers its product"
        )
    return replace(demand, kg=demand.kg - lost)


def _between(name: str, value: float, least: float, most: float) -> None:
    whole = isinstance(least, int)
    if (
        isinstance(value, bool)
        or (whole and not isinstance(value, int))
        or not least <= value <= most
    ):
        raise InputError(
            name,
            value,
            f"{'a whole number ' if whole else ''}from {least:g} to {most:g}",
            "correct the setting",
        )
