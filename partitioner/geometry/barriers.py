"""What stands between two units: hard barriers cut, soft ones cost metres, bridges lead across."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from partitioner.geometry.components import components
from partitioner.model import FloatArray, IntArray, Labels

SOFT_M: Mapping[str, float] = MappingProxyType(
    {
        "expressway": 400.0,
        "railway": 300.0,
        "river": 300.0,
        "water": 300.0,
        "canal": 200.0,
        "wall": 150.0,
        "arterial": 100.0,
        "road": 60.0,
        "street": 30.0,
        "pond": 60.0,
    }
)
"""Metres that crossing a soft barrier of each kind is worth: the wait, the way round, the reluctance."""

OTHER_SOFT_M = 100.0
"""The same for any other kind."""

ONE_BARRIER_M = 40.0
"""Crossings of one kind that follow within this distance are one barrier: two carriageways, a service lane, a double
track, two pieces of a road that meet at the crossing."""

BRIDGE_REACH_M = 200.0
"""A bridge carries every pair of neighbours whose way crosses the barrier within this distance of it."""

BRIDGE_ALONE_M = 1000.0
"""A bridge without such a pair carries the one pair with the shortest way over it, if it is this near."""

BRIDGE_TOUCH_M = 15.0
"""A bridge opens the hard barriers that it touches within this distance."""

TOUCHING_M = 0.01
"""Nothing stands between units closer than this."""

ASHORE_M = 0.1
"""A unit inside a hard area (a boathouse) stands this far from its nearest bank."""

WALLS = frozenset({"wall"})
"""Areas of these kinds are rings: only their outline stands in the way. Their lines are no roads, so they make no
passage where they meet a hard barrier."""

POND_M = 150.0
"""A hard area that measures no more than this across, and touches no other hard barrier, is walked around: it counts as
a soft barrier of kind pond."""

MEET_M = 1.0
"""Hard barriers closer than this belong together."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Effects:
    """What barriers do to each pair of units.

    Parameters
    ----------
    cut : bool array, shape (m,)
        A hard barrier stands between the two and no bridge carries them.
    bridged : bool array, shape (m,)
        A hard barrier stands between the two and a bridge carries them.
    detour_m : float array, shape (m,)
        Way over the bridge from place to place; nan where not bridged.
    soft_m : float array, shape (m,)
        Sum over the soft barriers crossed.
    num_passages : int
        Passages found where roads cross hard barriers.
    """

    cut: npt.NDArray[np.bool_]
    bridged: npt.NDArray[np.bool_]
    detour_m: FloatArray
    soft_m: FloatArray
    num_passages: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _Crossings:
    """Where ways cross barriers: one entry per pair, kind and cluster, by pair and position on the way."""

    pair: IntArray
    kind: IntArray
    xy: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Bridge:
    """Ends and length of a bridge, and the kinds of hard barrier that it opens."""

    shape: shapely.Geometry
    ends: FloatArray
    length_m: float
    kinds: frozenset[int]


def barrier_effects(
    a: IntArray,
    b: IntArray,
    shapes: npt.NDArray[np.object_],
    places: FloatArray,
    barriers: gpd.GeoDataFrame,
    *,
    soft_m: Mapping[str, float] | None = None,
    roads_pass: bool = True,
    spare: npt.NDArray[np.bool_] | None = None,
) -> Effects:
    """Judge every pair (a, b) against all barriers.

    A barrier stands between two units when both the shortest line between their outlines and the line between their
    places cross it (or others of its kind): a stub that ends between two long walls, or a bend that only pokes into
    the gap, does not part them. A unit that a hard barrier runs through counts as the point where its place is.

    Parameters
    ----------
    a, b : int arrays, shape (m,)
    shapes : polygons or points of all units, shape (n,)
    places : float array, shape (n, 2), metres
        One point per unit, inside it.
    barriers : GeoDataFrame
        `kind`, `crossing` (hard, soft; open for bridges), lines or polygons.
    soft_m : mapping from kind to metres, optional
        Overrides entries of `SOFT_M`.
    roads_pass : bool
        Soft lines (walls excepted) that cross a hard barrier make a passage there, like a bridge.
    spare : bool array, shape (m,), optional
        Pairs that only a bridge without any other pair may carry.
    """
    kinds, crossing, geometry = _as_they_act(barriers)
    codes = {kind: code for code, kind in enumerate(sorted(set(kinds.tolist())))}
    code = np.array([codes[kind] for kind in kinds.tolist()], dtype=np.int64)
    hard, soft = crossing == "hard", crossing == "soft"

    standing, stands_at = _standing(shapes, places, geometry[hard])
    near = np.asarray(shapely.shortest_line(standing[a], standing[b]), dtype=object)
    straight = shapely.linestrings(np.stack([stands_at[a], stands_at[b]], axis=1))
    near[shapely.distance(shapes[a], shapes[b]) < TOUCHING_M] = shapely.LineString()

    costs = {**SOFT_M, **(soft_m or {})}
    cost = np.array([costs.get(kind, OTHER_SOFT_M) for kind in codes], dtype=np.float64)
    over_soft = _crossings(near, straight, geometry[soft], code[soft], any_kind=False)
    added_m = np.bincount(over_soft.pair, weights=cost[over_soft.kind], minlength=len(a)).astype(np.float64)

    over_hard = _crossings(near, straight, geometry[hard], code[hard], any_kind=True)
    parted = np.zeros(len(a), dtype=bool)
    parted[over_hard.pair] = True
    passages = np.empty(0, dtype=object)
    if roads_pass:
        roads = soft & (shapely.get_dimensions(geometry) == 1) & ~np.isin(kinds, sorted(WALLS))
        passages = _passages(geometry[roads], geometry[hard])
    spans = np.concatenate([geometry[crossing == "open"], passages])
    bridges = _bridges(spans, geometry[hard], code[hard])
    detour_m = _detours(over_hard, stands_at[a], stands_at[b], bridges, spare)
    bridged = parted & np.isfinite(detour_m)
    return Effects(
        cut=parted & ~bridged, bridged=bridged, detour_m=detour_m, soft_m=added_m, num_passages=len(passages)
    )


def no_effects(num: int) -> Effects:
    """What happens without barriers."""
    never = np.zeros(num, dtype=bool)
    return Effects(cut=never, bridged=never, detour_m=np.full(num, np.nan), soft_m=np.zeros(num), num_passages=0)


def _as_they_act(barriers: gpd.GeoDataFrame) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """Kind, crossing and shape of every barrier that has a shape, with walls as rings and ponds as what they are."""
    geometry = np.array(barriers.geometry.values, dtype=object)
    there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    geometry = np.asarray(shapely.force_2d(geometry[there]), dtype=object)
    invalid = ~shapely.is_valid(geometry)
    geometry[invalid] = shapely.make_valid(geometry[invalid])
    kinds = barriers["kind"].astype(str).to_numpy(dtype=object)[there]
    crossing = barriers["crossing"].astype(str).to_numpy(dtype=object)[there]
    rings = (shapely.get_dimensions(geometry) == 2) & np.isin(kinds, sorted(WALLS))
    geometry[rings] = shapely.boundary(geometry[rings])
    hard = np.flatnonzero(crossing == "hard")
    one, other = shapely.STRtree(geometry[hard]).query(geometry[hard], predicate="dwithin", distance=MEET_M)
    for members in Labels(str(k) for k in components(len(hard), one, other)).members():
        group = geometry[hard[members]]
        x0, y0, x1, y1 = shapely.total_bounds(group)
        if np.hypot(x1 - x0, y1 - y0) <= POND_M and (shapely.get_dimensions(group) == 2).all():
            kinds[hard[members]], crossing[hard[members]] = "pond", "soft"
    return kinds, crossing, geometry


def _standing(
    shapes: npt.NDArray[np.object_], places: FloatArray, hard: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], FloatArray]:
    """Shapes and places for the test: units that a hard barrier runs through shrink to a point on one side of it."""
    standing, stands_at = np.array(shapes, dtype=object), np.array(places)
    if not len(hard):
        return standing, stands_at
    tree = shapely.STRtree(hard)
    through = np.unique(tree.query(standing, predicate="intersects")[0])
    for unit in through.tolist():
        stands_at[unit] = _ashore(stands_at[unit], hard, tree)
    standing[through] = shapely.points(stands_at[through])
    return standing, stands_at


def _ashore(place: FloatArray, hard: npt.NDArray[Any], tree: shapely.STRtree) -> FloatArray:
    """The place itself, or the nearest bank when it lies inside a hard area."""
    point = shapely.Point(place)
    around = [k for k in tree.query(point, predicate="intersects").tolist() if shapely.get_dimensions(hard[k]) == 2]
    if not around:
        return place
    water = shapely.union_all(hard[sorted(around)])
    bank = shapely.get_coordinates(shapely.shortest_line(point, shapely.boundary(water)))[-1]
    out = bank - place
    away = float(np.hypot(*out))
    return np.asarray(bank + out / away * ASHORE_M if away > 0 else bank, dtype=np.float64)


def _crossings(
    near: npt.NDArray[Any], straight: npt.NDArray[Any], barriers: npt.NDArray[Any], code: IntArray, *, any_kind: bool
) -> _Crossings:
    """Crossings of the near lines whose straight line crosses the same kind too (or, with `any_kind`, any)."""
    none = np.empty(0, dtype=np.int64)
    if not len(barriers):
        return _Crossings(pair=none, kind=none, xy=np.empty((0, 2)))
    tree = shapely.STRtree(barriers)
    num_kinds = int(code.max()) + 1
    pair, barrier = tree.query(near, predicate="intersects")
    wanted = np.unique(pair)
    other, its_barrier = tree.query(straight[wanted], predicate="intersects")
    other = wanted[other]
    if any_kind:
        agree = np.isin(pair, other)
    else:
        agree = np.isin(pair * num_kinds + code[barrier], other * num_kinds + code[its_barrier])
    pair, barrier = pair[agree], barrier[agree]
    parts, of = shapely.get_parts(shapely.intersection(near[pair], barriers[barrier]), return_index=True)
    spots = shapely.centroid(parts)
    pair, kind = pair[of], code[barrier[of]]
    position = shapely.line_locate_point(near[pair], spots)
    order = np.lexsort((position, kind, pair))
    pair, kind, position, spots = pair[order], kind[order], position[order], spots[order]
    first = np.ones(len(pair), dtype=bool)
    first[1:] = (pair[1:] != pair[:-1]) | (kind[1:] != kind[:-1]) | (np.diff(position) > ONE_BARRIER_M)
    pair, kind, position, spots = pair[first], kind[first], position[first], spots[first]
    order = np.lexsort((kind, position, pair))
    return _Crossings(pair=pair[order], kind=kind[order], xy=shapely.get_coordinates(spots[order]))


def _passages(roads: npt.NDArray[Any], hard: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Where roads meet hard barriers: points on lines, stretches of road inside areas."""
    if not len(roads) or not len(hard):
        return np.empty(0, dtype=object)
    road, barrier = shapely.STRtree(hard).query(roads, predicate="intersects")
    order = np.lexsort((barrier, road))
    met = shapely.intersection(roads[road[order]], hard[barrier[order]])
    parts = shapely.get_parts(met)
    return np.asarray(parts[~shapely.is_empty(parts)], dtype=object)


def _bridges(spans: npt.NDArray[Any], hard: npt.NDArray[Any], code: IntArray) -> list[_Bridge]:
    if not len(spans) or not len(hard):
        return []
    touched: dict[int, set[int]] = {}
    span, barrier = shapely.STRtree(hard).query(spans, predicate="dwithin", distance=BRIDGE_TOUCH_M)
    for k, kind in zip(span.tolist(), code[barrier].tolist(), strict=True):
        touched.setdefault(k, set()).add(kind)
    return [_bridge(spans[k], frozenset(kinds)) for k, kinds in sorted(touched.items())]


def _bridge(shape: shapely.Geometry, kinds: frozenset[int]) -> _Bridge:
    if shapely.get_dimensions(shape) == 1:
        merged = shapely.line_merge(shape)
        xy = shapely.get_coordinates(merged)
        return _Bridge(shape=shape, ends=xy[[0, -1]], length_m=float(shapely.length(shape)), kinds=kinds)
    middle = shapely.get_coordinates(shapely.centroid(shape))
    return _Bridge(shape=shape, ends=middle[[0, 0]], length_m=0.0, kinds=kinds)


def _detours(
    crossings: _Crossings,
    start: FloatArray,
    end: FloatArray,
    bridges: list[_Bridge],
    spare: npt.NDArray[np.bool_] | None,
) -> FloatArray:
    """Way over bridges for every pair; nan where some crossing has none in reach."""
    detour_m = np.full(len(start), np.nan)
    if not bridges or not len(crossings.pair):
        return detour_m
    nearest = _nearest_bridges(crossings, bridges)
    used = set()
    pairs, firsts = np.unique(crossings.pair, return_index=True)
    for pair, chosen in zip(pairs.tolist(), np.split(nearest, firsts[1:]), strict=True):
        if (chosen >= 0).all() and not (spare is not None and spare[pair]):
            way = list(dict.fromkeys(chosen.tolist()))
            detour_m[pair] = _way_over([bridges[k] for k in way], start[pair], end[pair])
            used.update(way)
    _serve_lonely(detour_m, crossings, start, end, [b for k, b in enumerate(bridges) if k not in used])
    return detour_m


def _nearest_bridges(crossings: _Crossings, bridges: list[_Bridge]) -> IntArray:
    """For every crossing the nearest bridge that opens its kind within reach, or -1."""
    nearest = np.full(len(crossings.pair), -1, dtype=np.int64)
    for kind in np.unique(crossings.kind).tolist():
        able = np.array([k for k, bridge in enumerate(bridges) if kind in bridge.kinds], dtype=np.int64)
        if not len(able):
            continue
        tree = shapely.STRtree(np.array([bridges[k].shape for k in able.tolist()], dtype=object))
        mine = np.flatnonzero(crossings.kind == kind)
        at, which = tree.query_nearest(shapely.points(crossings.xy[mine]), max_distance=BRIDGE_REACH_M)
        order = np.lexsort((which, at))
        at, which = at[order], which[order]
        at, first = np.unique(at, return_index=True)
        nearest[mine[at]] = able[which[first]]
    return nearest


def _serve_lonely(
    detour_m: FloatArray, crossings: _Crossings, start: FloatArray, end: FloatArray, bridges: list[_Bridge]
) -> None:
    """Every bridge that carries nobody yet gets the pair with the shortest way over it."""
    single = np.flatnonzero(np.bincount(crossings.pair, minlength=len(detour_m))[crossings.pair] == 1)
    for bridge in bridges:
        open_here = single[np.isin(crossings.kind[single], sorted(bridge.kinds))]
        open_here = open_here[np.isnan(detour_m[crossings.pair[open_here]])]
        away = shapely.distance(shapely.points(crossings.xy[open_here]), bridge.shape)
        pairs = crossings.pair[open_here[away <= BRIDGE_ALONE_M]]
        ways = np.array([_way_over([bridge], start[pair], end[pair]) for pair in pairs.tolist()])
        if len(ways):
            best = int(np.argmin(ways))
            detour_m[pairs[best]] = ways[best]


def _way_over(bridges: list[_Bridge], start: FloatArray, end: FloatArray) -> float:
    """Metres from start over the bridges, in their order, to end; each is entered at whichever end is shorter."""
    total_m = {tuple(start.tolist()): 0.0}
    for bridge in bridges:
        first, last = bridge.ends
        total_m = {
            tuple(out.tolist()): min(m + float(np.hypot(*(into - at))) for at, m in total_m.items()) + bridge.length_m
            for into, out in ((first, last), (last, first))
        }
    return min(m + float(np.hypot(*(end - at))) for at, m in total_m.items())
