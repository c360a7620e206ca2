"""`wangge-problem/1`: the solver's input as a JSON document (schema: `schema/wangge-problem-1.json`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from partitioner.errors import Text
from partitioner.model.arrays import Labels
from partitioner.model.files import write_text
from partitioner.model.graph import Graph
from partitioner.model.json_reading import Faults, escape, load_json
from partitioner.model.problem import Problem, Sets
from partitioner.model.rules import MAX_WALK_POWER, MIN_WALK_POWER, Bounds, Count, CountRange, Weights
from partitioner.model.units import Units

FORMAT = "wangge-problem/1"

_KEYS = (
    "format", "name", "units", "edges", "bounds", "count", "max_walk_m", "weights", "locked", "together", "apart",
)  # fmt: skip
_UNIT_KEYS = ("id", "households", "x", "y", "group", "parent", "previous")
_WEIGHT_KEYS = ("walk", "walk_power", "split", "balance", "move")
_CORRECT = Text("请改正该值", "correct the value")


def read_problem(path: str | Path) -> Problem:
    """The problem in a file.

    Raises
    ------
    InputError
        The file cannot be read or breaks the format; every fault is named with its JSON pointer.
    """
    return problem_from_json(load_json(path), file=str(path))


def write_problem(problem: Problem, path: str | Path) -> None:
    """Write `problem` whole or not at all; equal problems give equal bytes.

    Raises
    ------
    OutputError
    """
    write_text(path, dump_json(problem_to_json(problem)))


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """The document of `problem`, every key present."""
    units = problem.units
    columns: dict[str, Any] = {"id": list(units.id), "households": units.households.tolist()}
    if units.x is not None and units.y is not None:
        columns |= {"x": units.x.tolist(), "y": units.y.tolist()}
    for name in ("group", "parent", "previous"):
        columns[name] = list(getattr(units, name).values())
    graph, bounds, weights = problem.graph, problem.bounds, problem.weights
    return {
        "format": FORMAT,
        "name": problem.name,
        "units": columns,
        "edges": {"u": graph.u.tolist(), "v": graph.v.tolist(), "length_m": graph.length_m.tolist()},
        "bounds": {"min": bounds.min, "max": bounds.max, "target": bounds.aim},
        "count": _count_to_json(problem.count),
        "max_walk_m": problem.max_walk_m,
        "weights": {name: getattr(weights, name) for name in _WEIGHT_KEYS},
        **{name: _sets_to_json(getattr(problem, name), units.id) for name in ("locked", "together", "apart")},
    }


def dump_json(document: Mapping[str, Any]) -> str:
    """A document as text: one line per top-level key, so that files can be compared line by line."""
    lines = [
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}"
        for key, value in document.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def problem_from_json(document: Any, *, file: str | None = None) -> Problem:
    """A problem from its document.

    Raises
    ------
    InputError
        With every fault that was found.
    """
    faults = Faults(file)
    top = faults.mapping(document, "", _KEYS, required=("format", "units", "edges", "bounds"))
    _check_format(faults, top)
    units = _units(faults, top)
    num = len(units["id"])
    edges = _edges(faults, top, num)
    bounds = _bounds(faults, top)
    count = _count(faults, top.get("count"), set(units["parent"]))
    weights = _weights(faults, top.get("weights"))
    max_walk_m = None if top.get("max_walk_m") is None else faults.number(top["max_walk_m"], "/max_walk_m")
    name = top.get("name") if isinstance(top.get("name"), str) else ""
    if "name" in top and not isinstance(top["name"], str):
        faults.add("/name", "type", Text("应为文本", "expected text"), _CORRECT, top["name"])
    position = {u: i for i, u in enumerate(units["id"])}
    sets = {
        key: _sets(faults, top.get(key), f"/{key}", position, least)
        for key, least in (("locked", 1), ("together", 2), ("apart", 2))
    }
    faults.check()
    return Problem(
        name=str(name),
        units=Units(
            id=tuple(units["id"]),
            households=units["households"],
            x=units["x"],
            y=units["y"],
            **{key: Labels(units[key]) for key in ("group", "parent", "previous")},
        ),
        graph=Graph(num_units=num, **edges),
        bounds=Bounds(**bounds),
        count=count,
        weights=Weights(**weights),
        max_walk_m=max_walk_m,
        **sets,
    )


def _check_format(faults: Faults, top: Mapping[str, Any]) -> None:
    if "format" in top and top["format"] != FORMAT:
        faults.add(
            "/format",
            "format",
            Text(f"应为 {FORMAT!r}", f"expected {FORMAT!r}"),
            Text("请用本版本支持的格式导出", "export it in the format that this version reads"),
            top["format"],
        )


def _part(
    faults: Faults, top: Mapping[str, Any], key: str, known: Sequence[str], required: Sequence[str]
) -> dict[str, Any]:
    """The object at a required key; {} where the key is missing, which has been told already."""
    return faults.mapping(top[key], f"/{key}", known, required) if key in top else {}


def _units(faults: Faults, top: Mapping[str, Any]) -> dict[str, Any]:
    columns = _part(faults, top, "units", _UNIT_KEYS, ("id", "households"))
    ids = faults.names(columns.get("id", []), "/units/id")
    num = len(ids)
    if columns.get("id") == []:
        faults.add(
            "/units/id",
            "empty",
            Text("没有任何楼栋", "there are no units"),
            Text("请至少给出一栋楼", "give at least one unit"),
        )
    first: dict[str | None, int] = {}
    for i, unit in enumerate(ids):
        if unit is not None and first.setdefault(unit, i) != i:
            faults.add(
                f"/units/id/{i}",
                "duplicate_id",
                Text(f"编号与第 {first[unit]} 项重复", f"the same id stands at position {first[unit]}"),
                Text("每栋楼须有唯一编号", "give every unit an id of its own"),
                unit,
            )
    households = faults.wholes(columns["households"], "/units/households", num) if "households" in columns else []
    result: dict[str, Any] = {"id": ids, "households": households, "x": None, "y": None}
    if ("x" in columns) != ("y" in columns):
        faults.add(
            "/units",
            "coordinates",
            Text("x 与 y 须同时给出", "x and y come together or not at all"),
            Text("请补上另一列，或都删除", "add the other one, or remove both"),
        )
    for key in ("x", "y"):
        if key in columns:
            result[key] = faults.numbers(columns[key], f"/units/{key}", num, low=-1e9, high=1e9)
    for key in ("group", "parent", "previous"):
        result[key] = (
            faults.names(columns[key], f"/units/{key}", num, nullable=True) if key in columns else [None] * num
        )
    return result


def _edges(faults: Faults, top: Mapping[str, Any], num: int) -> dict[str, Any]:
    columns = _part(faults, top, "edges", ("u", "v", "length_m"), ("u", "v"))
    u = faults.wholes(columns.get("u", []), "/edges/u", high=max(num - 1, 0))
    v = faults.wholes(columns.get("v", []), "/edges/v", len(u), high=max(num - 1, 0))
    if "length_m" in columns:
        length_m = faults.numbers(columns["length_m"], "/edges/length_m", len(u))
    else:
        length_m = [1.0] * len(u)
    for i, (a, b) in enumerate(zip(u, v, strict=False)):
        if a == b and isinstance(columns.get("v"), list) and columns["u"][i] == columns["v"][i]:
            faults.add(
                f"/edges/u/{i}",
                "loop",
                Text("边的两端是同一楼栋", "the edge joins a unit to itself"),
                Text("请删除这条边", "remove the edge"),
                a,
            )
    return {"u": u, "v": v, "length_m": length_m}


def _bounds(faults: Faults, top: Mapping[str, Any]) -> dict[str, Any]:
    given = _part(faults, top, "bounds", ("min", "max", "target"), ("min", "max"))
    low = faults.whole(given["min"], "/bounds/min") if "min" in given else None
    high = faults.whole(given["max"], "/bounds/max", low=1) if "max" in given else None
    if low is not None and high is not None and low > high:
        faults.add(
            "/bounds",
            "bounds_order",
            Text(f"下限 {low} 大于上限 {high}", f"min {low} is above max {high}"),
            Text("请对调或改正", "swap or correct them"),
        )
    target = None if given.get("target") is None else faults.number(given["target"], "/bounds/target")
    return {"min": low, "max": high, "target": target}


def _count_range(faults: Faults, value: Mapping[str, Any], pointer: str) -> CountRange:
    ends = {
        key: None if value.get(key) is None else faults.whole(value[key], f"{pointer}/{key}") for key in ("min", "max")
    }
    low, high = ends["min"], ends["max"]
    if low is not None and high is not None and low > high:
        faults.add(
            pointer,
            "count_order",
            Text(f"最少 {low} 个大于最多 {high} 个", f"min {low} is above max {high}"),
            Text("请对调或改正", "swap or correct them"),
        )
        return CountRange()
    return CountRange(min=low, max=high)


def _count(faults: Faults, value: object, parents: set[str | None]) -> Count:
    if value is None:
        return Count()
    given = faults.mapping(value, "/count", ("min", "max", "by_parent"))
    ranges: dict[str, CountRange] = {}
    if given.get("by_parent") is not None:
        by_parent = given["by_parent"]
        for parent, bounds in faults.mapping(by_parent, "/count/by_parent", by_parent or ()).items():
            pointer = f"/count/by_parent/{escape(parent)}"
            if parent not in parents:
                faults.add(
                    pointer,
                    "unknown_parent",
                    Text("没有楼栋属于该上级", "no unit has this parent"),
                    Text("请改正名称或删除该项", "correct the name or remove the entry"),
                    parent,
                )
            ranges[parent] = _count_range(faults, faults.mapping(bounds, pointer, ("min", "max")), pointer)
    return Count(default=_count_range(faults, given, "/count"), by_parent=ranges)


def _weights(faults: Faults, value: object) -> dict[str, Any]:
    given = faults.mapping({} if value is None else value, "/weights", _WEIGHT_KEYS)
    weights: dict[str, Any] = {}
    for key in _WEIGHT_KEYS:
        if key in given:
            low, high = (MIN_WALK_POWER, MAX_WALK_POWER) if key == "walk_power" else (0.0, 1e12)
            weight = faults.number(given[key], f"/weights/{key}", low, high)
            weights[key] = weight if weight is not None else 1.0
    return weights


def _sets(faults: Faults, value: object, pointer: str, position: Mapping[str | None, int], least: int) -> Sets:
    if value is None:
        return ()
    sets = []
    for i, entry in enumerate(faults.array(value, pointer) or ()):
        members = set()
        for j, unit in enumerate(faults.array(entry, f"{pointer}/{i}") or ()):
            if isinstance(unit, str) and unit in position:
                members.add(position[unit])
            else:
                faults.add(
                    f"{pointer}/{i}/{j}",
                    "unknown_unit",
                    Text("没有这个编号的楼栋", "no unit has this id"),
                    Text("请改正编号", "correct the id"),
                    unit,
                )
        if isinstance(entry, list) and len({u for u in entry if isinstance(u, str)}) < least:
            faults.add(
                f"{pointer}/{i}",
                "set_size",
                Text(f"至少要有 {least} 个不同楼栋", f"needs at least {least} different units"),
                Text("请补充或删除该组", "add units or remove the set"),
                entry,
            )
        sets.append(tuple(sorted(members)))
    return tuple(sets)


def _count_to_json(count: Count) -> dict[str, Any]:
    document: dict[str, Any] = {"min": count.default.min, "max": count.default.max}
    if count.by_parent:
        document["by_parent"] = {p: {"min": r.min, "max": r.max} for p, r in count.by_parent.items()}
    return document


def _sets_to_json(sets: Sets, ids: tuple[str, ...]) -> list[list[str]]:
    return [[ids[p] for p in members] for members in sets]
