"""A planned folder as `wangge plan` would leave it, without planning."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PLAN: dict[str, Any] = {
    "format": "wangge-plan/1",
    "problem": "东街 <b>县</b>",
    "grid": ["G001", "G001", "G002", "G003"],
    "status": "feasible",
    "stop_reason": "time_limit",
    "objective": {"walk": 100000.0, "split": 1, "balance": 30.0, "move": 0, "total": 123456.0},
    "bound": 120987.0,
    "gap": 0.02,
    "violations": [],
    "warnings": [],
    "seconds": 12.5,
    "seed": 0,
    "engine": "wangge 0.1.0",
}

GRIDS: list[dict[str, Any]] = [
    {
        "code": "G001",
        "community": "东街社区",
        "households": 1333,
        "deviation": 33.0,
        "buildings": 2,
        "violations": None,
    },
    {
        "code": "G002",
        "community": "东街社区",
        "households": 301,
        "deviation": -99.0,
        "buildings": 1,
        "violations": None,
    },
    {"code": "G003", "community": "<script>", "households": 520, "buildings": 1, "violations": "size_max"},
]

PNG = b"\x89PNG\r\n\x1a\nnot really"


def planned_folder(folder: Path, **changes: Any) -> Path:
    """The folder, with some keys of the plan replaced; None takes a key away."""
    plan = {key: value for key, value in (PLAN | changes).items() if value is not None or key in ("bound", "gap")}
    folder.mkdir(exist_ok=True)
    (folder / "plan.json").write_text(json.dumps(plan, ensure_ascii=False), encoding="utf-8")
    features = [{"type": "Feature", "properties": row, "geometry": None} for row in GRIDS]
    collection = {"type": "FeatureCollection", "features": features}
    (folder / "grids.geojson").write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    (folder / "overview.png").write_bytes(PNG)
    (folder / "private.txt").write_text("not for everyone", encoding="utf-8")
    return folder
