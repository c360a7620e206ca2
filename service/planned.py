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


@dataclass(frozen=True, kw_only=True)
class PlannedFolder:
    """What `wangge plan -o DIR` left in a folder.

    Parameters
    ----------
    plan : dict
        plan.json, checked against its format.
    grids : tuple of dict
        The properties of each feature of grids.geojson; empty where that file is missing.
    files : tuple of str
        The known files that are there, in the order of the report.
    """

    name: str
    plan: dict[str, Any]
    grids: tuple[dict[str, Any], ...]
    files: tuple[str, ...]


def read_planned(folder: Path) -> PlannedFolder:
    """What is in the folder now.

    Raises
    ------
    InputError
        No folder, no plan in it, or a file that is not what its name says.
    """
    if not folder.is_dir():
        raise InputError([_fault("folder_missing", folder, Text("没有这个目录", "there is no such folder"))])
    if not (folder / "plan.json").is_file():
        message = Text("目录中没有 plan.json，不是规划结果", "it holds no plan.json, so it is not a planned folder")
        raise InputError([_fault("plan_missing", folder, message)])
    plan = load_json(folder / "plan.json")
    plan_from_json(plan, file=str(folder / "plan.json"))
    shapes = folder / "grids.geojson"
    return PlannedFolder(
        name=str(plan.get("problem") or folder.resolve().name),
        plan=plan,
        grids=_properties(load_json(shapes), shapes) if shapes.is_file() else (),
        files=tuple(name for name in FILES if (folder / name).is_file()),
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
