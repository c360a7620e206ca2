"""Text tables: which encoding, which separator, which cells."""

from __future__ import annotations

import codecs
import csv
import io

from partitioner.errors import Place
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.grids import Grid, header_score
from partitioner.io.reading.sources import Source

SEPARATORS = (",", "\t", ";", "|", "，")
_SAMPLE_LINES = 60
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decode(data: bytes) -> str | None:
    """Bytes of a Chinese or international text: by its mark, else UTF-8, else GB18030; None if none of them fits."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data, encoding)
    text = _decoded(data, "utf-8")
    return _decoded(data, "gb18030") if text is None else text


def read_text_table(source: Source, findings: Findings) -> list[tuple[str | None, Grid]]:
    """The one grid of cells in a csv, tsv or txt file; every cell is text."""
    place = Place(file=source.shown)
    try:
        data = source.path.read_bytes()
    except OSError as error:
        findings.fault("file_unreadable", place, reason=error.strerror or str(error))
        return []
    text = decode(data)
    if text is None:
        findings.fault("encoding_unknown", place)
        return []
    if "\0" in text:
        findings.fault("file_not_of_kind", place, kind=source.path.suffix, reason="binary data")
        return []
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
    except csv.Error as error:
        findings.fault("file_not_of_kind", place, kind=source.path.suffix, reason=str(error))
        return []
    cells = [[cell if cell.strip() else None for cell in row] for row in rows]
    return [(None, Grid(cells=cells, separated=True))]


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _separator(text: str) -> str:
    """The separator under which the head of the table has most known headings, then most columns."""
    head = "".join(text.splitlines(keepends=True)[:_SAMPLE_LINES])
    best, best_score = SEPARATORS[0], (-1, -1)
    for separator in SEPARATORS:
        try:
            rows = list(csv.reader(io.StringIO(head, newline=""), delimiter=separator))
        except csv.Error:
            continue
        widths = sorted(len(row) for row in rows if any(cell.strip() for cell in row))
        score = (max((header_score(row) for row in rows), default=0), widths[len(widths) // 2] if widths else 0)
        if score > best_score:
            best, best_score = separator, score
    return best
