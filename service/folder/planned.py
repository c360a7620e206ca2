"""A planned folder, read for showing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.writing.report import FILES
from partitioner.model.json_reading import load_json
from partitioner.model.plan_json import plan_from_json

_PLAN_FIRST = Text(
    "请先运行 wangge plan … -o 目录，再打开该目录", "run wangge plan … -o DIR first, then serve that folder"
)


LEVELS = ("", "grid", "micro", "community")
"""Which level is shown: the only one (its files carry no name), else the first of these that is there."""

AREAS = {
    "": "grids.geojson",
    "grid": "grids.geojson",
    "micro": "micro_grids.geojson",
    "community": "communities.geojson",
}


def known_files() -> tuple[str, ...]:
    """Names that a planned folder may hold, those of one level among several after the general ones."""
    return tuple(dict.fromkeys(_of_level(name, level) for name in FILES for level in LEVELS))


def purpose_of(name: str) -> Text:
    """What a known file is for."""
    return next(purpose for file, purpose in FILES.items() for level in LEVELS if _of_level(file, level) == name)


def _of_level(name: str, level: str) -> str:
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{level}.{ending}" if level else name


@dataclass(frozen=True, kw_only=True)
class PlannedFolder:
    """What `wangge plan -o DIR` left in a folder.

    Parameters
    ----------
    plan : dict
        plan.json, checked against its format; that of the grids where several levels were planned.
    grids : tuple of dict
        The properties of each area of that plan; empty where its GeoJSON is missing.
    files : tuple of str
        The known files that are there, in the order of the report.
    overview : str
        Name of the picture that shows the areas of `plan`.
    """

    name: str
    plan: dict[str, Any]
    grids: tuple[dict[str, Any], ...]
    files: tuple[str, ...]
    overview: str = "overview.png"


def read_planned(folder: Path) -> PlannedFolder:
    """What is in the folder now.

    Raises
    ------
    InputError
        No folder, no plan in it, or a file that is not what its name says.
    """
    if not folder.is_dir():
        raise InputError([_fault("folder_missing", folder, Text("没有这个目录", "there is no such folder"))])
    level = next((level for level in LEVELS if (folder / _of_level("plan.json", level)).is_file()), None)
    if level is None:
        message = Text("目录中没有 plan.json，不是规划结果", "it holds no plan.json, so it is not a planned folder")
        raise InputError([_fault("plan_missing", folder, message)])
    path = folder / _of_level("plan.json", level)
    plan = load_json(path)
    plan_from_json(plan, file=str(path))
    shapes = folder / AREAS[level]
    return PlannedFolder(
        name=str(plan.get("problem") or folder.resolve().name),
        plan=plan,
        grids=_properties(load_json(shapes), shapes) if shapes.is_file() else (),
        files=tuple(name for name in known_files() if (folder / name).is_file()),
        overview=_of_level("overview.png", level),
    )


def _properties(document: Any, path: Path) -> tuple[dict[str, Any], ...]:
    features = document.get("features") if isinstance(document, dict) else None
    if isinstance(features, list):
        rows = tuple(f["properties"] for f in features if isinstance(f, dict) and isinstance(f.get("properties"), dict))
        if len(rows) == len(features):
            return rows
    message = Text("不是 GeoJSON 要素集合", "it is not a GeoJSON feature collection")
    raise InputError([_fault("grids_format", path, message)])


def _fault(rule: str, path: Path, message: Text) -> Fault:
    return Fault(rule=rule, place=Place(file=str(path)), message=message, remedy=_PLAN_FIRST)
