"""The plan as a GeoPackage for QGIS, ArcGIS and the next run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pyogrio
import pyogrio.errors
import shapely

from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.layers import barriers_layer, edges_layer, grids_layer, units_layer
from partitioner.io.writing.rows import grid_rows
from partitioner.model.files import replacing

FIXED_TIME = "2000-01-01T00:00:00.000Z"
"""Written as the time of the last change, so that equal plans give equal files."""


def write_geopackage(planned: PlannedCounty, path: str | Path) -> None:
    """Layers `grids`, `units`, `barriers` and `edges` in the county's coordinate system.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    layers = {
        "grids": grids_layer(planned, grid_rows(planned)),
        "units": units_layer(planned),
        "barriers": barriers_layer(planned),
        "edges": edges_layer(planned),
    }
    with replacing(path) as temporary, _fixed_time():
        temporary.unlink()  # the driver takes an empty file for a broken database
        for name, frame in layers.items():
            _write_layer(frame, temporary, name)


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
    return [table[k] if 0 <= k < len(table) else "Unknown" for k in sorted(set(ids.tolist()))]


@contextmanager
def _fixed_time() -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": FIXED_TIME})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
