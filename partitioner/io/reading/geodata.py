"""Layers of geodata: GeoPackage, GeoJSON, shapefile, FileGDB."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.raw
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from partitioner.errors import Place
from partitioner.io.reading.dbf import DbfError, read_dbf
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.layers import Cells, Heading, Layer, Shapes
from partitioner.io.reading.sources import Source
from partitioner.io.reading.text_tables import decode

_NAMES = {"gpkg": "GeoPackage", "geojson": "GeoJSON", "shp": "Shapefile", "gdb": "FileGDB"}
_SQLITE = b"SQLite format 3\0"
_NAN = re.compile(r":\s*-?(?:NaN|Infinity)\b")


def read_geodata(source: Source, findings: Findings) -> list[Layer]:
    """All layers of a file; what cannot be read becomes a fault."""
    try:
        if source.kind == "geojson":
            return _read_geojson(source, findings)
        if source.kind == "shp":
            return _read_shapefile(source, findings)
        if source.kind == "gpkg" and not _is_sqlite(source.path):
            findings.fault("file_not_of_kind", Place(file=source.shown), kind="GeoPackage", reason="not an SQLite file")
            return []
        return _read_layers(str(source.path), source)
    except DbfError as error:
        rule = "encoding_unknown" if error.encoding else "file_not_of_kind"
        findings.fault(rule, Place(file=source.shown), kind="Shapefile", reason=f"dbf: {error}")
    except Exception as error:
        # GDAL's errors have no common type of their own, and damaged files raise many.
        findings.fault("file_not_of_kind", Place(file=source.shown), kind=_NAMES[source.kind], reason=str(error))
    return []


def _is_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _read_layers(target: str | bytes, source: Source) -> list[Layer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # A GeoJSON holds one layer, whose name GDAL makes up.
        names: list[str | None] = (
            [None] if source.kind == "geojson" else [str(row[0]) for row in pyogrio.list_layers(target)]
        )
        layers = []
        for name in names:
            meta, _, wkb, fields = pyogrio.raw.read(target, layer=name, force_2d=True, datetime_as_string=True)
            layers.append(_layer(source, name, meta, wkb, fields))
    return layers


def _layer(source: Source, name: str | None, meta: dict[str, Any], wkb: Any, fields: Sequence[Any]) -> Layer:
    columns = tuple(_cells(values) for values in fields)
    num = len(wkb) if wkb is not None else len(columns[0]) if columns else 0
    return Layer(
        file=source.shown,
        name=name,
        headings=tuple(Heading(parts=(str(field),)) for field in meta["fields"]),
        columns=columns,
        rows=np.arange(1, num + 1),
        shapes=None if wkb is None else _shapes(wkb),
        crs=_crs(meta.get("crs")),
    )


def _read_geojson(source: Source, findings: Findings) -> list[Layer]:
    data = source.path.read_bytes()
    text = decode(data)
    if text is None:
        findings.fault("encoding_unknown", Place(file=source.shown))
        return []
    try:
        # JSON knows no NaN, yet programs write it; GDAL would take it for an empty value, so it stays as text.
        document = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError) as error:
        findings.fault("json_broken", Place(file=source.shown), reason=str(error))
        return []
    if not isinstance(document, dict) or document.get("type") not in ("FeatureCollection", "Feature"):
        findings.fault("file_not_of_kind", Place(file=source.shown), kind="GeoJSON", reason="no FeatureCollection")
        return []
    if document["type"] == "FeatureCollection" and not document.get("features"):
        return []
    text = json.dumps(document) if _NAN.search(text) else text
    layers = _read_layers(text.encode(), source)
    if "crs" in document:
        return layers
    # Without a `crs` member GDAL says WGS84, which DataV outlines are not: what is not said is not taken for said.
    return [_without_crs(layer) for layer in layers]


def _without_crs(layer: Layer) -> Layer:
    return replace(layer, crs=None)


def _read_shapefile(source: Source, findings: Findings) -> list[Layer]:
    path = source.path
    parts = {member.suffix.casefold(): member for member in path.parent.iterdir() if member.stem == path.stem}
    missing = [suffix for suffix in (".dbf", ".shx") if suffix not in parts]
    if missing:
        findings.fault("shapefile_incomplete", Place(file=source.shown), missing=" ".join(missing))
        return []
    declared = parts[".cpg"].read_text("ascii", errors="ignore") if ".cpg" in parts else None
    headings, columns, encoding, num = read_dbf(parts[".dbf"], declared)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Field names are decoded even if no field is read; every byte is a letter of Latin-1.
        meta, fids, wkb, _ = pyogrio.raw.read(
            str(path), encoding="ISO-8859-1", columns=[], force_2d=True, return_fids=True
        )
    kept = fids[fids < num]
    if len(kept) < len(fids):
        findings.fault(
            "shapefile_incomplete", Place(file=source.shown), missing=f"{len(fids) - len(kept)} rows of .dbf"
        )
        return []
    if declared is None and encoding != "utf-8":
        findings.notice("encoding_guessed", Place(file=source.shown), encoding=encoding)
    layer = Layer(
        file=source.shown,
        name=None,
        headings=headings,
        columns=tuple(column[kept] for column in columns),
        rows=kept + 1,
        shapes=_shapes(wkb),
        crs=_crs(meta.get("crs")),
    )
    return [layer]


def _cells(values: Any) -> Cells:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values.tolist()
    return cells


def _shapes(wkb: Any) -> Shapes:
    """Shapes; none where a coordinate is no number, for such a shape is nowhere."""
    shapes = np.array(shapely.force_2d(shapely.from_wkb(wkb, on_invalid="ignore")), dtype=object)
    coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
    shapes[owners[~np.isfinite(coordinates).all(axis=1)]] = None
    return shapes


def _crs(text: str | None) -> CRS | None:
    if not text:
        return None
    try:
        return CRS.from_user_input(text)
    except CRSError:
        return None
