"""The exchangeable part of a planning day that learning is about, as a function."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from lmrs_rl.domain import Forecast, Network, OrderParameters, Plan, Snapshot


class Dispatcher(Protocol):
    """From network, snapshot and forecast to the order parameters of every tank.

    Examples
    --------
    >>> import numpy as np
    >>> import lmrs_rl
    >>> from lmrs_rl.forecast import WeekdayQuantiles
    >>> world = lmrs_rl.open_world("demo", days=1)
    >>> dispatcher = lmrs_rl.load_agent("default").dispatcher(np.random.default_rng(0))
    >>> forecast = WeekdayQuantiles()(world.network, world.days.start)
    >>> len(dispatcher(world.network, world.days.start, forecast).z)
    12
    """

    def __call__(
        self, network: Network, snapshot: Snapshot, forecast: Forecast, /
    ) -> OrderParameters: ...


@runtime_checkable
class ContextualDispatcher(Protocol):
    """A `Dispatcher` that also uses the date and the previous plans."""

    def __call__(
        self, network: Network, snapshot: Snapshot, forecast: Forecast, /
    ) -> OrderParameters: ...

    def at(self, date: np.datetime64 | None, plans: tuple[Plan, ...], /) -> Dispatcher:
        """The dispatcher of one morning.

        ``date`` is the calendar date, ``None`` where it is not known; ``plans`` are those of the
        previous mornings, the latest first.
        """
        ...


def dispatcher_at(
    dispatcher: Dispatcher, date: np.datetime64 | None, plans: tuple[Plan, ...]
) -> Dispatcher:
    """The dispatcher of a morning: given date and previous plans where it uses them
    (`ContextualDispatcher`), otherwise unchanged.
    """
    return (
        dispatcher.at(date, plans) if isinstance(dispatcher, ContextualDispatcher) else dispatcher
    )
