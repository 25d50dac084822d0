"""The order parameters: the one table of their units, ranges, defaults, actions and meanings.

Everything that lists order parameters reads this table: the checks of
`lmrs_rl.domain.OrderParameters`, defaults and checks of fixed parameters, the action space and its
residual map in numpy and torch, the metadata of policy files, the ranges that are tuned, what a
decision is explained with, and the tables of the documentation. Formulas that use a parameter are
where they belong: orders follow from parameters in `lmrs_rl.orders.make`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from lmrs_rl.domain.arrays import BoolArray, FloatArray
from lmrs_rl.errors import InputError

IN_PER_CENT = "divide by 100 if it is in per cent"
CLIP = "clip it where it is chosen"

LOGIT_RANGE = (0.02, 0.98)
"""A share outside is moved as the nearest inside: its logit would go to infinity, and no action
could bring it back."""


@dataclass(frozen=True)
class NumberSpec:
    """A number, what it may be, and what it is when nobody says.

    Attributes
    ----------
    name : of the attribute that holds it
    unit : "1" for a plain number
    meaning : for people
    default : NaN where there is none
    low, high : least and greatest; infinite ends are no limit, but the number is finite
    excluded : ends of the range that it may not be
    wanted : the range in words, as errors say it
    remedy : what to do with one outside of the range
    """

    name: str
    unit: str
    meaning: str
    default: float = math.nan
    low: float = 0.0
    high: float = math.inf
    excluded: tuple[float, ...] = ()
    wanted: str = "at least 0"
    remedy: str = "use 0 to leave it out"

    @property
    def limits(self) -> tuple[float, float]:
        """Least and greatest float64 that is allowed, so that a check takes two comparisons."""
        least = np.nextafter(self.low, math.inf) if self.low in self.excluded else self.low
        most = np.nextafter(self.high, -math.inf) if self.high in self.excluded else self.high
        finite = float(np.finfo(np.float64).max)
        return max(float(least), -finite), min(float(most), finite)

    def allows(self, values: FloatArray) -> BoolArray:
        """Whether each of ``values`` is in the range; NaN is not."""
        least, most = self.limits
        return np.asarray((values >= least) & (values <= most), dtype=np.bool_)

    def require(self, value: float) -> None:
        """Refuse a value outside of the range (`InputError`)."""
        if not self.allows(np.asarray(value, dtype=np.float64)):
            raise InputError(self.name, value, self.wanted, self.remedy)


@dataclass(frozen=True)
class TuningRange:
    """Where a search looks for a shared number.

    Attributes
    ----------
    low, high : ends
    steps : whether equal steps of the search add ("even") or multiply ("log")
    extension : whether the source's rules do without the number, so that only the agent "extended"
        has it tuned
    """

    low: float
    high: float
    steps: str = "even"
    extension: bool = False


@dataclass(frozen=True)
class Action:
    """One of the numbers in [-1, 1] by which a learner changes the baseline, tank by tank.

    Attributes
    ----------
    name : of the column
    scale : how far 1 goes
    how : "logit" adds ``scale * u`` to the logit, "add" to the parameter, "factor" multiplies by
        ``exp(scale * u)``
    meaning : for people
    least : the parameter is not moved under it, ``None`` for no other limit than its range
    version : goes up when ``u`` comes to mean something else: policies of before are refused then
    """

    name: str
    scale: float
    how: str
    meaning: str
    least: float | None = None
    version: int = 1


@dataclass(frozen=True)
class ParameterSpec:
    """An order parameter.

    Attributes
    ----------
    number : as each tank has it, in `lmrs_rl.domain.OrderParameters`
    shared : as a file of fixed parameters has it, one for all tanks, where that is another number
    tuning : of the shared number; ``None`` where it is not tuned
    action : that changes it, ``None`` without one of its own
    moved_by : name of the action that changes it, of its own or of another parameter
    span : name of what its greatest number is, where tanks differ in that
    per_tank : whether each tank has its own
    version : goes up when the number comes to mean something else
    """

    number: NumberSpec
    shared: NumberSpec | None = None
    tuning: TuningRange | None = None
    action: Action | None = None
    moved_by: str = ""
    span: str = ""
    per_tank: bool = True
    version: int = 1

    @property
    def name(self) -> str:
        """Of the attribute of `lmrs_rl.domain.OrderParameters`."""
        return self.number.name

    @property
    def fixed(self) -> NumberSpec:
        """As a file of fixed parameters has it."""
        return self.shared or self.number


ORDER_PARAMETERS: tuple[ParameterSpec, ...] = (
    ParameterSpec(
        NumberSpec(
            "x_kg",
            "kg",
            "the window opens when the level reaches `h' + x`; cut to `c - h'`",
            remedy=CLIP,
        ),
        NumberSpec(
            "x_share",
            "share",
            "the window opens at the level `h' + x_share * (c - h')`; it closes at `h'`",
            0.5,
            high=1.0,
            wanted="a share in [0, 1]",
            remedy=IN_PER_CENT,
        ),
        TuningRange(0.0, 1.0),
        Action(
            "x",
            2.0,
            "logit",
            "share of the span from h' to full at which the window opens; 1 opens it earlier",
        ),
        moved_by="x",
        span="span_kg",
    ),
    ParameterSpec(
        NumberSpec(
            "a",
            "1/day",
            "slope of the least quantity in the days until dry: it is `(a * days + b)` of the most "
            "that fits",
            -0.1,
            low=-math.inf,
            high=0.0,
            wanted="at most 0",
            remedy="the least quantity falls with the days until dry",
        ),
        tuning=TuningRange(-0.3, 0.0),
        action=Action(
            "a",
            0.1,
            "add",
            "slope of the least quantity in the days until dry [1/day], at most 0; 1 asks for more "
            "kg early",
        ),
        moved_by="a",
    ),
    ParameterSpec(
        NumberSpec(
            "b",
            "share",
            "least quantity on the day the tank is dry, as a share of the most that fits; it is "
            "never under the minimum drop or a thousandth of the tank",
            1.0,
            excluded=(0.0,),
            wanted="more than 0",
            remedy="1 asks for all of q_max on the day the tank runs dry",
        ),
        tuning=TuningRange(0.1, 1.2),
        action=Action(
            "b",
            0.4,
            "add",
            "least quantity on the day the tank is dry, as a share of q_max, at least 0.05",
            least=0.05,
        ),
        moved_by="b",
    ),
    ParameterSpec(
        NumberSpec(
            "alpha",
            "EUR",
            "penalty of missing the order of a tank at its hit level: it is `alpha * exp(-beta * "
            "hours to the hit level ^ 2)`",
            1000.0,
        ),
        tuning=TuningRange(30.0, 30_000.0, "log"),
        action=Action(
            "alpha",
            2.0,
            "factor",
            "the whole penalty of a missed order, alpha and the value of its kg alike",
        ),
        moved_by="alpha",
    ),
    ParameterSpec(
        NumberSpec(
            "beta", "1/h^2", "how fast the penalty falls with the hours until stock-out", 1e-4
        ),
        tuning=TuningRange(1e-6, 1e-2, "log"),
        action=Action("beta", 2.0, "factor", "fall of the penalty with the hours until stock-out"),
        moved_by="beta",
    ),
    ParameterSpec(
        NumberSpec(
            "z",
            "quantile",
            "quantile of the forecast that levels are projected with",
            0.5,
            high=1.0,
            excluded=(0.0, 1.0),
            wanted="a quantile in (0, 1)",
            remedy="0.5 is the median",
        ),
        tuning=TuningRange(0.1, 0.98),
        action=Action("z", 2.0, "logit", "quantile of the forecast; 1 plans for more consumption"),
        moved_by="z",
    ),
    ParameterSpec(
        NumberSpec(
            "value_per_kg",
            "EUR/kg",
            "value of a kg delivered: all of `q_max` counts in the penalty of a miss, each kg that "
            "a drop lacks of it counts in the plan; 0 in the source's rule",
            0.0,
            remedy=CLIP,
        ),
        NumberSpec(
            "value_multiplier",
            "1",
            "value of a kg delivered as a multiple of the tank's radial price: all of `q_max` "
            "counts in the penalty of a miss, each kg that a drop lacks of it counts in the plan",
            0.0,
        ),
        TuningRange(0.0, 4.0, extension=True),
        # A factor on alpha alone would change the value of a kg against that of a missed order.
        moved_by="alpha",
    ),
    ParameterSpec(
        NumberSpec(
            "q_min_floor",
            "share",
            "least quantity whatever the slope says, as a share of the most that fits; 0 in the "
            "source's rule",
            0.0,
            high=1.0,
            wanted="a share in [0, 1]",
            remedy=IN_PER_CENT,
        ),
        tuning=TuningRange(0.0, 0.9, extension=True),
    ),
    ParameterSpec(
        NumberSpec(
            "fill_days",
            "days",
            "days after the window opens, but not after it closes, at which the room for the most "
            "that fits (`q_max`) is counted; 0, as it opens, is safe, but a tank that uses much in "
            "a day is then filled with less than fits when the truck comes. A drop that comes "
            "before is cut to the room that there is",
            0.0,
        ),
        action=Action(
            "fill",
            1.0,
            "add",
            "days after the window opens at which the room for q_max is counted, at least 0; 1 "
            "asks for more kg",
        ),
        moved_by="fill",
    ),
    ParameterSpec(
        NumberSpec(
            "call_in_penalty",
            "EUR",
            "penalty of missing an order called in",
            1e5,
            remedy="give the price of a missed order",
        ),
        per_tank=False,
    ),
)
"""In the order of the attributes of `lmrs_rl.domain.OrderParameters`; actions follow each other in
the same order."""

SPECS = MappingProxyType({each.name: each for each in ORDER_PARAMETERS})
"""By the names of `lmrs_rl.domain.OrderParameters`."""

PER_TANK = tuple(each.name for each in ORDER_PARAMETERS if each.per_tank)
"""Names of those that each tank has."""

MOVED = tuple(each for each in ORDER_PARAMETERS if each.moved_by)
"""Those that an action changes."""

ACTIONS: tuple[Action, ...] = tuple(each.action for each in ORDER_PARAMETERS if each.action)
"""The numbers of an action in the order of its columns."""

ACTION_NAMES = tuple(each.name for each in ACTIONS)

FIXED = MappingProxyType({each.fixed.name: each.fixed for each in ORDER_PARAMETERS})
"""The numbers of a file of fixed parameters, by name."""
