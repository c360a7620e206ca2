"""Buildings: rows of ledgers and maps as one frame with unique ids."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from partitioner.geometry.county import BUILDING_COLUMNS
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located
from partitioner.io.reading.records import blank_cells, codes, counts

_CODES = ("id", "number", "name", "compound", "community", "previous_grid", "special")
_COUNTS = ("households", "residents", "stairwells", "floors")


def read_buildings(located: Located, findings: Findings) -> gpd.GeoDataFrame:
    """One layer in `BUILDING_COLUMNS` plus ``number`` and geometry (None for a table without coordinates).

    Ids may still be null; `give_ids` makes them whole. A blank `households` means nobody lives there.
    """
    layer = located.layer
    frame = pd.DataFrame({name: codes(located, name, findings) for name in _CODES})
    for name in _COUNTS:
        frame[name] = counts(located, name, findings)
    blanks = blank_cells(located, "households")
    if blanks:
        column = located.fields["households"]
        findings.notice("households_blank", layer.place(None, column), rows=blanks)
    frame["estimated"] = False
    frame["source"] = pd.Series([layer.source(record) for record in range(len(layer))], dtype="string")
    frame["number"] = frame["number"].where(~_whole(frame["number"]), frame["number"] + "号楼")
    frame["name"] = frame["name"].fillna(frame["number"])
    _check_ids(located, frame, findings)
    if located.shapes is None:
        geometry = np.full(len(layer), None, dtype=object)
    else:
        geometry = located.shapes
        _check_shapes(located, findings)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(geometry, crs=located.crs))


def _whole(numbers: pd.Series) -> pd.Series:
    return numbers.str.fullmatch(r"\d+").fillna(False).astype(bool)


def _check_ids(located: Located, frame: pd.DataFrame, findings: Findings) -> None:
    """Ids made of compound and number where there is no id column; blank ids beside given ones are faults."""
    layer, column = located.layer, located.fields.get("id")
    if column is None and frame["number"].notna().all() and len(frame):
        frame["id"] = (frame["compound"] + "-" + frame["number"]).fillna(frame["number"])
        return
    missing = frame["id"].isna().to_numpy()
    if column is None or missing.all():
        return
    for record in np.flatnonzero(missing).tolist():
        if (layer.place(record, column).row) is not None:
            findings.fault("id_blank", layer.place(record, column))


def _check_shapes(located: Located, findings: Findings) -> None:
    assert located.shapes is not None
    for record, shape in enumerate(located.shapes):
        if shape is None or shape.is_empty:
            findings.fault("geometry_missing", located.layer.place(record))


def give_ids(frame: gpd.GeoDataFrame, layers: Sequence[Located], findings: Findings) -> gpd.GeoDataFrame:
    """`b1`, `b2` … for rows without an id; two rows of one id are a fault that names both."""
    missing = frame["id"].isna()
    if missing.any():
        taken = set(frame["id"].dropna())
        fresh = (f"b{k}" for k in range(1, len(frame) + len(taken) + 1))
        frame = frame.copy()
        frame.loc[missing, "id"] = [
            next(name for name in fresh if name not in taken) for _ in range(int(missing.sum()))
        ]
        findings.notice("id_made", layers[0].layer.place(), rows=int(missing.sum()))
    first: dict[str, str] = {}
    places = [
        located.layer.place(record, located.fields.get("id")) for located in layers for record in range(len(located))
    ]
    for name, source, place in zip(frame["id"], frame["source"], places, strict=True):
        if name in first:
            findings.fault("id_twice", place, name, other=first[name])
        first.setdefault(name, source)
    return frame


def in_columns(frame: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Exactly `BUILDING_COLUMNS` and geometry, in their types, rows numbered from 0."""
    columns = {
        name: frame[name].reset_index(drop=True).astype(kind)
        if name in frame
        else pd.Series([False if kind == "bool" else None] * len(frame), dtype=kind)
        for name, kind in BUILDING_COLUMNS.items()
    }
    geometry = gpd.GeoSeries(np.asarray(frame.geometry, dtype=object), crs=crs)
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=geometry)
