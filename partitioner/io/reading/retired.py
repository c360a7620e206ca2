"""Codes that must never be given again: those of earlier plans, and lists of retired ones."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.cells import CellError, is_blank, read_code
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.grids import Grid
from partitioner.io.reading.headings import normalised
from partitioner.io.reading.sources import find_sources
from partitioner.io.reading.text_tables import read_text_table
from partitioner.io.reading.workbooks import read_workbook
from partitioner.model.plan_json import read_plan

RETIRED_FILE = "retired.csv"
"""A plan's folder may hold the codes that were retired up to then under this name."""

HEADINGS = frozenset(
    normalised(name)
    for name in (
        "code", "retired", "网格编码", "网格编号", "网格代码", "编码", "编号", "代码", "停用编码", "停用网格",
        "停用代码", "已停用编码", "原网格编码", "原网格编号", "原编码",
    )
)  # fmt: skip
"""Headings of the column of codes; without one it is the first column, and its first row is a code, too."""


def read_retired(paths: Iterable[str | os.PathLike[str]]) -> frozenset[str]:
    """All codes in lists and earlier plans.

    Parameters
    ----------
    paths
        Tables (csv, txt, tsv, xlsx, xls) with one code a row; plan files (`plan.json`, `plan-grid.json` …); or folders
        of earlier plans, of which every plan file and `RETIRED_FILE` count.

    Raises
    ------
    InputError
        With every fault: nothing there, unreadable, digits lost in a spreadsheet.
    """
    findings = Findings()
    found: set[str] = set()
    faults: list[Fault] = []
    for path in map(Path, paths):
        for file in _files(path):
            if file.suffix.lower() == ".json":
                try:
                    found |= set(read_plan(file).grid.names)
                except InputError as error:
                    faults += error.faults
            else:
                found |= _codes(file, findings)
        if path.is_dir() and not _files(path):
            faults.append(_no_plan(path))
    faults += findings.faults
    if faults:
        raise InputError(faults)
    return frozenset(found)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    plans = sorted(file for file in path.iterdir() if file.name == "plan.json" or file.match("plan-*.json"))
    return plans + [file for file in (path / RETIRED_FILE,) if file.exists()]


def _codes(file: Path, findings: Findings) -> set[str]:
    found: set[str] = set()
    for source in find_sources([file], findings):
        workbook = source.path.suffix.lower() in {".xlsx", ".xlsm", ".xls"}
        sheets = read_workbook(source, findings) if workbook else read_text_table(source, findings)
        for sheet, grid in sheets:
            found |= _column(grid, Place(file=source.shown, layer=sheet), findings)
    return found


def _column(grid: Grid, place: Place, findings: Findings) -> set[str]:
    column, first = 0, 0
    for number, row in enumerate(grid.cells):
        known = [k for k, cell in enumerate(row) if not is_blank(cell) and normalised(str(cell)) in HEADINGS]
        if known:
            column, first = known[0], number + 1
            break
    found = set()
    for number, row in enumerate(grid.cells[first:], start=first + 1):
        value = row[column] if column < len(row) else None
        try:
            code = read_code(value)
        except CellError as error:
            findings.fault(error.rule, Place(file=place.file, layer=place.layer, row=number), value)
            continue
        if code is not None:
            found.add(code)
    return found


def _no_plan(path: Path) -> Fault:
    return Fault(
        rule="plan_missing",
        place=Place(file=str(path)),
        message=Text(
            "文件夹里没有方案（plan.json 或 plan-….json）", "the folder holds no plan (plan.json or plan-….json)"
        ),
        remedy=Text(
            "请给出以前方案的输出目录，或停用编码的表格",
            "give the folder of an earlier plan, or a table of retired codes",
        ),
    )
