"""Cutting a delivery window by access hours."""

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
    """What access hours leave of a window.

    Attributes
    ----------
    windows_h : (k, 2) [h] on the network's clock, k >= 1: a drop may start at each whole minute in
        them, ends included; read-only
    q_max_kg : [kg] the most that may be dropped
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
    in its access window.

    Parameters
    ----------
    early_min, late_min : [min] the window to cut; ``late_min`` may be infinite
    horizon_min : [min] pieces that begin after it are left out
    access_min : (k, 2) [min] access hours, in order
    setup_min, kg_per_min : service takes ``setup_min + q_max / kg_per_min``, rounded up to whole
        minutes
    q_max_kg : the most that may be dropped, from a minute on
    fill_min : ``q_max`` is that of so long after the first minute of the first piece, or of the
        window's last minute if that comes before

    Returns
    -------
    The pieces and the quantity their service was reckoned with, or ``None`` where nothing is left.
    """
    last_start = min(late_min, horizon_min) + EPS_MIN
    if early_min > last_start + 1:
        return None
    # Sought as whole numbers, since numpy would make floats of all access hours first.
    first = access_min[:, 1].searchsorted(math.ceil(early_min - EPS_MIN))
    behind = access_min[:, 0].searchsorted(math.floor(last_start), side="right")
    pieces: list[tuple[int, int]] = []
    quantity = service = 0.0
    latest = min(late_min, FOREVER) + EPS_MIN
    for opens, closes in access_min[first:behind].tolist():
        start = math.ceil(max(early_min, opens) - EPS_MIN)
        if start > last_start:
            break
        if not pieces:
            quantity = q_max_kg(
                start
                if fill_min == 0
                else max(start, math.floor(min(start + fill_min, last_start)))
            )
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
