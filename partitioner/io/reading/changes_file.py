"""Changes listed in a file: a table (xlsx, csv), TOML or JSON, with Chinese or English headings."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.cells import is_blank, plain_text
from partitioner.io.reading.changes import FIELDS, KIND_OF, WORDS, Edit, listed
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.grids import read_grid
from partitioner.io.reading.headings import normalised
from partitioner.io.reading.layers import Layer
from partitioner.io.reading.sources import find_sources
from partitioner.io.reading.text_tables import read_text_table
from partitioner.io.reading.workbooks import read_workbook

_FIELD_OF = {normalised(word): field for field, words in FIELDS.items() for word in words}

Row = tuple[Place, dict[str, str]]


def read_change_file(path: str | Path) -> list[Edit]:
    """All changes that a file lists, in its order.

    Raises
    ------
    InputError
        With every fault: unreadable, headings missing, kinds or columns that are not known, rows without an object.
    """
    file = Path(path)
    suffix = file.suffix.casefold()
    faults: list[Fault] = []
    rows = _documents(file) if suffix in (".toml", ".json") else _tables(file)
    edits = []
    for place, row in rows:
        edit = _edit(place, row, faults)
        if edit is not None:
            edits.append(edit)
    if faults:
        raise InputError(faults)
    return edits


def _edit(place: Place, row: Mapping[str, str], faults: list[Fault]) -> Edit | None:
    word = row.get("kind", "")
    kind = KIND_OF.get(word.casefold())
    if kind is None:
        near = difflib.get_close_matches(word, KIND_OF, n=1)
        words = "、".join(names[0] for names in WORDS.values())
        faults.append(
            Fault(
                rule="change_kind",
                place=place,
                value=word or None,
                message=Text("没有这种变化类型" if word else "没有写变化类型", "there is no such kind of change"),
                remedy=Text(
                    f"可写：{words}" + (f"；是否指 {near[0]}" if near else ""),
                    f"Write one of {', '.join(KIND_OF)}" + (f"; did you mean {near[0]}" if near else ""),
                ),
            )
        )
        return None
    objects = listed(row.get("objects", ""))
    if not objects and kind not in ("barrier", "bridge"):
        faults.append(
            Fault(
                rule="change_object",
                place=place,
                message=Text("没有写“对象”", "no object is named"),
                remedy=Text("请写楼栋编号、小区或社区", "name buildings, compounds or communities"),
            )
        )
        return None
    more = {key: value for key, value in row.items() if key not in ("kind", "objects", "value")}
    return Edit(kind=kind, objects=objects, value=row.get("value", ""), more=more, place=place)


def _tables(path: Path) -> Iterator[Row]:
    findings = Findings()
    layers: list[Layer] = []
    declared = [word for words in FIELDS.values() for word in words]
    for source in find_sources([path], findings):
        if source.kind not in ("text", "workbook"):
            findings.fault("file_kind_unknown", Place(file=source.shown), path.suffix, kinds=".xlsx .csv .toml .json")
            continue
        grids = read_text_table(source, findings) if source.kind == "text" else read_workbook(source, findings)
        read = [read_grid(source.shown, name, grid, declared, findings) for name, grid in grids]
        layers += [layer for layer in read if layer is not None]
    findings.stop()
    if not layers:
        findings.fault("table_empty", Place(file=path.name))
        findings.stop()
    faults: list[Fault] = []
    rows: list[Row] = []
    for layer in layers:
        fields = [_FIELD_OF.get(normalised(heading.text)) for heading in layer.headings]
        faults += _unknown_columns(layer, fields)
        for record in range(len(layer)):
            cells = {
                field: _cell(layer.columns[column][record])
                for column, field in enumerate(fields)
                if field is not None and not is_blank(layer.columns[column][record])
            }
            if cells:
                rows.append((layer.place(record), cells))
    if faults:
        raise InputError(faults)
    yield from rows


def _cell(value: object) -> str:
    return value.strip() if isinstance(value, str) and "\n" in value else plain_text(value)


def _unknown_columns(layer: Layer, fields: list[str | None]) -> Iterator[Fault]:
    if "kind" not in fields:
        yield Fault(
            rule="change_headings",
            place=layer.place(),
            message=Text("没有“类型”一列", "there is no column 类型 (type)"),
            remedy=Text("变化表需要：类型、对象、值", "A table of changes needs 类型, 对象, 值 (type, object, value)"),
        )
        return
    for heading, field in zip(layer.headings, fields, strict=True):
        if field is None and not heading.text.startswith("#"):
            yield _unknown_field(layer.place(), heading.text)


def _unknown_field(place: Place, name: str) -> Fault:
    known = "、".join(words[0] for words in FIELDS.values())
    return Fault(
        rule="change_column",
        place=place,
        value=name,
        message=Text("不认识这一列", "this column is not known"),
        remedy=Text(f"可用的列：{known}；不需要的列请删去", f"Columns are {known}; delete what is not needed"),
    )


def _documents(path: Path) -> Iterator[Row]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        document: Any = tomllib.loads(text) if path.suffix.casefold() == ".toml" else json.loads(text)
    except (OSError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(
            [
                Fault(
                    rule="change_file",
                    place=Place(file=str(path)),
                    message=Text(f"无法读取（{error}）", f"it cannot be read ({error})"),
                    remedy=Text("请改正文件，编码用 UTF-8", "Mend the file; it must be UTF-8"),
                )
            ]
        ) from error
    entries = document
    if isinstance(document, dict):
        entries = next((document[key] for key in ("change", "changes", "变化") if key in document), None)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(
            [
                Fault(
                    rule="change_file",
                    place=Place(file=str(path)),
                    message=Text("没有变化的列表", "it holds no list of changes"),
                    remedy=Text(
                        "TOML 写成多个 [[change]]，JSON 写成 [{…}]",
                        "Write several [[change]] in TOML, or [{…}] in JSON",
                    ),
                )
            ]
        )
    faults: list[Fault] = []
    rows: list[Row] = []
    for number, entry in enumerate(entries):
        place = Place(file=path.name, pointer=f"/{number}")
        row: dict[str, str] = {}
        for key, value in entry.items():
            field = _FIELD_OF.get(normalised(str(key)))
            if field is None:
                faults.append(_unknown_field(place, str(key)))
            else:
                row[field] = _joined(value)
        rows.append((place, row))
    if faults:
        raise InputError(faults)
    yield from rows


def _joined(value: object) -> str:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "、".join(plain_text(part) for part in value)
    return plain_text(value)
