"""Rosters are read whole, every fault is told with its place, and names are nobody's business."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from staffing_town import HEADINGS, faults, read, row, rules, town_targets, write_rows

from partitioner.errors import InputError
from partitioner.io.reading.roster import read_roster
from partitioner.io.reading.roster_catalogue import ROSTER_CATALOGUE
from partitioner.io.targets import PlanTargets

GRID = "131126001001001"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roster.md"


@pytest.fixture(scope="module")
def town() -> PlanTargets:
    return town_targets()


def test_a_row_becomes_a_person(town: PlanTargets, tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "花名册.csv",
        [
            row(
                工号="007", 职务="专职网格员", 单位="东关社区居委会", 居住楼栋="b00010",
                可服务社区="东关社区、131126001002", 容量="300.5", 标签="调解；电工", 党员="是",
                现负责网格=GRID, 回避="小区6-1", 最多岗位="2",
            )
        ],
        encoding="gb18030",
    )  # fmt: skip
    (person,) = read(town, path).people
    assert (person.number, person.role, person.capacity, person.max_posts) == ("007", "worker", 300.5, 2)
    assert person.organisation == "131126001001"
    assert person.areas == ("131126001001", "131126001002")
    assert person.tags == ("调解", "电工", "党员")
    assert (person.previous, person.avoid, person.home) == ((GRID,), ("小区6-1",), GRID)
    home = town.homes["b00010"]
    assert (person.x, person.y) == (home.x, home.y)


def test_who_names_no_areas_serves_the_one_around_home(town: PlanTargets, tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "r.csv",
        [
            row(工号="1", 职务="网格员", 居住楼栋="b00010"),
            row(工号="2", 职务="单元长", 居住楼栋="b00010"),
            row(工号="3", 职务="cadre"),
        ],
    )
    areas = [person.areas for person in read(town, path).people]
    assert areas == [("131126001001",), ("b00010",), ()]


@pytest.mark.parametrize(
    "cells", [{"居住楼栋": "小区1-2 1号楼"}, {"住址": "某县小区1-2 1号楼2单元301室"}, {"居住楼栋": "b00010"}]
)
def test_a_home_is_found_by_id_or_by_compound_and_number(
    town: PlanTargets, tmp_path: Path, cells: dict[str, object]
) -> None:
    found = read(town, write_rows(tmp_path / "r.csv", [row(工号="1", 职务="楼栋长", **cells)]))
    assert found.people[0].home == "b00010"
    matched = [notice for notice in found.notices if notice.rule == "address_matched"]
    assert len(matched) == ("住址" in cells)
    assert all("301" not in notice.text().zh for notice in matched)


def test_coordinates_in_any_known_system_are_homes(town: PlanTargets, tmp_path: Path) -> None:
    home = town.homes["b00010"]
    path = write_rows(
        tmp_path / "r.csv", [["1", "楼栋长", f"{home.x:.1f}", f"{home.y:.1f}"]], ("工号", "职务", "X坐标", "Y坐标")
    )
    (person,) = read(town, path, crs="EPSG:4548").people
    assert person.home == "b00010"
    assert person.x == pytest.approx(home.x, abs=0.2)


def test_a_home_outside_the_county_is_a_fault(town: PlanTargets, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "r.csv", [["1", "楼栋长", "116.1", "39.9"]], ("工号", "职务", "经度", "纬度"))
    assert faults(town, path) == [(2, None, "staff_outside")]


def test_english_headings_and_sheets_named_after_roles(town: PlanTargets, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    first.title = "专职网格员"
    for cells in (("staff_no", "name", "home_building"), (1, "A", "b00010"), (2, "B", None)):
        first.append(cells)
    second = book.create_sheet("others")
    for cells in (("number", "role", "areas"), ("3", "micro-grid keeper", "东关"), ("4", "cadre", None)):
        second.append(cells)
    book.create_sheet("说明").append(("说明", "这是说明"))
    book.save(tmp_path / "staff.xlsx")
    found = read(town, tmp_path / "staff.xlsx")
    assert [(one.number, one.role) for one in found.people] == [
        ("1", "worker"), ("2", "worker"), ("3", "keeper"), ("4", "cadre"),
    ]  # fmt: skip
    assert found.people[2].areas == ("131126001001",)
    assert {"area_near"} <= {notice.rule for notice in found.notices}


def test_every_fault_is_told_at_once_with_row_and_column(town: PlanTargets, tmp_path: Path) -> None:
    path = write_rows(
        tmp_path / "r.csv",
        [
            row(工号="1", 职务="街长", 居住楼栋="b99", 可服务社区="南关社区", 容量="abc"),
            row(工号="1", 职务="网格员", 容量="-3", 现负责网格="131126001001099", 最多岗位="x"),
            row(工号="1.3E+17", 职务="网格员", 回避="月亮"),
            row(职务="网格员", 现负责网格="小区1-2"),
            row(工号="5", 可服务社区="1"),
        ],
    )
    assert set(faults(town, path)) == {
        (2, "职务", "staff_role_unknown"),
        (2, "居住楼栋", "building_unknown"),
        (2, "可服务社区", "area_unknown"),
        (2, "容量", "capacity_text"),
        (3, "容量", "capacity_range"),
        (3, "现负责网格", "target_unknown"),
        (3, "最多岗位", "posts_count"),
        (3, "工号", "number_twice"),
        (4, "工号", "code_scientific"),
        (4, "回避", "area_unknown"),
        (5, "工号", "number_blank"),
        (5, "现负责网格", "target_of_other_level"),
        (6, "职务", "staff_role_blank"),
        (6, "可服务社区", "area_unknown"),
    }


def test_a_number_that_a_spreadsheet_has_rounded_is_lost(town: PlanTargets, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (("工号", "职务"), (130123198001011234, "网格员")):
        book.active.append(cells)
    book.save(tmp_path / "r.xlsx")
    assert faults(town, tmp_path / "r.xlsx") == [(2, "工号", "code_digits_lost")]


def test_an_unknown_role_lists_the_roles_there_are(town: PlanTargets, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(town, write_rows(tmp_path / "r.csv", [row(工号="1", 职务="街长")]))
    (fault,) = caught.value.faults
    assert "专职网格员（worker）" in fault.remedy.zh
    assert "full-time worker (worker)" in fault.remedy.en


def test_a_short_code_names_a_grid_unless_several_end_so(town: PlanTargets, tmp_path: Path) -> None:
    grids = [target.id for target in town.targets if target.level == "grid"]
    assert sum(name.endswith("001001") for name in grids) == 1
    path = write_rows(tmp_path / "r.csv", [row(工号="1", 职务="cadre", 现负责网格="G001001")])
    assert read(town, path).people[0].previous == (GRID,)
    path = write_rows(tmp_path / "s.csv", [row(工号="1", 职务="cadre", 现负责网格="001")])
    assert faults(town, path) == [(2, "现负责网格", "area_ambiguous")]


def test_tables_without_numbers_or_roles_are_refused(town: PlanTargets, tmp_path: Path) -> None:
    one = write_rows(tmp_path / "a.csv", [["网格员", "是"]], ("职务", "党员"))
    two = write_rows(tmp_path / "b.csv", [["1", "是"]], ("工号", "党员"))
    three = write_rows(tmp_path / "c.csv", [["1", "2"]], ("户数", "层数"))
    assert [rule for _, _, rule in faults(town, one)] == ["number_column_missing"]
    assert [rule for _, _, rule in faults(town, two)] == ["role_column_missing"]
    assert [rule for _, _, rule in faults(town, three)] == ["staff_table_missing"]


def test_names_are_kept_only_when_asked_for(town: PlanTargets, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "r.csv", [["1", "张三", "网格员"]], ("工号", "姓名", "职务"))
    found = read(town, path)
    assert "张三" not in f"{found!r}{found.names}{[notice.text() for notice in found.notices]}"
    assert read(town, path, with_names=True).names == {"1": "张三"}


def test_every_fault_of_a_roster_stands_in_the_reference() -> None:
    page = PAGE.read_text("utf-8")
    assert [code for code in ROSTER_CATALOGUE if f"`{code}`" not in page] == []


CELLS = st.one_of(
    st.none(), st.integers(-5, 10**18), st.floats(allow_nan=False), st.booleans(), st.text(max_size=12),
    st.sampled_from(("网格员", "cadre", GRID, "b00010", "东关社区", "小区1-2 1号楼", "是", "1号楼", "001", "，、;")),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    headings=st.lists(st.sampled_from((*HEADINGS, "姓名", "经度", "纬度", "年龄", "")), min_size=1, max_size=10),
    rows=st.lists(st.lists(CELLS, max_size=11), max_size=6),
)
def test_no_roster_ends_in_a_traceback(headings: list[str], rows: list[list[object]]) -> None:
    folder = _folder()
    book = openpyxl.Workbook()
    book.active.append(headings)
    for cells in rows:
        book.active.append([_excel(cell) for cell in cells])
    book.save(folder / "r.xlsx")
    try:
        people = read_roster([folder / "r.xlsx"], _TOWN[0], rules()).people
    except InputError as error:
        people, told = (), error.text().zh
    else:
        told = "read"
    assert told
    assert len({person.number for person in people}) == len(people)


_TOWN: list[PlanTargets] = []


@pytest.fixture(autouse=True, scope="module")
def _keep(town: PlanTargets, tmp_path_factory: pytest.TempPathFactory) -> None:
    _TOWN[:] = [town]
    _FOLDER[:] = [tmp_path_factory.mktemp("fuzz")]


_FOLDER: list[Path] = []


def _folder() -> Path:
    return _FOLDER[0]


def _excel(cell: object) -> object:
    """A cell that the format can hold."""
    if isinstance(cell, str):
        return "".join(c for c in cell if c.isprintable())
    return cell
