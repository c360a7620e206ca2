"""What surrounds the buildings: barriers, communities, the outline of the county."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from partitioner.io.reading.cells import is_blank, plain_text
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located
from partitioner.io.reading.records import codes
from partitioner.io.reading.roles import CROSSING_OF_KIND, kind_of

_CROSSINGS = {
    "hard": ("hard", "硬", "不可通行", "不能通行", "不通", "否", "no", "false", "0"),
    "soft": ("soft", "软", "可绕行", "限制通行"),
    "open": ("open", "开", "可通行", "能通行", "通行", "是", "yes", "true", "1", "bridge"),
}
_COMMUNITY_COLUMNS = ["id", "name", "township"]
_CROSSING_OF = {name: crossing for crossing, names in _CROSSINGS.items() for name in names}


def read_barriers(layers: Sequence[Located], crs: CRS, findings: Findings) -> gpd.GeoDataFrame:
    """`kind`, `crossing`, `source`, line or polygon."""
    rows: list[tuple[str, str, str]] = []
    shapes: list[shapely.Geometry] = []
    for located in layers:
        for record, kind, crossing, shape in _barriers(located, findings):
            rows.append((kind, crossing, located.layer.source(record)))
            shapes.append(shape)
    frame = pd.DataFrame(rows, columns=["kind", "crossing", "source"]).astype("string")
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(_objects(shapes), crs=crs))


def _barriers(located: Located, findings: Findings) -> list[tuple[int, str, str, shapely.Geometry]]:
    layer, role = located.layer, located.role
    found, left_out, unknown = [], 0, 0
    for record, shape in enumerate(located.shapes if located.shapes is not None else []):
        if shape is None or shape.is_empty or shapely.get_dimensions(shape) < 1:
            left_out += 1
            continue
        told = _cell(located, "kind", record)
        kind = (kind_of(told) if told else None) or role.kind or told
        crossing = _CROSSING_OF.get(_cell(located, "crossing", record).casefold()) or role.crossing
        crossing = crossing or CROSSING_OF_KIND.get(kind)
        if crossing is None:
            unknown += 1
            continue
        found.append((record, kind or "barrier", crossing, shape))
    if left_out or located.shapes is None:
        findings.notice("barrier_without_line", layer.place(), rows=left_out or len(layer))
    if unknown:
        findings.fault("barrier_unknown", layer.place(), rows=unknown)
    return found


def _cell(located: Located, field: str, record: int) -> str:
    column = located.fields.get(field)
    return "" if column is None else plain_text(located.layer.columns[column][record])


def read_communities(layers: Sequence[Located], crs: CRS, findings: Findings) -> gpd.GeoDataFrame:
    """`id`, `name`, `township`, polygon; several rows of one id become one community of several parts."""
    frames = []
    for located in layers:
        ids, names = codes(located, "id", findings), codes(located, "name", findings)
        ids, names = ids.fillna(names), names.fillna(ids)
        for record in np.flatnonzero(ids.isna().to_numpy()).tolist():
            findings.fault("community_unnamed", located.layer.place(record))
        shapes = located.shapes if located.shapes is not None else np.full(len(located), None, dtype=object)
        areas = _areas(located, shapes, findings)
        frames.append(
            pd.DataFrame({"id": ids, "name": names, "township": codes(located, "township", findings), "shape": areas})
        )
    if not frames:
        empty = pd.DataFrame({name: pd.Series(dtype="string") for name in _COMMUNITY_COLUMNS})
        return gpd.GeoDataFrame(empty, geometry=gpd.GeoSeries([], crs=crs))
    table = pd.concat(frames, ignore_index=True).dropna(subset=["id"])
    merged = [
        (*(group[name].iloc[0] for name in _COMMUNITY_COLUMNS), shapely.union_all(group["shape"].dropna().tolist()))
        for _, group in table.groupby("id", sort=False)
    ]
    if len(merged) < len(table):
        findings.notice("community_parts", layers[0].layer.place(), rows=len(table) - len(merged))
    columns = pd.DataFrame([row[:-1] for row in merged], columns=_COMMUNITY_COLUMNS).astype("string")
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(_objects([row[-1] for row in merged]), crs=crs))


def _areas(located: Located, shapes: np.ndarray, findings: Findings) -> np.ndarray:
    """Valid areas; a row without one is a fault."""
    areas = np.full(len(shapes), None, dtype=object)
    for record, shape in enumerate(shapes):
        if shape is None or shapely.get_dimensions(shape) < 2:
            findings.fault("community_without_area", located.layer.place(record))
        else:
            areas[record] = shape if shape.is_valid else shapely.make_valid(shape)
    return areas


def read_boundary(layers: Sequence[Located], findings: Findings) -> tuple[shapely.Geometry | None, str | None]:
    """The outline of the county and its name; None where none was given."""
    areas: list[shapely.Geometry] = []
    name = None
    for located in layers:
        shapes = [] if located.shapes is None else [s for s in located.shapes if s is not None and not s.is_empty]
        lines = [shape for shape in shapes if shapely.get_dimensions(shape) == 1]
        found = [shape for shape in shapes if shapely.get_dimensions(shape) == 2]
        found += list(shapely.get_parts(shapely.polygonize(lines))) if lines else []
        if not found:
            findings.fault("boundary_without_area", located.layer.place())
        areas += [shape if shape.is_valid else shapely.make_valid(shape) for shape in found]
        column = located.fields.get("name")
        if name is None and column is not None and len(located) and not is_blank(located.layer.columns[column][0]):
            name = plain_text(located.layer.columns[column][0])
    if not areas:
        return None, name
    parts = [part for part in shapely.get_parts(shapely.union_all(areas)) if shapely.get_dimensions(part) == 2]
    return shapely.union_all(parts), name


def _objects(shapes: Sequence[object]) -> np.ndarray:
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    return array
