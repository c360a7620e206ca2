"""The columns of the ledger's sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.contents import area_contents
from partitioner.io.writing.naming import column_name, sheet_name
from partitioner.io.writing.rows import GridRow
from partitioner.io.writing.words import RULE_NAMES

Record = dict[str, Any]

WHERE_TOLD = (
    ("township", "街道（乡镇）"), ("home_township", "户籍乡镇"), ("workload", "工作量"), ("elderly", "老年人"),
    ("special_care", "特殊人群"), ("lifts", "电梯"), ("events", "事件数"),
)  # fmt: skip
"""Columns of buildings that are written where the input has them."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a sheet: heading, width in characters, and how a row gives its value."""

    heading: str
    width: float
    value: Callable[[Any], Any]
    kind: str = "text"


def area_columns(levels: PlannedLevels, level: PlannedCounty, below: PlannedCounty | None) -> list[Column]:
    """Of the areas of `level`; `below` is the next narrower level that was planned."""
    name = level.level.name
    columns = [Column(heading=f"{sheet_name(level)}编码", width=20, value=lambda r: r.code), *_above(levels, name)]
    if name == "micro":
        told = area_contents(level)
        columns.append(Column(heading="范围", width=44, value=lambda r: told.get(r.code)))
    columns += [
        Column(heading="户数", width=9, value=lambda r: r.households, kind="integer"),
        Column(heading="人口", width=9, value=lambda r: r.residents, kind="integer"),
    ]
    if below is not None:
        columns.append(Column(heading=f"{sheet_name(below)}数", width=9, value=lambda r: r.num_inside, kind="integer"))
    return columns + _measures(name)


def _above(levels: PlannedLevels, name: str) -> list[Column]:
    if name == "community":
        return [
            Column(heading="名称", width=18, value=lambda r: None if r.community == r.code else r.community),
            Column(heading="街道（乡镇）", width=14, value=lambda r: r.parent),
        ]
    columns = [Column(heading="社区", width=18, value=lambda r: r.community)]
    if name == "micro" and levels.has("grid"):
        columns.append(Column(heading="网格编码", width=20, value=lambda r: r.parent))
    return columns


def _measures(name: str) -> list[Column]:
    columns = [Column(heading="全部楼栋数", width=9, value=lambda r: r.num_buildings, kind="integer")]
    if name == "grid":
        columns.insert(0, Column(heading="住人楼栋数", width=9, value=lambda r: r.num_inhabited, kind="integer"))
    if name == "micro":
        columns = []
    return [
        *columns,
        Column(heading="小区", width=44 if name != "micro" else 22, value=_compounds),
        Column(heading="与目标的偏差（户）", width=11, value=lambda r: r.deviation, kind="signed"),
        Column(heading="到中心平均距离（米）", width=11, value=lambda r: r.mean_walk_m, kind="metres"),
        Column(heading="中心楼栋" if name == "grid" else "中心", width=16, value=lambda r: r.centre),
        Column(heading="状态", width=26, value=status_of_grid),
    ]


def building_columns(levels: PlannedLevels, left_out: Callable[[Record], bool]) -> list[Column]:
    """Of the sheet of buildings."""
    columns = [
        Column(heading="楼栋编号", width=18, value=_get("id")),
        Column(heading="名称", width=22, value=_get("name")),
        Column(heading="小区", width=22, value=_get("compound")),
        Column(heading="社区", width=18, value=_get("community_name")),
        Column(heading="户数", width=9, value=_get("households"), kind="integer"),
        Column(heading="人口", width=9, value=_get("residents"), kind="integer"),
        Column(heading="单元数", width=8, value=_get("stairwells"), kind="integer"),
        Column(heading="层数", width=8, value=_get("floors"), kind="integer"),
    ]
    frame = levels.levels[0].county.buildings
    for name, heading in WHERE_TOLD:
        if name in frame.columns and frame[name].notna().any():
            kind = "text" if name in ("township", "home_township") else "integer"
            columns.append(Column(heading=heading, width=14, value=_get(name), kind=kind))
    if levels.has("community"):
        columns.append(Column(heading="社区编码", width=16, value=_get("community")))
        columns.append(Column(heading="原社区", width=16, value=_get("previous_community")))
    if levels.has("grid"):
        columns.append(Column(heading="网格编码", width=20, value=_get("grid")))
    if levels.names[-1] not in ("community", "grid"):
        level = levels.levels[-1]
        key = f"{column_name(level.level.name)}s"
        columns.append(Column(heading=f"{sheet_name(level)}编码", width=20, value=_get(key)))
    return [
        *columns,
        Column(heading="原网格", width=20, value=_get("previous_grid")),
        Column(heading="备注", width=24, value=lambda record: _building_note(record, left_out(record))),
        Column(heading="数据来源", width=30, value=_get("source")),
    ]


def part_columns(levels: PlannedLevels) -> list[Column]:
    """Of the sheet of stairwells and floors."""
    columns = [
        Column(heading="楼栋编号", width=18, value=_get("building")),
        Column(heading="名称", width=18, value=_get("name")),
        Column(heading="小区", width=18, value=_get("compound")),
        Column(heading="单元", width=7, value=_stairwell, kind="integer"),
        Column(heading="起始层", width=7, value=_get("floor_low"), kind="integer"),
        Column(heading="终止层", width=7, value=_get("floor_high"), kind="integer"),
        Column(heading="户数", width=9, value=_get("households"), kind="integer"),
    ]
    for level in reversed(levels.levels):
        key = column_name(level.level.name)
        columns.append(Column(heading=f"{sheet_name(level)}编码", width=20, value=_get(key)))
    return [*columns, Column(heading="备注", width=24, value=_part_note)]


def records_of(frame: pd.DataFrame) -> Iterator[Record]:
    """The rows as dictionaries; nothing is None."""
    plain = pd.DataFrame(frame).drop(columns="geometry")
    columns = {}
    for name in plain.columns:
        values = plain[name].to_numpy(dtype=object)
        missing = pd.isna(values).tolist()
        columns[str(name)] = [None if gone else value for value, gone in zip(values.tolist(), missing, strict=True)]
    names = list(columns)
    return (dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True))


def _get(name: str) -> Callable[[Record], Any]:
    return lambda record: record.get(name)


def _stairwell(record: Record) -> Any:
    """As the ledger of stairwells calls it, else its number."""
    return record.get("stairwell_name") or record.get("stairwell")


def _compounds(row: GridRow) -> str:
    return "、".join(f"{name}（部分）" if name in row.split_compounds else name for name in row.compounds)


def status_of_grid(row: GridRow) -> str:
    """Which rules a grid breaks, by their Chinese names; 合规 where none."""
    if row.violations:
        return "；".join(f"{RULE_NAMES[v.rule].zh} {v.amount:,.0f}" for v in row.violations)
    if row.locked:
        return "锁定" if row.within else "锁定（户数在界外，不计违规）"
    return "合规" if row.within else "户数在界外"


def _building_note(record: Record, left_out: bool) -> str:
    remarks = []
    if left_out:
        remarks.append("未划入网格")
    if record.get("grids"):
        remarks.append(f"分在多个网格：{record['grids']}")
    if not record.get("households"):
        remarks.append("无住户，随最近楼栋")
    if record.get("estimated"):
        remarks.append("位置或户数为推算")
    if record.get("special"):
        remarks.append(f"专属：{record['special']}")
    return "；".join(remarks)


def _part_note(record: Record) -> str:
    remarks = []
    if not record.get("households"):
        remarks.append("无住户")
    if record.get("estimated"):
        remarks.append("户数为推算")
    return "；".join(remarks)
