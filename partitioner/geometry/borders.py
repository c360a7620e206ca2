"""Where the Voronoi cells of units meet, read off one Delaunay triangulation of their outline points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import Delaunay

from partitioner.geometry.outlines import OutlinePoints
from partitioner.model import FloatArray, IntArray

MIN_BORDER_M = 0.01
"""Cells that share less border than this only touch at a corner."""

FRAME_FACTOR = 20.0
"""Eight outer points, this many times the extent away, give the cells at the rim a finite shape."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Borders:
    """Straight pieces of border between the cells of two units, in a fixed order.

    Parameters
    ----------
    a, b : int arrays, shape (k,)
        Positions of the two units, a < b; ascending.
    start, end : float arrays, shape (k, 2), metres
    site : float array, shape (k, 2)
        The outline point of unit a whose cell the piece bounds.
    """

    a: IntArray
    b: IntArray
    start: FloatArray
    end: FloatArray
    site: FloatArray

    def __len__(self) -> int:
        return len(self.a)

    @property
    def length_m(self) -> FloatArray:
        return np.asarray(np.hypot(*(self.end - self.start).T), dtype=np.float64)

    @property
    def reach_m(self) -> FloatArray:
        """Distance from each piece to the outlines of its two units where it comes closest."""
        return _distance_to_segment(self.site, self.start, self.end)

    def take(self, chosen: IntArray) -> Borders:
        """The pieces at the given positions (or where a mask is True)."""
        return Borders(
            a=self.a[chosen],
            b=self.b[chosen],
            start=self.start[chosen],
            end=self.end[chosen],
            site=self.site[chosen],
        )

    def lines(self) -> npt.NDArray[Any]:
        """The pieces as LineStrings, shape (k,)."""
        return np.asarray(shapely.linestrings(np.stack([self.start, self.end], axis=1)), dtype=object)

    def named(self, units: IntArray) -> Borders:
        """The same pieces with positions a, b replaced by units[a], units[b]; `units` must ascend."""
        return replace(self, a=units[self.a], b=units[self.b])

    def within(self, area: shapely.Geometry) -> Borders:
        """What of the pieces lies in `area`."""
        shapely.prepare(area)
        lines = self.lines()
        inside = shapely.contains(area, lines)
        across = np.flatnonzero(~inside & shapely.intersects(area, lines))
        parts, of = shapely.get_parts(shapely.intersection(lines[across], area), return_index=True)
        real = shapely.length(parts) > 0
        parts, of = parts[real], across[of[real]]
        kept = np.concatenate([np.flatnonzero(inside), of])
        order = np.argsort(kept, kind="stable")
        ends = np.stack([self.start, self.end], axis=1)[np.flatnonzero(inside)]
        cut = np.stack([shapely.get_coordinates(shapely.get_point(parts, k)).reshape(-1, 2) for k in (0, -1)], axis=1)
        ends = np.concatenate([ends, cut])[order]
        return replace(self.take(kept[order]), start=ends[:, 0], end=ends[:, 1])


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Two units each whose cells share a border, sorted by (a, b).

    Parameters
    ----------
    a, b : int arrays, shape (m,), a < b
    reach_m : float array, shape (m,)
        Least distance from their common border to either outline.
    border_m : float array, shape (m,)
        Length of the common border.
    """

    a: IntArray
    b: IntArray
    reach_m: FloatArray
    border_m: FloatArray

    def __len__(self) -> int:
        return len(self.a)

    def take(self, chosen: IntArray) -> Pairs:
        """The pairs at the given positions (or where a mask is True)."""
        return Pairs(a=self.a[chosen], b=self.b[chosen], reach_m=self.reach_m[chosen], border_m=self.border_m[chosen])


def cell_borders(points: OutlinePoints) -> Borders:
    """All border pieces between cells of different units, unclipped.

    A cell is the union of the Voronoi cells of one unit's points. Two Delaunay triangles on an edge between points of
    different units contribute the segment between their circumcentres. Borders of a point that further units share are
    theirs, too.
    """
    if points.num_units < 2:
        none = np.empty(0, dtype=np.int64)
        return Borders(a=none, b=none, start=np.empty((0, 2)), end=np.empty((0, 2)), site=np.empty((0, 2)))
    middle = (points.xy.min(axis=0) + points.xy.max(axis=0)) / 2
    # Centred, because circumcentres of coordinates in the millions lose digits.
    xy = np.concatenate([points.xy - middle, _frame(points.xy)])
    owner = np.concatenate([points.owner, np.full(8, -1)])
    triangulation = Delaunay(xy)
    corners, across = triangulation.simplices, triangulation.neighbors
    del triangulation
    centre = _circumcentres(xy, corners)

    parts = []
    for k in range(3):
        p, q = corners[:, (k + 1) % 3], corners[:, (k + 2) % 3]
        triangle = np.arange(len(corners))
        chosen = (owner[p] != owner[q]) & (owner[p] >= 0) & (owner[q] >= 0) & (across[:, k] > triangle)
        parts.append(np.column_stack([p[chosen], q[chosen], triangle[chosen], across[chosen, k]]))
    p, q, t, u = np.concatenate(parts).astype(np.int64).T
    one, other = owner[p], owner[q]
    if len(points.shared):
        p, one, (q, other, t, u) = _with_sharers(p, one, [q, other, t, u], points.shared)
        q, other, (p, one, t, u) = _with_sharers(q, other, [p, one, t, u], points.shared)
        real = np.flatnonzero(one != other)
        p, q, t, u, one, other = (column[real] for column in (p, q, t, u, one, other))
    p = np.where(one > other, q, p)
    one, other = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((u, t, other, one))
    p, t, u, one, other = p[order], t[order], u[order], one[order], other[order]
    return Borders(a=one, b=other, start=centre[t] + middle, end=centre[u] + middle, site=xy[p] + middle)


def _with_sharers(
    point: IntArray, unit: IntArray, rest: list[IntArray], shared: IntArray
) -> tuple[IntArray, IntArray, list[IntArray]]:
    """Every row again for each further unit of its point."""
    low = np.searchsorted(shared[:, 0], point, side="left")
    num = np.searchsorted(shared[:, 0], point, side="right") - low
    row = np.repeat(np.arange(len(point)), num)
    entry = np.repeat(low - np.concatenate([[0], np.cumsum(num)[:-1]]), num) + np.arange(len(row))
    joined = [np.concatenate([column, column[row]]) for column in rest]
    return np.concatenate([point, point[row]]), np.concatenate([unit, shared[entry, 1]]), joined


def join_borders(sets: Sequence[Borders]) -> Borders:
    """The pieces of all sets, by pair."""
    joined = Borders(
        a=np.concatenate([s.a for s in sets]),
        b=np.concatenate([s.b for s in sets]),
        start=np.concatenate([s.start for s in sets]),
        end=np.concatenate([s.end for s in sets]),
        site=np.concatenate([s.site for s in sets]),
    )
    return joined.take(np.lexsort((joined.b, joined.a)))


def pairs_of(borders: Borders) -> Pairs:
    """Units that share more than a corner, with their nearest and their whole common border."""
    first = np.ones(len(borders), dtype=bool)
    first[1:] = (borders.a[1:] != borders.a[:-1]) | (borders.b[1:] != borders.b[:-1])
    starts = np.flatnonzero(first)
    if not len(borders):
        return Pairs(a=borders.a, b=borders.b, reach_m=np.empty(0), border_m=np.empty(0))
    border_m = np.add.reduceat(borders.length_m, starts)
    pairs = Pairs(
        a=borders.a[starts],
        b=borders.b[starts],
        reach_m=np.minimum.reduceat(borders.reach_m, starts),
        border_m=border_m,
    )
    return pairs.take(np.flatnonzero(border_m >= MIN_BORDER_M))


def _frame(xy: FloatArray) -> FloatArray:
    radius = FRAME_FACTOR * max(float(np.ptp(xy, axis=0).max()), 1000.0)
    # Turned by an odd angle, so that no frame point lies on an axis of a regular layout.
    angle = 0.3 + np.arange(8) * np.pi / 4
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def _circumcentres(xy: FloatArray, corners: IntArray) -> FloatArray:
    a, b, c = xy[corners[:, 0]], xy[corners[:, 1]], xy[corners[:, 2]]
    ab, ac = b - a, c - a
    twice = 2.0 * (ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0])
    flat = np.abs(twice) < 1e-12
    twice = np.where(flat, 1.0, twice)
    ab2, ac2 = (ab**2).sum(axis=1), (ac**2).sum(axis=1)
    offset = np.column_stack([ac[:, 1] * ab2 - ab[:, 1] * ac2, ab[:, 0] * ac2 - ac[:, 0] * ab2]) / twice[:, None]
    return np.where(flat[:, None], (a + b + c) / 3.0, a + offset)


def _distance_to_segment(point: FloatArray, start: FloatArray, end: FloatArray) -> FloatArray:
    along = end - start
    square = (along**2).sum(axis=1)
    at = ((point - start) * along).sum(axis=1) / np.where(square > 0, square, 1.0)
    nearest = start + np.clip(at, 0.0, 1.0)[:, None] * along
    return np.asarray(np.hypot(*(point - nearest).T), dtype=np.float64)
