"""Cells: the land of each unit, as polygons that leave no gap and never overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

from partitioner.geometry.borders import Borders
from partitioner.geometry.outlines import OutlinePoints
from partitioner.model import IntArray

GRID_M = 0.001
"""Corners of cells lie on a grid of this size, so that neighbours share them exactly."""

SMOOTH_M = 0.1
"""Borders between two cells lose bends smaller than this; it saves half of the memory."""

EMPTY = shapely.Polygon()


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """An area that is divided among its own units only.

    Parameters
    ----------
    units : int array, shape (r,)
        Ascending positions among all units; `points.owner` counts within this array.
    points : OutlinePoints
    borders : Borders
        Borders between these units inside `area`, in positions among all units.
    area : Polygon or MultiPolygon
        Areas of different regions do not overlap.
    """

    units: IntArray
    points: OutlinePoints
    borders: Borders
    area: shapely.Geometry


def cell_polygons(regions: Sequence[Region], num_units: int) -> npt.NDArray[np.object_]:
    """The cell of every unit: Polygon, MultiPolygon, or an empty Polygon where a unit has no land in its region.

    All borders are noded together on one grid before faces are formed: therefore also cells of different regions fit.

    Returns
    -------
    object array, shape (num_units,)
    """
    lines = [_chains(region.borders) for region in regions]
    lines += [shapely.get_parts(shapely.boundary(region.area)) for region in regions]
    noded = shapely.union_all(np.concatenate(lines), grid_size=GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    owner = _owners(faces, regions)
    cells = np.full(num_units, EMPTY, dtype=object)
    for unit, members in groups_of(owner[owner >= 0], faces[owner >= 0]):
        cells[unit] = members[0] if len(members) == 1 else shapely.coverage_union_all(members)
    return cells


def _chains(borders: Borders) -> npt.NDArray[Any]:
    """The common border of every two units as one line per stretch, small bends left out.

    Ends stay where they are: there three cells meet, or the area ends. Should a smoothed line cross another, noding
    cuts both, and the faces in between still go to the nearest unit.
    """
    if not len(borders):
        return np.empty(0, dtype=object)
    changes = (np.diff(borders.a) != 0) | (np.diff(borders.b) != 0)
    pair = np.concatenate([[0], np.cumsum(changes)])
    merged = shapely.line_merge(shapely.multilinestrings(borders.lines(), indices=pair))
    return np.asarray(shapely.simplify(merged, SMOOTH_M), dtype=object)


def groups_of(codes: IntArray, values: npt.NDArray[Any]) -> list[tuple[int, npt.NDArray[Any]]]:
    """For every code that occurs, ascending: the values that carry it."""
    order = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[order], return_index=True)
    return list(zip(present.tolist(), np.split(values[order], starts[1:]), strict=False))


def _owners(faces: npt.NDArray[Any], regions: Sequence[Region]) -> IntArray:
    """The unit whose outline point is nearest to the inside of each face; -1 outside all regions."""
    inside = shapely.point_on_surface(faces)
    at = shapely.get_coordinates(inside)
    owner = np.full(len(faces), -1, dtype=np.int64)
    for region in regions:
        if not len(region.units):
            continue
        shapely.prepare(region.area)
        mine = np.flatnonzero(shapely.intersects(region.area, inside) & (owner < 0))
        _, nearest = cKDTree(region.points.xy).query(at[mine])
        owner[mine] = region.units[region.points.owner[nearest]]
    return owner
