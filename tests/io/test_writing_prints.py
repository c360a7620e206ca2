"""Printed maps: a millimetre on paper is what the scale says, and everything of the plan is on some sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import shapely
from pypdf import PdfReader
from test_writing_empty import deserted
from writing_county import planned_town
from writing_levels import planned_levels

from partitioner.errors import InputError
from partitioner.io.writing import PlannedLevels
from partitioner.io.writing.prints import PAPERS, write_map
from partitioner.io.writing.prints.paper import POINTS_PER_METRE, cut_for


@pytest.fixture(scope="module")
def levels() -> PlannedLevels:
    return planned_levels(3, 2, wrong=True)


@pytest.mark.parametrize("paper", ["A3", "A4"])
def test_one_sheet_shows_everything_and_has_all_that_a_map_needs(
    levels: PlannedLevels, paper: str, tmp_path: Path
) -> None:
    assert write_map(levels, tmp_path / "map.pdf", paper=paper) == 1
    page = PdfReader(tmp_path / "map.pdf").pages[0]
    sides = sorted([float(page.mediabox.width), float(page.mediabox.height)])
    assert sides == pytest.approx(PAPERS[paper], abs=0.1)
    text = page.extract_text()
    for wanted in ("方城县网格图", "图例", "北", "比例尺 1 :", "（盖章）", "编制单位", "网格（编号、户数）"):
        assert wanted in text


def test_a_map_in_english_has_no_chinese_but_the_names_of_places(levels: PlannedLevels, tmp_path: Path) -> None:
    write_map(levels, tmp_path / "map.pdf", paper="A4", scale=500, language="en")
    for page in PdfReader(tmp_path / "map.pdf").pages:
        text = page.extract_text()
        for wanted in ("方城县, grid map", "Legend", "Scale 1 : 500", "(stamp)", "Drawn up by", "Sheets"):
            assert wanted in text
        assert not re.search("[图例比尺编制批准状态户]", text)


def test_every_level_has_its_map(levels: PlannedLevels, tmp_path: Path) -> None:
    for level in levels.names:
        write_map(levels, tmp_path / f"{level}.pdf", level=level)
        title = levels.level(level).level.title.zh
        assert f"{title}图" in PdfReader(tmp_path / f"{level}.pdf").pages[0].extract_text()


def test_paper_and_land_are_in_the_ratio_of_the_scale() -> None:
    cut = cut_for((0.0, 0.0, 900.0, 700.0), "A4", 5000)
    frame = cut.frames[0]
    assert frame.points_per_metre == pytest.approx(POINTS_PER_METRE / 5000)
    assert frame.height / (frame.extent[3] - frame.extent[1]) == pytest.approx(frame.points_per_metre)


def test_without_a_scale_one_sheet_is_enough_and_the_next_larger_scale_needs_more() -> None:
    for bounds in ((0.0, 0.0, 5000.0, 3000.0), (0.0, 0.0, 800.0, 6000.0)):
        cut = cut_for(bounds, "A3", None)
        assert cut.num_sheets == 1
        left, bottom, right, top = cut.frames[0].extent
        assert shapely.box(left, bottom, right, top).contains(shapely.box(*bounds))
        assert cut_for(bounds, "A3", cut.scale // 2).num_sheets > 1


def test_large_land_is_cut_into_sheets_that_cover_it_and_overlap(levels: PlannedLevels, tmp_path: Path) -> None:
    bounds = (0.0, 0.0, 3000.0, 2000.0)
    cut = cut_for(bounds, "A4", 2000)
    assert cut.num_sheets == len(cut.frames) > 3
    assert shapely.union_all([frame.land for frame in cut.frames]).contains(shapely.box(*bounds))
    assert cut.frames[0].land.intersection(cut.frames[1].land).area > 0
    num = write_map(levels, tmp_path / "map.pdf", paper="A4", scale=500)
    reader = PdfReader(tmp_path / "map.pdf")
    assert len(reader.pages) == num > 1
    assert "接图表" in reader.pages[1].extract_text()
    assert re.search(rf"第2幅，共{num}幅", reader.pages[1].extract_text())


def test_too_many_sheets_are_refused_with_a_scale_that_fits() -> None:
    with pytest.raises(InputError, match="smaller scale") as caught:
        cut_for((0.0, 0.0, 50_000.0, 50_000.0), "A4", 500)
    found = re.search(r"1:(\d+)", caught.value.faults[0].remedy.en)
    assert found is not None
    assert cut_for((0.0, 0.0, 50_000.0, 50_000.0), "A4", int(found[1])).num_sheets == 1


def test_equal_plans_give_equal_bytes_and_empty_ones_a_sheet(tmp_path: Path) -> None:
    town = planned_town(heavy=True)
    write_map(town, tmp_path / "a.pdf")
    write_map(town, tmp_path / "b.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    assert write_map(deserted(), tmp_path / "c.pdf") == 1
