"""What is kept of a plan: every output of the command line, and what the map and the tables are served from."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from partitioner.io.writing import PlannedCounty, PlannedLevels, write_folder
from partitioner.io.writing.geojson import feature_collection
from partitioner.io.writing.layers import barriers_layer
from partitioner.io.writing.naming import layer_name
from partitioner.model import Problem, Result, Violation
from service.errors import fault_to_stored
from service.jobs.task import Task, write_json

INNER = "_"
"""Names of files that are not among the outputs begin with this."""

CELLS = "_cells-{level}.geojson.gz"
JUDGEMENT = "_judgement-{level}.json"

_LEVEL = 6
"""Of compression: more costs seconds and saves little."""


def keep(planned: PlannedLevels, task: Task, *, sheets: bool = False) -> dict[str, Any]:
    """Write everything about `planned`; returns the plan's summary."""
    task.phase("write")
    write_folder(planned, task.made, sheets=sheets, cores=task.limits.threads)
    return make_servable(planned, task.made)


def make_servable(planned: PlannedLevels, folder: Path) -> dict[str, Any]:
    """Add to a plan's outputs in `folder` what map and tables are served from; returns the plan's summary."""
    for level in planned.levels:
        name = level.level.name
        _write_packed(folder / CELLS.format(level=name), feature_collection(cells_layer(level), "id"))
        write_json(folder / JUDGEMENT.format(level=name), judgement(level.problem, level.result, level))
    barriers = barriers_layer(planned.levels[0])
    _write_packed(folder / "_barriers.geojson.gz", feature_collection(barriers.assign(id=_numbers(barriers)), "id"))
    for path in sorted(folder.glob("*.geojson")):
        pack(path)
    return summary(planned)


def summary(planned: PlannedLevels) -> dict[str, Any]:
    """What a list of plans shows."""
    return {
        "county": planned.levels[0].county.name,
        "crs": planned.levels[0].county.crs.to_string(),
        "profile": planned.levels[0].profile.name,
        "levels": [
            _level_summary(level, seconds) for level, seconds in zip(planned.levels, planned.seconds, strict=True)
        ],
        "notices": [fault_to_stored(notice) for notice in planned.notices[:1000]],
        "num_notices": len(planned.notices),
    }


def _level_summary(level: PlannedCounty, seconds: float) -> dict[str, Any]:
    result, problem = level.result, level.problem
    sizes = sorted(area.households for area in level.explanation.grids)
    return {
        "level": level.level.name,
        "layer": layer_name(level.level.name),
        "title": [level.level.title.zh, level.level.title.en],
        "status": result.status,
        "stop_reason": result.stop_reason,
        "objective": asdict(result.objective),
        "bound": result.bound,
        "gap": result.gap,
        "bounds": {"min": problem.bounds.min, "max": problem.bounds.max, "target": problem.bounds.aim},
        "weights": asdict(problem.weights),
        "num_areas": len(sizes),
        "num_units": len(problem.units),
        "households": int(problem.units.households.sum()),
        "area_households": {
            "min": sizes[0] if sizes else 0,
            "median": float(np.median(sizes)) if sizes else 0.0,
            "max": sizes[-1] if sizes else 0,
        },
        "num_violations": len(result.violations),
        "num_warnings": len(result.warnings),
        "seconds": seconds,
    }


def judgement(problem: Problem, result: Result, level: PlannedCounty) -> dict[str, Any]:
    """Violations and explanation of one level, in both languages."""
    return {
        "violations": [violation_document(v) for v in result.violations],
        "warnings": [violation_document(v) for v in result.warnings],
        "reasons": [violation_document(v) for v in result.reasons],
        "notes": [violation_document(v) for v in result.notes],
        "areas": [
            {
                "grid": area.grid,
                "parent": area.parent,
                "households": area.households,
                "num_units": area.num_units,
                "walk": _finite(area.walk),
                "deviation": area.deviation,
                "groups": list(area.groups),
                "split_groups": list(area.split_groups),
                "centre": area.centre,
                "pieces": area.pieces,
                "locked": area.locked,
                "max_walk_m": _finite(area.max_walk_m),
                "violations": [v.rule for v in area.violations],
            }
            for area in level.explanation.grids
        ],
        "unlabelled": list(level.explanation.unlabelled),
        "num_groups": level.explanation.num_groups,
        "num_split_groups": level.explanation.num_split_groups,
        "weights": asdict(problem.weights),
    }


def violation_document(violation: Violation) -> dict[str, Any]:
    """A violation in both languages."""
    return {
        "rule": violation.rule,
        "grid": violation.grid,
        "units": list(violation.units),
        "amount": violation.amount,
        "message": [violation.message.zh, violation.message.en],
        "remedy": [violation.remedy.zh, violation.remedy.en],
    }


def cells_layer(planned: PlannedCounty) -> gpd.GeoDataFrame:
    """Every unit with the land around it: what a map draws and a hand moves."""
    units, grid = planned.problem.units, planned.result.plan.grid
    rows = planned.county.buildings.set_index(planned.county.buildings["id"].astype("string"), drop=False)
    own = rows[~rows.index.duplicated()].reindex(list(units.id))
    locked = np.zeros(len(units), dtype=bool)
    for members in planned.problem.locked:
        locked[list(members)] = True
    columns = {
        "id": pd.array(units.id, dtype="string"),
        "name": own["name"].to_numpy(dtype=object),
        "households": units.households,
        "compound": pd.array(list(units.group.values()), dtype="string"),
        "community": pd.array(list(units.parent.values()), dtype="string"),
        "grid": pd.array(list(grid.values()), dtype="string"),
        "previous_grid": pd.array(list(units.previous.values()), dtype="string"),
        "locked": locked,
    }
    return gpd.GeoDataFrame(columns, geometry=list(planned.unit_graph.cells), crs=planned.county.crs)


def pack(path: Path) -> None:
    """A compressed twin of `path`, for the map."""
    with path.open("rb") as plain, _packed(path.with_name(f"{INNER}{path.name}.gz")) as twin:
        shutil.copyfileobj(plain, twin)


def _write_packed(path: Path, text: str) -> None:
    with _packed(path) as stream:
        stream.write(text.encode())


def _packed(path: Path) -> gzip.GzipFile:
    """Equal contents give equal bytes: without name and time."""
    return gzip.GzipFile(filename="", fileobj=path.open("wb"), mode="wb", compresslevel=_LEVEL, mtime=0)


def _numbers(frame: gpd.GeoDataFrame) -> list[int]:
    return list(range(1, len(frame) + 1))


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None
