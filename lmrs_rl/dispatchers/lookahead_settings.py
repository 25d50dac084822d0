"""Settings of a look-ahead, whose planner is in `lmrs_rl.lookahead`."""

from __future__ import annotations

from dataclasses import dataclass

from lmrs_rl.domain import InputError


@dataclass(frozen=True)
class LookAheadSettings:
    """Settings of a look-ahead.

    Attributes
    ----------
    candidates : plans made each morning, >= 1, each with a routing seed of its own
    seeds : how many of them have the base's own parameters, 1 to ``candidates``; all of them make
        the control, which shows the effect of choosing among plans alone
    step : of the designed candidates, in [0, 1]: x, alpha, z and b of all tanks a step of the
        action space up and down; 0 makes none
    spread : standard deviation of every other drawn candidate, in [0, 1]: all seven numbers of the
        action space, the same for all tanks
    tank_spread : of those between, in [0, 1]: seven numbers for each tank
    days : of each imagined future, today included, >= 1
    paths : futures drawn, and so the most that a plan is rolled over, >= 1
    caution : multiple of its price at which an imagined stock-out counts, in [1, 100]: forecasts
        know less of rare days than they think
    budget : rolls of a plan over a future each morning, spent by sequential halving; at least
        candidates * ceil(log2(candidates))
    """

    candidates: int = 16
    seeds: int = 2
    step: float = 0.5
    spread: float = 0.3
    tank_spread: float = 0.5
    days: int = 4
    paths: int = 30
    caution: float = 4.0
    budget: int = 128

    def __post_init__(self) -> None:
        for name, least, most in (
            ("candidates", 1, 1000),
            ("seeds", 1, self.candidates),
            ("days", 1, 1000),
            ("paths", 1, 100_000),
        ):
            value = getattr(self, name)
            if not least <= value <= most:
                raise InputError(name, value, f"{least} to {most}", "correct the setting")
        for name in ("step", "spread", "tank_spread"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(
                    name, getattr(self, name), "0 to 1", "1 goes as far as an action may"
                )
        if not 1 <= self.caution <= 100:
            raise InputError("caution", self.caution, "1 to 100", "1 trusts the forecast")
        # A roll of each candidate in each of ceil(log2(candidates)) rounds of halving; in whole
        # numbers, since a logarithm may be rounded up.
        least_budget = self.candidates * (self.candidates - 1).bit_length()
        if self.budget < least_budget:
            raise InputError(
                "budget",
                self.budget,
                f"at least {least_budget} for {self.candidates} candidates",
                "raise it or try fewer candidates",
            )
