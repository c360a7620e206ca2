"""Polygons cut by parallel lines into strips that fit together exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.geometry.cells import EMPTY, GRID_M
from partitioner.model import FloatArray, IntArray

NEAR_LINE_M = 0.003
"""A corner this close to a cut lies on it. New corners are rounded to a third of this, so that no two lines cross."""

LEAST_WIDTH_M = 0.02
"""Narrower strips are not cut."""

BoolArray = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, eq=False)
class Strips:
    """Strip k of a shape lies between `low_m` + k `width_m` and the next such line; the outer ones have no end.

    Parameters
    ----------
    axis : float array, shape (n, 2)
        Unit vectors across the lines.
    low_m, width_m : float arrays, shape (n,)
        Along the axis, from the origin of coordinates.
    num : int array, shape (n,)
    """

    axis: FloatArray
    low_m: FloatArray
    width_m: FloatArray
    num: IntArray

    def index(self, shape: IntArray, xy: FloatArray) -> IntArray:
        """The strip of `shape` in which each point lies."""
        at = np.floor((_along(xy, self.axis[shape]) - self.low_m[shape]) / self.width_m[shape]).astype(np.int64)
        return np.clip(at, 0, self.num[shape] - 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Outline:
    """Corners of rings one after the other, closing ones included."""

    xy: FloatArray
    ring: IntArray
    shape: IntArray

    @property
    def opens(self) -> IntArray:
        """Positions of corners from which an edge leads to the next corner."""
        return np.flatnonzero(np.diff(self.ring) == 0)


def cut_evenly(shapes: Shapes, strips: Strips, *, coverage: bool) -> tuple[Shapes, IntArray, IntArray]:
    """Cut polygons into strips.

    Parameters
    ----------
    shapes : object array of Polygon or MultiPolygon, shape (n,), perhaps empty
    coverage : bool
        `shapes` share their borders exactly, and so shall the pieces: where a cut meets a border, both sides get the
        corner. Coordinates lie on a grid of `GRID_M` then.

    Returns
    -------
    pieces : object array of Polygon or MultiPolygon, ordered by shape and strip; empty strips are left out
    shape, strip : int arrays, of each piece
    """
    num = np.where(strips.width_m >= LEAST_WIDTH_M, strips.num, 1)
    strips = Strips(axis=strips.axis, low_m=strips.low_m, width_m=np.maximum(strips.width_m, LEAST_WIDTH_M), num=num)
    outline = _outline(shapes)
    edge, at = _crossings(outline, strips)
    if coverage:
        edge, at = _on_both_sides(outline, edge, at)
    touched = np.zeros(len(shapes), dtype=bool)
    touched[outline.shape[edge]] = True
    touched |= num > 1
    denser = _with_corners(outline, edge, at, touched)
    lines, owner = _lines(denser, shapes, strips)
    faces, shape = _faces(lines, owner, shapes)
    strip = strips.index(shape, shapely.get_coordinates(shapely.centroid(faces)))
    whole = np.flatnonzero(~touched & ~shapely.is_empty(shapes))
    faces = np.concatenate([faces, shapes[whole]])
    shape, strip = np.concatenate([shape, whole]), np.concatenate([strip, np.zeros(len(whole), dtype=np.int64)])
    return _gathered(faces, shape, strip)


def _along(xy: FloatArray, axis: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("ij,ij->i", xy, axis), dtype=np.float64)


def _outline(shapes: Shapes) -> _Outline:
    parts, shape_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    return _Outline(xy=xy, ring=ring, shape=shape_of_part[part_of_ring][ring])


def _crossings(outline: _Outline, strips: Strips) -> tuple[IntArray, FloatArray]:
    """Where edges cross the lines of their own shape, away from corners: edges by their first corner, and points."""
    start = outline.opens
    start = start[strips.num[outline.shape[start]] > 1]
    shape = outline.shape[start]
    low, width = strips.low_m[shape], strips.width_m[shape]
    a = _along(outline.xy[start], strips.axis[shape]) - low
    b = _along(outline.xy[start + 1], strips.axis[shape]) - low
    first = np.floor((np.minimum(a, b) + NEAR_LINE_M) / width).astype(np.int64) + 1
    last = np.ceil((np.maximum(a, b) - NEAR_LINE_M) / width).astype(np.int64) - 1
    first, last = np.maximum(first, 1), np.minimum(last, strips.num[shape] - 1)
    num = np.maximum(last - first + 1, 0)
    which = np.repeat(np.arange(len(start)), num)
    line = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(num) - num, num)
    part = (line * width[which] - a[which]) / (b - a)[which]
    p, q = outline.xy[start[which]], outline.xy[start[which] + 1]
    return start[which], _rounded(p + part[:, None] * (q - p))


def _rounded(xy: FloatArray) -> FloatArray:
    return np.asarray(np.round(xy / GRID_M) * GRID_M, dtype=np.float64)


def _on_both_sides(outline: _Outline, edge: IntArray, at: FloatArray) -> tuple[IntArray, FloatArray]:
    """The same new corners for every edge with the same ends."""
    if not len(edge):
        return edge, at
    start = outline.opens
    corner = _codes(outline.xy)
    ends = np.sort(np.column_stack([corner[start], corner[start + 1]]), axis=1)
    key = ends[:, 0] * (int(corner.max()) + 1) + ends[:, 1]
    mine = key[np.searchsorted(start, edge)]
    order = np.argsort(key, kind="stable")
    low, high = (np.searchsorted(key[order], mine, side=side) for side in ("left", "right"))
    num = high - low
    source = np.repeat(np.arange(len(edge)), num)
    member = low[source] + np.arange(len(source)) - np.repeat(np.cumsum(num) - num, num)
    return start[order[member]], at[source]


def _codes(xy: FloatArray) -> IntArray:
    """Equal numbers for points that are equal on the grid."""
    steps = np.round(xy / GRID_M).astype(np.int64)
    steps -= steps.min(axis=0)
    flat = steps[:, 0] * (int(steps[:, 1].max()) + 1) + steps[:, 1]
    return np.asarray(np.unique(flat, return_inverse=True)[1], dtype=np.int64)


def _with_corners(outline: _Outline, edge: IntArray, at: FloatArray, touched: BoolArray) -> _Outline:
    """The outline of touched shapes with new corners on its edges, each once."""
    kept = np.flatnonzero(touched[outline.shape])
    away = _along(at - outline.xy[edge], outline.xy[edge + 1] - outline.xy[edge])
    xy = np.concatenate([outline.xy[kept], at])
    corner = np.concatenate([kept, edge])
    order = np.lexsort((np.concatenate([np.full(len(kept), -1.0), away]), corner))
    xy, ring, shape = xy[order], outline.ring[corner[order]], outline.shape[corner[order]]
    new = np.ones(len(xy), dtype=bool)
    new[1:] = (np.diff(ring) != 0) | (np.abs(np.diff(xy, axis=0)) > GRID_M / 2).any(axis=1)
    return _Outline(xy=xy[new], ring=ring[new], shape=shape[new])


def _lines(outline: _Outline, shapes: Shapes, strips: Strips) -> tuple[Shapes, IntArray]:
    """Rings broken where chords meet them, and the chords; with the shape of each."""
    node, line = _nodes(outline, strips)
    a, b = _chords(outline, shapes, strips, node, line)
    codes = _joint_codes(outline)
    is_node = np.isin(codes, np.concatenate([codes[a], codes[b]]))
    twice = np.repeat(np.arange(len(is_node)), 1 + is_node)
    fresh = np.ones(len(twice), dtype=bool)
    fresh[1:] = (np.diff(outline.ring[twice]) != 0) | (np.diff(twice) == 0)
    run = np.cumsum(fresh) - 1
    long = np.bincount(run, minlength=int(run[-1]) + 1 if len(run) else 0) > 1
    kept = long[run] if len(run) else np.zeros(0, dtype=bool)
    run_of = np.cumsum(long) - 1
    owner = outline.shape[twice[kept & fresh]]
    pieces = np.empty(0, dtype=object)
    if kept.any():
        pieces = shapely.linestrings(outline.xy[twice[kept]], indices=run_of[run[kept]])
    chords = np.empty(0, dtype=object)
    if len(a):
        chords = shapely.linestrings(np.stack([outline.xy[a], outline.xy[b]], axis=1))
    return np.concatenate([pieces, chords]), np.concatenate([owner, outline.shape[a]])


def _joint_codes(outline: _Outline) -> IntArray:
    """Equal numbers for corners of one shape at one point."""
    if not len(outline.xy):
        return np.zeros(0, dtype=np.int64)
    point = _codes(outline.xy)
    return np.asarray(outline.shape * (int(point.max()) + 1) + point, dtype=np.int64)


def _nodes(outline: _Outline, strips: Strips) -> tuple[IntArray, IntArray]:
    """Corners that lie on a line of their shape, and which line."""
    shape = outline.shape
    at = (_along(outline.xy, strips.axis[shape]) - strips.low_m[shape]) / strips.width_m[shape]
    line = np.round(at).astype(np.int64)
    on = (np.abs(at - line) * strips.width_m[shape] <= NEAR_LINE_M) & (line >= 1) & (line < strips.num[shape])
    return np.flatnonzero(on), line[on]


def _chords(
    outline: _Outline, shapes: Shapes, strips: Strips, node: IntArray, line: IntArray
) -> tuple[IntArray, IntArray]:
    """Pairs of corners between which a line runs inside its shape."""
    shape = outline.shape[node]
    axis = strips.axis[shape]
    cross = _along(outline.xy[node], np.column_stack([-axis[:, 1], axis[:, 0]]))
    order = np.lexsort((node, cross, line, shape))
    node, line, shape = node[order], line[order], shape[order]
    codes = _joint_codes(outline)
    single = np.ones(len(node), dtype=bool)
    single[1:] = (np.diff(codes[node]) != 0) | (np.diff(line) != 0)
    node, line, shape = node[single], line[single], shape[single]
    same = (np.diff(shape) == 0) & (np.diff(line) == 0)
    a, b, owner = node[:-1][same], node[1:][same], shape[:-1][same]
    middle = (outline.xy[a] + outline.xy[b]) / 2
    inside = shapely.contains_xy(shapes[owner], middle[:, 0], middle[:, 1])
    a, b = a[inside], b[inside]
    start = outline.opens
    edges = _pair_keys(codes[start], codes[start + 1], codes)
    new = ~np.isin(_pair_keys(codes[a], codes[b], codes), edges)
    return a[new], b[new]


def _pair_keys(a: IntArray, b: IntArray, codes: IntArray) -> IntArray:
    distinct = np.unique(codes)
    place = np.searchsorted(distinct, np.stack([a, b]))
    return np.asarray(place.min(axis=0) * len(distinct) + place.max(axis=0), dtype=np.int64)


def _faces(lines: Shapes, owner: IntArray, shapes: Shapes) -> tuple[Shapes, IntArray]:
    """What the lines of each shape enclose, holes left out."""
    if not len(lines):
        return np.empty(0, dtype=object), np.zeros(0, dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    present, run = np.unique(owner[order], return_inverse=True)
    bundles = shapely.multilinestrings(lines[order], indices=run)
    faces, shape = shapely.get_parts(shapely.polygonize(bundles[:, None]), return_index=True)
    shape = present[shape]
    num_rings = shapely.get_num_interior_rings(shapely.get_geometry(shapes, 0)) + shapely.get_num_geometries(shapes)
    doubtful = np.flatnonzero(num_rings[shape] > 1)
    inside = np.ones(len(faces), dtype=bool)
    xy = shapely.get_coordinates(shapely.point_on_surface(faces[doubtful]))
    inside[doubtful] = shapely.contains_xy(shapes[shape[doubtful]], xy[:, 0], xy[:, 1])
    return faces[inside], shape[inside]


def _gathered(faces: Shapes, shape: IntArray, strip: IntArray) -> tuple[Shapes, IntArray, IntArray]:
    """One geometry per shape and strip."""
    parts, at = shapely.get_parts(faces, return_index=True)
    shape, strip = shape[at], strip[at]
    order = np.lexsort((strip, shape))
    parts, shape, strip = parts[order], shape[order], strip[order]
    new = np.ones(len(parts), dtype=bool)
    new[1:] = (np.diff(shape) != 0) | (np.diff(strip) != 0)
    run = np.cumsum(new) - 1
    pieces: npt.NDArray[Any] = np.full(int(new.sum()), EMPTY, dtype=object)
    size = np.bincount(run, minlength=len(pieces))
    pieces[size == 1] = parts[size[run] == 1]
    if (size > 1).any():
        among = np.cumsum(size > 1) - 1
        pieces[size > 1] = shapely.multipolygons(parts[size[run] > 1], indices=among[run[size[run] > 1]])
    return pieces, shape[new], strip[new]
