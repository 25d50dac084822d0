"""What happens, day by day: the truth that plans are executed against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import FloatArray, floats, not_below
from lmrs_rl.domain.network import Network
from lmrs_rl.domain.network_parts import _set
from lmrs_rl.domain.snapshot import CallInOrders, Snapshot


@dataclass(frozen=True, eq=False)
class Days:
    """Some days of a network, one after the other.

    Attributes
    ----------
    name : for tables and files
    start : the first morning
    use_kg : (H, n) [kg] demand of each tank's customer in each hour from ``start.time_min`` on,
        >= 0
    call_in_orders : all orders that customers call in, each known from its ``announced_min`` on

    Examples
    --------
    >>> import lmrs_rl
    >>> days = lmrs_rl.open_world("demo", days=2).days
    >>> days.hours, days.use_kg.shape
    (48, (48, 12))
    """

    name: str
    start: Snapshot
    use_kg: FloatArray
    call_in_orders: CallInOrders

    @property
    def hours(self) -> int:
        return int(self.use_kg.shape[0])

    @property
    def end_min(self) -> int:
        return self.start.time_min + 60 * self.hours

    def __post_init__(self) -> None:
        shape = (np.shape(self.use_kg)[0] if np.ndim(self.use_kg) else 0, len(self.start.level_kg))
        _set(self, "use_kg", floats("use_kg", self.use_kg, shape))
        not_below("use_kg", self.use_kg, 0, "book refills as deliveries, not as negative use")

    def check_against(self, network: Network) -> None:
        """Refuse days that do not belong to ``network`` (`InputError`)."""
        self.start.check_against(network)
