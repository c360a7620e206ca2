"""The plan as a workbook (网格台账): Chinese headings, codes as text, faults in colour."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from partitioner.io.writing.buildings import has_parts, part_runs, whole_buildings
from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.ledger_columns import Column, area_columns, building_columns, part_columns, records_of
from partitioner.io.writing.ledger_notes import Note, notes
from partitioner.io.writing.naming import Planned, as_levels, column_name, reference, sheet_name
from partitioner.io.writing.rows import GridRow, area_rows
from partitioner.model.files import replacing

FIXED_TIME = datetime.datetime(2000, 1, 1)
"""Written as the time of creation, so that equal plans give equal files."""

MAX_CELL = 32_000
"""Excel holds 32,767 characters in a cell."""

FONT = "等线"


def write_ledger(planned: Planned, path: str | Path) -> None:
    """A sheet of areas per level (社区, 网格, 微网格), 楼栋 (buildings), 单元楼层 (their parts, if any) and 说明.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    levels = as_levels(planned)
    with replacing(path) as temporary:
        book = xlsxwriter.Workbook(
            temporary,
            {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True},
        )
        name = levels.levels[0].county.name
        book.set_properties({"title": f"{name} 网格台账", "created": FIXED_TIME})
        formats = _formats(book)
        _write_areas(book, levels, formats)
        _write_buildings(book, levels, formats)
        _write_notes(book.add_worksheet("说明"), notes(levels), formats)
        try:
            book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error


def _write_areas(book: xlsxwriter.Workbook, levels: PlannedLevels, formats: dict[str, Any]) -> None:
    rows = area_rows(levels)
    for level, below in zip(levels.levels, [*levels.levels[1:], None], strict=True):
        columns = area_columns(levels, level, below)
        sheet = book.add_worksheet(sheet_name(level))
        _write_table(sheet, columns, rows[level.level.name], formats, lambda row: not _lawful(row))


def _write_buildings(book: xlsxwriter.Workbook, levels: PlannedLevels, formats: dict[str, Any]) -> None:
    main = column_name(reference(levels).level.name)
    main = main if main in ("grid", "community") else f"{main}s"

    def left_out(record: dict[str, Any]) -> bool:
        return record.get(main) is None

    buildings = whole_buildings(levels).sort_values([main, "id"], kind="stable", na_position="last")
    columns = building_columns(levels, left_out)
    _write_table(book.add_worksheet("楼栋"), columns, records_of(buildings), formats, left_out)
    if has_parts(levels):
        last = column_name(levels.names[-1])
        parts = part_runs(levels).sort_values([last, "id"], kind="stable", na_position="last")
        columns = part_columns(levels)
        _write_table(
            book.add_worksheet("单元楼层"), columns, records_of(parts), formats, lambda record: record[last] is None
        )


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
    plain = [(c, column.value, formats[column.kind]) for c, column in enumerate(columns)]
    marked = [(c, column.value, formats[f"{column.kind}!"]) for c, column in enumerate(columns)]
    num = 0
    for num, row in enumerate(rows, start=1):
        for c, value, style in marked if is_wrong(row) else plain:
            _write_cell(sheet, num, c, value(row), style)
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


def _lawful(row: GridRow) -> bool:
    return not row.violations and (row.within or row.locked)


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
