"""A map of a plan: tomorrow's trips, and tanks by level and urgency."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from lmrs_rl.domain import Forecast, InputError, Network, Plan, Snapshot
from lmrs_rl.domain.arrays import HOURS_PER_DAY, MINUTES_PER_DAY
from lmrs_rl.domain.files import write_bytes_atomically
from lmrs_rl.environment.picture import URGENT_DAYS, new_figure, rim_colours, route_points
from lmrs_rl.orders import project

_LATER = "#adb5bd"
"""Colour of the trips of later days."""


def check_can_draw(network: Network) -> None:
    """Refuse a network that cannot be drawn, before time is spent on a plan.

    Raises
    ------
    InputError
        For a network without coordinates.
    MissingExtraError
        Without matplotlib.
    """
    if network.point_xy is None:
        raise InputError(
            "--map",
            "a network without coordinates",
            "point_xy_km in the network's file",
            "give each point a place, or leave --map out",
        )
    # For its error alone: it raises where matplotlib is missing.
    new_figure()


def write_map(
    path: Path, network: Network, snapshot: Snapshot, forecast: Forecast, plan: Plan
) -> None:
    """Write a map of a plan as PNG.

    Trips that start within 24 hours are coloured and labelled with vehicle and driver; later ones
    are grey. Discs are tanks, sized by capacity and coloured by level, with rims by days of median
    cover; squares are loading sites.

    Raises
    ------
    InputError
        For a network without coordinates.
    MissingExtraError
        Without matplotlib.
    """
    check_can_draw(network)
    figure = new_figure()
    axes = figure.add_subplot(1, 1, 1)
    tomorrow = plan.starting_before(snapshot.time_min + MINUTES_PER_DAY)
    # A plan's trips are in order of start, so tomorrow's are the first ones.
    for trip in plan.trips[len(tomorrow) :]:
        axes.plot(
            *route_points(network, trip).T, color=_LATER, linewidth=0.8, linestyle=":", zorder=1
        )
    for k, trip in enumerate(tomorrow):
        vehicle, driver = network.vehicles.ids[trip.vehicle], network.drivers.ids[trip.driver]
        label = f"{vehicle}, {driver}: {trip.dropped_kg:,.0f} kg"
        axes.plot(
            *route_points(network, trip).T, color=f"C{k % 10}", linewidth=1.6, label=label, zorder=2
        )
    _draw_places(figure, axes, network, snapshot, forecast)
    axes.set_title(
        f"{len(tomorrow)} trips in the next 24 hours; rims: under {URGENT_DAYS[0]:g} day of cover "
        f"red, {URGENT_DAYS[1]:g} orange"
    )
    if tomorrow:
        axes.legend(loc="upper left", fontsize="small")
    axes.set_xlabel("km")
    axes.set_ylabel("km")
    axes.set_aspect("equal")
    buffer = io.BytesIO()
    # Without matplotlib's version in it, so that equal plans give equal files.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    write_bytes_atomically(path, buffer.getvalue())


def _draw_places(
    figure: Any, axes: Any, network: Network, snapshot: Snapshot, forecast: Forecast
) -> None:
    xy = np.asarray(network.point_xy, dtype=np.float64)
    tanks = network.tanks
    median = project(network, snapshot, forecast, np.full(len(tanks), 0.5))
    cover = median.hours_to_level(tanks.hit_level_kg) / HOURS_PER_DAY
    area = 30.0 + 170.0 * tanks.capacity_kg / tanks.capacity_kg.max()
    fill = snapshot.level_kg / tanks.capacity_kg
    drawn = axes.scatter(
        *xy[tanks.point].T,
        s=area,
        c=fill,
        cmap="Blues",
        vmin=0.0,
        vmax=1.0,
        edgecolors=rim_colours(cover),
        linewidths=2.0,
        zorder=3,
    )
    axes.scatter(*xy[network.sites.point].T, marker="s", s=90, color="#2b8a3e", zorder=4)
    for name, point in zip(tanks.ids, tanks.point.tolist(), strict=True):
        axes.annotate(
            name, xy[point], xytext=(4, 4), textcoords="offset points", fontsize="x-small"
        )
    figure.colorbar(drawn, ax=axes, label="level / capacity")
