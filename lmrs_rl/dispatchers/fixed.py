"""The baseline: a dispatcher that chooses the same numbers every morning."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lmrs_rl.dispatchers.radial import radial_price
from lmrs_rl.domain import Forecast, InputError, Network, OrderParameters, Snapshot
from lmrs_rl.domain.aliases import with_new_names
from lmrs_rl.domain.order_parameters import FIXED
from lmrs_rl.orders import pulled_hit_level

_DEFAULTS = {name: number.default for name, number in FIXED.items()}


@dataclass(frozen=True)
class FixedParameters:
    """Order parameters as a person writes them down: one number for all tanks, in units that
    suit tanks of every size.

    Units, ranges and meanings are in `lmrs_rl.domain.order_parameters.ORDER_PARAMETERS`, as are the
    defaults: the source's examples, or rules of thumb where it gives none.

    Raises
    ------
    InputError
        For what is no finite number, or one out of its range.

    Examples
    --------
    >>> import lmrs_rl
    >>> lmrs_rl.FixedParameters(z=0.9).z
    0.9
    """

    x_share: float = _DEFAULTS["x_share"]
    a: float = _DEFAULTS["a"]
    b: float = _DEFAULTS["b"]
    alpha: float = _DEFAULTS["alpha"]
    beta: float = _DEFAULTS["beta"]
    z: float = _DEFAULTS["z"]
    value_multiplier: float = _DEFAULTS["value_multiplier"]
    q_min_floor: float = _DEFAULTS["q_min_floor"]
    fill_days: float = _DEFAULTS["fill_days"]
    call_in_penalty: float = _DEFAULTS["call_in_penalty"]

    def __post_init__(self) -> None:
        for name in FIXED:
            value = getattr(self, name)
            if (
                isinstance(value, bool)
                or not isinstance(value, int | float)
                or not math.isfinite(value)
            ):
                raise InputError(name, repr(value), "a finite number", "write it without quotes")
            object.__setattr__(self, name, float(value))
        for name, number in FIXED.items():
            number.require(getattr(self, name))

    @classmethod
    def from_file(cls, path: Path | str) -> FixedParameters:
        """Read a TOML file with any of the attributes as keys, old names too (see
        `lmrs_rl.domain.aliases`); those left out keep their defaults.

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
        known = list(FIXED)
        table = with_new_names(cls.__name__, table, f"{path}: ")
        for key in table:
            if key not in known:
                raise InputError(
                    f"{path}: {key}",
                    "an unknown key",
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
        # Radial prices are computed anew each time, so only where a kg has a value.
        return OrderParameters.shared(
            network.n_tanks,
            x_kg=p.x_share * (network.tanks.capacity_kg - pulled_hit_level(network)),
            a=p.a,
            b=p.b,
            alpha=p.alpha,
            beta=p.beta,
            z=p.z,
            value_per_kg=p.value_multiplier * radial_price(network)
            if p.value_multiplier
            else np.zeros(network.n_tanks),
            q_min_floor=p.q_min_floor,
            fill_days=p.fill_days,
            call_in_penalty=p.call_in_penalty,
        )
