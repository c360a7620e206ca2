"""A county with the communities drawn in it: the parents of its grids."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import pandas as pd

from partitioner.geometry.county import County
from partitioner.geometry.dissolve import dissolve
from partitioner.io.assembly import Assembled
from partitioner.levels.communities import Communities
from partitioner.model import Labels


def inside(assembled: Assembled, drawn: Communities) -> Assembled:
    """`assembled` with the communities drawn as parents, columns and areas."""
    label = Labels(drawn.label_of_home())
    shapes = dissolve(assembled.unit_graph.cells, label)
    known = _names(assembled.county)
    communities = gpd.GeoDataFrame(
        {
            "id": pd.array(label.names, dtype="string"),
            "name": pd.array([known.get(code) for code in label.names], dtype="string"),
        },
        geometry=list(shapes),
        crs=assembled.county.crs,
    )
    grid = drawn.result.plan.grid
    row = [None if unit < 0 else grid.at(unit) for unit in drawn.asked.unit_of_building.tolist()]
    buildings = assembled.county.buildings.assign(community=pd.array(row, dtype="string"))
    return replace(
        assembled,
        county=replace(assembled.county, buildings=buildings, communities=communities),
        problem=replace(assembled.problem, units=replace(assembled.problem.units, parent=label)),
    )


def _names(county: County) -> dict[str, str]:
    frame = county.communities
    if not len(frame):
        return {}
    rows = zip(frame["id"].tolist(), frame["name"].tolist(), strict=True)
    return {str(key): str(name) for key, name in rows if isinstance(name, str)}
