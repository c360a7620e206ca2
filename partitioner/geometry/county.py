"""A county as it comes from the planner's files: layers in one metric coordinate system."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import shapely
from pyproj import CRS

from partitioner.errors import Fault

BUILDING_COLUMNS = {
    "id": "string", "name": "string", "households": "Int64", "residents": "Int64", "compound": "string",
    "community": "string", "stairwells": "Int64", "floors": "Int64", "previous_grid": "string", "special": "string",
    "estimated": "bool", "source": "string",
}  # fmt: skip
"""Columns of `County.buildings` and their pandas types; every column but `geometry` is nullable where its type is."""


@dataclass(frozen=True, kw_only=True, eq=False)
class County:
    """What was read, cleaned and brought into one metric CRS.

    Parameters
    ----------
    buildings : GeoDataFrame
        `BUILDING_COLUMNS` plus `geometry` (point, polygon or multipolygon). `id` is unique and never null; a null or
        zero `households` means nobody lives there. `estimated` marks positions or numbers that were made, not read;
        `source` says where the row came from (`file:layer:row`).
    barriers : GeoDataFrame
        `kind` (river, railway, road, wall, …, or bridge), `crossing` (hard, soft, or open for a bridge that makes a
        hard barrier passable), geometry line or polygon.
    communities : GeoDataFrame
        `id`, `name`, polygon. May be empty: then `buildings.community` alone says who belongs where.
    boundary : Polygon, MultiPolygon or None
        Outline of the whole county.
    crs : CRS
        Projected, metres; all layers are in it.
    notices : tuple of Fault
        What was mended or is worth knowing; nothing here stops a plan.
    """

    name: str
    crs: CRS
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    boundary: shapely.Geometry | None = None
    notices: tuple[Fault, ...] = ()
