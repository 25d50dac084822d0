"""A rule made by hand that goes tank by tank: a missed order costs the price of the kg that it
would have brought.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from lmrs_rl.dispatchers.radial import radial_price
from lmrs_rl.domain import Forecast, InputError, Network, OrderParameters, Snapshot
from lmrs_rl.orders import pulled_hit_level


@dataclass(frozen=True)
class PriceParameters:
    """Numbers of the rule, none of which is in a currency: prices bring it.

    Attributes
    ----------
    urgency : how many times the price of its whole capacity it costs to leave a tank at its hit
        level, >= 0
    markup : value of a kg as a multiple of its price, >= 0
    beta : [1/h^2] fall of the urgency with the hours until stock-out, >= 0
    x_share : the window opens at ``h' + x_share * (c - h')``, in [0, 1]
    q_min_share : least quantity as a share of ``q_max``, whenever, in (0, 1]
    z : quantile of the forecast, in (0, 1)
    call_in_penalty : [currency] of missing an order called in, >= 0
    """

    urgency: float = 25.0
    markup: float = 1.5
    beta: float = 1e-4
    x_share: float = 0.5
    q_min_share: float = 0.6
    z: float = 0.8
    call_in_penalty: float = 1e5

    def __post_init__(self) -> None:
        for name in (each.name for each in fields(self)):
            value = getattr(self, name)
            top = {"x_share": 1.0, "q_min_share": 1.0, "z": 1.0}.get(name, 1e9)
            inside = (
                0 <= value <= top
                and not (name == "z" and value in (0, 1))
                and not (name == "q_min_share" and value == 0)
            )
            if not inside:
                raise InputError(
                    name,
                    value,
                    f"a number from 0 to {top:g}, for z and q_min_share more than 0",
                    "correct the setting",
                )


@dataclass(frozen=True)
class PriceDispatcher:
    """Weighs orders by what it costs to bring a kg there on a full truck (`radial_price`): a far
    tank justifies a longer trip.

    ``P_i = price_i * (urgency * c_i * exp(-beta * dT_h^2) + markup * q_max_i)``, so that no penalty
    is out of proportion to the detour it may cause, whatever the network's size and prices.
    """

    parameters: PriceParameters = PriceParameters()

    def __call__(self, network: Network, snapshot: Snapshot, forecast: Forecast) -> OrderParameters:  # noqa: ARG002
        p, price = self.parameters, radial_price(network)
        return OrderParameters.shared(
            network.n_tanks,
            x_kg=p.x_share * (network.tanks.capacity_kg - pulled_hit_level(network)),
            a=0.0,
            b=p.q_min_share,
            alpha=p.urgency * price * network.tanks.capacity_kg,
            beta=p.beta,
            z=p.z,
            value_per_kg=p.markup * price,
            q_min_floor=np.zeros(network.n_tanks),
            call_in_penalty=p.call_in_penalty,
        )
