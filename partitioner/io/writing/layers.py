"""The layers of a plan as frames, in a fixed order of rows and columns."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.rows import GridRow, building_frame
from partitioner.model import FloatArray

UNIT_COLUMNS = (
    "id", "name", "grid", "households", "residents", "compound", "community", "stairwells", "floors",
    "previous_grid", "special", "inhabited", "unit", "estimated", "source",
)  # fmt: skip


def units_layer(planned: PlannedCounty) -> gpd.GeoDataFrame:
    """Every building with the grid it belongs to; `unit` is the building whose grid an uninhabited one follows."""
    frame = building_frame(planned)
    households = frame["households"].fillna(0).astype("Int64")
    frame["households"] = households
    frame["inhabited"] = households > 0
    for name in UNIT_COLUMNS:
        if name not in frame.columns:
            frame[name] = pd.array([None] * len(frame), dtype="string")
    geometry = shapely.force_2d(frame.geometry.to_numpy())
    plain = pd.DataFrame({name: frame[name].to_numpy() for name in UNIT_COLUMNS})
    for name in ("households", "residents", "stairwells", "floors"):
        plain[name] = pd.array(frame[name].to_numpy(), dtype="Int64")
    for name in ("inhabited", "estimated"):
        plain[name] = frame[name].fillna(False).astype(bool).to_numpy()
    for name in set(UNIT_COLUMNS) - {"households", "residents", "stairwells", "floors", "inhabited", "estimated"}:
        plain[name] = pd.array(frame[name].to_numpy(), dtype="string")
    return gpd.GeoDataFrame(plain, geometry=geometry, crs=planned.county.crs)


def grids_layer(planned: PlannedCounty, rows: tuple[GridRow, ...]) -> gpd.GeoDataFrame:
    """Every grid as the union of its units' cells: no gaps, no overlaps."""
    columns: dict[str, Any] = {
        "code": pd.array([row.code for row in rows], dtype="string"),
        "community": pd.array([row.community or None for row in rows], dtype="string"),
        "households": np.array([row.households for row in rows], dtype=np.int64),
        "residents": pd.array([row.residents for row in rows], dtype="Int64"),
        "units": np.array([row.num_inhabited for row in rows], dtype=np.int64),
        "buildings": np.array([row.num_buildings for row in rows], dtype=np.int64),
        "compounds": pd.array(["; ".join(row.compounds) for row in rows], dtype="string"),
        "split_compounds": pd.array(["; ".join(row.split_compounds) or None for row in rows], dtype="string"),
        "deviation": np.array([row.deviation for row in rows], dtype=np.float64),
        "within_bounds": np.array([row.within for row in rows], dtype=bool),
        "mean_walk_m": np.array([_rounded(row.mean_walk_m) for row in rows], dtype=np.float64),
        "centre": pd.array([row.centre for row in rows], dtype="string"),
        "locked": np.array([row.locked for row in rows], dtype=bool),
        "violations": pd.array(["; ".join(v.rule for v in row.violations) or None for row in rows], dtype="string"),
    }
    shapes = np.array([row.shape for row in rows], dtype=object)
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=planned.county.crs)


def barriers_layer(planned: PlannedCounty) -> gpd.GeoDataFrame:
    """The barriers that were used."""
    frame = planned.county.barriers
    kept = [name for name in ("kind", "crossing", "name", "source") if name in frame.columns]
    columns = {name: pd.array(frame[name].to_numpy(), dtype="string") for name in kept}
    return gpd.GeoDataFrame(
        columns, geometry=shapely.force_2d(frame.geometry.to_numpy()), crs=planned.county.crs, index=range(len(frame))
    )


def edges_layer(planned: PlannedCounty) -> gpd.GeoDataFrame:
    """Pairs of neighbouring units: those of the graph with their metres, then those that a hard barrier cut."""
    graph, units = planned.unit_graph.graph, planned.problem.units
    u = np.concatenate([graph.u, planned.unit_graph.cut_u]).astype(np.int64)
    v = np.concatenate([graph.v, planned.unit_graph.cut_v]).astype(np.int64)
    num_cut = len(u) - len(graph)
    x, y = _positions(planned)
    ends = np.stack([np.column_stack([x[u], y[u]]), np.column_stack([x[v], y[v]])], axis=1).reshape(len(u), 2, 2)
    ids = np.array(units.id, dtype=object)
    columns: dict[str, Any] = {
        "u": pd.array(ids[u], dtype="string"),
        "v": pd.array(ids[v], dtype="string"),
        "length_m": np.round(np.concatenate([graph.length_m, np.full(num_cut, np.nan)]), 3),
        "soft_m": np.round(np.concatenate([planned.unit_graph.soft_m, np.full(num_cut, np.nan)]), 3),
        "cut": np.arange(len(u)) >= len(graph),
    }
    return gpd.GeoDataFrame(columns, geometry=shapely.linestrings(ends), crs=planned.county.crs)


def _positions(planned: PlannedCounty) -> tuple[FloatArray, FloatArray]:
    units = planned.problem.units
    if units.x is not None and units.y is not None:
        return units.x, units.y
    points = shapely.point_on_surface(planned.unit_graph.cells)
    return shapely.get_x(points), shapely.get_y(points)


def _rounded(value: float | None) -> float:
    return float("nan") if value is None else round(value, 1)
