"""Buildings so far from everything else that their coordinates deserve a look."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.geometry.borders import cell_borders, pairs_of
from partitioner.geometry.components import components
from partitioner.geometry.outlines import outline_points
from partitioner.model import FloatArray, IntArray

FAR_M = 5_000.0
"""A gap is far when it is wider than this …"""

FAR_FACTOR = 50.0
"""… and than this many times the usual distance to the nearest neighbour (the median)."""

FAR_SHARE = 0.01
"""A group beyond a far gap is far-flung when it holds at most this share of all buildings (or is a single one)."""


def far_flung(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Which shapes stand in a small group beyond a far gap."""
    if len(shapes) < 3:
        return np.zeros(len(shapes), dtype=bool)
    piece = far_groups(shapes)
    sizes = np.bincount(piece)
    few = sizes <= max(1.0, FAR_SHARE * len(shapes))
    few[int(np.argmax(sizes))] = False
    return np.asarray(few[piece])


def far_groups(shapes: npt.NDArray[np.object_]) -> IntArray:
    """Groups of shapes with a far gap between each other; numbered by their first member."""
    middle = shapely.centroid(shapes)
    points = outline_points(middle)
    pairs = pairs_of(cell_borders(points))
    gap_m = shapely.distance(middle[pairs.a], middle[pairs.b])
    linked = gap_m <= max(FAR_M, FAR_FACTOR * _usual(len(shapes), pairs.a, pairs.b, gap_m))
    return components(len(shapes), pairs.a[linked], pairs.b[linked])


def _usual(num: int, a: IntArray, b: IntArray, gap_m: FloatArray) -> float:
    if not num:
        return 0.0
    nearest = np.full(num, np.inf)
    np.minimum.at(nearest, a, gap_m)
    np.minimum.at(nearest, b, gap_m)
    return float(np.median(nearest))
