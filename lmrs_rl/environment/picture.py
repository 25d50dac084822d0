"""Map of the network on a morning: tanks by fill and urgency, and the trips of the day before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lmrs_rl.domain import InputError, Network, Trip
from lmrs_rl.domain.arrays import FloatArray
from lmrs_rl.errors import MissingExtraError
from lmrs_rl.simulation import DayOutcome, DecisionState

_SIZE_INCHES, _DPI = (9.0, 7.0), 100
URGENT_DAYS = (1.0, 3.0)
"""[days] of median cover below which a tank's rim is red, and orange."""
_RIM_COLOURS = ("#c1121f", "#f08c00", "#495057")
"""Red, orange, grey."""


def draw_map(state: DecisionState, last: DayOutcome | None, cover_days: FloatArray) -> Any:
    """Draw a matplotlib figure of the network.

    Discs are tanks: their size shows the capacity, their fill the level, their rim the cover
    ``cover_days`` (n,) [days]. Squares are loading sites, lines the trips started the day before.

    Raises
    ------
    InputError
        For a network without coordinates.
    """
    network = state.network
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
        points = route_points(network, trip)
        axes.plot(*points.T, color=f"C{k % 10}", linewidth=1.2, alpha=0.8, zorder=1)
    tanks, sites = network.point_xy[network.tanks.point], network.point_xy[network.sites.point]
    fill = state.snapshot.level_kg / network.tanks.capacity_kg
    area = 30.0 + 170.0 * network.tanks.capacity_kg / network.tanks.capacity_kg.max()
    drawn = axes.scatter(
        *tanks.T,
        s=area,
        c=fill,
        cmap="Blues",
        vmin=0.0,
        vmax=1.0,
        edgecolors=rim_colours(cover_days),
        linewidths=2.0,
        zorder=2,
    )
    axes.scatter(*sites.T, marker="s", s=90, color="#2b8a3e", zorder=3)
    figure.colorbar(drawn, ax=axes, label="level / capacity")
    title = (
        f"day {state.day}: {len(trips)} trips driven yesterday; rims: under {URGENT_DAYS[0]:g} "
        f"day of cover red, {URGENT_DAYS[1]:g} orange"
    )
    axes.set(title=title, xlabel="km", ylabel="km", aspect="equal")
    return figure


def rim_colours(cover_days: FloatArray) -> list[str]:
    """Colour of each tank's rim by its cover (n,) [days]."""
    return [_RIM_COLOURS[int(k)] for k in np.searchsorted(URGENT_DAYS, cover_days)]


def route_points(network: Network, trip: Trip) -> FloatArray:
    """Coordinates (stops + 2, 2) [km] of a trip from base to base."""
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
    """A figure as an RGB image (height, width, 3)."""
    figure.canvas.draw()
    return np.array(figure.canvas.buffer_rgba(), dtype=np.uint8)[:, :, :3].copy()


def new_figure() -> Any:
    """An empty figure that needs neither a display nor the global state of pyplot.

    Raises
    ------
    MissingExtraError
        Where matplotlib is not installed.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "forecast") from error
    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    return figure
