"""Duty sheets, load charts and map layers show who serves where, and name nobody who was not to be named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pypdf import PdfReader
from staffing_town import HEADINGS, row, rules, write_rows
from writing_levels import planned_levels

from partitioner.errors import OutputError
from partitioner.io.targets import targets_of_plan
from partitioner.io.writing import PlannedLevels
from partitioner.io.writing.duty import write_duty_sheets, write_load_charts, write_staffing_geopackage
from partitioner.io.writing.staffed import Staffed
from partitioner.posting import staff_plan
from partitioner.profiles import load_profile

C1 = "131126001001"
NAMED = (*HEADINGS, "姓名")
PEOPLE = [
    *([*row(工号=f"W{k:02d}", 职务="专职网格员", 居住楼栋="b00010", 可服务社区=C1), f"孙某{k}"] for k in range(5)),
    [*row(工号="L1", 职务="网格长", 居住楼栋="b00010", 现负责网格=f"{C1}001"), "李某"],
    [*row(工号="K1", 职务="微网格员", 居住楼栋="b00010", 可服务社区=C1), "周某"],
    [*row(工号="D1", 职务="包联社区领导"), "吴某"],
    [*row(工号="H1", 职务="楼栋长", 居住楼栋="b00010"), "郑某"],
]


@pytest.fixture(scope="module")
def levels() -> PlannedLevels:
    return planned_levels()


@pytest.fixture(scope="module")
def staffed(levels: PlannedLevels, tmp_path_factory: pytest.TempPathFactory) -> Staffed:
    path = write_rows(tmp_path_factory.mktemp("roster") / "r.csv", PEOPLE, NAMED)
    targets = targets_of_plan(levels, {role.role.level for role in rules().roles})
    return staff_plan(targets, load_profile("hebei"), [path], with_names=True)


def words(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


@pytest.fixture(scope="module")
def told(levels: PlannedLevels, staffed: Staffed, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, list[str]]:
    """The text of three sheets, with names and without."""
    folder = tmp_path_factory.mktemp("duty")
    wanted = [f"{C1}001", f"{C1}002", "131126001002001"]
    for names in (True, False):
        write_duty_sheets(levels, staffed, folder / f"{names}.pdf", names=names, grids=wanted)
    return {names: words(folder / f"{names}.pdf") for names in (True, False)}


def test_people_are_named_only_where_that_is_asked(told: dict[bool, list[str]]) -> None:
    named, numbered = "".join(told[True]), "".join(told[False])
    assert "李某" in named
    assert "L1" not in named
    assert "某" not in numbered
    assert "L1" in numbered


def test_a_sheet_has_leader_worker_keeper_head_and_empty_fields_for_telephones(told: dict[bool, list[str]]) -> None:
    first = told[True][0]
    for word in (f"{C1}001", "网格长", "李某", "专职网格员", "包联社区领导", "服务电话", "监督电话", "联系电话"):
        assert word in first
    assert any("周某" in page for page in told[True])
    assert any("郑某" in page for page in told[True])


def test_an_open_post_is_shown_as_vacant(told: dict[bool, list[str]], staffed: Staffed) -> None:
    short = {target for result in staffed.staffing.roles for target, _ in result.short_targets}
    assert "131126001002001" in short
    assert "空缺" in told[True][-1]


def test_equal_input_gives_equal_files(levels: PlannedLevels, staffed: Staffed, tmp_path: Path) -> None:
    for k in range(2):
        write_duty_sheets(levels, staffed, tmp_path / f"{k}.pdf", grids=[f"{C1}001"])
        write_staffing_geopackage(levels, staffed, tmp_path / f"{k}.gpkg")
    assert (tmp_path / "0.pdf").read_bytes() == (tmp_path / "1.pdf").read_bytes()
    assert (tmp_path / "0.gpkg").read_bytes() == (tmp_path / "1.gpkg").read_bytes()


def test_layers_have_a_line_per_post_and_a_point_per_target(
    levels: PlannedLevels, staffed: Staffed, tmp_path: Path
) -> None:
    write_staffing_geopackage(levels, staffed, tmp_path / "s.gpkg")
    lines, posts, grids = (
        pyogrio.read_dataframe(tmp_path / "s.gpkg", layer=name) for name in ("staffing", "posts", "grids")
    )
    assert sorted(zip(lines["person"], lines["target"], strict=True)) == sorted(staffed.staffing.posted)
    known = lines[lines.geometry.notna()]
    assert np.allclose(shapely.length(known.geometry.to_numpy()), known["metres"], atol=0.06)
    assert posts["missing"].sum() == staffed.num_short
    assert posts["there"].sum() == len(staffed.staffing.posted)
    leader = dict(zip(grids["code"], grids["post_grid_leader"], strict=True))
    assert leader[f"{C1}001"] == "L1"


def test_charts_have_a_page_per_role_with_everybodys_number(staffed: Staffed, tmp_path: Path) -> None:
    write_load_charts(staffed, tmp_path / "l.png", tmp_path / "l.pdf")
    pages = words(tmp_path / "l.pdf")
    assert len(pages) == len(staffed.roster.roles)
    for person in staffed.roster.people:
        assert any(person.number in page for page in pages)
    assert (tmp_path / "l.png").stat().st_size > 10_000
    with pytest.raises(OutputError):
        write_load_charts(staffed, tmp_path / "no" / "l.png", tmp_path / "l.pdf")
