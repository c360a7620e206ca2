"""Places for buildings that nobody mapped: well spread over an area, the same for the same seed."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.spatial import cKDTree

from partitioner.model import FloatArray

CANDIDATES = 40
"""Places of a fine lattice tried per building."""

ROUNDS = 15
"""Rounds of Lloyd's method."""


def spread_points(area: shapely.Geometry, num: int, *, seed: int) -> FloatArray:
    """`num` different places inside `area` (Polygon or MultiPolygon with some area), shape (num, 2).

    Lloyd's method on a fine triangular lattice, turned and shifted by the seed; every place is a point of the lattice.
    """
    if num == 1:
        return np.asarray(shapely.get_coordinates(shapely.point_on_surface(area)), dtype=np.float64)
    chance = np.random.default_rng(seed)
    lattice = _lattice(area, CANDIDATES * num, chance)
    spots = lattice[np.sort(chance.choice(len(lattice), size=num, replace=False))]
    for _ in range(ROUNDS):
        nearest = cKDTree(spots).query(lattice)[1]
        count = np.bincount(nearest, minlength=num)
        middle = np.column_stack([np.bincount(nearest, weights=xy, minlength=num) for xy in lattice.T])
        spots = np.where(count[:, None] > 0, middle / np.maximum(count, 1)[:, None], spots)
    return _on_lattice(spots, lattice)


def _lattice(area: shapely.Geometry, least: int, chance: np.random.Generator) -> FloatArray:
    """At least `least` points inside, by making the lattice finer until there are."""
    shapely.prepare(area)
    turn, shift = chance.uniform(0, np.pi / 3), chance.uniform(0, 1, size=2)
    centre = np.array(shapely.get_coordinates(shapely.centroid(area))[0])
    x0, y0, x1, y1 = shapely.bounds(area).tolist()
    radius = float(np.hypot(x1 - x0, y1 - y0))
    step = np.sqrt(float(shapely.area(area)) / least * 2 / np.sqrt(3))
    while True:
        half = int(np.ceil(radius / step * 2 / np.sqrt(3))) + 1
        i, j = (k.ravel() for k in np.meshgrid(np.arange(-half, half + 1), np.arange(-half, half + 1)))
        u = (i + 0.5 * j + shift[0]) * step
        v = (j + shift[1]) * (np.sqrt(3) / 2) * step
        near = np.hypot(u, v) <= radius + step
        u, v = u[near], v[near]
        xy = centre + np.column_stack([u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)])
        xy = xy[shapely.contains_xy(area, xy)]
        if len(xy) >= least:
            return np.asarray(xy, dtype=np.float64)
        step *= 0.8


def _on_lattice(spots: FloatArray, lattice: FloatArray) -> FloatArray:
    """The nearest free lattice point of each spot, in turn: a mean may lie outside the area, a lattice point never."""
    tree = cKDTree(lattice)
    taken = np.zeros(len(lattice), dtype=bool)
    chosen = []
    for spot in spots:
        num = 8
        while True:
            near = np.atleast_1d(tree.query(spot, k=min(num, len(lattice)))[1])
            free = near[~taken[near]]
            if len(free):
                break
            num *= 2
        taken[free[0]] = True
        chosen.append(int(free[0]))
    return np.asarray(lattice[chosen], dtype=np.float64)
