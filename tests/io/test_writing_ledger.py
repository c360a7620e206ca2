"""The ledger opens in Excel with every code as text."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from writing_county import NOTICE, planned_town, with_plan

from partitioner.errors import OutputError
from partitioner.io.writing import PlannedCounty, write_ledger


def opened(planned: PlannedCounty, folder: Path) -> Workbook:
    write_ledger(planned, folder / "ledger.xlsx")
    return openpyxl.load_workbook(folder / "ledger.xlsx")


def column(book: Workbook, sheet: str, heading: str) -> list[object]:
    rows = list(book[sheet].iter_rows(values_only=True))
    at = rows[0].index(heading)
    return [row[at] for row in rows[1:]]


def test_the_grids_sum_to_the_county(tmp_path: Path) -> None:
    book = opened(planned_town(), tmp_path)
    assert book.sheetnames == ["网格", "楼栋", "说明"]
    assert column(book, "网格", "户数") == [405] * 4
    assert column(book, "网格", "状态") == ["合规"] * 4
    assert column(book, "网格", "社区") == ["东关社区", "东关社区", "西苑社区", "西苑社区"]
    assert sum(households or 0 for households in column(book, "楼栋", "户数")) == 4 * 405


def test_codes_are_text_and_lose_no_digits(tmp_path: Path) -> None:
    book = opened(planned_town(), tmp_path)
    assert column(book, "网格", "网格编码")[0] == "131126001001001"
    assert "001234567890123456" in column(book, "楼栋", "原网格")
    assert all(book["楼栋"].cell(row, 9).data_type == "s" for row in range(2, 39))


def test_a_name_that_looks_like_a_formula_stays_a_name(tmp_path: Path) -> None:
    sheet = opened(planned_town(), tmp_path)["楼栋"]
    (cell,) = [cell for cell in sheet["B"] if cell.value == "=1+1"]
    assert cell.data_type == "s"


def test_every_building_has_its_grid_and_headings_stay_in_view(tmp_path: Path) -> None:
    book = opened(planned_town(), tmp_path)
    assert len(column(book, "楼栋", "网格编码")) == 37
    assert None not in column(book, "楼栋", "网格编码")
    assert [book[name].freeze_panes for name in ("网格", "楼栋", "说明")] == ["B2", "B2", "A2"]


def test_a_grid_out_of_bounds_is_coloured_and_explained(tmp_path: Path) -> None:
    book = opened(planned_town(heavy=True), tmp_path)
    states = column(book, "网格", "状态")
    assert states == ["合规", "户数超限 460", "合规", "合规"]
    colours = [book["网格"].cell(row, 1).fill.fgColor.rgb for row in (2, 3)]
    assert colours[0] != colours[1]
    notes = "\n".join(str(value) for row in book["说明"].iter_rows(values_only=True) for value in row)
    assert "无合规方案（已证明）" in notes
    assert "no lawful plan exists (proved)" in notes
    assert "比上限 500 多 460 户" in notes


def test_notices_are_told_in_both_languages(tmp_path: Path) -> None:
    book = opened(planned_town(notices=(NOTICE,)), tmp_path)
    notes = [row for row in book["说明"].iter_rows(values_only=True) if row[0] == "geometry_mended"]
    assert len(notes) == 1
    assert "轮廓自相交" in str(notes[0][1])
    assert "crossed itself" in str(notes[0][2])


def test_a_building_without_a_grid_is_remarked(tmp_path: Path) -> None:
    labels: list[str | None] = ["A"] * 36
    labels[5] = None
    book = opened(with_plan(planned_town(), labels), tmp_path)
    assert column(book, "楼栋", "备注")[-1] == "未划入网格"


def test_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_ledger(planned_town(), tmp_path / "nowhere" / "ledger.xlsx")
