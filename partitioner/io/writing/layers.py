"""The layers of a plan as frames, in a fixed order of rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from partitioner.io.writing.buildings import part_rows, whole_buildings
from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.contents import area_contents
from partitioner.io.writing.naming import Planned, as_levels, column_name, layer_name, parent_column
from partitioner.io.writing.rows import GridRow
from partitioner.model import FloatArray

UNIT_COLUMNS = (
    "id", "name", "grid", "households", "residents", "compound", "community", "stairwells", "floors",
    "previous_grid", "special", "inhabited", "unit", "estimated", "source",
)  # fmt: skip

PART_LAYER_COLUMNS = (
    "id", "building", "name", "stairwell", "stairwell_name", "floor_low", "floor_high", "micro_grid", "grid",
    "community", "households", "residents", "compound", "special", "estimated",
)  # fmt: skip

WHERE_TOLD = ("township", "home_township", "workload", "elderly", "special_care", "lifts", "events")
"""Columns of units that are written where the input has them."""

NUMBERS = (
    "workload", "elderly", "special_care", "lifts", "events", "households", "residents", "stairwells", "floors",
    "stairwell", "floor_low", "floor_high",
)  # fmt: skip


def units_layer(planned: Planned) -> gpd.GeoDataFrame:
    """Every building with the areas it belongs to; `unit` is the building whose grid an uninhabited one follows."""
    levels = as_levels(planned)
    frame = whole_buildings(levels)
    frame["households"] = frame["households"].fillna(0).astype("Int64")
    frame["inhabited"] = frame["households"] > 0
    columns = list(UNIT_COLUMNS) if levels.has("grid") else [name for name in UNIT_COLUMNS if name != "grid"]
    columns += [name for name in WHERE_TOLD if name in frame.columns and frame[name].notna().any()]
    known = {"community_name", "geometry", *columns}
    columns += [name for name in frame.columns if name not in known and name in _level_columns(levels)]
    return _plain(frame, columns, levels)


def _level_columns(levels: PlannedLevels) -> set[str]:
    names = {column_name(level.level.name) for level in levels.levels}
    return names | {f"{name}s" for name in names} | {"previous_community"}


def parts_layer(planned: Planned) -> gpd.GeoDataFrame:
    """Every part of a building and every undivided building, as the narrowest level has them."""
    levels = as_levels(planned)
    frame = part_rows(levels)
    frame["households"] = frame["households"].fillna(0).astype("Int64")
    others = [column_name(level.level.name) for level in levels.levels]
    columns = [name for name in PART_LAYER_COLUMNS if name != "micro_grid" or levels.has("micro")]
    return _plain(frame, [*columns, *(name for name in others if name not in columns)], levels)


def _plain(frame: pd.DataFrame, columns: list[str], levels: PlannedLevels) -> gpd.GeoDataFrame:
    plain: dict[str, Any] = {}
    for name in columns:
        values: Any = frame[name] if name in frame.columns else pd.array([None] * len(frame), dtype="string")
        if name in ("inhabited", "estimated"):
            plain[name] = frame[name].fillna(False).astype(bool).to_numpy()
        else:
            plain[name] = pd.array(np.asarray(values, dtype=object), dtype="Int64" if name in NUMBERS else "string")
    geometry = shapely.force_2d(frame["geometry"].to_numpy())
    return gpd.GeoDataFrame(plain, geometry=geometry, crs=levels.levels[0].county.crs)


def areas_layer(planned: PlannedCounty, rows: tuple[GridRow, ...], narrower: str | None = None) -> gpd.GeoDataFrame:
    """Every area of one level as the union of its units' cells: no gaps, no overlaps.

    Parameters
    ----------
    rows : tuple of GridRow
        Of this level.
    narrower : str, optional
        The next level: a column counts its areas.
    """
    level = planned.level.name
    columns: dict[str, Any] = {"code": _texts([row.code for row in rows])}
    if level == "community":
        columns["name"] = _texts([row.community for row in rows])
    for name, values in _above(level, rows).items():
        columns[name] = _texts(values)
    columns |= {
        "households": np.array([row.households for row in rows], dtype=np.int64),
        "residents": pd.array([row.residents for row in rows], dtype="Int64"),
    }
    if narrower is not None:
        columns[layer_name(narrower)] = np.array([row.num_inside for row in rows], dtype=np.int64)
    if level == "micro":
        told = area_contents(planned)
        columns["contents"] = _texts([told.get(row.code) for row in rows])
    columns |= {
        "units": np.array([row.num_inhabited for row in rows], dtype=np.int64),
        "buildings": np.array([row.num_buildings for row in rows], dtype=np.int64),
        "compounds": pd.array(["; ".join(row.compounds) for row in rows], dtype="string"),
        **({} if level == "micro" else {"split_compounds": _texts(["; ".join(row.split_compounds) for row in rows])}),
        "deviation": np.array([row.deviation for row in rows], dtype=np.float64),
        "within_bounds": np.array([row.within for row in rows], dtype=bool),
        "mean_walk_m": np.array([_rounded(row.mean_walk_m) for row in rows], dtype=np.float64),
        "centre": pd.array([row.centre for row in rows], dtype="string"),
        "locked": np.array([row.locked for row in rows], dtype=bool),
        "violations": _texts(["; ".join(v.rule for v in row.violations) for row in rows]),
    }
    shapes = np.array([row.shape for row in rows], dtype=object)
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=planned.county.crs)


def _above(level: str, rows: tuple[GridRow, ...]) -> dict[str, list[str | None]]:
    """Columns of the areas above: a grid's community by its name, others by their codes."""
    if level == "grid":
        columns: dict[str, list[str | None]] = {"community": [row.community for row in rows]}
        if any("community" in row.above for row in rows):
            columns["community_code"] = [row.above.get("community") for row in rows]
        return columns
    columns = {parent_column(level): [row.parent for row in rows]}
    if level == "micro":
        columns["community"] = [row.community for row in rows]
    return columns


def _texts(values: Sequence[str | None]) -> Any:
    return pd.array([value or None for value in values], dtype="string")


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
