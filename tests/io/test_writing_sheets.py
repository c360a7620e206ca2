"""Sheets and elevations: who lives where can be read on paper."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
import shapely
from pypdf import PdfReader
from test_writing_empty import deserted
from writing_county import planned_town
from writing_levels import planned_levels

from partitioner.errors import OutputError
from partitioner.io.writing import PlannedLevels, write_elevations, write_sheets
from partitioner.io.writing.pdf import Document
from partitioner.io.writing.sheets.elevation import elevations_of
from partitioner.io.writing.sheets.grid_map import Frame, _ranges
from partitioner.io.writing.sheets.table import MAX_LINES, _lines, wrapped


@pytest.fixture(scope="module")
def levels() -> PlannedLevels:
    return planned_levels(3, 2, wrong=True)


@pytest.fixture(scope="module")
def sheets(levels: PlannedLevels, tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    path = tmp_path_factory.mktemp("sheets") / "sheets.pdf"
    write_sheets(levels, path)
    return PdfReader(path)


def test_every_grid_has_a_bookmark_and_pages_of_a4(sheets: PdfReader, levels: PlannedLevels) -> None:
    marks = [str(mark["/Title"]) for mark in sheets.outline]  # type: ignore[index, call-overload]
    assert marks == sorted(levels.level("grid").result.plan.grid.names)
    for page in sheets.pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx((595.28, 841.89), abs=0.1)


def test_a_sheet_tells_grid_micro_grids_floors_and_households(sheets: PdfReader) -> None:
    text = "\n".join(page.extract_text() for page in sheets.pages[:2])
    for wanted in ("网格 131126001001001", "方城县 东关社区", "348 户", "个微网格", "9 栋住人楼", "小区：小区1-2"):
        assert wanted in text
    for wanted in ("1号楼1单元1–5层", "2号楼3单元", "立面图", "1单元"):
        assert wanted in text


def test_broken_rules_are_named_on_the_sheet(sheets: PdfReader) -> None:
    assert any("9号楼1单元（户数超限）" in page.extract_text() for page in sheets.pages)


def test_single_grids_can_be_asked_for(levels: PlannedLevels, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    write_sheets(levels, tmp_path / "s.pdf", ["131126001001002"], lambda done, of: told.append((done, of)))
    assert told == [(1, 1)]
    assert "网格 131126001001002" in PdfReader(tmp_path / "s.pdf").pages[0].extract_text()


def test_without_micro_grids_the_buildings_are_listed(tmp_path: Path) -> None:
    write_sheets(planned_town(heavy=True), tmp_path / "s.pdf")
    reader = PdfReader(tmp_path / "s.pdf")
    assert len(reader.pages) == 4
    text = reader.pages[1].extract_text()
    assert "小区：A 小区乙、B 小区甲" in text
    assert "B 2号楼" in text


def test_where_nobody_lives_there_are_no_sheets(tmp_path: Path) -> None:
    write_sheets(deserted(), tmp_path / "s.pdf")
    assert len(PdfReader(tmp_path / "s.pdf").pages) == 0


def test_a_missing_folder_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_sheets(planned_town(), tmp_path / "nowhere" / "s.pdf")


def test_an_elevation_knows_every_floor(levels: PlannedLevels) -> None:
    found = elevations_of(levels.level("micro"))
    tower = found["b01000"]
    assert (tower.stairwells, tower.floors, tower.households, len(tower.cells)) == ([1, 2], 11, 44, 22)
    assert len(tower.areas) == 4
    assert not any(key.startswith("h") for key in found)


def test_elevations_stand_under_their_grid(levels: PlannedLevels, tmp_path: Path) -> None:
    write_elevations(levels, tmp_path / "e.pdf")
    text = PdfReader(tmp_path / "e.pdf").pages[0].extract_text()
    assert "131126001001001" in text
    assert "1号楼  44户" in text


def test_a_frame_shows_the_whole_grid_without_distortion() -> None:
    frame = Frame.around((0.0, 0.0, 400.0, 100.0), (36.0, 300.0, 520.0, 330.0))
    left, bottom, right, top = frame.extent
    assert (left, right) < (0.0, 400.0) < (right, left + 1e9)
    assert (right - left) / (top - bottom) == pytest.approx(520 / 330)
    corner = frame.on_paper(np.array([shapely.Point(left, bottom)], dtype=object))[0]
    assert (corner.x, corner.y) == pytest.approx((36.0, 300.0))


def test_numbers_in_a_row_become_a_range() -> None:
    assert _ranges(["01", "02", "03", "07"]) == "01–03、07"


def test_long_contents_break_between_buildings_and_never_run_over() -> None:
    page = Document("").new_page()
    text = "、".join(f"{k}号院" for k in range(1, 40))
    lines = wrapped(page, text, 7.5, 120)
    assert "".join(lines) == text
    assert all(page.text_width(line, 7.5) <= 120 for line in lines)
    assert all(line.endswith("、") for line in lines[:-1])


def test_a_list_that_would_not_end_is_cut_with_its_remark_first() -> None:
    """Houses without names have ids of many letters."""
    page = Document("").new_page()
    lines = _lines(page, "、".join(f"BATIMENT{k:016d}" for k in range(300)), "（户数超限）", 180)
    assert len(lines) == MAX_LINES
    assert lines[0].startswith("（户数超限）")
    assert lines[-1].endswith("……")


def test_a_page_holds_text_that_can_be_searched_and_an_embedded_subset(tmp_path: Path) -> None:
    document = Document("题目")
    page = document.new_page()
    page.text((50, 50), "网格 3号楼 a(b)\\ 😀", 12)
    document.add(page, bookmarks=["甲"])
    document.save(tmp_path / "p.pdf")
    reader = PdfReader(tmp_path / "p.pdf")
    assert "网格 3号楼 a(b)\\" in reader.pages[0].extract_text()
    assert reader.metadata is not None
    assert reader.metadata.title == "题目"
    font = reader.pages[0]["/Resources"]["/Font"]["/F"].get_object()  # type: ignore[index]
    program = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]["/FontFile3"].get_object()
    assert len(zlib.compress(program.get_data())) < 20_000
