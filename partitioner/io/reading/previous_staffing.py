"""An earlier assignment: staffing.json, or the workbook of assignments that planners hand on."""

from __future__ import annotations

import os
from pathlib import Path

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.cells import CellError, read_code
from partitioner.io.reading.files import read_layers
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.headings import normalised
from partitioner.io.reading.layers import Layer
from partitioner.io.reading.sources import find_sources
from partitioner.io.staffing_json import StaffingRecord, read_staffing
from partitioner.staffing import Pair

POSTS = "岗位"
"""The sheet of the ledger that has a row per post."""

_PEOPLE = frozenset(normalised(name) for name in ("工号", "number", "person"))
_TARGETS = frozenset(normalised(name) for name in ("对象编码", "target"))


def read_previous(path: str | os.PathLike[str]) -> tuple[Pair, ...]:
    """Who served where; see `read_record`."""
    return read_record(path).posted


def read_record(path: str | os.PathLike[str]) -> StaffingRecord:
    """Who served where, and in which role if it is staffing.json.

    Takes staffing.json, the folder that holds it, the ledger of assignments (its sheet 岗位), or any table with columns
    工号 and 对象编码, a row per post.

    Raises
    ------
    InputError
        With every fault that was found.
    """
    told = Path(path)
    if told.is_dir():
        told = told / "staffing.json"
    if told.suffix.casefold() == ".json":
        return read_staffing(told)
    findings = Findings()
    layers = read_layers(find_sources([told], findings), {}, findings)
    tables = [(layer, columns) for layer in layers if (columns := _columns(layer)) is not None]
    if layers and not tables and not findings.faults:
        raise InputError([_no_posts(told)])
    posts = [table for table in tables if table[0].name == POSTS]  # other sheets of the ledger list pairs as well
    tables = posts or tables
    pairs = [pair for layer, columns in tables for pair in _pairs(layer, columns, findings)]
    findings.stop()
    return StaffingRecord(plan="", profile="", posted=tuple(dict.fromkeys(pairs)))


def _columns(layer: Layer) -> tuple[int, int] | None:
    names = [normalised(heading.parts[-1]) for heading in layer.headings]
    person = next((k for k, name in enumerate(names) if name in _PEOPLE), None)
    target = next((k for k, name in enumerate(names) if name in _TARGETS), None)
    return None if person is None or target is None else (person, target)


def _pairs(layer: Layer, columns: tuple[int, int], findings: Findings) -> list[Pair]:
    """Rows that name both; a post that stays open names nobody."""
    found = []
    for record in range(len(layer)):
        both: list[str | None] = []
        for column in columns:
            try:
                both.append(read_code(layer.columns[column][record]))
            except CellError as error:
                findings.fault(error.rule, layer.place(record, column), layer.columns[column][record])
                both.append(None)
        if both[0] is not None and both[1] is not None:
            found.append((both[0], both[1]))
    return found


def _no_posts(path: Path) -> Fault:
    return Fault(
        rule="previous_unreadable",
        place=Place(file=str(path)),
        message=Text("没有“工号”和“对象编码”两列", "there is no sheet with columns 工号 and 对象编码"),
        remedy=Text(
            "请给出 staffing.json，或以前的人员安排台账", "give staffing.json, or the ledger of an earlier run"
        ),
    )
