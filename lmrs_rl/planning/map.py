"""A map of a plan: tomorrow's trips, tanks by fill and by how soon they are due."""

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

GREY = "#adb5bd"
"""Trips of later days."""


def check_can_draw(network: Network) -> None:
    """`InputError` for a network without coordinates, or without matplotlib: told before a plan
    is made.
    """
    if network.point_xy is None:
        raise InputError(
            "--map",
            "a network without coordinates",
            "point_xy_km in the network's file",
            "give each point a place, or leave --map out",
        )
    new_figure()


def write_map(
    path: Path, network: Network, snapshot: Snapshot, forecast: Forecast, plan: Plan
) -> None:
    """Write the picture as PNG: trips that start within 24 hours in colour with their vehicles and
    drivers, later ones grey.

    Discs are tanks, as large as they hold and filled by their level; rims by days of median cover;
    squares are loading sites.
    """
    check_can_draw(network)
    figure = new_figure()
    axes = figure.add_subplot(1, 1, 1)
    tomorrow = plan.starting_before(snapshot.time_min + MINUTES_PER_DAY)
    for trip in plan.trips[len(tomorrow) :]:
        axes.plot(*route_points(network, trip).T, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
    for k, trip in enumerate(tomorrow):
        label = f"{network.vehicles.ids[trip.vehicle]}, {network.drivers.ids[trip.driver]}: {trip.dropped_kg:,.0f} kg"
        axes.plot(*route_points(network, trip).T, color=f"C{k % 10}", linewidth=1.6, label=label, zorder=2)
    _places(figure, axes, network, snapshot, forecast)
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
    figure.savefig(buffer, format="png", metadata={"Software": None})
    write_bytes_atomically(path, buffer.getvalue())


def _places(
    figure: Any, axes: Any, network: Network, snapshot: Snapshot, forecast: Forecast
) -> None:
    xy = np.asarray(network.point_xy, dtype=np.float64)
    tanks = network.tanks
    cover = (
        project(network, snapshot, forecast, np.full(len(tanks), 0.5)).reaches(tanks.hit_level_kg)
        / HOURS_PER_DAY
    )
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
