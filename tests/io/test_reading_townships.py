"""Townships, home townships and workload come through every way of reading."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from partitioner.io.reading import read_county


def test_columns_of_a_building_ledger(tmp_path: Path) -> None:
    ledger = tmp_path / "buildings.csv"
    ledger.write_text(
        "编号,户数,经度,纬度,所属街道,户籍乡镇,工作量\nb1,40,115.40,40.40,沙城镇,官厅镇,55\nb2,50,115.41,40.40,,,\n",
        "utf-8",
    )
    frame = read_county([ledger]).buildings
    assert frame["township"].tolist() == ["沙城镇", pd.NA]
    assert frame["home_township"].tolist() == ["官厅镇", pd.NA]
    assert frame["workload"].tolist() == [55, pd.NA]


def test_buildings_take_the_township_of_their_community_unless_they_name_one(tmp_path: Path) -> None:
    lines = gpd.GeoDataFrame(
        {"id": ["c1", "c2"], "name": ["东", "西"], "乡镇": ["沙城镇", None]},
        geometry=[shapely.box(115.40, 40.40, 115.41, 40.41), shapely.box(115.39, 40.40, 115.40, 40.41)],
        crs=4490,
    )
    lines.to_file(tmp_path / "社区.gpkg", layer="社区")
    ledger = tmp_path / "buildings.csv"
    ledger.write_text(
        "编号,户数,经度,纬度,街道\nb1,40,115.405,40.405,\nb2,50,115.406,40.405,官厅镇\nb3,50,115.395,40.405,\n", "utf-8"
    )
    county = read_county([ledger, tmp_path / "社区.gpkg"])
    assert county.communities["township"].tolist() == ["沙城镇", pd.NA]
    assert county.buildings["township"].tolist() == ["沙城镇", "官厅镇", pd.NA]


@pytest.mark.parametrize("workload", [7, 30])
def test_the_workload_of_a_compound_is_shared_by_its_buildings(tmp_path: Path, workload: int) -> None:
    ledger = tmp_path / "compounds.csv"
    ledger.write_text(
        f"小区名称,户数,楼栋数,经度,纬度,街道,户籍乡镇,工作量\n佳禾,90,3,115.4,40.4,沙城镇,官厅镇,{workload}\n", "utf-8"
    )
    frame = read_county([ledger]).buildings
    assert frame["workload"].sum() == workload
    assert frame["workload"].max() - frame["workload"].min() <= 1
    assert set(frame["township"]) == {"沙城镇"}
    assert set(frame["home_township"]) == {"官厅镇"}
