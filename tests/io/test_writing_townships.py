"""Townships and declared work are carried to the outputs where the input has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
from openpyxl import load_workbook
from writing_county import planned_town

from partitioner.io.writing import PlannedCounty, write_geopackage, write_ledger
from partitioner.io.writing.layers import units_layer

NAMES = {"township": "街道（乡镇）", "home_township": "户籍乡镇", "workload": "工作量"}


def with_columns(planned: PlannedCounty) -> PlannedCounty:
    frame = planned.county.buildings
    num = len(frame)
    told = frame.assign(
        township=pd.array(["沙城镇"] * num, dtype="string"),
        home_township=pd.array(["官厅镇", *[None] * (num - 1)], dtype="string"),
        workload=pd.array([7, *[None] * (num - 1)], dtype="Int64"),
    )
    return replace(planned, county=replace(planned.county, buildings=told))


def test_units_carry_what_the_input_told(tmp_path: Path) -> None:
    write_geopackage(with_columns(planned_town()), tmp_path / "plan.gpkg")
    units = gpd.read_file(tmp_path / "plan.gpkg", layer="units").set_index("id")
    assert units.loc["b01", ["township", "home_township", "workload"]].tolist() == ["沙城镇", "官厅镇", 7]
    assert pd.isna(units.loc["b02", "home_township"])


def test_the_ledger_has_their_columns_only_where_they_are_known(tmp_path: Path) -> None:
    write_ledger(with_columns(planned_town()), tmp_path / "told.xlsx")
    write_ledger(planned_town(), tmp_path / "untold.xlsx")
    headings = {
        name: {cell.value for row in load_workbook(tmp_path / name)["楼栋"].iter_rows(max_row=8) for cell in row}
        for name in ("told.xlsx", "untold.xlsx")
    }
    assert set(NAMES.values()) <= headings["told.xlsx"]
    assert not set(NAMES.values()) & headings["untold.xlsx"]


def test_columns_that_hold_nothing_are_left_out() -> None:
    assert not set(NAMES) & set(units_layer(planned_town()).columns)
