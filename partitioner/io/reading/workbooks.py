"""Workbooks (xlsx, xlsm, xls) as grids of cells."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import python_calamine as calamine

from partitioner.errors import Place
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.grids import Grid
from partitioner.io.reading.sheet_sizes import MAX_CELLS, sheets_too_large
from partitioner.io.reading.sources import MAX_FILE_BYTES, Source
from partitioner.io.reading.unread_cells import unread_cells

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# An encrypted workbook is an OLE container with a stream of this name.
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_workbook(source: Source, findings: Findings) -> list[tuple[str | None, Grid]]:
    """Every visible sheet that holds cells, with its name."""
    place = Place(file=source.shown)
    try:
        data = source.path.read_bytes()
    except OSError as error:
        findings.fault("file_unreadable", place, reason=error.strerror or str(error))
        return []
    if data.startswith(_OLE) and _ENCRYPTED in data:
        findings.fault("file_password", place)
        return []
    if data.startswith(b"PK") and not _unpacks(data):
        findings.fault("file_not_of_kind", place, kind="Excel", reason="damaged, or too large when unpacked")
        return []
    huge = sheets_too_large(data)
    for name, cell in huge.items():
        findings.fault("sheet_huge", Place(file=source.shown, layer=name), cell, limit=f"{MAX_CELLS:,}")
    if huge:
        return []
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        return _sheets(book, unread_cells(data), source, findings)
    except calamine.PasswordError:
        findings.fault("file_password", place)
    except Exception as error:
        findings.fault("file_not_of_kind", place, kind="Excel", reason=str(error) or type(error).__name__)
    except BaseException as error:
        # A panic of the Rust reader on damaged bytes does not derive from Exception.
        if type(error).__name__ != "PanicException":
            raise
        findings.fault("file_not_of_kind", place, kind="Excel", reason="damaged")
    return []


def _sheets(
    book: calamine.CalamineWorkbook,
    unread: Mapping[str, Mapping[tuple[int, int], str]],
    source: Source,
    findings: Findings,
) -> list[tuple[str | None, Grid]]:
    grids: list[tuple[str | None, Grid]] = []
    for meta in book.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        if meta.visible != calamine.SheetVisibleEnum.Visible:
            findings.notice("sheet_hidden", Place(file=source.shown, layer=meta.name))
            continue
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.height == 0:
            continue
        cells = [[None if cell == "" else cell for cell in row] for row in sheet.to_python(skip_empty_area=False)]
        for (row, column), text in unread.get(meta.name, {}).items():
            if row < len(cells) and column < len(cells[row]) and cells[row][column] is None:
                cells[row][column] = text
        merged = tuple((r0, c0, r1, c1) for (r0, c0), (r1, c1) in sheet.merged_cell_ranges or ())
        grids.append((meta.name, Grid(cells=cells, merged=merged)))
    return grids


def _unpacks(data: bytes) -> bool:
    """Whether a zip container is whole and of a bearable size."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return sum(member.file_size for member in archive.infolist()) <= MAX_FILE_BYTES
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
