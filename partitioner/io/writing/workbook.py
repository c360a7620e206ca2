"""Workbooks for planners: headings that stay in sight, codes as text, faults in colour, the same bytes every time."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from partitioner.io.writing.ledger_columns import Column
from partitioner.io.writing.ledger_notes import Note
from partitioner.model.files import replacing

FIXED_TIME = datetime.datetime(2000, 1, 1)
"""Written as the time of creation, so that equal plans give equal files."""

MAX_CELL = 32_000
"""Excel holds 32,767 characters in a cell."""

FONT = "等线"


@contextmanager
def workbook(path: str | Path, title: str) -> Iterator[xlsxwriter.Workbook]:
    """A workbook that takes the place of `path` when the block ends well.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    with replacing(path) as temporary:
        book = xlsxwriter.Workbook(
            temporary,
            {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True},
        )
        book.set_properties({"title": title, "created": FIXED_TIME})
        yield book
        try:
            book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error


def formats_of(book: xlsxwriter.Workbook) -> dict[str, Any]:
    """Formats by the kind of a column; with ``!`` behind for rows that are wrong."""
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
        "decimal": {"num_format": "#,##0.00"},
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


def write_table(
    sheet: Worksheet,
    columns: Sequence[Column],
    rows: Any,
    formats: dict[str, Any],
    is_wrong: Callable[[Any], bool] = lambda _: False,
) -> None:
    """A heading and a row per entry of `rows`, those that are wrong in colour."""
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


def write_notes(sheet: Worksheet, lines: Sequence[Note], formats: dict[str, Any]) -> None:
    """The sheet 说明: a head and a sentence in each language per line."""
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
