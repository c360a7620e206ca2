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

POLYGON = 3
"""The type of polygons as shapely counts it."""

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

    def of(self, wanted: BoolArray) -> _Outline:
        """The rings of the shapes that are `wanted`."""
        kept = wanted[self.shape]
        return _Outline(xy=self.xy[kept], ring=self.ring[kept], shape=self.shape[kept])


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
    plain = _plain_pieces(denser, shapes, strips)
    rest = denser.of(~plain.done)
    lines, owner = _lines(rest, shapes, strips)
    faces, shape = _faces(lines, owner, shapes)
    strip = strips.index(shape, shapely.get_coordinates(shapely.centroid(faces)))
    faces = np.concatenate([plain.pieces, faces])
    shape, strip = np.concatenate([plain.shape, shape]), np.concatenate([plain.strip, strip])
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
    return _dense(flat)


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


@dataclass(frozen=True, kw_only=True, eq=False)
class _Plain:
    """Pieces of shapes that each line cuts once; `done` tells, for all shapes, which those are."""

    pieces: Shapes
    shape: IntArray
    strip: IntArray
    done: BoolArray


def _plain_pieces(outline: _Outline, shapes: Shapes, strips: Strips) -> _Plain:
    """Cut what every line crosses in one stretch: then the corners of a strip, as they follow one another, are a piece.

    Nearly all buildings and cells are of this kind; it takes a tenth of the time of forming faces from lines.
    """
    num_shapes = len(shapes)
    shape = outline.shape
    on, line = _on_lines(outline, strips)
    begins = np.ones(len(shape), dtype=bool)
    begins[1:] = np.diff(outline.ring) != 0
    alone = np.bincount(shape[begins], minlength=num_shapes) == 1
    here = on & ~begins  # the first corner of a ring is its last as well
    start = np.cumsum(strips.num) - strips.num
    met = np.bincount((start[shape] + line)[here], minlength=int(strips.num.sum()))
    regular = met == 2
    regular[start] = True
    done = alone & np.logical_and.reduceat(regular, start) if num_shapes else alone
    kept = np.flatnonzero(done[shape] & ~begins)
    below = np.where(on, line - 1, strips.index(shape, outline.xy))[kept]
    corner = np.repeat(kept, 1 + on[kept])
    strip = np.repeat(below, 1 + on[kept])
    strip[1:] += (np.diff(corner) == 0).astype(np.int64)
    order = np.lexsort((corner, start[shape[corner]] + strip))
    corner, strip = corner[order], strip[order]
    key = start[shape[corner]] + strip
    size = np.bincount(key, minlength=len(met))
    done &= np.logical_and.reduceat((size >= 3) | ~np.repeat(done, strips.num), start) if num_shapes else done
    used = done[shape[corner]]
    corner, strip, key = corner[used], strip[used], key[used]
    new = np.ones(len(key), dtype=bool)
    new[1:] = np.diff(key) != 0
    pieces = np.empty(0, dtype=object)
    if len(key):
        pieces = shapely.polygons(shapely.linearrings(outline.xy[corner], indices=np.cumsum(new) - 1))
    return _Plain(pieces=pieces, shape=shape[corner[new]], strip=strip[new], done=done)


def _on_lines(outline: _Outline, strips: Strips) -> tuple[BoolArray, IntArray]:
    """Whether each corner lies on a line of its shape, and the number of the nearest one that there is (0: none)."""
    shape = outline.shape
    at = (_along(outline.xy, strips.axis[shape]) - strips.low_m[shape]) / strips.width_m[shape]
    line = np.round(at).astype(np.int64)
    on = (np.abs(at - line) * strips.width_m[shape] <= NEAR_LINE_M) & (line >= 1) & (line < strips.num[shape])
    return on, np.where(on, line, 0)


def _lines(outline: _Outline, shapes: Shapes, strips: Strips) -> tuple[Shapes, IntArray]:
    """Rings broken where chords meet them, and the chords; with the shape of each."""
    corner = _corners(outline)
    a, b = _chords(outline, corner, shapes, strips)
    is_node = np.zeros(int(corner.max(initial=-1)) + 1, dtype=bool)
    is_node[corner[a]] = is_node[corner[b]] = True
    # A corner where a line breaks ends one stretch and begins the next.
    twice = np.repeat(np.arange(len(corner)), 1 + is_node[corner])
    fresh = np.ones(len(twice), dtype=bool)
    fresh[1:] = (np.diff(outline.ring[twice]) != 0) | (np.diff(twice) == 0)
    run = np.cumsum(fresh) - 1
    long = np.bincount(run) > 1
    kept = long[run]
    owner = outline.shape[twice[kept & fresh]]
    pieces = chords = np.empty(0, dtype=object)
    if kept.any():
        pieces = shapely.linestrings(outline.xy[twice[kept]], indices=(np.cumsum(long) - 1)[run[kept]])
    if len(a):
        chords = shapely.linestrings(np.stack([outline.xy[a], outline.xy[b]], axis=1))
    return np.concatenate([pieces, chords]), np.concatenate([owner, outline.shape[a]])


def _corners(outline: _Outline) -> IntArray:
    """Equal numbers, from 0, for corners of one shape at one point."""
    if not len(outline.xy):
        return np.zeros(0, dtype=np.int64)
    point = _codes(outline.xy)
    return _dense(outline.shape * (int(point.max()) + 1) + point)


def _dense(values: IntArray) -> IntArray:
    """Equal numbers, from 0, for equal values. By sorting, which takes a third of the time of `unique`."""
    order = np.argsort(values, kind="stable")
    new = np.ones(len(values), dtype=bool)
    new[1:] = np.diff(values[order]) != 0
    dense = np.empty(len(values), dtype=np.int64)
    dense[order] = np.cumsum(new) - 1
    return dense


def _chords(outline: _Outline, corner: IntArray, shapes: Shapes, strips: Strips) -> tuple[IntArray, IntArray]:
    """Pairs of corners between which a line runs inside its shape."""
    shape = outline.shape
    on, line = _on_lines(outline, strips)
    node = np.flatnonzero(on)
    axis = strips.axis[shape[node]]
    cross = _along(outline.xy[node], np.column_stack([-axis[:, 1], axis[:, 0]]))
    node = node[np.lexsort((node, cross, line[node], shape[node]))]
    same = (np.diff(shape[node]) == 0) & (np.diff(line[node]) == 0) & (np.diff(corner[node]) != 0)
    a, b = node[:-1][same], node[1:][same]
    middle = (outline.xy[a] + outline.xy[b]) / 2
    inside = shapely.contains_xy(shapes[shape[a]], middle[:, 0], middle[:, 1])
    a, b = a[inside], b[inside]
    start = outline.opens
    start = start[on[start] & on[start + 1]]
    edges = _pairs(corner[start], corner[start + 1], len(corner))
    new = ~np.isin(_pairs(corner[a], corner[b], len(corner)), edges, kind="sort")
    return a[new], b[new]


def _pairs(a: IntArray, b: IntArray, num: int) -> IntArray:
    return np.asarray(np.minimum(a, b) * num + np.maximum(a, b), dtype=np.int64)


def _faces(lines: Shapes, owner: IntArray, shapes: Shapes) -> tuple[Shapes, IntArray]:
    """What the lines of each shape enclose, holes left out."""
    if not len(lines):
        return np.empty(0, dtype=object), np.zeros(0, dtype=np.int64)
    order = np.argsort(owner, kind="stable")
    owner = owner[order]
    new = np.ones(len(owner), dtype=bool)
    new[1:] = np.diff(owner) != 0
    present = owner[new]
    bundles = shapely.multilinestrings(lines[order], indices=np.cumsum(new) - 1)
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
    parts = faces
    if (shapely.get_type_id(faces) != POLYGON).any():
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
