"""Cells of one grid melted into one polygon, without gaps or overlaps between grids."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.geometry.cells import EMPTY, groups_of
from partitioner.model import Labels

SIMPLIFY_M = 5.0
"""Default tolerance of map outlines: the side of a square of which a bend may shave off half."""

RASTER_M = 0.001
"""Where shares of cells are joined, corners move by less than this."""


def dissolve(cells: npt.NDArray[np.object_], labels: Labels) -> npt.NDArray[Any]:
    """One Polygon or MultiPolygon per name of `labels`, in its order; shape (len(labels.names),).

    `cells` must be a coverage, as `cell_polygons` makes it. Units without a label and empty cells are left out; a name
    whose cells are all empty gets an empty polygon. The result is again a coverage. Shares of cells, whose corners lie
    on the borders of neighbours that have no corner there, are joined on a raster of a millimetre.
    """
    merged = np.full(len(labels.names), EMPTY, dtype=object)
    used = (labels.code >= 0) & ~shapely.is_empty(cells)
    for code, members in groups_of(labels.code[used], cells[used]):
        merged[code] = _joined(members)
    return merged


def _joined(cells: npt.NDArray[np.object_]) -> shapely.Geometry:
    if len(cells) == 1:
        return cells[0]
    try:
        whole = shapely.coverage_union_all(cells)
    except shapely.GEOSException:  # corners without a counterpart
        return shapely.union_all(cells, grid_size=RASTER_M)
    if shapely.get_num_geometries(whole) == 1:
        return whole
    rounded = shapely.union_all(cells, grid_size=RASTER_M)  # a gap may be nothing but rounding
    return rounded if shapely.get_num_geometries(rounded) < shapely.get_num_geometries(whole) else whole


def simplified(coverage: npt.NDArray[np.object_], *, tolerance_m: float = SIMPLIFY_M) -> npt.NDArray[Any]:
    """The coverage with fewer corners; neighbours keep sharing their borders exactly, and the outer rim stays."""
    result = np.array(coverage, dtype=object)
    real = ~shapely.is_empty(result)
    result[real] = shapely.coverage_simplify(result[real], tolerance_m, simplify_boundary=False)
    return result
