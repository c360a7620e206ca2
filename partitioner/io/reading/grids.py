"""From a grid of cells to a table: where the headings stand, which rows are records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from partitioner.errors import Place
from partitioner.io.reading.cells import is_blank, plain_text
from partitioner.io.reading.coordinate_headings import is_coordinate_heading
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.headings import KNOWN_HEADINGS, normalised
from partitioner.io.reading.layers import Heading, Layer

_HEADER_ROWS = 30
"""Headings are looked for in this many rows."""

_TOTALS = frozenset(
    {"合计", "总计", "小计", "总和", "共计", "合 计", "total", "totals", "sum", "subtotal", "grandtotal"}
)
_NOTES = ("注", "备注", "说明", "填表", "制表", "审核", "填报", "联系电话", "note", "source", "数据来源")


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Raw cells, row by row (rows may differ in length), and merged blocks (top, left, bottom, right), inclusive."""

    cells: Sequence[Sequence[object]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    separated: bool = False
    """Whether the cells come from a text with separators, where a stray one shifts a row."""


def header_score(row: Iterable[object], declared: frozenset[str] = frozenset()) -> int:
    """How many different known headings a row holds."""
    names = {normalised(cell) for cell in row if isinstance(cell, str) and len(cell) <= 40}
    known = {name for name in names if name in KNOWN_HEADINGS or name in declared}
    return len(known) + sum(is_coordinate_heading(cell) for cell in row if isinstance(cell, str) and len(cell) <= 40)


def read_grid(file: str, name: str | None, grid: Grid, declared: Iterable[str], findings: Findings) -> Layer | None:
    """The table in a grid.

    Titles above the headings, blank rows and columns, totals, footnotes and repeated headings are left out; the first
    three kinds silently, the others with a notice. A row of a text table with more cells than headings is a fault: a
    stray separator has shifted it. Merged blocks count in each of their cells.

    Returns
    -------
    Layer or None
        None when there is nothing but blanks, or no record under the headings (a notice).
    """
    cells, repeats = _unmerged(grid)
    place = Place(file=file, layer=name)
    filled = [r for r, row in enumerate(cells) if not all(is_blank(cell) for cell in row)]
    if not filled:
        findings.notice("table_empty", place)
        return None
    first, last = _header_rows(cells, filled, grid, frozenset(normalised(text) for text in declared))
    width = max(len(row) for row in cells)
    parts = [_parts(cells, first, last, column) for column in range(width)]
    kept = [column for column in range(width) if parts[column] or _has_cells(cells, last + 1, column)]
    headings = tuple(Heading(parts=parts[c] or (f"#{c + 1}",)) for c in kept)
    records = _records(cells, [r for r in filled if r > last], last, place, findings)
    if not records:
        findings.notice("table_without_rows", place)
        return None
    if grid.separated:
        _check_widths(cells, records, max(c for c in range(width) if parts[c] or c == 0), place, findings)
    row_of = {row: record for record, row in enumerate(records)}
    column_of = {column: position for position, column in enumerate(kept)}
    return Layer(
        file=file,
        name=name,
        headings=headings,
        columns=tuple(_column(cells, records, column) for column in kept),
        rows=np.array([row + 1 for row in records], dtype=np.int64),
        merged=frozenset((row_of[r], column_of[c]) for r, c in repeats if r in row_of and c in column_of),
    )


def _unmerged(grid: Grid) -> tuple[list[list[object]], list[tuple[int, int]]]:
    """Cells with merged blocks filled, and the positions that were filled."""
    cells = [list(row) for row in grid.cells]
    width = max((len(row) for row in cells), default=0)
    for row in cells:
        row.extend([None] * (width - len(row)))
    repeats = []
    for top, left, bottom, right in grid.merged:
        if top >= len(cells) or left >= width or is_blank(cells[top][left]):
            continue
        for r in range(top, min(bottom + 1, len(cells))):
            for c in range(left, min(right + 1, width)):
                if (r, c) != (top, left):
                    cells[r][c] = cells[top][left]
                    repeats.append((r, c))
    return cells, repeats


def _header_rows(cells: list[list[object]], filled: list[int], grid: Grid, declared: frozenset[str]) -> tuple[int, int]:
    """First and last row of the headings: the row that names most, with merged rows above and below it."""
    candidates = filled[:_HEADER_ROWS]
    scores = [header_score(cells[row], declared) for row in candidates]
    best = candidates[int(np.argmax(scores))] if max(scores) > 0 else candidates[0]
    first = last = best
    joined = True
    while joined:
        joined = False
        for top, left, bottom, right in grid.merged:
            if top <= last < bottom and top >= first and right - left < 1:
                last, joined = bottom, True
            if (top < first <= bottom and right - left < 1) or (
                bottom == first - 1 and right > left and _is_level(cells[top])
            ):
                first, joined = top, True
    return first, min(last, len(cells) - 1)


def _is_level(row: Sequence[object]) -> bool:
    """Whether a row above the headings groups them (a title says one thing only)."""
    return len({plain_text(cell) for cell in row if not is_blank(cell)}) > 1


def _parts(cells: list[list[object]], first: int, last: int, column: int) -> tuple[str, ...]:
    texts: list[str] = []
    for row in range(first, last + 1):
        text = " ".join(str(plain_text(cells[row][column])).split())
        if text and text not in texts[-1:]:
            texts.append(text)
    return tuple(texts)


def _has_cells(cells: list[list[object]], start: int, column: int) -> bool:
    return any(not is_blank(row[column]) for row in cells[start:])


def _records(cells: list[list[object]], rows: list[int], header: int, place: Place, findings: Findings) -> list[int]:
    headings = [plain_text(cell) for cell in cells[header]]
    records = []
    for row in rows:
        texts = [text for text in (plain_text(cell) for cell in cells[row]) if text]
        here = Place(file=place.file, layer=place.layer, row=row + 1)
        if any(text.replace(" ", "").rstrip(":").casefold() in _TOTALS for text in texts[:2]):
            findings.notice("row_total", here, texts[0])
        elif len(set(texts)) == 1 and texts[0].casefold().startswith(_NOTES):
            findings.notice("row_note", here, texts[0])
        elif [plain_text(cell) for cell in cells[row]] == headings:
            findings.notice("row_heading", here)
        else:
            records.append(row)
    return records


def _check_widths(cells: list[list[object]], records: list[int], last: int, place: Place, findings: Findings) -> None:
    for row in records:
        beyond = [plain_text(cell) for cell in cells[row][last + 1 :] if not is_blank(cell)]
        if beyond:
            findings.fault("row_too_long", Place(file=place.file, layer=place.layer, row=row + 1), beyond[-1])


def _column(cells: list[list[object]], records: list[int], column: int) -> np.ndarray:
    values = np.empty(len(records), dtype=object)
    values[:] = [cells[row][column] for row in records]
    return values
