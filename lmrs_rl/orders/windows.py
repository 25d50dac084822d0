"""Clips delivery windows to access hours."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import FOREVER, MINUTES_PER_HOUR, FloatArray, IntArray

EPS_MIN = 1e-6
"""[min] A time this close to a whole minute is that minute."""


@dataclass(frozen=True, eq=False)
class ServiceWindow:
    """A delivery window clipped to access hours.

    Attributes
    ----------
    windows_h : (k, 2) [h] on the network's clock, k >= 1: a drop may start at any whole minute in
        them, ends included; read-only
    q_max_kg : [kg] the largest drop
    """

    windows_h: FloatArray
    q_max_kg: float


def service_window(
    early_min: float,
    late_min: float,
    horizon_min: float,
    access_min: IntArray,
    setup_min: int,
    kg_per_min: float,
    q_max_kg: Callable[[int], float],
    fill_min: float = 0.0,
) -> ServiceWindow | None:
    """The whole minutes in [``early_min``, ``late_min``] at which service can start and still end
    within its access window.

    Parameters
    ----------
    early_min, late_min : [min] the window to clip; ``late_min`` may be infinite
    horizon_min : [min] pieces that begin after it are dropped
    access_min : (k, 2) [min] access hours, in order
    setup_min, kg_per_min : service takes ``setup_min + q_max / kg_per_min``, rounded up to whole
        minutes
    q_max_kg : the largest drop that can be relied on from a given minute on, [kg]
    fill_min : [min] ``q_max`` is measured this long after the first minute of the first piece, or
        at the window's last minute if that comes first

    Returns
    -------
    ServiceWindow or None
        The pieces and the quantity that their service time was computed with, ``None`` if nothing
        is left.
    """
    last_start = min(late_min, horizon_min) + EPS_MIN
    if early_min > last_start + 1:
        return None
    # Search for integers: for a float numpy would first convert all access hours.
    first = access_min[:, 1].searchsorted(math.ceil(early_min - EPS_MIN))
    end_row = access_min[:, 0].searchsorted(math.floor(last_start), side="right")
    pieces: list[tuple[int, int]] = []
    quantity = service = 0.0
    # Pieces may end after the horizon, but infinity could not be rounded to a whole minute.
    latest = min(late_min, FOREVER) + EPS_MIN
    for opens, closes in access_min[first:end_row].tolist():
        start = math.ceil(max(early_min, opens) - EPS_MIN)
        if start > last_start:
            break
        # One quantity for all pieces, that of the first one: room only grows later on, so a drop
        # of that size fits in all of them. An opening too short for it only moves the measurement
        # on to the next one.
        if not pieces:
            measured = start
            if fill_min > 0:
                measured = max(start, math.floor(min(start + fill_min, last_start)))
            quantity = q_max_kg(measured)
            service = setup_min + math.ceil(quantity / kg_per_min - EPS_MIN)
        end = math.floor(min(latest, closes - service))
        if end >= start:
            pieces.append((start, end))
    if not pieces:
        return None
    windows_h = np.array(
        [(start / MINUTES_PER_HOUR, end / MINUTES_PER_HOUR) for start, end in pieces]
    )
    windows_h.setflags(write=False)
    return ServiceWindow(windows_h, quantity)
