"""Fields of a layer as typed columns: codes and counts, every bad cell named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from partitioner.io.reading.cells import MAX_COUNT, CellError, is_blank, plain_text, read_code, read_count
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located

STRICT_COUNTS = frozenset({"households", "buildings"})
"""Counts that a plan rests on: a bad one is a fault. Other counts that cannot be read are left out with a notice."""


_YES = frozenset({"有", "是", "有电梯", "yes", "true", "y"})
_NO = frozenset({"无", "否", "没有", "无电梯", "no", "false", "n"})


def codes(located: Located, field: str, findings: Findings) -> pd.Series:
    """A text column, shape (n,), null where the field is missing or blank."""
    values: list[str | None] = [None] * len(located)
    column = located.fields.get(field)
    if column is not None:
        layer = located.layer
        for record, value in enumerate(layer.columns[column]):
            try:
                values[record] = read_code(value)
            except CellError as error:
                findings.fault(error.rule, layer.place(record, column), value)
    return pd.Series(values, dtype="string")


def counts(located: Located, field: str, findings: Findings) -> pd.Series:
    """A column of whole numbers, shape (n,), null where the field is missing or blank."""
    values = np.zeros(len(located), dtype=np.int64)
    missing = np.ones(len(located), dtype=bool)
    column = located.fields.get(field)
    if column is not None:
        layer = located.layer
        for record, value in enumerate(layer.columns[column]):
            try:
                if (record, column) in layer.merged and field in STRICT_COUNTS:
                    raise CellError("merged")
                count = read_count(value)
            except CellError as error:
                _report(field, error.rule, layer.place(record, column), value, findings)
                continue
            if count is not None:
                values[record], missing[record] = count, False
    return pd.Series(pd.arrays.IntegerArray(values, missing))


def lifts(located: Located, findings: Findings) -> pd.Series:
    """A column of lifts, shape (n,): a number of them, or whether there are any; null where that is not told."""
    column = located.fields.get("lifts")
    if column is None:
        return pd.Series([None] * len(located), dtype="Int64")
    told = located.layer.columns[column].copy()
    for record, value in enumerate(told):
        word = plain_text(value).casefold()
        if word in _YES or word in _NO:
            told[record] = int(word in _YES)
    layer = replace(
        located.layer,
        columns=(*located.layer.columns[:column], told, *located.layer.columns[column + 1 :]),
    )
    return counts(replace(located, layer=layer), "lifts", findings)


def blank_cells(located: Located, field: str) -> int:
    """How many cells of a field are blank."""
    column = located.fields.get(field)
    return 0 if column is None else sum(is_blank(value) for value in located.layer.columns[column])


def _report(field: str, rule: str, place: object, value: object, findings: Findings) -> None:
    if field in STRICT_COUNTS:
        prefix = "households" if field == "households" else "number"
        findings.fault(f"{prefix}_{rule}", place, value, field=field, limit=MAX_COUNT)  # type: ignore[arg-type]
    else:
        findings.notice("number_left_out", place, value, field=field)  # type: ignore[arg-type]
