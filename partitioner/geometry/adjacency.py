"""From shapes to the adjacency graph: neighbours share a border of their cells, edges carry metres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from partitioner.errors import Fault
from partitioner.geometry.barriers import barrier_effects, no_effects
from partitioner.geometry.borders import Pairs
from partitioner.geometry.cells import EMPTY, cell_polygons
from partitioner.geometry.components import components, shortest_links
from partitioner.geometry.link_notices import Links, notices_of
from partitioner.geometry.outlines import outline_points
from partitioner.geometry.regions import Tessellation, join_pairs, tessellate
from partitioner.model import FloatArray, Graph, IntArray, Labels
from partitioner.model.arrays import frozen_floats, frozen_ints

NEAR_M = 100.0
"""Cells whose common border comes this close to both units always make neighbours."""

FACING_M = 500.0
"""Units up to this far apart are neighbours across empty land if they face each other."""

FACING_RATIO = 1.05
"""Facing: the common border comes (nearly) as close as half the gap, so nobody stands in between."""


@dataclass(frozen=True, kw_only=True, eq=False)
class UnitGraph:
    """The adjacency graph of units, their land, and what barriers did.

    Parameters
    ----------
    graph : Graph
        Lengths in metres, soft barriers and ways over bridges included.
    cells : object array of Polygon or MultiPolygon, shape (n,)
        Gapless and without overlaps; empty for a unit that has no land in its parent's area.
    place_xy : float array, shape (n, 2), metres
        Where lengths are measured from.
    soft_m : float array, shape (len(graph),)
        Metres that soft barriers added to each edge.
    cut_u, cut_v : int arrays, shape (c,)
        Neighbours that a hard barrier parts, u < v, sorted.
    bridged_u, bridged_v : int arrays
        Neighbours across a hard barrier that a bridge joins; edges of the graph, too.
    far_u, far_v : int arrays
        Edges across empty land that only keep the graph from falling apart.
    notices : tuple of Fault
    """

    graph: Graph
    cells: npt.NDArray[np.object_]
    place_xy: FloatArray
    soft_m: FloatArray
    cut_u: IntArray
    cut_v: IntArray
    bridged_u: IntArray
    bridged_v: IntArray
    far_u: IntArray
    far_v: IntArray
    notices: tuple[Fault, ...]


def build_unit_graph(
    geometries: Sequence[shapely.Geometry] | npt.NDArray[np.object_],
    *,
    ids: Sequence[str],
    barriers: gpd.GeoDataFrame | None = None,
    parents: Labels | None = None,
    areas: Mapping[str, shapely.Geometry] | None = None,
    boundary: shapely.Geometry | None = None,
    soft_m: Mapping[str, float] | None = None,
    roads_pass: bool = True,
    with_cells: bool = True,
) -> UnitGraph:
    """Neighbours, lengths and cells of units.

    Parameters
    ----------
    geometries : valid, non-empty points or polygons, shape (n,), in metres (see `clean_geometries`)
    ids : sequence of str, shape (n,)
        For notices.
    barriers : GeoDataFrame, optional
        `kind`, `crossing` (hard, soft, open), geometry; same coordinates.
    parents : Labels, optional
        Parent of each unit.
    areas : mapping from parent to Polygon or MultiPolygon, optional
        Cells of a parent's units are clipped to its area, and two of its units are neighbours only where their border
        lies in it. Parents without an area share the remaining land.
    boundary : Polygon or MultiPolygon, optional
        Rim of the land; without it, the convex hull of the units and 100 m around.
    soft_m : mapping from kind to metres, optional
        Overrides `barriers.SOFT_M`.
    roads_pass : bool
        A soft road that crosses a hard barrier makes a passage there.
    with_cells : bool
        Without cells (all empty then) the graph takes less time and memory.

    Raises
    ------
    ValueError
        Lengths differ, or a geometry is empty or null.
    """
    shapes = np.array(geometries, dtype=object)
    parents = Labels.none(len(shapes)) if parents is None else parents
    _check(shapes, ids, parents)
    shapes = np.asarray(shapely.force_2d(shapes), dtype=object)
    places = _places(shapes)
    land = tessellate(outline_points(shapes), parents=parents, areas=areas or {}, boundary=boundary, margin_m=NEAR_M)
    pairs, regular = _candidates(shapes, land)
    effects = no_effects(len(pairs))
    if barriers is not None and len(barriers):
        effects = barrier_effects(
            pairs.a, pairs.b, shapes, places, barriers, soft_m=soft_m, roads_pass=roads_pass, spare=~regular
        )
    kept = (regular & ~effects.cut) | effects.bridged
    far = _far_links(pairs, kept, effects.cut, shapes, parents)
    walk_m = np.hypot(*(places[pairs.a] - places[pairs.b]).T)
    length_m = np.where(effects.bridged, effects.detour_m, walk_m) + effects.soft_m
    used, cut = kept | far, effects.cut & regular
    graph = Graph(num_units=len(shapes), u=pairs.a[used], v=pairs.b[used], length_m=length_m[used])
    cells = cell_polygons(land.regions, len(shapes)) if with_cells else np.full(len(shapes), EMPTY, dtype=object)
    links = Links(pairs=pairs, used=used, far=far, cut=cut, effects=effects, length_m=length_m)
    return UnitGraph(
        graph=graph,
        cells=cells,
        place_xy=places,
        soft_m=frozen_floats(effects.soft_m[used]),
        cut_u=frozen_ints(pairs.a[cut]),
        cut_v=frozen_ints(pairs.b[cut]),
        bridged_u=frozen_ints(pairs.a[effects.bridged]),
        bridged_v=frozen_ints(pairs.b[effects.bridged]),
        far_u=frozen_ints(pairs.a[far]),
        far_v=frozen_ints(pairs.b[far]),
        notices=notices_of(links, ids=ids, parents=parents, cells=cells if with_cells else None),
    )


def _check(shapes: npt.NDArray[Any], ids: Sequence[str], parents: Labels) -> None:
    if not len(shapes) == len(ids) == len(parents):
        raise ValueError(f"{len(shapes)} geometries, {len(ids)} ids and {len(parents)} parents")
    bad = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if bad.any():
        raise ValueError(f"{int(bad.sum())} geometries are null or empty, first {ids[int(np.argmax(bad))]}")


def _places(shapes: npt.NDArray[Any]) -> FloatArray:
    """Centroids, or a point inside where the centroid lies outside."""
    middle = shapely.centroid(shapes)
    outside = ~shapely.intersects(shapes, middle)
    middle[outside] = shapely.point_on_surface(shapes[outside])
    return np.asarray(shapely.get_coordinates(middle), dtype=np.float64)


def _candidates(shapes: npt.NDArray[Any], land: Tessellation) -> tuple[Pairs, npt.NDArray[np.bool_]]:
    """All pairs that may become edges, sorted, each once; and which are neighbours by the rules.

    The others are called on only where the graph would fall apart or a bridge would carry nobody.
    """
    inside = land.inside
    regular = inside.reach_m <= NEAR_M
    rest = np.flatnonzero(~regular)
    gap_m = shapely.distance(shapes[inside.a[rest]], shapes[inside.b[rest]])
    regular[rest] = (gap_m <= FACING_M) & (inside.reach_m[rest] <= FACING_RATIO * gap_m / 2)
    pairs = join_pairs([inside, land.loose])
    num = len(shapes)
    return pairs, np.isin(pairs.a * num + pairs.b, inside.a[regular] * num + inside.b[regular])


def _far_links(
    pairs: Pairs,
    kept: npt.NDArray[np.bool_],
    cut: npt.NDArray[np.bool_],
    shapes: npt.NDArray[Any],
    parents: Labels,
) -> npt.NDArray[np.bool_]:
    """The shortest links between pieces that no hard barrier keeps apart: within each parent first, then over all."""
    far = np.zeros(len(pairs), dtype=bool)
    same = parents.code[pairs.a] == parents.code[pairs.b]
    for allowed in (same, np.ones(len(pairs), dtype=bool)):
        linked = (kept | far) & allowed
        piece = components(len(shapes), pairs.a[linked], pairs.b[linked])
        possible = np.flatnonzero(allowed & ~kept & ~cut & (piece[pairs.a] != piece[pairs.b]))
        gap_m = shapely.distance(shapes[pairs.a[possible]], shapes[pairs.b[possible]])
        far[possible[shortest_links(piece, pairs.a[possible], pairs.b[possible], gap_m)]] = True
    return far
