"""The plan as a workbook (网格台账): Chinese headings, codes as text, faults in colour."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.ledger_notes import Note, notes
from partitioner.io.writing.rows import GridRow, building_frame, grid_rows
from partitioner.io.writing.words import RULE_NAMES
from partitioner.model.files import replacing

FIXED_TIME = datetime.datetime(2000, 1, 1)
"""Written as the time of creation, so that equal plans give equal files."""

MAX_CELL = 32_000
"""Excel holds 32,767 characters in a cell."""

FONT = "等线"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a sheet: heading, width in characters, and how a row gives its value."""

    heading: str
    width: float
    value: Callable[[Any], Any]
    kind: str = "text"


def write_ledger(planned: PlannedCounty, path: str | Path) -> None:
    """Sheets 网格 (one row per grid), 楼栋 (one per building) and 说明 (result, notices, meaning of the columns).

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    rows = grid_rows(planned)
    buildings = building_frame(planned).sort_values(["grid", "id"], kind="stable", na_position="last")
    with replacing(path) as temporary:
        book = xlsxwriter.Workbook(
            temporary,
            {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True},
        )
        book.set_properties({"title": f"{planned.county.name} 网格台账", "created": FIXED_TIME})
        formats = _formats(book)
        _write_table(book.add_worksheet("网格"), _grid_columns(), rows, formats, lambda row: not _lawful(row))
        _write_table(book.add_worksheet("楼栋"), _building_columns(), _records(buildings), formats, _no_grid)
        _write_notes(book.add_worksheet("说明"), notes(planned, rows), formats)
        try:
            book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error


def _formats(book: xlsxwriter.Workbook) -> dict[str, Any]:
    base: dict[str, Any] = {
        "font_name": FONT,
        "font_size": 11,
        "valign": "vcenter",
        "border": 1,
        "border_color": "#D0D0D0",
    }
    kinds: dict[str, dict[str, Any]] = {
        "text": {"num_format": "@", "text_wrap": True},
        "integer": {"num_format": "#,##0"},
        "signed": {"num_format": "+#,##0;-#,##0;0"},
        "metres": {"num_format": "#,##0"},
    }
    formats = {name: book.add_format(base | kind) for name, kind in kinds.items()}
    for name, kind in kinds.items():
        formats[f"{name}!"] = book.add_format(base | kind | {"bg_color": "#FCE4D6", "font_color": "#9C0006"})
    formats["heading"] = book.add_format(
        base | {"bold": True, "bg_color": "#DDEBF7", "text_wrap": True, "align": "center"}
    )
    plain: dict[str, Any] = {"font_name": FONT, "font_size": 11, "valign": "top", "text_wrap": True, "num_format": "@"}
    formats["note"] = book.add_format(plain)
    formats["section"] = book.add_format(plain | {"bold": True, "bg_color": "#DDEBF7", "text_wrap": False})
    return formats


def _write_table(
    sheet: Worksheet,
    columns: list[Column],
    rows: Any,
    formats: dict[str, Any],
    is_wrong: Callable[[Any], bool],
) -> None:
    sheet.freeze_panes(1, 1)
    sheet.set_row(0, 32)
    for c, column in enumerate(columns):
        sheet.set_column(c, c, column.width)
        sheet.write_string(0, c, column.heading, formats["heading"])
    num = 0
    for num, row in enumerate(rows, start=1):
        mark = "!" if is_wrong(row) else ""
        for c, column in enumerate(columns):
            _write_cell(sheet, num, c, column.value(row), formats[column.kind + mark])
    sheet.autofilter(0, 0, num, len(columns) - 1)
    _set_print(sheet)


def _set_print(sheet: Worksheet) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")


def _write_cell(sheet: Worksheet, row: int, column: int, value: Any, style: Any) -> None:
    if value is None or value is pd.NA or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value[:MAX_CELL], style)
    else:
        sheet.write_number(row, column, value, style)


def _grid_columns() -> list[Column]:
    return [
        Column(heading="网格编码", width=20, value=lambda r: r.code),
        Column(heading="社区", width=18, value=lambda r: r.community),
        Column(heading="户数", width=9, value=lambda r: r.households, kind="integer"),
        Column(heading="人口", width=9, value=lambda r: r.residents, kind="integer"),
        Column(heading="住人楼栋数", width=9, value=lambda r: r.num_inhabited, kind="integer"),
        Column(heading="全部楼栋数", width=9, value=lambda r: r.num_buildings, kind="integer"),
        Column(heading="小区", width=44, value=_compounds),
        Column(heading="与目标的偏差（户）", width=11, value=lambda r: r.deviation, kind="signed"),
        Column(heading="到中心平均距离（米）", width=11, value=lambda r: r.mean_walk_m, kind="metres"),
        Column(heading="中心楼栋", width=16, value=lambda r: r.centre),
        Column(heading="状态", width=26, value=status_of_grid),
    ]


def _building_columns() -> list[Column]:
    def get(name: str) -> Callable[[dict[str, Any]], Any]:
        return lambda record: record.get(name)

    return [
        Column(heading="楼栋编号", width=18, value=get("id")),
        Column(heading="名称", width=22, value=get("name")),
        Column(heading="小区", width=22, value=get("compound")),
        Column(heading="社区", width=18, value=get("community_name")),
        Column(heading="户数", width=9, value=get("households"), kind="integer"),
        Column(heading="人口", width=9, value=get("residents"), kind="integer"),
        Column(heading="单元数", width=8, value=get("stairwells"), kind="integer"),
        Column(heading="层数", width=8, value=get("floors"), kind="integer"),
        Column(heading="网格编码", width=20, value=get("grid")),
        Column(heading="原网格", width=20, value=get("previous_grid")),
        Column(heading="备注", width=24, value=_building_note),
        Column(heading="数据来源", width=30, value=get("source")),
    ]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    plain = pd.DataFrame(frame).drop(columns="geometry")
    return [
        {str(key): (None if pd.isna(value) else value) for key, value in record.items()}
        for record in plain.to_dict("records")
    ]


def _compounds(row: GridRow) -> str:
    return "、".join(f"{name}（部分）" if name in row.split_compounds else name for name in row.compounds)


def _lawful(row: GridRow) -> bool:
    return not row.violations and (row.within or row.locked)


def status_of_grid(row: GridRow) -> str:
    """Which rules a grid breaks, by their Chinese names; 合规 where none."""
    if row.violations:
        return "；".join(f"{RULE_NAMES[v.rule].zh} {v.amount:,.0f}" for v in row.violations)
    if row.locked:
        return "锁定" if row.within else "锁定（户数在界外，不计违规）"
    return "合规" if row.within else "户数在界外"


def _building_note(record: dict[str, Any]) -> str:
    remarks = []
    if record.get("grid") is None:
        remarks.append("未划入网格")
    if not record.get("households"):
        remarks.append("无住户，随最近楼栋")
    if record.get("estimated"):
        remarks.append("位置或户数为推算")
    if record.get("special"):
        remarks.append(f"专属：{record['special']}")
    return "；".join(remarks)


def _no_grid(record: dict[str, Any]) -> bool:
    return record.get("grid") is None


def _write_notes(sheet: Worksheet, lines: list[Note], formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 2, 70)
    for r, line in enumerate(lines):
        style = formats["section" if line.is_section else "note"]
        for c, text in enumerate((line.head, line.zh, line.en)):
            _write_cell(sheet, r, c, text, style)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
