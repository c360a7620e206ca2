"""Who serves where as map layers: a line from every home to what is served, and every post with its people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.duty.posts_of_grid import PostsOfGrids
from partitioner.io.writing.geopackage import area_layers, write_layers
from partitioner.io.writing.naming import layer_name, reference
from partitioner.io.writing.staffed import Staffed
from partitioner.staffing.judging import metres_between
from partitioner.staffing.loads import LOAD_UNIT, load_of


def write_staffing_geopackage(planned: PlannedLevels, staffed: Staffed, path: str | Path) -> None:
    """Layers `staffing` (lines), `posts` (points) and the grids with a column of people per role.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    write_layers(staffing_layers(planned, staffed), path)


def staffing_layers(planned: PlannedLevels, staffed: Staffed) -> dict[str, gpd.GeoDataFrame]:
    """The layers by their names, in the county's coordinate system. People are told by their numbers."""
    name = layer_name(reference(planned).level.name)
    return {
        "staffing": _lines(planned, staffed),
        "posts": _posts(planned, staffed),
        name: _grids(planned, staffed, name),
    }


def _lines(planned: PlannedLevels, staffed: Staffed) -> gpd.GeoDataFrame:
    """One row per person and target; no line where a place is unknown."""
    roster = staffed.roster
    rows: list[dict[str, Any]] = []
    shapes: list[shapely.Geometry | None] = []
    for result in staffed.staffing.roles:
        title = staffed.rules.role(result.role).title
        for number, name in result.posted:
            person, target = roster.person[number], roster.target[name]
            metres = metres_between(person, target)
            load, share = staffed.loads[number]
            rows.append(
                {
                    "role": result.role, "role_zh": title.zh, "person": number, "target": name, "level": target.level,
                    "title": staffed.targets.title(name), "load": round(load, 2), "fair_share": round(share, 2),
                    "capacity": roster.capacity(person), "metres": None if metres is None else round(metres, 1),
                    "kept": name in person.previous, "locked": (number, name) in staffed.locked,
                }
            )  # fmt: skip
            known = metres is not None
            shapes.append(shapely.LineString([(person.x, person.y), (target.x, target.y)]) if known else None)
    return _frame(rows, shapes, planned, "role", "role_zh", "person", "target", "level", "title")


def _posts(planned: PlannedLevels, staffed: Staffed) -> gpd.GeoDataFrame:
    """One row per role and target: how many are wanted, who is there, how many are missing."""
    roster = staffed.roster
    rows: list[dict[str, Any]] = []
    shapes: list[shapely.Geometry | None] = []
    for result in staffed.staffing.roles:
        role, missing = roster.role[result.role], dict(result.short_targets)
        title = staffed.rules.role(result.role).title
        for target in roster.targets:
            if target.level == role.level:
                there = staffed.serving.get((role.name, target.id), ())
                rows.append(
                    {
                        "role": role.name, "role_zh": title.zh, "target": target.id, "level": target.level,
                        "title": staffed.targets.title(target.id), "wanted": roster.people_range(role, target)[0],
                        "there": len(there), "missing": missing.get(target.id, 0), "people": "; ".join(there),
                        "load": load_of(role, target) / LOAD_UNIT,
                    }
                )  # fmt: skip
                placed = target.x is not None and target.y is not None
                shapes.append(shapely.Point(target.x, target.y) if placed else None)
    return _frame(rows, shapes, planned, "role", "role_zh", "target", "level", "title", "people")


def _frame(
    rows: list[dict[str, Any]], shapes: list[shapely.Geometry | None], planned: PlannedLevels, *texts: str
) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(rows)
    for name in texts:
        frame[name] = pd.array(frame[name] if len(frame) else [], dtype="string")
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=planned.levels[0].county.crs)


def _grids(planned: PlannedLevels, staffed: Staffed, name: str) -> gpd.GeoDataFrame:
    """The areas that have a duty sheet, with the people of every role that serves them or what they lie in."""
    frame = area_layers(planned)[name].copy()
    posts = PostsOfGrids(staffed=staffed, names=False)
    columns: dict[str, list[str | None]] = {}
    missing = []
    codes = [str(code) for code in frame[frame.columns[0]]]
    for k, code in enumerate(codes):
        roles = [one for one in posts.of(code, ()) if one.role.level in ("grid", "special", "community")]
        for one in roles:
            people = [number for post in one.posts for number in post.people]
            columns.setdefault(f"post_{one.role.name}", [None] * len(codes))[k] = "; ".join(people) or None
        missing.append(sum(post.missing for one in roles for post in one.posts))
    for column, values in columns.items():
        frame[column] = pd.array(values, dtype="string")
    frame["posts_missing"] = missing
    return frame
