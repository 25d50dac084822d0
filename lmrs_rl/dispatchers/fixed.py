"""The dispatcher that always answers the same: the baseline."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from lmrs_rl.dispatchers.radial import radial_price
from lmrs_rl.domain import Forecast, InputError, Network, OrderParameters, Snapshot
from lmrs_rl.orders import pulled_hit_level


def _refuse(field: str, got: object, fine: bool, wanted: str, remedy: str) -> None:
    if not fine:
        raise InputError(field, got, wanted, remedy)


@dataclass(frozen=True)
class FixedParameters:
    """Numbers shared by all tanks; the defaults are the source's examples, or rules of thumb where
    it gives none.

    Attributes
    ----------
    x_share : the window opens at ``h' + x_share * (c - h')``, in [0, 1]
    a : [1/day] slope of the least quantity in the days until dry, <= 0
    b : least quantity on the day the tank is dry, as a share of ``q_max``, > 0
    alpha : [currency] penalty of missing the order of a tank at its hit level, >= 0
    beta : [1/h^2] fall of the penalty with the hours until stock-out, >= 0
    z : quantile of the forecast, in (0, 1)
    kg_value : worth of a kg delivered as a multiple of the tank's radial price, >= 0; 0 in the
        source's rule
    q_min_floor : least quantity as a share of ``q_max``, in [0, 1]; 0 in the source's rule
    fill_days : [days] after the window opens at which the room for ``q_max`` is counted, >= 0; 0:
        as it opens
    call_in_penalty : [currency] of missing an order called in, >= 0

    Examples
    --------
    >>> import lmrs_rl
    >>> lmrs_rl.FixedParameters(z=0.9).z
    0.9
    """

    x_share: float = 0.5
    a: float = -0.1
    b: float = 1.0
    alpha: float = 1000.0
    beta: float = 1e-4
    z: float = 0.5
    kg_value: float = 0.0
    q_min_floor: float = 0.0
    fill_days: float = 0.0
    call_in_penalty: float = 1e5

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not math.isfinite(value)
            ):
                raise InputError(name, repr(value), "a finite number", "write it without quotes")
            object.__setattr__(self, name, float(value))
        for name in ("x_share", "q_min_floor"):
            _refuse(
                name,
                getattr(self, name),
                0 <= getattr(self, name) <= 1,
                "a share in [0, 1]",
                "divide by 100 if it is in per cent",
            )
        for name in ("alpha", "beta", "kg_value", "fill_days", "call_in_penalty"):
            _refuse(
                name,
                getattr(self, name),
                getattr(self, name) >= 0,
                "at least 0",
                "use 0 to leave it out",
            )
        _refuse(
            "a",
            self.a,
            self.a <= 0,
            "at most 0",
            "the least quantity falls with the days until dry",
        )
        _refuse(
            "b",
            self.b,
            self.b > 0,
            "more than 0",
            "1 asks for all of q_max on the day the tank runs dry",
        )
        _refuse("z", self.z, 0 < self.z < 1, "a quantile in (0, 1)", "0.5 is the median")

    @classmethod
    def from_file(cls, path: Path | str) -> FixedParameters:
        """Read a TOML file with any of the attributes as keys; those left out keep their defaults.

        Raises
        ------
        InputError
            For a missing or broken file, an unknown key, a value out of range.
        """
        try:
            table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise InputError(
                str(path),
                error.strerror or "an unreadable file",
                "a readable file",
                "check the path",
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(
                str(path), f"broken TOML ({error})", "a whole TOML file", "correct the line"
            ) from error
        known = [f.name for f in fields(cls)]
        for key in table:
            _refuse(
                f"{path}: {key}",
                "an unknown key",
                key in known,
                f"one of {', '.join(known)}",
                "correct or remove it",
            )
        return cls(**table)


@dataclass(frozen=True)
class FixedDispatcher:
    """Chooses the same shared numbers every morning, turned into each tank's units."""

    parameters: FixedParameters = FixedParameters()

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:  # noqa: ARG002
        p = self.parameters
        return OrderParameters.shared(
            network.n_tanks,
            x_kg=p.x_share * (network.tanks.capacity_kg - pulled_hit_level(network)),
            a=p.a,
            b=p.b,
            alpha=p.alpha,
            beta=p.beta,
            z=p.z,
            value_per_kg=p.kg_value * radial_price(network)
            if p.kg_value
            else np.zeros(network.n_tanks),
            q_min_floor=p.q_min_floor,
            fill_days=p.fill_days,
            call_in_penalty=p.call_in_penalty,
        )
