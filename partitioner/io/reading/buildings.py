"""Buildings: rows of ledgers and maps as one frame with unique ids."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from partitioner.errors import Place
from partitioner.geometry.county import BUILDING_COLUMNS
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located
from partitioner.io.reading.records import blank_cells, codes, counts, lifts

_CODES = ("id", "number", "name", "compound", "community", "previous_grid", "special", "township", "home_township")
_COUNTS = ("households", "residents", "stairwells", "floors", "workload", "elderly", "special_care", "events")


def read_buildings(located: Located, findings: Findings) -> gpd.GeoDataFrame:
    """One layer in `BUILDING_COLUMNS` plus ``number`` and geometry (None for a table without coordinates).

    Ids may still be null or repeated: see `single_ids` and `whole_ids`. A blank `households` means nobody lives there.
    """
    layer = located.layer
    frame = pd.DataFrame({name: codes(located, name, findings) for name in _CODES})
    for name in _COUNTS:
        frame[name] = counts(located, name, findings)
    frame["lifts"] = lifts(located, findings)
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
    """Blank ids beside given ones are faults; without ids, compound and number together make one."""
    layer, column = located.layer, located.fields.get("id")
    if column is None:
        if "compound" in located.fields and frame["number"].notna().all():
            frame["id"] = (frame["compound"] + "-" + frame["number"]).fillna(frame["number"])
        return
    missing = frame["id"].isna().to_numpy()
    if not missing.all():
        for record in np.flatnonzero(missing).tolist():
            findings.fault("id_blank", layer.place(record, column))


def _check_shapes(located: Located, findings: Findings) -> None:
    assert located.shapes is not None
    for record, shape in enumerate(located.shapes):
        place = located.layer.place(record)
        if (shape is None or shape.is_empty) and not findings.named(place):
            findings.fault("geometry_missing", place)


def single_ids(
    frame: gpd.GeoDataFrame, layers: Sequence[Located], findings: Findings, *, parts: bool = False
) -> gpd.GeoDataFrame:
    """Ids that are given once; null ids stay null.

    Two rows of one id are a fault that names both, because households would count twice or get lost. Where `parts` is
    true (footprints that carry no households) the further rows are called ``id-2``, ``id-3`` … with a notice.
    """
    ids = [None if pd.isna(name) else str(name) for name in frame["id"]]
    sources = frame["source"].tolist()
    first: dict[str, str] = {}
    taken = {name for name in ids if name is not None}
    for k, name in enumerate(ids):
        if name is None:
            continue
        if name not in first:
            first[name] = str(sources[k])
        elif parts:
            ids[k] = next(new for new in (f"{name}-{part}" for part in count(2)) if new not in taken)
            taken.add(str(ids[k]))
            findings.notice("id_parted", _id_place(layers, k), name, other=first[name], new=ids[k])
        else:
            findings.fault("id_twice", _id_place(layers, k), name, other=first[name])
    return frame.assign(id=pd.Series(ids, index=frame.index, dtype="string"))


def _id_place(layers: Sequence[Located], position: int) -> Place:
    """Where the id of the building at `position` of the stacked layers stands."""
    for located in layers:
        if position < len(located):
            return located.layer.place(position, located.fields.get("id"))
        position -= len(located)
    return Place()


def whole_ids(frame: gpd.GeoDataFrame, place: Place, findings: Findings) -> gpd.GeoDataFrame:
    """`b1`, `b2` … for rows without an id."""
    missing = frame["id"].isna().to_numpy()
    if not missing.any():
        return frame
    taken = set(frame["id"].dropna())
    fresh = (name for name in (f"b{k}" for k in count(1)) if name not in taken)
    ids = frame["id"].copy()
    ids[missing] = [next(fresh) for _ in range(int(missing.sum()))]
    findings.notice("id_made", place, rows=int(missing.sum()))
    return frame.assign(id=ids)


def in_columns(frame: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    """Exactly `BUILDING_COLUMNS` and geometry, in their types, rows numbered from 0."""
    frame = frame.assign(building=frame["id"])
    columns = {
        name: frame[name].reset_index(drop=True).astype(kind)
        if name in frame
        else pd.Series([False if kind == "bool" else None] * len(frame), dtype=kind)
        for name, kind in BUILDING_COLUMNS.items()
    }
    geometry = gpd.GeoSeries(np.asarray(frame.geometry, dtype=object), crs=crs)
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=geometry)
