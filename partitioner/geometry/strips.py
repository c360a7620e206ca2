"""Where the stairwells and floors of a building are drawn.

Stairwells stand side by side along the building, from west to east (from north to south where it runs that way). Floors
lie above one another; on a map they are drawn as bands across their stairwell, the lowest in the south (or west), like
an elevation that has been laid on its back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.geometry.cells import EMPTY
from partitioner.geometry.cutting import Shapes, Strips, cut_evenly
from partitioner.model import FloatArray, IntArray

STAIRWELL_M = 12.0
"""Width of a stairwell of a building of which only the position is known …"""

MOST_LENGTH_M = 40.0
"""… and its greatest length: less than the usual distance to the next one."""

DEPTH_M = 10.0
"""Depth of a building of which only the position is known."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Frames:
    """A box around each unit, turned as its building's walls are.

    Parameters
    ----------
    along : float array, shape (n, 2)
        Unit vectors from the first stairwell to the last.
    up : float array, shape (n, 2)
        Unit vectors from the lowest floor to the highest, as drawn; at right angles to `along`.
    along_m, up_m : float arrays, shape (n, 2)
        Lower and upper end of the box on both, from the origin of coordinates.
    """

    along: FloatArray
    up: FloatArray
    along_m: FloatArray
    up_m: FloatArray

    def points(self, unit: IntArray, part_along: FloatArray, part_up: FloatArray) -> FloatArray:
        """Points in the boxes of `unit`; parts run from 0 to 1. Shape (k, 2)."""
        s = self.along_m[unit, 0] + part_along * (self.along_m[unit, 1] - self.along_m[unit, 0])
        t = self.up_m[unit, 0] + part_up * (self.up_m[unit, 1] - self.up_m[unit, 0])
        return np.asarray(s[:, None] * self.along[unit] + t[:, None] * self.up[unit], dtype=np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Layout:
    """How units are divided: stairwell `column` of `columns`, and in it floor `band` of `bands`, all from 0.

    Parameters
    ----------
    unit : int array, shape (k,), ascending
        The unit that each part belongs to; parts of a unit are ordered by column and band.
    column, columns, band, bands : int arrays, shape (k,)
    """

    unit: IntArray
    column: IntArray
    columns: IntArray
    band: IntArray
    bands: IntArray


def frames_of(shapes: Shapes, building: IntArray, columns: IntArray) -> Frames:
    """Boxes around units.

    The direction is the one that most metres of a building's walls have, over all its units; a building runs along its
    longer side. Of a building that is only a point a slab of `STAIRWELL_M` per stairwell is assumed, from west to east.

    Parameters
    ----------
    shapes : object array of points, polygons or multipolygons, shape (n,)
    building : int array, shape (n,)
        Code of the building of each unit.
    columns : int array, shape (n,)
        Stairwells of each unit.
    """
    num = int(building.max()) + 1 if len(building) else 0
    xy, shape = shapely.get_coordinates(shapes, return_index=True)
    along = _directions(shapes, building, num)[building]
    up = np.column_stack([-along[:, 1], along[:, 0]])
    low_s, high_s = _range(xy, shape, along)
    low_t, high_t = _range(xy, shape, up)
    swap = (_spread(low_t, high_t, building, num) > _spread(low_s, high_s, building, num))[building]
    along, up = np.where(swap[:, None], up, along), np.where(swap[:, None], along, up)
    low_s, low_t = np.where(swap, low_t, low_s), np.where(swap, low_s, low_t)
    high_s, high_t = np.where(swap, high_t, high_s), np.where(swap, high_s, high_t)
    along_m, up_m = np.column_stack([low_s, high_s]), np.column_stack([low_t, high_t])
    back, down = _runs_back(along), _runs_down(up)
    along[back], along_m[back] = -along[back], -along_m[back][:, ::-1]
    up[down], up_m[down] = -up[down], -up_m[down][:, ::-1]
    is_point = (along_m[:, 1] - along_m[:, 0]) + (up_m[:, 1] - up_m[:, 0]) == 0
    length = np.minimum(STAIRWELL_M * columns[is_point], MOST_LENGTH_M)
    along_m[is_point] += length[:, None] * np.array([-0.5, 0.5])
    up_m[is_point] += DEPTH_M * np.array([-0.5, 0.5])
    return Frames(along=along, up=up, along_m=along_m, up_m=up_m)


def _directions(shapes: Shapes, building: IntArray, num: int) -> FloatArray:
    """Unit vectors, shape (num, 2). Angles count fourfold, so that walls at right angles speak for one direction."""
    parts, shape = shapely.get_parts(shapes, return_index=True)
    rings = shapely.get_exterior_ring(parts)
    xy, part = shapely.get_coordinates(rings, return_index=True)
    same = np.diff(part) == 0
    step = np.diff(xy, axis=0)[same]
    owner = building[shape[part[:-1][same]]]
    length = np.hypot(*step.T)
    angle = 4 * np.arctan2(step[:, 1], step[:, 0])
    sine, cosine = (np.bincount(owner, length * f(angle), minlength=num) for f in (np.sin, np.cos))
    turned = np.arctan2(sine, cosine) / 4
    return np.asarray(np.column_stack([np.cos(turned), np.sin(turned)]), dtype=np.float64)


def _range(xy: FloatArray, shape: IntArray, axis: FloatArray) -> tuple[FloatArray, FloatArray]:
    at = np.einsum("ij,ij->i", xy, axis[shape])
    start = np.searchsorted(shape, np.arange(len(axis)))
    return np.minimum.reduceat(at, start), np.maximum.reduceat(at, start)


def _spread(low: FloatArray, high: FloatArray, building: IntArray, num: int) -> FloatArray:
    """Length of each building over all its units."""
    least, most = np.full(num, np.inf), np.full(num, -np.inf)
    np.minimum.at(least, building, low)
    np.maximum.at(most, building, high)
    # A square building runs from west to east: a lead of a centimetre is none.
    return np.asarray(np.round(np.maximum(most - least, 0.0), 2), dtype=np.float64)


def _runs_back(axis: FloatArray) -> npt.NDArray[np.bool_]:
    flat = np.abs(axis[:, 0]) >= np.abs(axis[:, 1])
    return np.asarray(np.where(flat, axis[:, 0] < 0, axis[:, 1] > 0), dtype=bool)


def _runs_down(axis: FloatArray) -> npt.NDArray[np.bool_]:
    steep = np.abs(axis[:, 1]) >= np.abs(axis[:, 0])
    return np.asarray(np.where(steep, axis[:, 1] < 0, axis[:, 0] < 0), dtype=bool)


def part_shapes(
    shapes: Shapes, cells: Shapes | None, frames: Frames, layout: Layout, at: FloatArray
) -> tuple[Shapes, Shapes]:
    """The footprint and the cell of each part, cut along the same lines.

    Parts of a polygon partition it; of a point, they are points, `at`. Cells stay a coverage. A part that its lines
    leave without any footprint is the point `at`, one without land has an empty cell.

    Parameters
    ----------
    shapes : object array of points, polygons or multipolygons, shape (n,)
        Footprints of units.
    cells : object array of Polygon or MultiPolygon, shape (n,), or None
        Without cells those of the parts are empty.
    at : float array, shape (number of parts, 2)
        Where parts are that have no footprint of their own.
    """
    columns = np.ones(len(shapes), dtype=np.int64)
    columns[layout.unit] = layout.columns
    width = (frames.along_m[:, 1] - frames.along_m[:, 0]) / columns
    stairs = Strips(axis=frames.along, low_m=frames.along_m[:, 0], width_m=width, num=columns)
    solid = np.where(shapely.get_dimensions(shapes) == 2, shapes, EMPTY)
    prints, unit, column = cut_evenly(solid, stairs, coverage=False)
    heights = _heights(prints, unit, column, frames, columns)
    footprints = _placed(*_floors(prints, unit, column, frames, heights, layout, coverage=False), layout)
    lost = np.flatnonzero(shapely.is_empty(footprints))
    footprints[lost] = shapely.points(at[lost])
    uncut = np.flatnonzero((layout.columns == 1) & (layout.bands == 1))
    footprints[uncut] = shapes[layout.unit[uncut]]
    if cells is None:
        return footprints, np.full(len(footprints), EMPTY, dtype=object)
    lands, unit, column = cut_evenly(cells, stairs, coverage=True)
    return footprints, _placed(*_floors(lands, unit, column, frames, heights, layout, coverage=True), layout)


def _heights(
    prints: Shapes, unit: IntArray, column: IntArray, frames: Frames, columns: IntArray
) -> tuple[IntArray, FloatArray]:
    """Where the floors of each stairwell begin and end on the map: its own extent, else that of its unit."""
    start = np.cumsum(columns) - columns
    ends = np.repeat(frames.up_m, columns, axis=0)
    xy, piece = shapely.get_coordinates(prints, return_index=True)
    if len(prints):
        low, high = _range(xy, piece, frames.up[unit])
        ends[start[unit] + column] = np.column_stack([low, high])
    return start, ends


def _floors(
    pieces: Shapes,
    unit: IntArray,
    column: IntArray,
    frames: Frames,
    heights: tuple[IntArray, FloatArray],
    layout: Layout,
    *,
    coverage: bool,
) -> tuple[Shapes, IntArray, IntArray, IntArray]:
    start, ends = heights
    stairwell = start[unit] + column
    bands = np.ones(len(ends), dtype=np.int64)
    bands[start[layout.unit] + layout.column] = layout.bands
    width = (ends[:, 1] - ends[:, 0]) / bands
    strips = Strips(axis=frames.up[unit], low_m=ends[stairwell, 0], width_m=width[stairwell], num=bands[stairwell])
    cut, piece, band = cut_evenly(pieces, strips, coverage=coverage)
    return cut, unit[piece], column[piece], band


def _placed(pieces: Shapes, unit: IntArray, column: IntArray, band: IntArray, layout: Layout) -> Shapes:
    """Pieces in the order of the layout, empty where there is none."""
    wide = int(max(layout.columns.max(initial=1), 1)), int(max(layout.bands.max(initial=1), 1))
    key = (layout.unit * wide[0] + layout.column) * wide[1] + layout.band
    at = np.searchsorted(key, (unit * wide[0] + column) * wide[1] + band)
    known = at < len(key)
    known[known] = key[at[known]] == ((unit * wide[0] + column) * wide[1] + band)[known]
    placed = np.full(len(key), EMPTY, dtype=object)
    placed[at[known]] = pieces[known]
    return placed
