"""Points that stand for the outlines of units, each with the unit that owns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.model import FloatArray, IntArray

SHRINK_M = 0.3
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
    """

    xy: FloatArray
    owner: IntArray
    num_units: int


def outline_points(
    geometries: npt.NDArray[np.object_], *, step_m: float = STEP_M, shrink_m: float = SHRINK_M
) -> OutlinePoints:
    """Points along the outlines of polygons (drawn in by `shrink_m`), the place itself for points.

    Where two units would own the same point the earlier keeps it. A unit left without any (a duplicate, or one on a
    spot that is taken) is represented by one point inside it, moved aside by decimetres until it is free.

    Parameters
    ----------
    geometries : array of valid, non-empty Point, LineString, Polygon or their multi-parts, shape (n,), metres
    """
    shapes = _drawn_in(geometries, shrink_m)
    length_m = float(shapely.length(shapes).sum())
    spare = max(MAX_POINTS - int(shapely.get_num_coordinates(shapes).sum()), MAX_POINTS // 4)
    shapes = shapely.segmentize(shapes, max(step_m, length_m / spare))
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    xy, owner = _first_of_each(xy, owner)
    return _with_missing(geometries, xy, owner)


def _drawn_in(geometries: npt.NDArray[np.object_], shrink_m: float) -> npt.NDArray[Any]:
    shapes = np.array(geometries, dtype=object)
    areal = shapely.get_dimensions(shapes) == 2
    drawn = shapely.buffer(shapes[areal], -shrink_m, join_style="mitre", quad_segs=1)
    # A polygon thinner than twice the shrinking keeps its outline: better coincident points than none.
    shapes[areal] = np.where(shapely.is_empty(drawn), shapes[areal], drawn)
    return shapes


def _first_of_each(xy: FloatArray, owner: IntArray) -> tuple[FloatArray, IntArray]:
    key = np.round(xy / SAME_M).astype(np.int64)
    order = np.lexsort((owner, key[:, 1], key[:, 0]))
    key = key[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (key[1:] != key[:-1]).any(axis=1)
    keep = np.sort(order[first])
    return xy[keep], owner[keep].astype(np.int64)


def _with_missing(geometries: npt.NDArray[np.object_], xy: FloatArray, owner: IntArray) -> OutlinePoints:
    num = len(geometries)
    missing = np.flatnonzero(np.bincount(owner, minlength=num) == 0)
    if len(missing):
        taken = {(round(x / SAME_M), round(y / SAME_M)) for x, y in xy.tolist()}
        places = shapely.get_coordinates(shapely.point_on_surface(geometries[missing]))
        added = np.array([_free_spot(x, y, taken) for x, y in places.tolist()])
        xy, owner = np.concatenate([xy, added]), np.concatenate([owner, missing])
        order = np.argsort(owner, kind="stable")
        xy, owner = xy[order], owner[order]
    return OutlinePoints(xy=xy, owner=owner, num_units=num)


def _free_spot(x: float, y: float, taken: set[tuple[int, int]]) -> tuple[float, float]:
    """The first free place on a sunflower spiral around (x, y); it is taken afterwards."""
    k = 0
    spot = (x, y)
    while (key := (round(spot[0] / SAME_M), round(spot[1] / SAME_M))) in taken:
        k += 1
        radius = NUDGE_M * np.sqrt(k)
        spot = (x + radius * np.cos(k * GOLDEN_ANGLE), y + radius * np.sin(k * GOLDEN_ANGLE))
    taken.add(key)
    return spot
