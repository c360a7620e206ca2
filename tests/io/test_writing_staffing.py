"""The document and the ledger of assignments say who serves where, why, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from staffing_town import row, rules, town_targets, write_rows

from partitioner.errors import InputError
from partitioner.io.reading.previous_staffing import read_previous
from partitioner.io.staffing_json import read_staffing, staffing_from_json, write_staffing
from partitioner.io.targets import PlanTargets, targets_of_problem
from partitioner.io.writing.staffed import Staffed
from partitioner.io.writing.staffing_ledger import write_staffing_ledger
from partitioner.model import Bounds, Graph, Labels, Plan, Problem, Units
from partitioner.posting import Wishes, explained, staff_plan
from partitioner.profiles import load_profile
from partitioner.staffing import assign

PEOPLE = [
    *(row(工号=f"W{k:02d}", 职务="专职网格员", 居住楼栋="b00010", 可服务社区="131126001001") for k in range(5)),
    row(工号="L1", 职务="网格长", 居住楼栋="b00010", 现负责网格="131126001001001"),
    row(工号="H1", 职务="楼栋长", 居住楼栋="b00010"),
]


@pytest.fixture(scope="module")
def targets() -> PlanTargets:
    return town_targets()


@pytest.fixture(scope="module")
def staffed(targets: PlanTargets, tmp_path_factory: pytest.TempPathFactory) -> Staffed:
    path = write_rows(tmp_path_factory.mktemp("roster") / "r.csv", PEOPLE)
    return staff_plan(targets, load_profile("hebei"), [path])


@pytest.fixture(scope="module")
def sheets(staffed: Staffed, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    path = tmp_path_factory.mktemp("ledger") / "staffing.xlsx"
    write_staffing_ledger(staffed, path)
    found = {}
    for sheet in openpyxl.load_workbook(path):
        head, *rows = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(head, cells, strict=True)) for cells in rows]
    return found


def test_targets_of_a_plan_have_work_place_parent_and_neighbours(targets: PlanTargets) -> None:
    by_level: dict[str, list[str]] = {}
    for target in targets.targets:
        by_level.setdefault(target.level, []).append(target.id)
    assert {level: len(names) for level, names in by_level.items() if level in ("community", "grid")} == {
        "community": 2, "grid": 12,
    }  # fmt: skip
    of = {target.id: target for target in targets.targets}
    for level, above in (("grid", "community"), ("micro", "grid"), ("building", "grid"), ("stairwell", "building")):
        for name in by_level[level]:
            assert of[str(of[name].parent)].level == above
            assert of[name].x is not None
    households = {level: sum(of[name].work["households"] for name in names) for level, names in by_level.items()}
    assert households["community"] == households["grid"] == households["micro"] == households["building"]
    assert ("131126001001001", "131126001001002") in targets.neighbours


def test_a_plan_without_geometry_has_targets_too() -> None:
    units = Units(
        id=("a", "b", "c"), households=[5, 6, 7], group=Labels(["x", "x", None]), parent=Labels(["C", "C", "C"])
    )
    problem = Problem(
        units=units, graph=Graph(num_units=3, u=[0, 1], v=[1, 2], length_m=[1.0, 1.0]), bounds=Bounds(min=1, max=20)
    )
    found = targets_of_problem(problem, Plan(grid=Labels(["G1", "G1", "G2"])), {"compound", "building"})
    assert {(one.level, one.id, one.parent, one.work["households"]) for one in found.targets} == {
        ("community", "C", None, 18), ("grid", "G1", "C", 11), ("grid", "G2", "C", 7), ("compound", "x", "C", 11),
        ("building", "a", "G1", 5), ("building", "b", "G1", 6), ("building", "c", "G2", 7),
    }  # fmt: skip
    assert ("G1", "G2") in found.neighbours
    assert not found.placed


def test_every_post_and_every_person_has_a_row(staffed: Staffed, sheets: dict[str, list[dict[str, Any]]]) -> None:
    assert list(sheets) == ["人员", "岗位", "负荷", "缺口", "变动", "编制标准", "联系", "说明"]
    assert [line["工号"] for line in sheets["人员"]] == [person.number for person in staffed.roster.people]
    held = [(line["工号"], line["对象编码"]) for line in sheets["岗位"] if line["状态"] != "空缺"]
    assert sorted(held) == sorted(staffed.staffing.posted)
    assert sum(line["状态"] == "空缺" for line in sheets["岗位"]) == staffed.num_short > 0
    assert sum(line["缺"] for line in sheets["缺口"]) == staffed.num_short + staffed.num_idle
    assert all(line["原因"] for line in sheets["缺口"])
    assert sum(bool(line["最小放宽（任一项）"]) for line in sheets["缺口"]) == sum(map(len, staffed.empty.values()))


def test_the_load_of_a_target_is_told_term_by_term(sheets: dict[str, list[dict[str, Any]]]) -> None:
    line = next(one for one in sheets["负荷"] if one["对象编码"] == "131126001001001")
    assert line["负荷构成"] == f"户数 {line['负荷']} × 1 = {line['负荷']}"


def test_norms_are_told_community_by_community(sheets: dict[str, list[dict[str, Any]]]) -> None:
    first, second = sheets["编制标准"]
    assert (first["社区工作者"], second["社区工作者"]) == (5, 0)
    assert first["专职缺额"] == first["网格数"] - 5
    assert first["人口来源"] == "按户数推算"
    assert first["按标准应有"] == -(-round(first["人口"] * 18) // 10_000)


def test_what_was_written_is_read_back(staffed: Staffed, tmp_path: Path) -> None:
    write_staffing(staffed, tmp_path / "staffing.json", "test")
    write_staffing_ledger(staffed, tmp_path / "staffing.xlsx")
    record = read_staffing(tmp_path / "staffing.json")
    assert record.posted == staffed.staffing.posted
    assert (record.plan, record.profile) == ("方城县", "hebei")
    assert sorted(read_previous(tmp_path / "staffing.xlsx")) == sorted(record.posted)
    assert read_previous(tmp_path) == record.posted


def test_equal_assignments_give_equal_files(staffed: Staffed, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_staffing_ledger(staffed, tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_wrong_document_is_refused_with_every_fault() -> None:
    document = {"format": "wangge-staffing/9", "posted": [{"person": "1"}, {"person": 1, "target": "a"}], "colour": 1}
    with pytest.raises(InputError) as caught:
        staffing_from_json(document)
    assert sorted(str(fault.place.pointer) for fault in caught.value.faults) == [
        "/colour", "/format", "/posted/0/target", "/posted/1/person",
    ]  # fmt: skip


def test_an_earlier_table_needs_both_columns(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "r.csv", [["1", "2"]], ("工号", "职务"))
    with pytest.raises(InputError, match="previous_unreadable"):
        read_previous(path)


def test_postings_that_are_gone_are_counted_not_kept(targets: PlanTargets, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "r.csv", PEOPLE[:1])
    before = (("W00", "131126001001002"), ("W00", "gone"), ("nobody", "131126001001001"))
    found = staff_plan(targets, load_profile("hebei"), [path], wishes=Wishes(previous=before))
    assert found.staffing.posted == (("W00", "131126001001002"),)
    (notice,) = [one for one in found.notices if one.rule == "previous_dropped"]
    assert "2" in notice.message.zh


def test_home_areas_follow_the_profile() -> None:
    assert rules().role("worker").home_area == "community"


def test_contacts_are_told_tier_above_tier(targets: PlanTargets, tmp_path: Path) -> None:
    people = [
        row(工号="L1", 职务="网格长", 居住楼栋="b00010", 现负责网格="131126001001001"),
        row(工号="K1", 职务="微网格员", 居住楼栋="b00010"),
    ]
    path = write_rows(tmp_path / "r.csv", people)
    profile = load_profile("hebei")
    levels = {one.role.name: one.role.level for one in profile.staffing.roles}
    roster = staff_plan(targets, profile, [path]).roster
    by_level = {role.level: role.name for role in roster.roles}
    keeper, leader = by_level["micro"], by_level[levels[roster.person["L1"].role]]
    roles = tuple(replace(one, led_by=leader) if one.name == keeper else one for one in roster.roles)
    led = replace(roster, roles=roles)
    staffed = explained(targets, profile, led, assign(led))
    write_staffing_ledger(staffed, tmp_path / "staffing.xlsx")
    head, *rows = openpyxl.load_workbook(tmp_path / "staffing.xlsx")["联系"].iter_rows(values_only=True)
    assert head[:3] == ("工号", "职务", "对象编码")
    around = {name for number, target in staffed.staffing.posted if number == "K1" for name in roster.around[target]}
    assert around & {target for number, target in staffed.staffing.posted if number == "L1"}
    assert [(line[0], line[4], line[5]) for line in rows] == [("K1", "L1", None)]
