"""Small files as planners have them, made in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from partitioner.errors import InputError
from partitioner.geometry.county import County
from partitioner.io.reading import read_county

LEDGER = (
    ("楼栋编号", "小区", "社区", "户数", "单元数", "层数", "经度", "纬度"),
    ("b1", "幸福里", "东街社区", 54, 3, 6, 116.300, 39.430),
    ("b2", "幸福里", "东街社区", 60, 3, 6, 116.301, 39.430),
    ("b3", "和平苑", "西街社区", 72, 4, 6, 116.302, 39.431),
)
"""A plain ledger: headings and three rows."""

Rows = Sequence[Sequence[object]]


def write_csv(path: Path, rows: Rows = LEDGER, *, encoding: str = "utf-8", separator: str = ",") -> Path:
    text = "\n".join(separator.join("" if cell is None else str(cell) for cell in row) for row in rows) + "\n"
    path.write_bytes(text.encode(encoding))
    return path


def write_xlsx(path: Path, rows: Rows = LEDGER, *, merged: Sequence[str] = (), sheet: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for block in merged:
        page.merge_cells(block)
    book.save(path)
    return path


def changed(row: int, column: str, value: object, rows: Rows = LEDGER) -> list[list[object]]:
    """The ledger with one cell replaced; `row` as a reader counts (1 is the headings)."""
    cells = [list(r) for r in rows]
    cells[row - 1][list(rows[0]).index(column)] = value
    return cells


def footprints(crs: str | None = "EPSG:4548", **columns: Sequence[object]) -> gpd.GeoDataFrame:
    """Three square footprints of 20 m in 固安, with ids and households unless other columns are given."""
    squares = [shapely.box(440_000 + 60 * k, 4_366_000, 440_020 + 60 * k, 4_366_020) for k in range(3)]
    data: Mapping[str, Sequence[object]] = columns or {"id": ["b1", "b2", "b3"], "households": [54, 60, 72]}
    return gpd.GeoDataFrame(pd.DataFrame(data), geometry=squares, crs=crs)


def read(*paths: Path, **options: Any) -> County:
    return read_county(paths, **{"crs": None, "roles": {}, "columns": {}, **options})


def faults_of(call: Callable[[], object]) -> dict[str, list[Any]]:
    """Faults by rule; every one must be told in both languages."""
    with pytest.raises(InputError) as caught:
        call()
    found: dict[str, list[Any]] = {}
    for fault in caught.value.faults:
        assert fault.message.zh
        assert fault.message.en
        assert fault.remedy.zh
        assert fault.remedy.en
        assert "{" not in fault.text().zh + fault.text().en
        found.setdefault(fault.rule, []).append(fault)
    return found


def rules_of(county: County) -> set[str]:
    return {notice.rule for notice in county.notices}
