"""The plan as a GeoPackage for QGIS, ArcGIS and the next run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pyogrio
import pyogrio.errors
import shapely

from partitioner.io.writing.buildings import has_parts
from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.layers import areas_layer, barriers_layer, edges_layer, parts_layer, units_layer
from partitioner.io.writing.naming import Planned, as_levels, layer_name, reference
from partitioner.io.writing.rows import area_rows
from partitioner.model.files import replacing

FIXED_TIME = "2000-01-01T00:00:00.000Z"
"""Written as the time of the last change, so that equal plans give equal files."""


def write_geopackage(planned: Planned, path: str | Path) -> None:
    """A layer of areas for every level, then `units`, `parts` (where buildings are cut), `barriers` and `edges`.

    All in the county's coordinate system. Edges are those of the grid level, or else of the narrowest one.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    levels = as_levels(planned)
    layers = area_layers(levels)
    layers["units"] = units_layer(levels)
    if has_parts(levels):
        layers["parts"] = parts_layer(levels)
    layers["barriers"] = barriers_layer(levels.levels[0])
    layers["edges"] = edges_layer(reference(levels))
    write_layers(layers, path)


def write_layers(layers: Mapping[str, gpd.GeoDataFrame], path: str | Path) -> None:
    """Layers as a new file; equal layers give equal files.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    with replacing(path) as temporary, fixed_time():
        temporary.unlink()  # the driver takes an empty file for a broken database
        for name, frame in layers.items():
            _write_layer(frame, temporary, name)


def area_layers(levels: PlannedLevels) -> dict[str, gpd.GeoDataFrame]:
    """The areas of every level by the name of their layer, the widest first."""
    rows = area_rows(levels)
    narrower = [*levels.names[1:], None]
    return {
        layer_name(level.level.name): areas_layer(level, rows[level.level.name], below)
        for level, below in zip(levels.levels, narrower, strict=True)
    }


def _write_layer(frame: gpd.GeoDataFrame, path: Path, name: str) -> None:
    kind = geometry_type(frame.geometry.to_numpy())
    try:
        pyogrio.write_dataframe(
            frame,
            path,
            layer=name,
            driver="GPKG",
            append=path.exists(),
            geometry_type=kind,
            promote_to_multi=kind.startswith("Multi"),
        )
    except pyogrio.errors.DataSourceError as error:
        raise OSError(str(error)) from error


def geometry_type(shapes: object) -> str:
    """The OGC name of what all shapes are, the multi-part one where single and multi-part ones meet, else Unknown."""
    names = {str(name) for name in _names(shapes)}
    if len(names) == 1:
        return names.pop()
    for single in ("Point", "LineString", "Polygon"):
        if names == {single, f"Multi{single}"}:
            return f"Multi{single}"
    return "Unknown"


def _names(shapes: object) -> list[str]:
    ids = shapely.get_type_id(shapes)
    table = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
    known = sorted(set(ids.tolist()) - {-1})  # rows without a place are of any type
    return [table[k] if k < len(table) else "Unknown" for k in known]


@contextmanager
def fixed_time() -> Iterator[None]:
    """Files written inside carry `FIXED_TIME` as the time of their last change."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_TIME})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
