"""A map of the network on a morning: tanks by fill and urgency, and the trips of the day before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain import InputError, Network, Trip
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.simulation import DayOutcome, DecisionState

SIZE_INCHES, DPI = (9.0, 7.0), 100
URGENT_DAYS = (1.0, 3.0)
"""[days] of median cover under which a tank's rim is red, and orange."""
RIMS = ("#c1121f", "#f08c00", "#495057")
"""Colours of the rims: red, orange, grey."""


def draw_map(morning: DecisionState, last: DayOutcome | None, cover_days: FloatArray) -> Any:
    """A matplotlib figure: discs are tanks, as large as they hold and filled with colour by their
    level, rims by ``cover_days`` (n,); squares are loading sites; lines are the trips that started
    the day before.

    Raises
    ------
    InputError
        For a network without coordinates, or where matplotlib is not installed.
    """
    network = morning.network
    if network.point_xy is None:
        raise InputError(
            "network.point_xy",
            "None",
            "coordinates (P, 2) [km]",
            "give each point a place to draw a map",
        )
    figure = new_figure()
    axes = figure.add_subplot(1, 1, 1)
    trips = last.executed.trips if last is not None else ()
    for k, trip in enumerate(trips):
        axes.plot(*way(network, trip).T, color=f"C{k % 10}", linewidth=1.2, alpha=0.8, zorder=1)
    tanks, sites = network.point_xy[network.tanks.point], network.point_xy[network.sites.point]
    fill = morning.snapshot.level_kg / network.tanks.capacity_kg
    area = 30.0 + 170.0 * network.tanks.capacity_kg / network.tanks.capacity_kg.max()
    drawn = axes.scatter(
        *tanks.T,
        s=area,
        c=fill,
        cmap="Blues",
        vmin=0.0,
        vmax=1.0,
        edgecolors=rims(cover_days),
        linewidths=2.0,
        zorder=2,
    )
    axes.scatter(*sites.T, marker="s", s=90, color="#2b8a3e", zorder=3)
    figure.colorbar(drawn, ax=axes, label="level / capacity")
    axes.set_title(
        f"day {morning.day}: {len(trips)} trips driven yesterday; rims: under {URGENT_DAYS[0]:g} "
        f"day of cover red, {URGENT_DAYS[1]:g} orange"
    )
    axes.set_xlabel("km")
    axes.set_ylabel("km")
    axes.set_aspect("equal")
    return figure


def rims(cover_days: FloatArray) -> list[str]:
    """Colour of each tank's rim by its cover (n,) [days]."""
    return [RIMS[int(k)] for k in np.searchsorted(URGENT_DAYS, cover_days)]


def way(network: Network, trip: Trip) -> FloatArray:
    """(stops + 2, 2) [km] the points of a trip from base to base."""
    base = int(network.vehicles.base_point[trip.vehicle])
    points: Sequence[int] = [
        base,
        *(
            int((network.sites if s.kind == "load" else network.customers).point[s.place])
            for s in trip.stops
        ),
        base,
    ]
    return np.asarray(network.point_xy, dtype=np.float64)[list(points)]


def pixels(figure: Any) -> NDArray[np.uint8]:
    """(height, width, 3) of a figure."""
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba(), dtype=np.uint8)[:, :, :3].copy()


def new_figure() -> Any:
    """An empty figure that needs no display and no global state (`InputError` where matplotlib
    is not installed).
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "forecast") from error
    figure = Figure(figsize=SIZE_INCHES, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure
