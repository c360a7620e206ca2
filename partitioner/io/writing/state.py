"""The state of a plan: what a redraw, an edit or a new print needs beside problem and plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.errors

from partitioner.geometry.county import County
from partitioner.io import state
from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.geopackage import fixed_time
from partitioner.io.writing.naming import Planned, as_levels
from partitioner.model import PieceResult, Violation
from partitioner.model.files import replacing
from partitioner.profiles.as_json import profile_to_json


def write_state(planned: Planned, path: str | Path) -> None:
    """Write what `read_planned` reads back, beside the files of problem and plan.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    levels = as_levels(planned)
    first = levels.levels[0]
    tables = dict(_shared(first.county))
    if levels.source is not None:
        tables |= dict(_of_county(state.SOURCE, levels.source))
    for level in levels.levels:
        tables |= dict(_of_level(level))
    kinds = {
        name: {str(column): str(frame[column].dtype) for column in frame.columns if column != "geometry"}
        for name, frame in tables.items()
    }
    run = {
        "format": state.FORMAT,
        "county": first.county.name,
        "crs": first.county.crs.to_wkt(),
        "profile": profile_to_json(first.profile),
        "levels": list(levels.names),
        "seconds": list(levels.seconds),
        "kinds": kinds,
        "notices": {level.level.name: _notices(level) for level in levels.levels},
        "source": None if levels.source is None else [state.fault_to_json(n) for n in levels.source.notices],
        "answers": {level.level.name: _answers(level) for level in levels.levels},
    }
    table = pd.DataFrame({"key": list(run), "value": [json.dumps(v, ensure_ascii=False) for v in run.values()]})
    with replacing(path) as temporary, fixed_time():
        temporary.unlink()  # the driver takes an empty file for a broken database
        for name, frame in {state.RUN: table, **tables}.items():
            _write(frame, temporary, name)


def _shared(county: County) -> Iterator[tuple[str, pd.DataFrame]]:
    """What all levels have in common."""
    yield state.BARRIERS, county.barriers
    if county.boundary is not None:
        yield state.BOUNDARY, gpd.GeoDataFrame({"name": [county.name]}, geometry=[county.boundary], crs=county.crs)
    for name, frame in ((state.FLOORS, county.floors), (state.CORRIDORS, county.corridors)):
        if frame is not None:
            yield name, frame


def _of_county(name: str, county: County) -> Iterator[tuple[str, pd.DataFrame]]:
    yield state.layer_of(name, "buildings"), county.buildings
    yield state.layer_of(name, "communities"), county.communities


def _of_level(level: PlannedCounty) -> Iterator[tuple[str, pd.DataFrame]]:
    name, county, graph = level.level.name, level.county, level.unit_graph
    yield state.layer_of(name, "buildings"), county.buildings.assign(**{state.UNIT: level.unit_of_building})
    yield state.layer_of(name, "communities"), county.communities
    cells = {"id": list(level.problem.units.id), "x": graph.place_xy[:, 0], "y": graph.place_xy[:, 1]}
    yield state.layer_of(name, "cells"), gpd.GeoDataFrame(cells, geometry=graph.cells, crs=county.crs)
    yield state.layer_of(name, "links"), _links(level)


def _links(level: PlannedCounty) -> pd.DataFrame:
    graph = level.unit_graph
    rows = [
        _links_of(state.GRAPH, graph.graph.u, graph.graph.v, graph.graph.length_m, graph.soft_m),
        _links_of(state.CUT, graph.cut_u, graph.cut_v),
        _links_of(state.BRIDGED, graph.bridged_u, graph.bridged_v),
        _links_of(state.FAR, graph.far_u, graph.far_v),
    ]
    return pd.concat(rows, ignore_index=True)


def _links_of(kind: str, u: Any, v: Any, length_m: Any = None, soft_m: Any = None) -> pd.DataFrame:
    nothing = np.full(len(u), np.nan)
    columns = {
        "kind": pd.array([kind] * len(u), dtype="string"),
        "u": np.asarray(u, dtype=np.int64),
        "v": np.asarray(v, dtype=np.int64),
        "length_m": nothing if length_m is None else np.asarray(length_m, dtype=np.float64),
        "soft_m": nothing if soft_m is None else np.asarray(soft_m, dtype=np.float64),
    }
    return pd.DataFrame(columns)


def _notices(level: PlannedCounty) -> dict[str, Any]:
    return {
        "county": [state.fault_to_json(notice) for notice in level.county.notices],
        "graph": [state.fault_to_json(notice) for notice in level.unit_graph.notices],
    }


def _answers(level: PlannedCounty) -> dict[str, Any]:
    """What the plan file does not hold of a result."""
    result = level.result
    return {
        "reasons": [_answer(v) for v in result.reasons],
        "notes": [_answer(v) for v in result.notes],
        "pieces": [_piece(piece) for piece in result.pieces],
    }


def _piece(piece: PieceResult) -> dict[str, Any]:
    return {
        "parent": piece.parent,
        "units": piece.units.tolist(),
        "bound": float(piece.bound),
        "least_outside": int(piece.least_outside),
        "reasons": [_answer(v) for v in piece.reasons],
        "households": int(piece.households),
        "num_grids": int(piece.num_grids),
        "status": piece.status,
        "value": float(piece.value),
        "outside": int(piece.outside),
        "proved": bool(piece.proved),
    }


def _answer(violation: Violation) -> dict[str, Any]:
    return {
        "rule": violation.rule,
        "grid": violation.grid,
        "units": list(violation.units),
        "amount": violation.amount,
        "message": [violation.message.zh, violation.message.en],
        "remedy": [violation.remedy.zh, violation.remedy.en],
    }


def _write(frame: pd.DataFrame, path: Path, name: str) -> None:
    """One layer, shapes exactly as they are: neither promoted to multi-part ones nor indexed."""
    plain = frame.copy()
    for column in plain.columns:
        if str(plain[column].dtype) in ("bool", "boolean"):
            plain[column] = plain[column].astype("Int64")
    options: dict[str, Any] = {"layer": name, "driver": "GPKG", "append": path.exists()}
    if isinstance(frame, gpd.GeoDataFrame):
        options |= {"geometry_type": "Unknown", "SPATIAL_INDEX": "NO"}
    try:
        pyogrio.write_dataframe(plain, path, **options)
    except pyogrio.errors.DataSourceError as error:
        raise OSError(str(error)) from error
