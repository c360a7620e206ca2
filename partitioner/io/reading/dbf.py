"""Attribute tables of shapefiles, read from their bytes.

GDAL trusts the declared encoding and garbles GBK without .cpg; reading the bytes lets every decoding be tried, and
keeps codes of eighteen digits that a number field holds as text.
"""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from partitioner.io.reading.layers import Cells, Heading

_CODE_PAGES = {0x4D: "gb18030", 0x4F: "big5", 0x78: "big5", 0x7A: "gb18030", 0x03: "cp1252", 0x57: "cp1252"}
_TRUE, _FALSE = frozenset("YyTt"), frozenset("NnFf")


class DbfError(ValueError):
    """Bytes that are no attribute table, or text in no known encoding (`encoding` True)."""

    def __init__(self, message: str, *, encoding: bool = False) -> None:
        super().__init__(message)
        self.encoding = encoding


@dataclass(frozen=True, kw_only=True)
class _Field:
    name: bytes
    type: str
    start: int
    width: int


def read_dbf(path: Path, declared: str | None) -> tuple[tuple[Heading, ...], tuple[Cells, ...], str, int]:
    """All records, deleted ones too, in file order.

    Parameters
    ----------
    declared : str or None
        Text of the .cpg; it wins where it decodes everything.

    Returns
    -------
    headings, columns, encoding, number of records

    Raises
    ------
    DbfError
    """
    data = path.read_bytes()
    if len(data) < 33:
        raise DbfError("too short")
    num, header, width = struct.unpack_from("<IHH", data, 4)
    fields = _fields(data, header)
    if not fields or width < 1 or header > len(data):
        raise DbfError("no fields")
    num = min(num, (len(data) - header) // width)
    body = np.frombuffer(data, dtype=f"S{width}", count=num, offset=header) if num else np.empty(0, dtype=f"S{width}")
    records = [bytes(record).ljust(width) for record in body.tolist()]
    encoding = _encoding(records, fields, data[29], declared)
    headings = tuple(
        Heading(parts=(_text(field.name, encoding).strip() or f"#{k + 1}",), truncated=len(field.name) >= 8)
        for k, field in enumerate(fields)
    )
    return headings, tuple(_column(records, field, encoding) for field in fields), encoding, num


def _fields(data: bytes, header: int) -> list[_Field]:
    fields, offset, start = [], 32, 1
    while offset + 32 <= min(header, len(data)) and data[offset] != 0x0D:
        name, kind, width = data[offset : offset + 11].split(b"\0")[0], chr(data[offset + 11]), data[offset + 16]
        fields.append(_Field(name=name, type=kind, start=start, width=width))
        offset, start = offset + 32, start + width
    return fields


def _encoding(records: list[bytes], fields: list[_Field], code_page: int, declared: str | None) -> str:
    """The first encoding that decodes every heading and text: declared, UTF-8, GB18030, the code page byte, Latin-1."""
    texts = {field.name for field in fields}
    for field in fields:
        if field.type == "C":
            texts.update(record[field.start : field.start + field.width].rstrip(b" \0") for record in records)
    foreign = [text for text in texts if not text.isascii()]
    candidates = [_codec(declared), "utf-8", "gb18030", _CODE_PAGES.get(code_page)]
    for encoding in candidates:
        if encoding is not None and all(_decodes(text, encoding) for text in foreign):
            return encoding
    raise DbfError("no encoding fits", encoding=True)


def _codec(declared: str | None) -> str | None:
    """A Python codec for the text of a .cpg; None if there is none."""
    name = (declared or "").strip().casefold()
    if name in ("936", "cp936", "gbk", "gb2312", "ansi 936", "oem 936", "ansi936"):
        return "gb18030"
    for text in (name, f"cp{name}"):
        try:
            return codecs.lookup(text).name if text else None
        except LookupError:
            continue
    return None


def _decodes(text: bytes, encoding: str) -> bool:
    """Whether a text decodes, but for a last letter that the field's width may have cut."""
    try:
        text.decode(encoding)
    except UnicodeDecodeError as error:
        return error.end >= len(text) and error.start >= max(len(text) - 3, 1)
    return True


def _text(data: bytes, encoding: str) -> str:
    return data.decode(encoding, errors="ignore")


def _column(records: list[bytes], field: _Field, encoding: str) -> Cells:
    values = np.empty(len(records), dtype=object)
    for k, record in enumerate(records):
        values[k] = _cell(record[field.start : field.start + field.width], field.type, encoding)
    return values


def _cell(data: bytes, kind: str, encoding: str) -> object:
    text = _text(data.rstrip(b" \0"), encoding).strip()
    if not text:
        return None
    if kind == "L":
        return True if text in _TRUE else False if text in _FALSE else None
    # Numbers stay text: their digits are exact, and "****" (overflow) is told as what it is.
    return text
