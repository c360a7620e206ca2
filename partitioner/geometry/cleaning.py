"""Shapes of buildings as they come, mended where that is safe; whatever was found is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.errors import Fault, Text
from partitioner.geometry.far_flung import far_flung
from partitioner.geometry.named import named
from partitioner.model import IntArray
from partitioner.model.arrays import frozen_ints

OVERLAP_M2 = 1.0
"""Two buildings overlap when they share more than this …"""

OVERLAP_SHARE = 0.05
"""… and more than this share of the smaller one."""

PARTS_APART_M = 50.0
"""Parts of one building further apart than this are worth a look."""

SAME_M = 0.001
"""Shapes that agree to this are duplicates."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cleaned:
    """Mended shapes and what was found.

    Parameters
    ----------
    geometries : object array, shape (k,)
        Valid, non-empty, two-dimensional Point, Polygon or MultiPolygon.
    kept : int array, shape (k,)
        Positions in the input, ascending. Only null and empty shapes are left out.
    findings : mapping from rule to tuples of ids
        Whole lists behind the notices; pairs of ids for duplicates and overlaps.
    notices : tuple of Fault
        One per rule that found anything.
    """

    geometries: npt.NDArray[np.object_]
    kept: IntArray
    findings: Mapping[str, tuple[tuple[str, ...], ...]]
    notices: tuple[Fault, ...]


def clean_geometries(
    geometries: Sequence[shapely.Geometry | None] | npt.NDArray[np.object_], ids: Sequence[str]
) -> Cleaned:
    """Mend shapes, in metres, and name whatever is odd.

    Z is dropped; self-crossing polygons are rebuilt and keep their areas; what has no area (lines, collapsed polygons)
    becomes a point; parts that touch are merged. Duplicates, overlaps and far-flung buildings are kept and named.
    """
    shapes = np.array(geometries, dtype=object)
    if len(shapes) != len(ids):
        raise ValueError(f"{len(shapes)} geometries, but {len(ids)} ids")
    missing = shapely.is_missing(shapes) | shapely.is_empty(shapes) | ~_finite(shapes)
    kept = np.flatnonzero(~missing)
    names = [str(ids[k]) for k in kept.tolist()]
    shapes = shapes[kept]
    found: dict[str, list[tuple[str, ...]]] = {
        "geometry_missing": [(str(ids[k]),) for k in np.flatnonzero(missing).tolist()]
    }

    def note(rule: str, mask: npt.NDArray[Any]) -> None:
        found[rule] = [(names[k],) for k in np.flatnonzero(mask).tolist()]

    note("geometry_z", shapely.has_z(shapes))
    shapes = np.asarray(shapely.force_2d(shapes), dtype=object)
    invalid = ~shapely.is_valid(shapes)
    note("geometry_invalid", invalid)
    shapes[invalid] = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=True)
    shapes, pointed = _areas_or_points(shapes)
    note("geometry_without_area", pointed)
    shapes = _merged_parts(shapes)
    note("parts_apart", _parts_apart(shapes))
    found["geometry_duplicate"] = _named_pairs(_duplicates(shapes), names)
    found["geometry_overlap"] = _named_pairs(_overlaps(shapes), names)
    note("far_flung", far_flung(shapes))
    findings = {rule: tuple(entries) for rule, entries in found.items() if entries}
    return Cleaned(
        geometries=shapes,
        kept=frozen_ints(kept),
        findings=MappingProxyType(findings),
        notices=tuple(_notice(rule, entries) for rule, entries in findings.items()),
    )


def _finite(shapes: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[owner[~np.isfinite(xy).all(axis=1)]] = False
    return finite


def _areas_or_points(shapes: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """Polygonal parts where there are any, otherwise one point; and which shapes turned into a point."""
    kind = shapely.get_type_id(shapes)
    result = shapes.copy()
    for k in np.flatnonzero((kind == 1) | (kind == 2)).tolist():
        # An outline drawn as a closed line is a building all the same.
        if shapely.is_ring(shapes[k]):  # closed and without crossing itself
            result[k] = shapely.Polygon(shapes[k])
    for k in np.flatnonzero(kind == 7).tolist():
        areas = [part for part in shapely.get_parts(shapes[k]) if shapely.get_dimensions(part) == 2]
        if areas:
            result[k] = shapely.union_all(areas)
    # A ring of no width has two dimensions and no area.
    areal = (shapely.get_dimensions(result) == 2) & (shapely.area(result) > 0)
    pointed = ~areal & (kind != 0)
    result[pointed] = shapely.centroid(shapes[pointed])
    return result, pointed


def _merged_parts(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Multi-parts of one part become that part; parts that touch or overlap are merged."""
    result = shapes.copy()
    multi = np.flatnonzero(shapely.get_type_id(shapes) == 6)
    single = multi[shapely.get_num_geometries(shapes[multi]) == 1]
    result[single] = shapely.get_geometry(shapes[single], 0)
    several = np.setdiff1d(multi, single)
    result[several] = shapely.unary_union(shapes[several].reshape(-1, 1), axis=1) if len(several) else result[several]
    return result


def _parts_apart(shapes: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    apart = np.zeros(len(shapes), dtype=bool)
    for k in np.flatnonzero(shapely.get_num_geometries(shapes) > 1).tolist():
        parts = shapely.get_parts(shapes[k])
        apart[k] = bool((shapely.distance(parts, parts[int(np.argmax(shapely.area(parts)))]) > PARTS_APART_M).any())
    return apart


def _duplicates(shapes: npt.NDArray[Any]) -> list[tuple[int, int]]:
    """Each later shape that equals an earlier one, with the first of its kind."""
    first: dict[bytes, int] = {}
    pairs = []
    for k, key in enumerate(shapely.to_wkb(shapely.normalize(shapely.transform(shapes, _rounded))).tolist()):
        if (earlier := first.setdefault(key, k)) != k:
            pairs.append((earlier, k))
    return pairs


def _rounded(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.round(xy / SAME_M) + 0.0, dtype=np.float64)


def _overlaps(shapes: npt.NDArray[Any]) -> list[tuple[int, int]]:
    """Pairs of areas that share more than a sliver; duplicates are named apart."""
    areal = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    own = shapes[areal]
    a, b = shapely.STRtree(own).query(own, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared = shapely.area(shapely.intersection(own[a], own[b]))
    smaller = np.minimum(shapely.area(own[a]), shapely.area(own[b]))
    much = (shared > OVERLAP_M2) & (shared > OVERLAP_SHARE * smaller)
    equal = set(_duplicates(shapes))
    pairs = zip(areal[a[much]].tolist(), areal[b[much]].tolist(), strict=True)
    return sorted(pair for pair in pairs if pair not in equal)


def _named_pairs(pairs: list[tuple[int, int]], names: list[str]) -> list[tuple[str, ...]]:
    return [(names[a], names[b]) for a, b in pairs]


_WORDS: Mapping[str, tuple[Text, Text]] = MappingProxyType(
    {
        "geometry_missing": (
            Text(
                "{num} 栋房屋没有图形，未参与计算：{which}",
                "some buildings have no shape and were left out ({num}): {which}",
            ),
            Text("请补画图形或补填坐标", "Draw the shape or fill in the coordinates"),
        ),
        "geometry_z": (
            Text(
                "{num} 栋房屋的高程坐标已忽略：{which}",
                "heights are ignored in the shapes of some buildings ({num}): {which}",
            ),
            Text("无需处理", "Nothing to do"),
        ),
        "geometry_invalid": (
            Text(
                "{num} 栋房屋的轮廓自相交或无效，已自动修复：{which}",
                "some outlines crossed themselves or were invalid and have been mended ({num}): {which}",
            ),
            Text("请在地图上核对修复结果", "Check the result on the map"),
        ),
        "geometry_without_area": (
            Text(
                "{num} 栋房屋的图形没有面积，按点处理：{which}",
                "some shapes have no area and count as points ({num}): {which}",
            ),
            Text("若需要准确的相邻关系，请补画轮廓", "Draw the outline if exact neighbours matter"),
        ),
        "parts_apart": (
            Text(
                "{num} 栋房屋由相距 50 米以上的几部分组成：{which}",
                "some buildings consist of parts more than 50 m apart ({num}): {which}",
            ),
            Text("若实为几栋，请拆成几行", "If they are several buildings, give each a row"),
        ),
        "geometry_duplicate": (
            Text("{num} 对房屋图形完全相同：{which}", "some buildings have the same shape (pairs: {num}): {which}"),
            Text("若为重复登记，请删去一行，以免重复计户", "If one is entered twice, delete a row, or it counts twice"),
        ),
        "geometry_overlap": (
            Text("{num} 对房屋相互重叠：{which}", "some buildings overlap (pairs: {num}): {which}"),
            Text("请核对轮廓；相邻关系仍可计算", "Check the outlines; neighbours were worked out all the same"),
        ),
        "far_flung": (
            Text("{num} 栋房屋远离其他房屋：{which}", "some buildings lie far from all others ({num}): {which}"),
            Text("请核对坐标和坐标系", "Check their coordinates and the coordinate system"),
        ),
    }
)


def _notice(rule: str, entries: tuple[tuple[str, ...], ...]) -> Fault:
    which = named("+".join(entry) for entry in entries)
    message, remedy = _WORDS[rule]
    return Fault(
        rule=rule,
        message=Text(
            message.zh.format(num=len(entries), which=which.zh), message.en.format(num=len(entries), which=which.en)
        ),
        remedy=remedy,
    )
