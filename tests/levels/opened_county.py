"""A small county with buildings of every kind, assembled: what the tests of opened buildings cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from partitioner.geometry.county import BUILDING_COLUMNS, CORRIDOR_COLUMNS, FLOOR_COLUMNS, County
from partitioner.io.assembly import Assembled, assemble
from partitioner.profiles import load_profile

WEST, SOUTH = 500_000.0, 4_150_000.0
GRID = load_profile("hebei").level("grid")

ROWS: Sequence[dict[str, Any]] = (
    {"id": "a", "households": 23, "stairwells": 2, "floors": 3, "residents": 60, "compound": "甲"},
    {"id": "b", "households": 18, "compound": "甲"},
    {"id": "shed"},
    {"id": "c", "households": 3, "stairwells": 1, "floors": 2, "compound": "乙"},
    {"id": "school", "households": 12, "stairwells": 2, "floors": 3, "special": "一中"},
    {"id": "d", "households": 700, "stairwells": 2, "floors": 30, "workload": 70},
)
"""Slabs from west to east at 80 m steps."""

FLOORS = pd.DataFrame(
    {"building": ["a"] * 3, "stairwell": [1, 2, 2], "floor": [None, 1, 3], "floors": [None] * 3,
     "households": [10, 6, 7], "source": [None] * 3, "name": [None] * 3,
     "shared": [False] * 3}
).astype(FLOOR_COLUMNS)  # fmt: skip
CORRIDORS = pd.DataFrame({"building": ["a"], "stairwell_a": [1], "stairwell_b": [2], "floor": [3]}).astype(
    CORRIDOR_COLUMNS
)


def county(rows: Sequence[dict[str, Any]] = ROWS, **layers: Any) -> County:
    """Slabs of 40 × 12 m with the columns of `rows`."""
    num = len(rows)
    frame = pd.DataFrame(
        {
            name: pd.array([row.get(name) for row in rows], dtype=kind) if kind != "bool" else np.zeros(num, dtype=bool)
            for name, kind in BUILDING_COLUMNS.items()
        }
    )
    x = WEST + 80.0 * np.arange(num)
    crs = CRS.from_epsg(4548)
    empty = gpd.GeoDataFrame({"id": [], "name": []}, geometry=[], crs=crs)
    barriers = gpd.GeoDataFrame({"kind": [], "crossing": []}, geometry=[], crs=crs)
    return County(
        name="村",
        crs=crs,
        buildings=gpd.GeoDataFrame(frame, geometry=shapely.box(x, SOUTH, x + 40, SOUTH + 12), crs=crs),
        barriers=barriers,
        communities=empty,
        **layers,
    )


def assembled(rows: Sequence[dict[str, Any]] = ROWS, **layers: Any) -> Assembled:
    return assemble(county(rows, **layers), bounds=GRID.bounds, weights=GRID.weights)
