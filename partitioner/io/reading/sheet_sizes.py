"""How far the sheets of an xlsx reach: readers make a cell for every place up to the last one, filled or not."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

from partitioner.io.reading.unread_cells import column_number, sheet_paths

MAX_CELLS = 50_000_000
"""Places of one sheet; a million rows of fifty columns."""

_ADDRESS = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')


def sheets_too_large(data: bytes) -> dict[str, str]:
    """The last cells of sheets that reach further than can be read. Empty for anything but a sound xlsx."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            corners = {name: _corner(archive.read(path)) for name, path in sheet_paths(archive).items()}
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, OSError, ValueError, RuntimeError):
        return {}
    return {
        name: f"{column.decode()}{row}"
        for name, (column, row) in corners.items()
        if row * (column_number(column) + 1) > MAX_CELLS
    }


def _corner(xml: bytes) -> tuple[bytes, int]:
    """The last column and the last row of any cell."""
    column, row = b"A", 0
    for match in _ADDRESS.finditer(xml):
        letters = match[1]
        if (len(letters), letters) > (len(column), column):
            column = letters
        row = max(row, int(match[2]))
    return column, row
