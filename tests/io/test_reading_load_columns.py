"""What makes work in a building is read from the ledger where it is told, and kept in the plan's files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from partitioner.io.reading import read_county


def test_elderly_special_care_lifts_and_events_are_read_in_chinese(tmp_path: Path) -> None:
    path = tmp_path / "台账.csv"
    path.write_text(
        "楼栋编号,户数,经度,纬度,老年人,重点人群,电梯,年事件数\n"
        "a,10,115.40,40.40,4,1,有,12\nb,12,115.41,40.40,,,无,\nc,9,115.42,40.40,0,0,2,3\nd,9,115.43,40.40,0,0,,3\n",
        "utf-8",
    )
    frame = read_county([path]).buildings
    assert frame["elderly"].tolist() == [4, pd.NA, 0, 0]
    assert frame["special_care"].tolist() == [1, pd.NA, 0, 0]
    assert frame["lifts"].tolist() == [1, 0, 2, pd.NA]
    assert frame["events"].tolist() == [12, pd.NA, 3, 3]


def test_a_lift_that_cannot_be_read_is_left_out_with_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text("id,households,lon,lat,elevator\na,10,115.40,40.40,maybe\nb,10,115.41,40.40,yes\n", "utf-8")
    county = read_county([path])
    assert county.buildings["lifts"].tolist() == [pd.NA, 1]
    assert "number_left_out" in {notice.rule for notice in county.notices}
