"""The plan as GeoJSON for web maps: longitude and latitude, as RFC 7946 wants it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from partitioner.io.writing.buildings import has_parts
from partitioner.io.writing.geopackage import area_layers
from partitioner.io.writing.layers import parts_layer, units_layer
from partitioner.io.writing.naming import Planned, as_levels, layer_name
from partitioner.model.files import write_text

DIGITS = 7
"""Decimals of a degree that are kept: about a centimetre."""


def geojson_names(planned: Planned) -> list[str]:
    """The files that `write_geojson` writes for this plan."""
    levels = as_levels(planned)
    stems = [*(layer_name(name) for name in levels.names), "units", *(["parts"] if has_parts(levels) else [])]
    return [f"{stem}.geojson" for stem in stems]


def write_geojson(planned: Planned, folder: str | Path) -> None:
    """Collections in WGS 84 (CRS84): the areas of every level, buildings, and parts of buildings where there are any.

    One feature per line, outer rings counter-clockwise, the `code` or `id` as feature id. CGCS2000 and WGS 84 differ by
    centimetres, which PROJ takes for nothing.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    levels, target = as_levels(planned), Path(folder)
    for name, frame in area_layers(levels).items():
        write_text(target / f"{name}.geojson", feature_collection(frame, "code"))
    write_text(target / "units.geojson", feature_collection(units_layer(levels), "id"))
    if has_parts(levels):
        write_text(target / "parts.geojson", feature_collection(parts_layer(levels), "id"))


def feature_collection(frame: gpd.GeoDataFrame, key: str) -> str:
    """`frame` as RFC 7946 text, the column `key` as feature id; missing and empty shapes are null."""
    shapes = frame.geometry.to_crs("OGC:CRS84").to_numpy()
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, DIGITS))
    shapes = shapely.orient_polygons(shapes, exterior_cw=False)
    columns = {name: frame[name].tolist() for name in frame.columns if name != frame.geometry.name}
    nowhere = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    texts = np.where(nowhere, "null", shapely.to_geojson(np.where(nowhere, shapely.Point(0, 0), shapes))).tolist()
    lines = []
    for i, text in enumerate(texts):
        properties = {name: _value(values[i]) for name, values in columns.items()}
        head = {"type": "Feature", "id": properties[key], "properties": properties}
        lines.append(f'{json.dumps(head, ensure_ascii=False, allow_nan=False)[:-1]}, "geometry": {text}}}')
    body = ",\n".join(lines)
    return f'{{"type": "FeatureCollection", "features": [\n{body}\n]}}\n'


def _value(value: Any) -> Any:
    if value is None or not isinstance(value, str | bool | int | float):
        return None  # pandas' NA
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
