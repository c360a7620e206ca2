"""The land divided: among all units, and within each parent's area among its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from partitioner.geometry.borders import Borders, Pairs, cell_borders, join_borders, pairs_of
from partitioner.geometry.cells import Region, groups_of
from partitioner.geometry.far_flung import far_groups
from partitioner.geometry.outlines import OutlinePoints
from partitioner.geometry.sound import sound_area
from partitioner.model import IntArray, Labels


@dataclass(frozen=True, kw_only=True, eq=False)
class Tessellation:
    """Regions to cut cells from, and which pairs of units share a border.

    Parameters
    ----------
    regions : tuple of Region
        Disjoint areas; every unit belongs to one.
    inside : Pairs
        Pairs whose border counts: inside the parent's area for units of one parent, inside the rim for others.
    loose : Pairs
        All pairs, wherever their border lies; they may close gaps.
    """

    regions: tuple[Region, ...]
    inside: Pairs
    loose: Pairs


def tessellate(
    points: OutlinePoints,
    *,
    parents: Labels,
    areas: Mapping[str, shapely.Geometry],
    boundary: shapely.Geometry | None,
    margin_m: float,
) -> Tessellation:
    """Divide the land. Areas of parents without units are ignored; where areas overlap the earlier name keeps the land.

    Parameters
    ----------
    margin_m : float
        Without a boundary the land ends this far outside the convex hull of the units.
    """
    everywhere = cell_borders(points)
    rim = sound_area(boundary) if boundary is not None else _around(points, margin_m)
    shared = everywhere if boundary is None else everywhere.within(rim)
    classes = [units for code in range(-1, len(parents.names)) if len(units := np.flatnonzero(parents.code == code))]
    if len(classes) <= 1 and not any(name in areas for name in parents.names):
        region = Region(units=np.arange(points.num_units), points=points, borders=everywhere.within(rim), area=rim)
        return Tessellation(regions=(region,), inside=pairs_of(shared), loose=pairs_of(everywhere))

    plots = _plots(parents, areas)
    regions = [_region(points, units, area) for units, area in plots]
    loose = [pairs_of(everywhere), *(pairs_of(_own(points, units)) for units in classes)]
    areal = np.full(points.num_units, -1)
    for k, (units, _) in enumerate(plots):
        areal[units] = k
    rest = np.flatnonzero(areal < 0)
    if len(rest):
        taken = shapely.union_all([area for _, area in plots])
        regions.append(_region(points, rest, shapely.difference(rim, taken)))
    same_area = (areal[shared.a] == areal[shared.b]) & (areal[shared.a] >= 0)
    counted = [shared.take(np.flatnonzero(~same_area)), *(region.borders for region in regions[: len(plots)])]
    return Tessellation(regions=tuple(regions), inside=pairs_of(join_borders(counted)), loose=join_pairs(loose))


def join_pairs(sets: list[Pairs]) -> Pairs:
    """Each pair once, with its nearest border."""
    a, b = np.concatenate([s.a for s in sets]), np.concatenate([s.b for s in sets])
    reach_m, border_m = np.concatenate([s.reach_m for s in sets]), np.concatenate([s.border_m for s in sets])
    order = np.lexsort((reach_m, b, a))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(a[order]) != 0) | (np.diff(b[order]) != 0)
    kept = order[first]
    return Pairs(a=a[kept], b=b[kept], reach_m=reach_m[kept], border_m=border_m[kept])


def _around(points: OutlinePoints, margin_m: float) -> shapely.Geometry:
    """The convex hull and a margin; groups beyond a far gap get a hull of their own, lest one slip fill the map."""
    _, first = np.unique(points.owner, return_index=True)
    group = far_groups(shapely.points(points.xy[first]))
    hulls = [shapely.convex_hull(shapely.multipoints(xy)) for _, xy in groups_of(group[points.owner], points.xy)]
    return shapely.union_all(shapely.buffer(np.array(hulls, dtype=object), margin_m))


def _plots(parents: Labels, areas: Mapping[str, shapely.Geometry]) -> list[tuple[IntArray, shapely.Geometry]]:
    """Units and undisputed area of every parent that has both."""
    plots: list[tuple[IntArray, Any]] = []
    for units, name in zip(parents.members(), parents.names, strict=True):
        if name in areas:
            area = sound_area(areas[name])
            for _, other in plots:
                if shapely.relate_pattern(area, other, "T********"):
                    area = shapely.difference(area, other)
            plots.append((units, area))
    return [(units, area) for units, area in plots if not shapely.is_empty(area)]


def _region(points: OutlinePoints, units: IntArray, area: shapely.Geometry) -> Region:
    own = points.of_units(units)
    borders = cell_borders(own).named(units).within(area)
    return Region(units=units, points=own, borders=borders, area=area)


def _own(points: OutlinePoints, units: IntArray) -> Borders:
    return cell_borders(points.of_units(units)).named(units)
