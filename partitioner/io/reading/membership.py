"""Which building belongs to which community."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from partitioner.errors import Place
from partitioner.io.reading.findings import Findings

_SHOWN = 20


def give_communities(
    buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, place: Place, findings: Findings
) -> gpd.GeoDataFrame:
    """Buildings with the id of their community.

    What the column says wins: an id or a name of the layer; anything else is a fault for each such value. Blank cells
    are filled by location: the community that holds the building's representative point, the first in the layer where
    several do, the nearest where none does; the last two are named. A building without a township gets that of its
    community. Without a layer of communities nothing changes.
    """
    if communities.empty:
        blanks = int(buildings["community"].isna().sum())
        if 0 < blanks < len(buildings):
            findings.notice("community_blank", place, rows=blanks)
        return buildings
    told = _told(buildings, communities, place, findings)
    blank = told.isna().to_numpy() & buildings["community"].isna().to_numpy() & _has_shape(buildings)
    if blank.any() and not communities.geometry.is_empty.all():
        told.iloc[np.flatnonzero(blank)] = _located(buildings[blank], communities, place, findings)
    for community in communities.loc[~communities["id"].isin(set(told.dropna())), "id"]:
        findings.notice("community_empty", place, community)
    return buildings.assign(community=told, township=_townships(buildings, told, communities))


def _townships(buildings: gpd.GeoDataFrame, told: pd.Series, communities: gpd.GeoDataFrame) -> pd.Series:
    theirs = told.map(dict(zip(communities["id"], communities["township"], strict=True)))
    return buildings["township"].fillna(theirs).astype("string")


def _has_shape(buildings: gpd.GeoDataFrame) -> np.ndarray:
    shapes = np.asarray(buildings.geometry, dtype=object)
    return np.asarray(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))


def _told(buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, place: Place, findings: Findings) -> pd.Series:
    """Column values as ids of the layer."""
    ids = {name: name for name in communities["id"]}
    doubtful = set(communities["name"][communities["name"].duplicated(keep=False)])
    for key, name in zip(communities["id"], communities["name"], strict=True):
        if name not in doubtful:
            ids.setdefault(name, key)
    values = buildings["community"]
    for value, rows in values[~values.isin(ids)].dropna().value_counts(sort=False).items():
        first = buildings["source"][values == value].iloc[0]
        known = ", ".join(sorted(str(name) for name in communities["name"])[:_SHOWN])
        findings.fault("community_unknown", place, value, rows=int(rows), first=first, known=known)
    return values.map(ids).astype("string")


def _located(buildings: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, place: Place, findings: Findings) -> list[str]:
    points = shapely.point_on_surface(np.asarray(shapely.make_valid(np.asarray(buildings.geometry, dtype=object))))
    areas = np.asarray(communities.geometry, dtype=object)
    tree = shapely.STRtree(areas)
    point, area = tree.query(points, predicate="intersects")
    order = np.lexsort((area, point))
    point, area = point[order], area[order]
    first = np.unique(point, return_index=True)
    chosen = np.full(len(points), -1, dtype=np.int64)
    chosen[first[0]] = area[first[1]]
    names = np.asarray(buildings["id"].astype(str))
    several = np.flatnonzero(np.bincount(point, minlength=len(points)) > 1)
    if len(several):
        findings.notice("community_several", place, ", ".join(names[several[:_SHOWN]]), rows=len(several))
    outside = np.flatnonzero(chosen < 0)
    if len(outside):
        chosen[outside] = tree.nearest(points[outside])
        findings.notice("community_nearest", place, ", ".join(names[outside[:_SHOWN]]), rows=len(outside))
    return [str(communities["id"].iloc[k]) for k in chosen]
