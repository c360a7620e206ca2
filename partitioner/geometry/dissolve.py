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


def dissolve(cells: npt.NDArray[np.object_], labels: Labels) -> npt.NDArray[Any]:
    """One Polygon or MultiPolygon per name of `labels`, in its order; shape (len(labels.names),).

    `cells` must be a coverage, as `cell_polygons` makes it. Units without a label and empty cells are left out; a name
    whose cells are all empty gets an empty polygon. The result is again a coverage.
    """
    merged = np.full(len(labels.names), EMPTY, dtype=object)
    used = (labels.code >= 0) & ~shapely.is_empty(cells)
    for code, members in groups_of(labels.code[used], cells[used]):
        merged[code] = shapely.coverage_union_all(members)
    return merged


def simplified(coverage: npt.NDArray[np.object_], *, tolerance_m: float = SIMPLIFY_M) -> npt.NDArray[Any]:
    """The coverage with fewer corners; neighbours keep sharing their borders exactly, and the outer rim stays."""
    result = np.array(coverage, dtype=object)
    real = ~shapely.is_empty(result)
    result[real] = shapely.coverage_simplify(result[real], tolerance_m, simplify_boundary=False)
    return result
