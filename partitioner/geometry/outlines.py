"""Points that stand for the outlines of units, each with the unit that owns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.model import FloatArray, IntArray

SHRINK_M = 0.4
"""Outlines are drawn in by this much, so that the points of two walls that touch do not coincide."""

STEP_M = 6.0
"""Walls longer than this get points in between."""

MAX_POINTS = 1_200_000
"""The step grows when a county would need more points than this (about 1 GB while triangulating)."""

SAME_M = 0.001
"""Points closer than this are one point."""

NUDGE_M = 0.25
"""How far the first of several units on one spot is moved; later ones spiral outwards."""

GOLDEN_ANGLE = np.pi * (3.0 - np.sqrt(5.0))


@dataclass(frozen=True, kw_only=True, eq=False)
class OutlinePoints:
    """Distinct points and their owners; every unit owns at least one.

    Parameters
    ----------
    xy : float array, shape (k, 2), metres
    owner : int array, shape (k,)
        Positions of units, ascending.
    num_units : int
    shared : int array, shape (s, 2)
        Point and unit, for every further unit whose outline has that very point (duplicates, overlaps along a wall).
    """

    xy: FloatArray
    owner: IntArray
    num_units: int
    shared: IntArray

    def of_units(self, units: IntArray) -> OutlinePoints:
        """The points of the given units (ascending), which count as 0, 1, … in it."""
        rank: IntArray = np.full(self.num_units, -1, dtype=np.int64)
        rank[units] = np.arange(len(units))
        at = np.concatenate([np.arange(len(self.xy)), self.shared[:, 0]])
        unit = rank[np.concatenate([self.owner, self.shared[:, 1]])]
        return _owned(self.xy[at[unit >= 0]], unit[unit >= 0], len(units))


def outline_points(
    geometries: npt.NDArray[np.object_], *, step_m: float = STEP_M, shrink_m: float = SHRINK_M
) -> OutlinePoints:
    """Points along the outlines of polygons (drawn in by `shrink_m`), the place itself for points.

    Where two units have the same point the earlier owns it and the other shares it. A unit left without any (a
    duplicate, or one on a spot that is taken) is represented by one point inside it, moved aside by decimetres until
    it is free.

    Parameters
    ----------
    geometries : array of valid, non-empty Point, LineString, Polygon or their multi-parts, shape (n,), metres
    """
    shapes = _drawn_in(geometries, shrink_m)
    length_m = float(shapely.length(shapes).sum())
    spare = max(MAX_POINTS - int(shapely.get_num_coordinates(shapes).sum()), MAX_POINTS // 4)
    shapes = shapely.segmentize(shapes, max(step_m, length_m / spare))
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    added_xy, added_owner = _stand_ins(geometries, xy, owner)
    owner = np.concatenate([owner, added_owner]).astype(np.int64)
    return _owned(np.concatenate([xy, added_xy]), owner, len(geometries))


def _drawn_in(geometries: npt.NDArray[np.object_], shrink_m: float) -> npt.NDArray[Any]:
    shapes = np.array(geometries, dtype=object)
    areal = shapely.get_dimensions(shapes) == 2
    drawn = shapely.buffer(shapes[areal], -shrink_m, join_style="mitre", quad_segs=1)
    # A polygon thinner than twice the shrinking keeps its outline: better coincident points than none.
    shapes[areal] = np.where(shapely.is_empty(drawn), shapes[areal], drawn)
    return shapes


def _owned(xy: FloatArray, owner: IntArray, num_units: int) -> OutlinePoints:
    """Distinct points; of several owners the earliest counts, the others share."""
    order = np.lexsort((owner, *_keys(xy).T))
    first = _starts(_keys(xy)[order])
    of = order[first][np.cumsum(first) - 1]
    kept = order[first][np.argsort(owner[order[first]], kind="stable")]
    position = np.empty(len(xy), dtype=np.int64)
    position[kept] = np.arange(len(kept))
    further = owner[order] != owner[of]
    shared = np.column_stack([position[of[further]], owner[order[further]]])
    return OutlinePoints(xy=xy[kept], owner=owner[kept], num_units=num_units, shared=np.unique(shared, axis=0))


def _keys(xy: FloatArray) -> IntArray:
    return np.asarray(np.round(xy / SAME_M), dtype=np.int64)


def _starts(key: IntArray) -> npt.NDArray[np.bool_]:
    first = np.ones(len(key), dtype=bool)
    first[1:] = (key[1:] != key[:-1]).any(axis=1)
    return first


def _stand_ins(geometries: npt.NDArray[np.object_], xy: FloatArray, owner: IntArray) -> tuple[FloatArray, IntArray]:
    """A point inside every unit that would own none, moved aside until it is free."""
    order = np.lexsort((owner, *_keys(xy).T))
    firsts = order[_starts(_keys(xy)[order])]
    missing = np.flatnonzero(np.bincount(owner[firsts], minlength=len(geometries)) == 0)
    if not len(missing):
        return np.empty((0, 2)), missing
    taken = set(map(tuple, _keys(xy).tolist()))
    places = shapely.get_coordinates(shapely.point_on_surface(geometries[missing]))
    return np.array([_free_spot(x, y, taken) for x, y in places.tolist()]), missing


def _free_spot(x: float, y: float, taken: set[tuple[int, ...]]) -> tuple[float, float]:
    """The first free place on a sunflower spiral around (x, y); it is taken afterwards."""
    k = 0
    spot = (x, y)
    while (key := (round(spot[0] / SAME_M), round(spot[1] / SAME_M))) in taken:
        k += 1
        radius = NUDGE_M * np.sqrt(k)
        spot = (x + radius * np.cos(k * GOLDEN_ANGLE), y + radius * np.sin(k * GOLDEN_ANGLE))
    taken.add(key)
    return spot
