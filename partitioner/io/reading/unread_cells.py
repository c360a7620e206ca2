"""Cells of an xlsx that a reader of values takes for blank though they are not: errors, and formulas never calculated.

A building whose households read #N/A would else count as one where nobody lives.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_CELL = re.compile(rb"<c\s([^>]*?)>(.*?)</c>", re.DOTALL)
_ADDRESS = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_TYPE = re.compile(rb'\bt="(\w+)"')
_VALUE = re.compile(rb"<v>([^<]+)</v>")


def unread_cells(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """For every sheet the text of such cells by (row, column), from 0. Empty for anything but a sound xlsx."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {name: _cells(archive.read(path)) for name, path in sheet_paths(archive).items()}
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, OSError, ValueError, RuntimeError):
        return {}


def sheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """From the name of every sheet to the member that holds it."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {node.get("Id"): node.get("Target", "") for node in relations}
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    names = set(archive.namelist())
    paths = {
        sheet.get("name", ""): posixpath.join("xl", targets.get(sheet.get(_RELATION), "")).replace("xl//xl/", "xl/")
        for sheet in book.iter(f"{_MAIN}sheet")
    }
    # An absolute target starts at the root of the archive.
    return {name: path.lstrip("/") for name, path in paths.items() if path.lstrip("/") in names}


def _cells(xml: bytes) -> dict[tuple[int, int], str]:
    if b't="e"' not in xml and b"<f" not in xml:
        return {}
    found = {}
    for match in _CELL.finditer(xml):
        attributes, body = match.groups()
        kind, value, address = _TYPE.search(attributes), _VALUE.search(body), _ADDRESS.search(attributes)
        if address is None:
            continue
        if kind is not None and kind[1] == b"e":
            text = value[1].decode("utf-8", "replace") if value else "#ERROR"
        elif b"<f" in body and value is None and (kind is None or kind[1] == b"n"):
            text = "=…"
        else:
            continue
        found[int(address[2]) - 1, column_number(address[1])] = text
    return found


def column_number(letters: bytes) -> int:
    """The column called `letters`, from 0."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
