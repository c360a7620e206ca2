"""Which collections a plan has: its layers, and posts and moves put on the map."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

import numpy as np

from partitioner.errors import Text
from service.api.asking import Inside, not_found
from service.api.convert import layer_files
from service.api.layers import blob_named
from service.api.ogc.collections import Collection
from service.jobs.documents import localised
from service.records import Blob, PlanRecord

TITLES = {
    "units": Text("楼栋", "buildings"),
    "cells": Text("划分对象", "units"),
    "communities": Text("社区", "communities"),
    "grids": Text("网格", "grids"),
    "micro_grids": Text("微网格", "micro-grids"),
    "parts": Text("单元楼层", "stairwells and floors"),
    "barriers": Text("阻隔", "barriers"),
    "staffing": Text("人员", "people and their posts"),
    "changes": Text("变动", "moved units"),
}
"""All that a plan may have."""

DOCUMENTS = {"staffing": "_staffing.json", "changes": "_changes.json"}
"""Files that collections are made of beside layers."""

PLACES = ("grids", "communities", "micro_grids", "units", "cells", "parts")
"""Where the target of a post is looked for."""


def collections_of(plan: PlanRecord) -> list[str]:
    """Names."""
    return [name for name in TITLES if _file(plan, name) is not None]


def collection_of(at: Inside, plan: PlanRecord, name: str) -> Collection:
    """The features of one.

    Raises
    ------
    ServiceError
        The plan has no such collection.
    """
    blob = _file(plan, name)
    if blob is None:
        raise not_found("layer")
    services = at.services
    if name not in DOCUMENTS:
        return _layer(at, blob)

    def made() -> Collection:
        document = localised(services.layers.document(blob.sha256), at.language)
        return _posts(at, plan, document) if name == "staffing" else _moves(at, plan, document)

    return services.shelf.collection(f"{plan.id}:{name}:{at.language}", made)


def _file(plan: PlanRecord, name: str) -> Blob | None:
    if name in DOCUMENTS:
        return blob_named(plan.files, DOCUMENTS[name])
    return layer_files(plan).get(name) if name in TITLES else None


def _posts(at: Inside, plan: PlanRecord, document: Mapping[str, Any]) -> Collection:
    """One feature for each person and target, where the target is."""
    titles = {role["role"]: role["title"] for role in document["roles"]}
    rows = [
        {
            "role": post["role"],
            "title": titles.get(post["role"], post["role"]),
            "person": post["person"],
            "target": post["target"],
            "load": post.get("load"),
            "metres": post.get("metres"),
            "previous": post.get("previous"),
            "locked": post.get("locked"),
        }
        for post in document["posted"]
    ]
    known = [collection_of(at, plan, name) for name in PLACES if _file(plan, name) is not None]
    return _placed(rows, [_shape(known, row["target"]) for row in rows])


def _moves(at: Inside, plan: PlanRecord, document: Mapping[str, Any]) -> Collection:
    """One feature for each unit that is in another area than before, level by level."""
    rows, shapes = [], []
    for level in document["levels"]:
        cells = layer_files(plan).get(f"cells-{level['level']}")
        known = [] if cells is None else [_layer(at, cells)]
        for move in level["moves"]:
            rows.append({"level": level["level"], **move})
            shapes.append(_shape(known, move["unit"]))
    return _placed(rows, shapes)


def _layer(at: Inside, blob: Blob) -> Collection:
    services = at.services
    return services.shelf.collection(
        blob.sha256, lambda: Collection.parsed(gzip.decompress(services.blobs.read(blob.sha256)))
    )


def _shape(known: list[Collection], key: str) -> Any:
    return next((one.shapes[one.place[key]] for one in known if key in one.place), None)


def _placed(rows: list[dict[str, Any]], shapes: list[Any]) -> Collection:
    placed = np.empty(len(rows), dtype=object)
    placed[:] = shapes
    return Collection.of(enumerate(rows, start=1), placed)
