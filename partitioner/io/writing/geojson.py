"""The plan as GeoJSON for web maps: longitude and latitude, as RFC 7946 wants it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.layers import grids_layer, units_layer
from partitioner.io.writing.rows import grid_rows
from partitioner.model.files import write_text

DIGITS = 7
"""Decimals of a degree that are kept: about a centimetre."""


def write_geojson(planned: PlannedCounty, grids_path: str | Path, units_path: str | Path) -> None:
    """Two collections in WGS 84 (CRS84): grids, and buildings with their grids.

    One feature per line, outer rings counter-clockwise, the `code` or `id` as feature id. CGCS2000 and WGS 84 differ by
    centimetres, which PROJ takes for nothing.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    write_text(grids_path, _collection(grids_layer(planned, grid_rows(planned)), "code"))
    write_text(units_path, _collection(units_layer(planned), "id"))


def _collection(frame: gpd.GeoDataFrame, key: str) -> str:
    shapes = frame.geometry.to_crs("OGC:CRS84").to_numpy()
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, DIGITS))
    shapes = shapely.orient_polygons(shapes, exterior_cw=False)
    columns = {name: frame[name].tolist() for name in frame.columns if name != frame.geometry.name}
    lines = []
    for i, shape in enumerate(shapes):
        properties = {name: _value(values[i]) for name, values in columns.items()}
        feature = {
            "type": "Feature",
            "id": properties[key],
            "properties": properties,
            "geometry": None if shape is None or shape.is_empty else json.loads(shapely.to_geojson(shape)),
        }
        lines.append(json.dumps(feature, ensure_ascii=False, allow_nan=False))
    body = ",\n".join(lines)
    return f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n'


def _value(value: Any) -> Any:
    if value is None or not isinstance(value, str | bool | int | float):
        return None  # pandas' NA
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
