"""Small documents to bend, and how faults are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from partitioner.errors import Fault, InputError


def problem_document() -> dict[str, Any]:
    """A problem that uses every key of the format."""
    return {
        "format": "wangge-problem/1",
        "name": "小镇",
        "units": {
            "id": ["b1", "b2", "b3"],
            "households": [120, 130, 0],
            "x": [0.0, 10.5, 20.0],
            "y": [0.0, -1.0, 0.5],
            "group": ["幸福里", "幸福里", None],
            "parent": ["东", "东", None],
            "previous": ["G001", None, "G002"],
        },
        "edges": {"u": [0, 1], "v": [1, 2], "length_m": [41.5, 0.0]},
        "bounds": {"min": 100, "max": 300, "target": 200},
        "count": {"min": None, "max": 4, "by_parent": {"东": {"min": 1, "max": 2}}},
        "max_walk_m": 500,
        "weights": {"walk": 1.0, "walk_power": 2, "split": 20000.0, "balance": 40.0, "move": 200.0},
        "locked": [["b3"]],
        "together": [["b1", "b2"]],
        "apart": [["b1", "b3"]],
    }


def plan_document() -> dict[str, Any]:
    """A plan as a run writes it."""
    return {
        "format": "wangge-plan/1",
        "problem": "小镇",
        "grid": ["G001", "G001", None],
        "status": "unknown",
        "stop_reason": "time_limit",
        "objective": {"walk": 1.5, "split": 0, "balance": 2.0, "move": 0, "total": 3.5},
        "bound": 1.0,
        "gap": None,
        "violations": [
            {"rule": "labelled", "grid": None, "units": ["b3"], "amount": 1, "message": "甲 / a", "remedy": "乙 / b"}
        ],
        "warnings": [],
        "seconds": 0.5,
        "seed": 3,
        "engine": "wangge 0.1.0",
    }


REMOVED = object()


def bent(document: dict[str, Any], pointer: str, value: object) -> dict[str, Any]:
    """`document` with one place replaced (`REMOVED` takes it away)."""
    *path, last = pointer.strip("/").split("/")
    here: Any = document
    for step in path:
        here = here[int(step)] if isinstance(here, list) else here[step]
    key: Any = int(last) if isinstance(here, list) else last
    if value is REMOVED:
        del here[key]
    else:
        here[key] = value
    return document


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return path


def faults_of(call: Callable[[], object]) -> list[Fault]:
    """All faults that `call` names; each says in both languages what is wrong and what to do."""
    with pytest.raises(InputError) as caught:
        call()
    for fault in caught.value.faults:
        for text in (fault.message, fault.remedy):
            assert text.zh
            assert text.en
            assert any("\u4e00" <= c <= "\u9fff" for c in text.zh), text
            assert not any("\u4e00" <= c <= "\u9fff" for c in text.en.replace(str(fault.value), "")), text
        assert fault.text().zh
    assert str(caught.value)
    return list(caught.value.faults)


def schema(name: str) -> dict[str, Any]:
    """A published schema, as installed."""
    loaded: dict[str, Any] = json.loads(
        (resources.files("partitioner.model") / "schema" / f"{name}.json").read_text("utf-8")
    )
    return loaded
