"""Compound ledgers: one row per walled estate, with its households and its number of buildings."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from partitioner.io.reading.cells import is_blank
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located
from partitioner.io.reading.records import codes, counts

_CODES = ("id", "name", "community", "previous_grid", "township", "home_township")
_COUNTS = ("households", "buildings", "residents", "floors", "workload")


def read_compounds(located: Located, findings: Findings) -> gpd.GeoDataFrame:
    """`id`, `name`, `source`, point, and the other columns of `_CODES` and `_COUNTS`.

    A name, households and a position are needed in every row; a missing number of buildings counts as one.
    """
    layer = located.layer
    frame = pd.DataFrame({name: codes(located, name, findings) for name in _CODES})
    for name in _COUNTS:
        frame[name] = counts(located, name, findings)
    frame["source"] = pd.Series([layer.source(record) for record in range(len(layer))], dtype="string")
    if "households" not in located.fields:
        findings.fault("households_column_missing", layer.place(), headings=_headings(located))
    if located.shapes is None:
        findings.fault("coordinates_missing", layer.place(), headings=_headings(located))
    shapes = np.full(len(layer), None, dtype=object) if located.shapes is None else located.shapes
    for record in range(len(layer)):
        if frame["name"].isna()[record]:
            findings.fault("compound_unnamed", layer.place(record, located.fields.get("name")))
        lost = located.shapes is not None and (shapes[record] is None or shapes[record].is_empty)
        if lost and not findings.named(layer.place(record)):
            findings.fault("geometry_missing", layer.place(record))
    _blank_households(located, findings)
    _buildings(located, frame, findings)
    frame["id"] = frame["id"].fillna(frame["name"])
    repeated = frame["id"].duplicated(keep="first").to_numpy()
    for record in np.flatnonzero(repeated & frame["id"].notna().to_numpy()).tolist():
        same = frame.index[frame["id"] == frame["id"][record]][0]
        findings.fault("id_twice", layer.place(record), frame["id"][record], other=frame["source"][same])
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(_as_points(shapes), crs=located.crs))


def _blank_households(located: Located, findings: Findings) -> None:
    column = located.fields.get("households")
    for record, value in enumerate([] if column is None else located.layer.columns[column]):
        if is_blank(value):
            findings.fault("households_missing", located.layer.place(record, column))


def _buildings(located: Located, frame: pd.DataFrame, findings: Findings) -> None:
    """A compound without a number of buildings counts as one building."""
    bad = (frame["buildings"].isna() | (frame["buildings"] == 0)).to_numpy(dtype=bool)
    if bad.any():
        findings.notice(
            "buildings_assumed", located.layer.place(None, located.fields.get("buildings")), rows=int(bad.sum())
        )
    frame.loc[bad, "buildings"] = 1


def _as_points(shapes: np.ndarray) -> np.ndarray:
    areas = np.asarray(shapely.get_type_id(shapes)) > 0
    shapes = shapes.copy()
    shapes[areas] = shapely.point_on_surface(shapes[areas])
    return shapes


def _headings(located: Located) -> str:
    return ", ".join(heading.text for heading in located.layer.headings)
