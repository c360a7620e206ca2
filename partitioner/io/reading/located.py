"""Layers with their role, their fields, and positions in a true coordinate system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from pyproj import CRS

from partitioner.io.reading.cells import CellError, is_blank, plain_text, read_coordinate
from partitioner.io.reading.coordinate_headings import CoordinateColumns, coordinate_columns
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.headings import match_fields
from partitioner.io.reading.layers import Layer, Shapes
from partitioner.io.reading.roles import Role
from partitioner.io.reading.systems import WGS84, Declared, project, settle, wanted_reference
from partitioner.model.arrays import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Located:
    """A layer that is understood.

    Parameters
    ----------
    fields : mapping from field to column
    shapes : Shapes or None
        None for a table without coordinates.
    crs : CRS
        Of `shapes`.
    settled : bool
        False where there are coordinates whose system cannot be told (a fault).
    """

    layer: Layer
    role: Role
    fields: Mapping[str, int]
    shapes: Shapes | None = None
    crs: CRS = WGS84
    settled: bool = True

    def __len__(self) -> int:
        return len(self.layer)

    def in_crs(self, crs: CRS) -> Located:
        """The same layer, shapes projected."""
        return self if self.shapes is None else replace(self, shapes=project(self.shapes, self.crs, crs), crs=crs)

    def degrees(self) -> FloatArray:
        """Middle of every shape's box as WGS84 degrees, shape (n, 2); finite rows only."""
        if self.shapes is None:
            return np.empty((0, 2))
        box = shapely.bounds(self.shapes).reshape(-1, 4)
        box = box[np.isfinite(box).all(axis=1)]
        centres = shapely.points(box[:, 0] / 2 + box[:, 2] / 2, box[:, 1] / 2 + box[:, 3] / 2)
        return np.asarray(shapely.get_coordinates(project(centres, self.crs, WGS84)), dtype=np.float64)


def locate(layer: Layer, role: Role, columns: Mapping[str, str], declared: Declared, findings: Findings) -> Located:
    """Match the fields of a layer and settle its coordinates; not `settled` after a fault of the whole layer."""
    fields = match_fields(layer, role.name, columns, findings)
    plain = Located(layer=layer, role=role, fields=fields)
    said, _ = wanted_reference(layer, declared)
    system = said if isinstance(said, str) else None
    shapes, columns_say = layer.shapes, None
    if shapes is None:
        pair = coordinate_columns(layer.headings, system)
        if pair is None:
            return plain
        shapes, columns_say = points(layer, pair, findings), pair.system
    settled = settle(layer, shapes, columns_say, declared, findings)
    return replace(plain, settled=False) if settled is None else replace(plain, shapes=settled[0], crs=settled[1])


def points(layer: Layer, pair: CoordinateColumns, findings: Findings) -> Shapes:
    """Points from coordinate columns; None where a row has none or a wrong one (a fault)."""
    x, y = np.full(len(layer), np.nan), np.full(len(layer), np.nan)
    for record in range(len(layer)):
        if pair.y is None:
            x[record], y[record] = _both(layer, record, pair.x, findings)
        else:
            x[record] = _one(layer, record, pair.x, findings)
            y[record] = _one(layer, record, pair.y, findings)
    shapes = np.full(len(layer), None, dtype=object)
    known = np.isfinite(x) & np.isfinite(y)
    shapes[known] = shapely.points(x[known], y[known])
    return shapes


def _one(layer: Layer, record: int, column: int, findings: Findings) -> float:
    value = layer.columns[column][record]
    try:
        number = read_coordinate(value)
    except CellError as error:
        findings.fault(error.rule, layer.place(record, column), value)
        return np.nan
    return np.nan if number is None else number


def _both(layer: Layer, record: int, column: int, findings: Findings) -> tuple[float, float]:
    """Two numbers in one cell, such as ``116.30,39.43``."""
    value = layer.columns[column][record]
    if is_blank(value):
        return np.nan, np.nan
    parts = plain_text(value).strip("()[]").replace(";", ",").replace(" ", ",").split(",")
    parts = [part for part in parts if part]
    try:
        if len(parts) != 2:
            raise CellError("coordinate_text")
        x, y = (read_coordinate(part) for part in parts)
    except CellError as error:
        findings.fault(error.rule, layer.place(record, column), value)
        return np.nan, np.nan
    return (np.nan, np.nan) if x is None or y is None else (x, y)
