"""`read`: uploaded files checked and shown on the map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np

from partitioner.errors import MAX_LISTED_FAULTS, Fault, InputError, Text
from partitioner.geometry.county import County
from partitioner.io.reading import read_county, write_fault_table
from partitioner.io.reading.files import read_layers
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.headings import match_fields
from partitioner.io.reading.layers import Layer
from partitioner.io.reading.roles import read_roles, role_of
from partitioner.io.reading.sources import find_sources
from partitioner.io.writing.geojson import feature_collection
from service.errors import FaultsError, fault_to_stored, to_stored
from service.jobs.kinds.keeping import pack
from service.jobs.task import Outcome, Task, write_json

SAMPLES = 3
"""Values of every column that a reader is shown."""


def read(task: Task) -> Outcome:
    """Ready with layers and figures, or refused with every fault."""
    task.phase("read")
    options = task.inputs["options"]
    paths = [task.given / name for name in task.inputs["files"]]
    tables: list[dict[str, Any]] = []

    def seen(layers: Sequence[Layer]) -> None:
        tables.extend(_tables(layers, options))

    if options.get("purpose") == "roster":
        # People are read against a plan; here only what the tables hold is shown.
        findings = Findings()
        seen(read_layers(find_sources(paths, findings), dict(options.get("columns") or {}), findings))
        return Outcome(dataset={"state": "ready", "summary": {"tables": tables}, "num_faults": 0})
    try:
        county = read_county(
            paths,
            crs=options.get("crs"),
            roles=options.get("roles"),
            columns=options.get("columns"),
            name=task.inputs.get("county"),
            on_layers=seen,
        )
        _check_size(county, task.inputs["rows"])
    except InputError as error:
        return _refused(task, error, tables)
    task.phase("write")
    _write_layers(county, task.made)
    summary = _summary(county) | {"tables": tables}
    return Outcome(dataset={"state": "ready", "summary": summary, "num_faults": 0})


def _refused(task: Task, error: InputError, tables: list[dict[str, Any]]) -> Outcome:
    faults = error.faults
    write_fault_table(faults, task.made / "faults.xlsx")
    write_json(task.made / "_faults.json", [fault_to_stored(fault) for fault in faults])
    dataset = {"state": "refused", "num_faults": error.num_faults, "summary": {"tables": tables}}
    told = FaultsError(faults[:MAX_LISTED_FAULTS], num_faults=error.num_faults)
    return Outcome(dataset=dataset, error=to_stored(told))


def _check_size(county: County, rows: int) -> None:
    if len(county.buildings) > rows:
        fault = Fault(
            rule="too_many_buildings",
            value=str(len(county.buildings)),
            message=Text(f"楼栋超过 {rows} 栋", f"more than {rows} buildings"),
            remedy=Text("请分片上传，或请管理员提高上限", "upload it in parts, or ask an admin for a higher limit"),
        )
        raise InputError([fault])


def _tables(layers: Sequence[Layer], options: dict[str, Any]) -> list[dict[str, Any]]:
    """What every table was taken for."""
    findings = Findings()
    columns = dict(options.get("columns") or {})
    roles = read_roles(options.get("roles") or {}, findings)
    alone = {layer.file: sum(other.file == layer.file for other in layers) == 1 for layer in layers}
    return [
        _table(layer, role_of(layer, roles, columns, findings, alone=alone[layer.file]), columns, findings)
        for layer in layers
    ]


def _table(layer: Layer, role: Any, columns: dict[str, str], findings: Findings) -> dict[str, Any]:
    fields = {} if role is None else match_fields(layer, role.name, columns, findings, report=False)
    headings = [heading.text for heading in layer.headings]
    return {
        "file": layer.file,
        "layer": layer.name,
        "role": None if role is None else role.name,
        "rows": len(layer),
        "has_geometry": layer.shapes is not None,
        "crs": None if layer.crs is None else layer.crs.to_string()[:200],
        "columns": {field: headings[column] for field, column in sorted(fields.items())},
        "headings": [
            {"heading": heading, "samples": [str(value)[:60] for value in cells[:SAMPLES] if value is not None]}
            for heading, cells in zip(headings, layer.columns, strict=True)
        ],
    }


def _summary(county: County) -> dict[str, Any]:
    buildings = county.buildings
    households = buildings["households"].fillna(0)
    box = buildings.geometry.to_crs("OGC:CRS84").total_bounds
    return {
        "county": county.name,
        "crs": county.crs.to_string(),
        "num_buildings": len(buildings),
        "num_inhabited": int((households > 0).sum()),
        "households": int(households.sum()),
        "num_compounds": int(buildings["compound"].nunique()),
        "num_communities": int(buildings["community"].nunique()),
        "num_barriers": len(county.barriers),
        "num_estimated": int(buildings["estimated"].sum()),
        "has_previous_grids": bool(buildings["previous_grid"].notna().any()),
        "bbox": [round(float(value), 7) for value in box] if np.isfinite(box).all() else None,
        "notices": [fault_to_stored(notice) for notice in county.notices[:MAX_LISTED_FAULTS]],
        "num_notices": len(county.notices),
    }


def _write_layers(county: County, folder: Path) -> None:
    frames = {"buildings": county.buildings, "communities": county.communities, "barriers": county.barriers}
    if county.boundary is not None:
        frames["boundary"] = gpd.GeoDataFrame({"name": [county.name]}, geometry=[county.boundary], crs=county.crs)
    for name, frame in frames.items():
        path = folder / f"{name}.geojson"
        key = "id" if "id" in frame.columns else "_row"
        path.write_text(
            feature_collection(frame if key == "id" else frame.assign(_row=range(len(frame))), key), "utf-8"
        )
        pack(path)
        path.unlink()
