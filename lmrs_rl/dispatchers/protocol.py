"""The exchangeable part of a planning day that learning is about, as a function."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np

from lmrs_rl.domain import Forecast, Network, OrderParameters, Plan, Snapshot


class Dispatcher(Protocol):
    """From network, snapshot and forecast to the order parameters of every tank."""

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
