"""Draw tankers and their products, the products that sites offer, and drivers' shifts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lmrs_rl.domain.arrays import MINUTES_PER_DAY, MINUTES_PER_HOUR, BoolArray, FloatArray, IntArray
from lmrs_rl.worlds.generator.calendar import HOLIDAY, SATURDAY, SUNDAY, WORKDAY, Calendar
from lmrs_rl.worlds.parameters import Crew, Fleet, Sites


@dataclass(frozen=True, eq=False)
class Tankers:
    """The products of ``V`` tankers, ``D`` drivers, ``n`` tanks and ``S`` sites.

    Attributes
    ----------
    products : number of products
    product : (V,) product that each tanker carries
    driver_product : (D,) product that each driver drives
    payload_kg, cost_per_km : (V,) of the tankers
    tank_product : (n,) product of each tank
    welcome : (n, V) whether a tanker may come to a tank, regardless of products
    offered : (S, products) whether a site offers a product
    """

    products: int
    product: IntArray
    driver_product: IntArray
    payload_kg: FloatArray
    cost_per_km: FloatArray
    tank_product: IntArray
    welcome: BoolArray
    offered: BoolArray

    def largest_kg(self) -> FloatArray:
        """(n,) [kg] payload of the largest tanker that may come with the tank's product."""
        may = self.welcome & (self.product[None, :] == self.tank_product[:, None])
        return np.asarray(np.max(np.where(may, self.payload_kg, 0.0), axis=1), dtype=np.float64)


def draw_tankers(
    p: Fleet, sites: Sites, n: int, rng: np.random.Generator, site_rng: np.random.Generator
) -> Tankers:
    """Draw as many tankers as ``n`` tanks need, two per product at least if there are several."""
    needed = max(1, round(n / rng.uniform(*p.tanks_per_driver)))
    v = int(np.clip(needed, *p.vehicles))
    drivers = min(needed, v)
    products = max(1, min(int(rng.integers(p.products[0], p.products[1] + 1)), v // 2, drivers, n))
    share = np.arange(products, 0, -1) + rng.uniform(0.0, 0.5, products)
    share = share / share.sum()
    tank_product = np.searchsorted(np.cumsum(share), (rng.permutation(n) + 0.5) / n * (1 - 1e-12))
    # No product without a tank.
    tank_product[rng.permutation(n)[:products]] = np.arange(products)
    product = _in_proportion(share, v, least=1 if products == 1 else 2)
    # Types in turn within a product, from a random one on, so that its tankers differ in size.
    kind = (_rank(product) + rng.integers(len(p.payload_kg), size=products)[product]) % len(
        p.payload_kg
    )
    refused = rng.uniform(size=(n, len(p.payload_kg))) < np.array(p.refused)
    # The two lightest tankers of a product may come everywhere, so that no breakdown cuts a tank
    # off.
    lightest = np.array([np.sort(kind[product == k])[:2].max() for k in range(products)])[
        tank_product
    ]
    welcome = ~refused | (np.arange(len(p.payload_kg))[None, :] <= lightest[:, None])
    return Tankers(
        products,
        product,
        _in_proportion(share, drivers, least=1),
        np.array(p.payload_kg)[kind],
        np.array(p.cost_per_km)[kind],
        tank_product,
        welcome[:, kind],
        _offered(sites, products, site_rng),
    )


def _in_proportion(share: FloatArray, total: int, least: int) -> IntArray:
    """(total,) products in turn.

    Each occurs at least ``least`` times and otherwise as near to its share as whole numbers allow.
    """
    count = np.full(len(share), least)
    for _ in range(total - int(count.sum())):
        count[int(np.argmax(share * total - count))] += 1
    turn = np.concatenate([np.arange(c) for c in count])
    return np.repeat(np.arange(len(share)), count)[np.argsort(turn, kind="stable")]


def _rank(group: IntArray) -> IntArray:
    """(k,) number of earlier entries that belong to the same group."""
    same = group[:, None] == group[None, :]
    return np.asarray(np.tril(same, -1).sum(axis=1), dtype=np.int64)


def _offered(p: Sites, products: int, rng: np.random.Generator) -> BoolArray:
    """(S, products) whether a site offers a product: each product at two sites at least, or at the
    only one, and each site something.
    """
    sites = int(rng.integers(p.count[0], p.count[1] + 1))
    offered = rng.uniform(size=(sites, products)) < p.offer_share
    for product in range(products):
        offered[rng.permutation(sites)[:2], product] = True
    idle = np.flatnonzero(~offered.any(axis=1))
    offered[idle, rng.integers(products, size=len(idle))] = True
    return np.asarray(offered, dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Shifts:
    """Shifts of ``D`` drivers.

    Attributes
    ----------
    start_min, end_min : (D,) [min] of the day
    works : (days, D) whether a driver works on a day
    """

    start_min: IntArray
    end_min: IntArray
    works: BoolArray

    def windows(self, driver: int) -> IntArray:
        """(k, 2) [min] a driver's shifts on the network's clock."""
        days = np.flatnonzero(self.works[:, driver])
        return np.asarray(
            MINUTES_PER_DAY * days[:, None]
            + np.array([self.start_min[driver], self.end_min[driver]]),
            dtype=np.int64,
        )


def draw_shifts(p: Crew, product: IntArray, calendar: Calendar, rng: np.random.Generator) -> Shifts:
    """Draw the shifts of drivers of each ``product`` (D,).

    On days other than working days a share of each product's drivers work, in turn; at least one
    where the share is not 0.
    """
    d = len(product)
    half = MINUTES_PER_HOUR // 2
    start = half * np.rint(2 * rng.uniform(*p.start_hour, d)).astype(np.int64)
    length = half * np.rint(2 * rng.uniform(*p.shift_hours, d)).astype(np.int64)
    share = np.zeros(4)
    share[[WORKDAY, SATURDAY, SUNDAY, HOLIDAY]] = (
        1.0,
        p.saturday_share,
        p.sunday_share,
        p.holiday_share,
    )
    works = np.zeros((calendar.days, d), dtype=np.bool_)
    of_product = [np.flatnonzero(product == k) for k in range(int(product.max()) + 1)]
    turn = np.zeros(len(of_product), dtype=np.int64)
    for day, kind in enumerate(calendar.kind.tolist()):
        for k, drivers in enumerate(of_product):
            # In floating point 0.28 * 25 is a little more than 7: without the margin it would be 8.
            count = min(len(drivers), int(np.ceil(share[kind] * len(drivers) - 1e-9)))
            works[day, drivers[(turn[k] + np.arange(count)) % len(drivers)]] = True
            # On working days all work, which must not move the turn of the other days.
            turn[k] += count if kind != WORKDAY else 0
    # Start and length are rounded to half hours apart, so their sum may pass midnight.
    return Shifts(start, np.minimum(start + length, MINUTES_PER_DAY), works)
