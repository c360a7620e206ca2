"""Small places for the tests of geometry, and a slow exact reference for neighbours."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import strategies as st

CRS = "EPSG:4547"


def squares(*corners: tuple[float, float], side: float = 10.0) -> np.ndarray:
    """Squares by their lower left corners."""
    return np.array([shapely.box(x, y, x + side, y + side) for x, y in corners], dtype=object)


def barrier(kind: str, crossing: str, shape: shapely.Geometry) -> gpd.GeoDataFrame:
    return barriers((kind, crossing, shape))


def barriers(*rows: tuple[str, str, shapely.Geometry]) -> gpd.GeoDataFrame:
    kinds, crossings, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"kind": kinds, "crossing": crossings}, geometry=list(shapes), crs=CRS)


def edges(found: object) -> set[tuple[int, int]]:
    """Pairs of the graph of a UnitGraph."""
    graph = found.graph
    return set(zip(graph.u.tolist(), graph.v.tolist(), strict=True))


@st.composite
def towns(draw: st.DrawFn, most: int = 12) -> np.ndarray:
    """A few points and boxes on a coarse raster: touching, overlapping and coinciding ones included."""
    num = draw(st.integers(2, most))
    place = st.integers(0, 20)
    shapes = []
    for _ in range(num):
        x, y = 10.0 * draw(place), 10.0 * draw(place)
        wide, high = draw(st.sampled_from([(0, 0), (10, 10), (30, 10), (10, 25)]))
        shapes.append(shapely.Point(x, y) if wide == 0 else shapely.box(x, y, x + wide, y + high))
    return np.array(shapes, dtype=object)


def reference_borders(
    xy: np.ndarray, owner: np.ndarray, shared: np.ndarray, box: tuple[float, float, float, float]
) -> np.ndarray:
    """Metres of border inside the box between the cells of any two owners, by the definition of a Voronoi cell.

    Each point's cell is the box, cut by the bisector with every other point; slow, and independent of ours. (GEOS's
    own diagram will not do: on rasters its cells may overlap.)
    """
    num = int(owner.max()) + 1
    units = [{int(k)} for k in owner]
    for point, unit in shared.tolist():
        units[point].add(unit)
    num = max(num, *(max(k) + 1 for k in units))
    border_m = np.zeros((num, num))
    x0, y0, x1, y1 = box
    for p in range(len(xy)):
        cell = [((x0, y0), -1), ((x1, y0), -1), ((x1, y1), -1), ((x0, y1), -1)]
        for q in range(len(xy)):
            if q != p:
                cell = _cut(cell, xy[p], xy[q], q)
        for (start, across), (end, _) in zip(cell, cell[1:] + cell[:1], strict=True):
            if across >= 0 and owner[p] != owner[across]:
                for a in units[p]:
                    for b in units[across]:
                        border_m[a, b] += np.hypot(end[0] - start[0], end[1] - start[1])
    return border_m


def _cut(cell: list, near: np.ndarray, far: np.ndarray, across: int) -> list:
    """A convex ring of (corner, who is across the side that starts there), cut by the bisector of two points."""
    along, middle = far - near, (near + far) / 2
    beyond = [float((corner[0] - middle[0]) * along[0] + (corner[1] - middle[1]) * along[1]) for corner, _ in cell]
    kept = []
    for k, (corner, side) in enumerate(cell):
        other = (k + 1) % len(cell)
        here, there = beyond[k], beyond[other]
        if here <= 0:
            kept.append((corner, side))
        if (here <= 0) != (there <= 0):
            at, end = here / (here - there), cell[other][0]
            crossing = (corner[0] + at * (end[0] - corner[0]), corner[1] + at * (end[1] - corner[1]))
            kept.append((crossing, across if here <= 0 else side))
    return kept
