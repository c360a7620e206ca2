"""A county as it comes from the planner's files: layers in one metric coordinate system."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from partitioner.errors import Fault

BUILDING_COLUMNS = {
    "id": "string", "name": "string", "households": "Int64", "residents": "Int64", "compound": "string",
    "community": "string", "stairwells": "Int64", "floors": "Int64", "previous_grid": "string", "special": "string",
    "estimated": "bool", "source": "string",
    "township": "string", "home_township": "string", "workload": "Int64",
    "elderly": "Int64", "special_care": "Int64", "lifts": "Int64", "events": "Int64",
    "building": "string", "stairwell": "Int64", "floor_low": "Int64", "floor_high": "Int64",
}  # fmt: skip
"""Columns of `County.buildings` and their pandas types; every column but `geometry` is nullable where its type is."""

FLOOR_COLUMNS = {
    "building": "string", "stairwell": "Int64", "floor": "Int64", "floors": "Int64", "households": "Int64",
    "source": "string", "name": "string", "shared": "bool",
}  # fmt: skip
"""Columns of `County.floors`: `floor` counts from 1 (null: the whole stairwell), `floors` is how many there are.

`name` is what the ledger calls a stairwell that it does not number (A单元, 东门); `shared` marks households that are an
even share of what several floors hold together.
"""

CORRIDOR_COLUMNS = {"building": "string", "stairwell_a": "Int64", "stairwell_b": "Int64", "floor": "Int64"}
"""Columns of `County.corridors`."""


@dataclass(frozen=True, kw_only=True, eq=False)
class County:
    """What was read, cleaned and brought into one metric CRS.

    Parameters
    ----------
    buildings : GeoDataFrame
        `BUILDING_COLUMNS` plus `geometry` (point, polygon or multipolygon). `id` is unique and never null; a null or
        zero `households` means nobody lives there. `estimated` marks positions or numbers that were made, not read;
        `source` says where the row came from (`file:layer:row`). A row is a whole building or a part of one: `building`
        is the id of the whole (null or equal to `id` for a whole one), `stairwell` counts from 1 (null: whole),
        `floor_low` to `floor_high` are its floors (null: all). `township` is where it lies, `home_township` the one its
        residents are registered with; `workload` is declared work, in the measure of the profile. `elderly` and
        `special_care` count people, `events` a year's incidents, `lifts` lifts (0: there is none); null: not told.
    barriers : GeoDataFrame
        `kind` (river, railway, road, wall, …, or bridge), `crossing` (hard, soft, or open for a bridge that makes a
        hard barrier passable), geometry line or polygon.
    communities : GeoDataFrame
        `id`, `name`, `township` (may be null), polygon. May be empty: then `buildings.community` alone says who
        belongs where.
    boundary : Polygon, MultiPolygon or None
        Outline of the whole county.
    crs : CRS
        Projected, metres; all layers are in it.
    notices : tuple of Fault
        What was mended or is worth knowing; nothing here stops a plan.
    floors : DataFrame or None
        What is known of stairwells and floors, in `FLOOR_COLUMNS`: one row per stairwell (`floor` null: all its floors)
        or per stairwell and floor. A stairwell has one kind of row only, each once; floors of a stairwell that are not
        listed hold nobody. The households of a building's rows add up to its own.
    corridors : DataFrame or None
        Passages between two stairwells of one building on one floor, in `CORRIDOR_COLUMNS`.
    """

    name: str
    crs: CRS
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    boundary: shapely.Geometry | None = None
    notices: tuple[Fault, ...] = ()
    floors: pd.DataFrame | None = None
    corridors: pd.DataFrame | None = None
