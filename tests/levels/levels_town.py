"""A town of buildings on a lattice, assembled without any file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from partitioner.geometry.county import BUILDING_COLUMNS, County
from partitioner.io.assembly import Assembled, assemble
from partitioner.model import Bounds, Weights
from partitioner.profiles import Level, load_profile

PITCH_M = 40.0
METRIC = CRS("EPSG:4547")


def community_level(low: int, high: int) -> Level:
    """The community level of the usual profile with other bounds."""
    return replace(load_profile("hebei").level("community"), bounds=Bounds(min=low, max=high))


def town(
    households: Sequence[Sequence[int]],
    *,
    compounds: Sequence[str] | None = None,
    river_east_of: int | None = None,
    wall_east_of: int | None = None,
    **columns: Sequence[object],
) -> Assembled:
    """Rows of buildings from north to south, columns from west to east, `PITCH_M` apart.

    `compounds` is drawn like the town, one letter per building, a dot for none. Further columns are given row by row.
    """
    num_rows, num_columns = len(households), len(households[0])
    places = [(r, c) for r in range(num_rows) for c in range(num_columns)]
    frame = pd.DataFrame({"id": [f"b{k + 1:03d}" for k in range(len(places))]})
    frame["households"] = [households[r][c] for r, c in places]
    if compounds is not None:
        frame["compound"] = [None if compounds[r][c] == "." else compounds[r][c] for r, c in places]
    for name, values in columns.items():
        frame[name] = list(values)
    for name, kind in BUILDING_COLUMNS.items():
        if name not in frame:
            frame[name] = False if kind == "bool" else None
        frame[name] = frame[name].astype(kind)
    shapes = [shapely.box(c * PITCH_M, -r * PITCH_M, c * PITCH_M + 20, -r * PITCH_M + 12) for r, c in places]
    lines, kinds = [], []
    for kind, east_of in (("river", river_east_of), ("wall", wall_east_of)):
        if east_of is not None:
            x = east_of * PITCH_M - 10
            lines.append(shapely.LineString([(x, 500), (x, -PITCH_M * num_rows - 500)]))
            kinds.append((kind, "hard" if kind == "river" else "soft"))
    barriers = gpd.GeoDataFrame(
        pd.DataFrame(kinds, columns=["kind", "crossing"]).astype("string"), geometry=gpd.GeoSeries(lines, crs=METRIC)
    )
    nothing = pd.DataFrame({name: pd.Series(dtype="string") for name in ("id", "name", "township")})
    county = County(
        name="方城",
        crs=METRIC,
        buildings=gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=METRIC)),
        barriers=barriers,
        communities=gpd.GeoDataFrame(nothing, geometry=gpd.GeoSeries([], crs=METRIC)),
    )
    return assemble(county, bounds=Bounds(min=300, max=500), weights=Weights())
