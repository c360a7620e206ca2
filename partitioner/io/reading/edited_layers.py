"""Whether the layers of a plan still say what the plan says: they are open to every map program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyogrio
import pyogrio.errors

from partitioner.errors import Fault, Place, Text
from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.layers import units_layer
from partitioner.io.writing.naming import column_name, layer_name

MAX_NAMED = 20
"""Buildings that are named one by one; the rest is counted."""

_KEEP = Text(
    "plan.gpkg 是方案的副本，在其中的修改不会生效；手工修改请另存，并用 wangge check 或 wangge repair 检查",
    "plan.gpkg is a copy of the plan and changes in it have no effect: keep them in another file for wangge check or "
    "wangge repair, and restore this one",
)


def edits_of(planned: PlannedLevels, path: Path, again: Text) -> list[Fault]:
    """What in the file at `path` differs from `planned`: codes of areas, buildings, and where each belongs."""
    if not path.is_file():
        message = Text("目录里缺少这个文件", "the folder lacks this file")
        return [Fault(rule="file_missing", place=Place(file=str(path)), message=message, remedy=again)]
    try:
        faults = [fault for level in planned.levels for fault in _areas(level, path)]
        return faults + list(_units(planned, path))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, KeyError) as error:
        message = Text(
            f"无法读取或缺少图层、字段（{error}）", f"it cannot be read, or lacks a layer or column ({error})"
        )
        return [Fault(rule="layer_edited", place=Place(file=str(path)), message=message, remedy=_KEEP)]


def _areas(level: PlannedCounty, path: Path) -> Iterator[Fault]:
    layer = layer_name(level.level.name)
    place = Place(file=str(path), layer=layer, column="code")
    rows = pyogrio.read_dataframe(path, layer=layer, columns=["code"], read_geometry=False)
    counted = Counter("" if pd.isna(code) else str(code) for code in rows["code"].tolist())
    for code, num in counted.items():
        if num > 1:
            message = Text(f"编码出现 {num} 次", f"the code stands there {num} times")
            yield Fault(rule="code_duplicate", place=place, value=code, message=message, remedy=_KEEP)
    known = set(level.result.plan.grid.names)
    for code in sorted(set(counted) ^ known):
        message = (
            Text("方案中有这个编码，图层中没有", "the plan has this code, the layer does not")
            if code in known
            else Text("方案中没有这个编码", "the plan has no such code")
        )
        yield Fault(rule="layer_edited", place=place, value=code, message=message, remedy=_KEEP)


def _units(planned: PlannedLevels, path: Path) -> Iterator[Fault]:
    frame = units_layer(planned)
    columns = [name for level in planned.levels if (name := column_name(level.level.name)) in frame.columns]
    columns.append("households")
    rows = pyogrio.read_dataframe(path, layer="units", columns=["id", *columns], read_geometry=False)
    told = dict(zip(map(str, rows["id"].tolist()), rows[columns].itertuples(index=False, name=None), strict=True))
    due = dict(zip(frame["id"].tolist(), frame[columns].itertuples(index=False, name=None), strict=True))
    found = [
        (name, column, was, now)
        for name in sorted(told.keys() & due.keys())
        for column, was, now in zip(columns, due[name], told[name], strict=True)
        if _plain(was) != _plain(now)
    ]
    found += [
        (name, "id", name if name in due else None, name if name in told else None)
        for name in sorted(told.keys() ^ due.keys())
    ]
    for name, column, was, now in found[:MAX_NAMED]:
        yield _difference(path, name, column, _plain(was), _plain(now))
    if len(found) > MAX_NAMED:
        rest = len(found) - MAX_NAMED
        message = Text(f"另有 {rest} 处不同", f"{rest} more differences")
        yield Fault(rule="layer_edited", place=Place(file=str(path), layer="units"), message=message, remedy=_KEEP)


def _difference(path: Path, name: str, column: str, was: str, now: str) -> Fault:
    return Fault(
        rule="layer_edited",
        place=Place(file=str(path), layer="units", column=column),
        value=name,
        message=Text(
            f"方案中为 {was or '空'}，图层中为 {now or '空'}", f"{was or 'none'} in the plan, {now or 'none'} here"
        ),
        remedy=_KEEP,
    )


def _plain(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(int(value)) if isinstance(value, float) else str(value)
