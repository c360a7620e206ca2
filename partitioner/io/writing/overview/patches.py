"""Many shapes as few drawing commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path as Outline

BATCH = 400
"""Shapes per compound path: the rasteriser refuses a single path of a whole city."""


def array_of(shapes: Sequence[Any]) -> npt.NDArray[np.object_]:
    """An object array, also of no shapes at all."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array


def polygon_outline(shapes: Sequence[Any] | npt.NDArray[np.object_]) -> Outline:
    """All rings of polygons as one compound path; other geometries are left out."""
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    parts = parts[shapely.get_type_id(parts) == 3]
    rings = shapely.get_rings(parts)
    if not len(rings):
        return Outline(np.empty((0, 2)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    first = np.ones(len(ring), dtype=bool)
    first[1:] = ring[1:] != ring[:-1]
    codes = np.full(len(ring), Outline.LINETO, dtype=Outline.code_type)
    codes[first] = Outline.MOVETO
    codes[np.append(first[1:], True)] = Outline.CLOSEPOLY
    return Outline(xy, codes)


def draw_polygons(axes: Axes, shapes: npt.NDArray[np.object_], **style: Any) -> None:
    """Fill and outline all shapes in one style."""
    outlines = [polygon_outline(shapes[k : k + BATCH]) for k in range(0, len(shapes), BATCH)]
    outlines = [outline for outline in outlines if np.size(outline.vertices)]
    if outlines:
        axes.add_collection(PathCollection(outlines, **style), autolim=False)


def draw_lines(axes: Axes, shapes: npt.NDArray[np.object_], **style: Any) -> None:
    """Draw lines, and the outlines of polygons, in one style."""
    parts = shapely.get_parts(shapes)
    rings = shapely.get_rings(parts[shapely.get_type_id(parts) == 3])
    lines = [*parts[np.isin(shapely.get_type_id(parts), (1, 2))], *rings]
    if lines:
        axes.add_collection(LineCollection([shapely.get_coordinates(x) for x in lines], **style), autolim=False)


def draw_points(axes: Axes, shapes: npt.NDArray[np.object_], size: float, **style: Any) -> None:
    """Draw points as small squares of `size` points."""
    xy = shapely.get_coordinates(shapes[np.isin(shapely.get_type_id(shapes), (0, 4))])
    if len(xy):
        axes.plot(xy[:, 0], xy[:, 1], linestyle="", marker="s", markersize=size, markeredgewidth=0, **style)
