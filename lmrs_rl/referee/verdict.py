"""The referee's verdict: which rules were broken, where and by how much, and the figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

RULES: Mapping[str, str] = MappingProxyType(
    {
        "REF01": "a trip refers to something unknown or has no stops",
        "LAY02": "a trip with a night serves no customer where nights are allowed",
        "LAY03": "more than one night in a trip",
        "SHI02": "arrives earlier than travel from the previous departure allows",
        "SHI03": "departs before its service can be done",
        "SHI04": "service is not inside one window of the customer's access hours",
        "SHI05": "the vehicle is not allowed there",
        "SHI06": "the load is below zero or above the vehicle's capacity",
        "SHI07": "the load at the start is not what the vehicle's previous trip left",
        "SHI11": "a negative quantity",
        "SHI16": "a drop below the least quantity or above the tank's capacity",
        "DYN01": "the tank is dry or overflows",
        "DRI01": "starts before the driver is free and rested",
        "DRI03": "more driving than the driver's limit",
        "DRI08": "the trip is not inside one of the driver's working windows",
        "TL01": "starts before the vehicle is free",
        "TL03": "the driver may not drive the vehicle",
        "QS01": "a call-in order is not served with its quantity in its window",
        "QS02": "the level is below the hit level",
        "QS03": "a drop at a call-in customer outside the windows of its orders",
        "PRD01": "a product where it is not allowed",
        "SRC01": "the loading site does not offer the product",
        "SRC02": "loading is not inside one window of the site's opening hours",
    }
)
"""Violation that each code stands for.

REF01, PRD01, SRC01 and SRC02 are this library's, the others are codes of the challenge."""

_SERVICE = frozenset({"QS02"})
"""Codes of service rules: they measure how well tanks are served, not whether the trips can be
driven.
"""


@dataclass(frozen=True)
class Violation:
    """One rule broken at one place.

    Attributes
    ----------
    code : of the rule, a key of `RULES`
    where : in words, such as ``trip 3, stop 1 (B)``; trips and stops count from 0, hours from the
        start of the days
    excess : amount of the violation, > 0, in ``unit``; 1 for a rule that only holds or not
    unit : "min", "kg", "nights", or "" for a rule that only holds or not
    """

    code: str
    where: str
    excess: float
    unit: str

    def __str__(self) -> str:
        much = f", by {self.excess:g} {self.unit}" if self.unit else ""
        return f"{self.code} {self.where}: {RULES[self.code]}{much}"


@dataclass(frozen=True)
class Figures:
    """Cost and deliveries of the trips that start before the end of the days, and tank service.

    Attributes
    ----------
    km : [km] of all legs, base to base
    cost : [currency] of distance, time on the road and nights
    kg : [kg] dropped at customers
    trips, drops, nights : number of each
    below_hit_tank_hours : [h] tank-hours that end below the hit level
    below_hit_kg_hours : [kg h] sum over those of the kg missing to the hit level
    dry_tank_hours : [h] tank-hours in which a tank could not meet all of its demand
    unmet_kg : [kg] demand not met in them
    """

    km: float
    cost: float
    kg: float
    trips: int
    drops: int
    nights: int
    below_hit_tank_hours: int
    below_hit_kg_hours: float
    dry_tank_hours: int
    unmet_kg: float

    @property
    def logistic_ratio(self) -> float:
        """[currency/kg] cost per kg delivered, the challenge's objective; 0 without deliveries."""
        return self.cost / self.kg if self.kg else 0.0

    @property
    def kg_per_km(self) -> float:
        """[kg/km] the logistic efficiency; 0 where nothing is driven."""
        return self.kg / self.km if self.km else 0.0


@dataclass(frozen=True)
class Verdict:
    """All violations, rule by rule, and the figures of the trips with sound references."""

    violations: tuple[Violation, ...]
    figures: Figures

    @property
    def valid(self) -> bool:
        """Whether no rule is broken at all, service rules included."""
        return not self.violations

    @property
    def operating(self) -> tuple[Violation, ...]:
        """The violations of operating rules: all but tanks below their hit level (QS02)."""
        return tuple(v for v in self.violations if v.code not in _SERVICE)

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the rules that are broken."""
        return frozenset(v.code for v in self.violations)

    def __str__(self) -> str:
        if self.valid:
            return "valid"
        return "\n".join(
            [f"not valid, {len(self.violations)} violations:", *map(str, self.violations)]
        )
