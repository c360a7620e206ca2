"""The plan as a workbook (网格台账): Chinese headings, codes as text, faults in colour."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import xlsxwriter

from partitioner.io.writing.buildings import has_parts, part_runs, whole_buildings
from partitioner.io.writing.bundle import PlannedLevels
from partitioner.io.writing.ledger_columns import area_columns, building_columns, part_columns, records_of
from partitioner.io.writing.ledger_notes import notes
from partitioner.io.writing.ledger_proofs import proof_columns, proof_rows
from partitioner.io.writing.naming import Planned, as_levels, column_name, reference, sheet_name
from partitioner.io.writing.rows import GridRow, area_rows
from partitioner.io.writing.workbook import formats_of, workbook, write_notes, write_table


def write_ledger(planned: Planned, path: str | Path) -> None:
    """A sheet of areas per level (社区, 网格, 微网格), 楼栋 (buildings), 单元楼层 (their parts, if any), 证明 (proofs
    by area above, where there are several) and 说明.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    levels = as_levels(planned)
    with workbook(path, f"{levels.levels[0].county.name} 网格台账") as book:
        formats = formats_of(book)
        _write_areas(book, levels, formats)
        _write_buildings(book, levels, formats)
        _write_proofs(book, levels, formats)
        write_notes(book.add_worksheet("说明"), notes(levels), formats)


def _write_areas(book: xlsxwriter.Workbook, levels: PlannedLevels, formats: dict[str, Any]) -> None:
    rows = area_rows(levels)
    for level, below in zip(levels.levels, [*levels.levels[1:], None], strict=True):
        columns = area_columns(levels, level, below)
        sheet = book.add_worksheet(sheet_name(level))
        write_table(sheet, columns, rows[level.level.name], formats, lambda row: not _lawful(row))


def _write_buildings(book: xlsxwriter.Workbook, levels: PlannedLevels, formats: dict[str, Any]) -> None:
    main = column_name(reference(levels).level.name)
    main = main if main in ("grid", "community") else f"{main}s"

    def left_out(record: dict[str, Any]) -> bool:
        return record.get(main) is None

    buildings = whole_buildings(levels).sort_values([main, "id"], kind="stable", na_position="last")
    columns = building_columns(levels, left_out)
    write_table(book.add_worksheet("楼栋"), columns, records_of(buildings), formats, left_out)
    if has_parts(levels):
        last = column_name(levels.names[-1])
        parts = part_runs(levels).sort_values([last, "id"], kind="stable", na_position="last")
        columns = part_columns(levels)
        write_table(
            book.add_worksheet("单元楼层"), columns, records_of(parts), formats, lambda record: record[last] is None
        )


def _write_proofs(book: xlsxwriter.Workbook, levels: PlannedLevels, formats: dict[str, Any]) -> None:
    rows = list(proof_rows(levels))
    if rows:
        write_table(book.add_worksheet("证明"), proof_columns(), rows, formats, lambda row: not row.parent.lawful)


def _lawful(row: GridRow) -> bool:
    return not row.violations and (row.within or row.locked)
