"""Faults as a workbook that a planner can work through."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from partitioner.errors import Fault, OutputError, shorten

_COLUMNS = (
    ("文件 file", 24), ("工作表/图层 sheet/layer", 20), ("行 row", 8), ("列 column", 18), ("值 value", 24),
    ("规则 rule", 22), ("说明", 48), ("处理办法", 56), ("what is wrong", 56), ("remedy", 64),
)  # fmt: skip


def write_fault_table(faults: Iterable[Fault], path: str | os.PathLike[str]) -> None:
    """Write one row per fault, in the order given; an existing file is replaced only when all is written.

    Raises
    ------
    OutputError
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", suffix=".xlsx", dir=target.parent)
        os.close(handle)
    except OSError as error:
        raise OutputError(target, error.strerror or str(error)) from error
    try:
        _write(faults, name)
        os.replace(name, target)
    except (OSError, XlsxWriterException) as error:
        raise OutputError(target, str(error)) from error
    finally:
        Path(name).unlink(missing_ok=True)


def _write(faults: Iterable[Fault], name: str) -> None:
    options = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(name, options) as book:
        sheet = book.add_worksheet("问题 faults")
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for column, (title, width) in enumerate(_COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, bold)
        sheet.freeze_panes(1, 0)
        row = 0
        for row, fault in enumerate(faults, start=1):
            for column, value in enumerate(_cells(fault)):
                if isinstance(value, int):
                    sheet.write_number(row, column, value)
                elif value is not None:
                    sheet.write_string(row, column, value, plain)
        sheet.autofilter(0, 0, row, len(_COLUMNS) - 1)


def _cells(fault: Fault) -> tuple[str | int | None, ...]:
    place = fault.place
    return (
        place.file, place.layer, place.row, place.column or place.pointer,
        None if fault.value is None else shorten(fault.value), fault.rule,
        fault.message.zh, fault.remedy.zh, fault.message.en, fault.remedy.en,
    )  # fmt: skip
