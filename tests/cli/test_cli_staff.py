"""`wangge staff` as a planner runs it: a plan and a roster in, posts with proof out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from cli_running import document, wangge, without, write_csv

FEW = ("--step-limit", 5_000, "--threads", 1)
WORKERS = [(f"W{k:02d}", "网格员", f"b{5 * k:02d}", "东街社区") for k in range(4)]


def roster(path: Path, rows: Sequence[Sequence[object]], headings: Sequence[object] = ()) -> Path:
    return write_csv(path, [headings or ("工号", "职务", "居住楼栋", "可服务社区"), *rows])


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staff")
    ran = wangge("plan", write_csv(folder / "ledger.csv"), "-o", folder / "plan", "--grids", 4, *FEW, "-q")
    assert ran.exit_code == 0
    return folder / "plan"


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts and layers have tests of their own and take most of a run."""
    for name in ("write_load_charts", "write_staffing_geopackage"):
        monkeypatch.setattr(f"partitioner.io.writing.staffing_folder.{name}", lambda *_args, **_options: None)


def staffed(plan: Path, people: Path, out: Path, *words: object) -> dict[str, Any]:
    """Standard output of a run with `--json`, and its exit code."""
    ran = wangge("staff", plan, people, "-o", out, *words, "--json")
    return document(ran) | {"exit_code": ran.exit_code}


def grids_of(plan: Path) -> list[str]:
    return sorted(set(json.loads((plan / "plan.json").read_text("utf-8"))["grid"]))


def test_every_post_is_filled_and_every_stage_proved(plan: Path, tmp_path: Path) -> None:
    people = roster(tmp_path / "花名册.csv", WORKERS)
    ran = wangge("staff", plan, people, "-o", tmp_path / "out", "--lang", "zh")
    assert ran.exit_code == 0, ran.output
    assert "专职网格员" in ran.stdout
    assert "0 ✓" in ran.stdout
    assert "编制标准" in ran.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "staffing.json", "staffing.xlsx", "report.zh.md", "report.en.md",
    }  # fmt: skip
    told_zh, told_en = ((tmp_path / "out" / f"report.{one}.md").read_text("utf-8") for one in ("zh", "en"))
    assert "所有岗位均已配人" in told_zh
    assert "最高负荷比" in told_zh
    assert "Every post is filled" in told_en
    told = json.loads((tmp_path / "out" / "staffing.json").read_text("utf-8"))
    (role,) = told["roles"]
    assert (role["role"], role["people"], role["targets"], role["posts"]) == ("worker", 4, 4, 4)
    assert all(stage["proved"] for stage in role["stages"])
    assert told["stop_reason"] == "proved"


def test_a_missing_worker_is_named_with_the_least_that_would_help(plan: Path, tmp_path: Path) -> None:
    people = roster(tmp_path / "r.csv", WORKERS[:3])
    grid = grids_of(plan)[0]
    ran = wangge("staff", plan, people, "-o", tmp_path, "--who-could-take", grid, "--lang", "both")
    assert ran.exit_code == 3
    assert "3 people may serve there and can fill 3" in ran.stdout
    assert "增加 1 名专职网格员" in ran.stdout
    assert f"谁能接手 {grid}" in ran.stdout


@pytest.mark.parametrize("earlier", ["staffing.json", "staffing.xlsx"])
def test_after_a_leave_nobody_moves_who_need_not(plan: Path, tmp_path: Path, earlier: str) -> None:
    people = roster(tmp_path / "r.csv", [*WORKERS, ("W9", "网格员", None, "东街社区")])
    before = staffed(plan, people, tmp_path / "a", "--absent", "W9")
    assert before["exit_code"] == 0
    after = staffed(plan, people, tmp_path / "b", "--previous", tmp_path / "a" / earlier, "--absent", "W02")
    assert after["exit_code"] == 0
    stages = {stage["stage"]: stage["value"] for stage in after["roles"][0]["stages"]}
    assert list(stages)[:2] == ["unfilled", "changes"]
    assert stages["changes"] == 0
    book = openpyxl.load_workbook(tmp_path / "b" / "staffing.xlsx")
    states = {row[0]: row[-1] for row in book["人员"].iter_rows(min_row=2, values_only=True)}
    assert states == {"W00": "不变", "W01": "不变", "W03": "不变", "W9": "新任"}


def test_a_lock_is_kept_and_others_could_take_the_target(plan: Path, tmp_path: Path) -> None:
    grid = grids_of(plan)[-1]
    people = roster(tmp_path / "r.csv", WORKERS)
    told = staffed(plan, people, tmp_path, "--lock", f"W00={grid}", "--who-could-take", grids_of(plan)[0])
    posted = json.loads((tmp_path / "staffing.json").read_text("utf-8"))["posted"]
    assert [(one["person"], one["locked"]) for one in posted if one["target"] == grid] == [("W00", True)]
    (answer,) = told["who_could_take"]
    assert answer["choices"]
    assert all({"unfilled", "ratio", "metres"} <= set(choice["effect"]) for choice in answer["choices"])


def test_unknown_people_and_targets_of_options_are_told_together(plan: Path, tmp_path: Path) -> None:
    people = roster(tmp_path / "r.csv", WORKERS)
    told = staffed(plan, people, tmp_path, "--absent", "X", "--lock", "Y=1", "--lock", "W00=nowhere")
    assert told["exit_code"] == 2
    assert sorted(fault["rule"] for fault in told["faults"]) == ["person_unknown", "person_unknown", "target_unknown"]


def test_faults_of_the_roster_end_in_a_workbook(plan: Path, tmp_path: Path) -> None:
    people = roster(tmp_path / "r.csv", [("W0", "街长", "b99", "西街社区")])
    ran = wangge("staff", plan, people, "-o", tmp_path / "out", "--lang", "zh")
    assert ran.exit_code == 2
    for rule in ("staff_role_unknown", "building_unknown", "area_unknown"):
        assert f"[{rule}]" in ran.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"faults.xlsx"}


def test_a_level_that_was_not_planned_is_told(plan: Path, tmp_path: Path) -> None:
    told = staffed(plan, roster(tmp_path / "r.csv", [("K", "微网格员", "b00", None)]), tmp_path)
    assert [fault["rule"] for fault in told["faults"]] == ["level_not_planned"]


def test_a_plan_of_another_program_is_staffed_too(plan: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for name in ("problem.json", "plan.json"):
        shutil.copy(plan / name, foreign / name)
    headings = ("工号", "职务", "居住楼栋", "可服务社区", "经度", "纬度")
    people = roster(tmp_path / "r.csv", [(*one[:2], None, one[3], 116.3, 39.43) for one in WORKERS], headings)
    told = staffed(foreign, people, tmp_path)
    assert told["exit_code"] == 0
    assert {"coordinates_unused", "metres_unknown"} <= {notice["rule"] for notice in told["notices"]}


def test_a_folder_without_a_plan_is_refused(tmp_path: Path) -> None:
    told = staffed(tmp_path, roster(tmp_path / "r.csv", WORKERS), tmp_path)
    assert [fault["rule"] for fault in told["faults"]] == ["plan_missing"]


def test_names_are_written_only_when_asked_for(plan: Path, tmp_path: Path) -> None:
    headings = ("工号", "姓名", "职务", "可服务社区")
    people = roster(tmp_path / "r.csv", [(f"W{k}", "张三丰", "网格员", "东街社区") for k in range(4)], headings)
    staffed(plan, people, tmp_path / "a")
    staffed(plan, people, tmp_path / "b", "--names")
    cells = [
        {cell for row in sheet.iter_rows(values_only=True) for cell in row}
        for name in "ab"
        for sheet in [openpyxl.load_workbook(tmp_path / name / "staffing.xlsx")["人员"]]
    ]
    assert ["张三丰" in found for found in cells] == [False, True]
    assert "张三丰" not in (tmp_path / "b" / "staffing.json").read_text("utf-8")


def test_plan_posts_people_when_given_a_roster(tmp_path: Path) -> None:
    people = roster(tmp_path / "r.csv", WORKERS[:3])
    out = tmp_path / "out"
    words = (write_csv(tmp_path / "ledger.csv"), "-o", out, "--grids", 4, "--roster", people, *FEW)
    ran = wangge("plan", *words, "--json")
    assert ran.exit_code == 3
    told = document(ran)
    assert told["staffing"]["num_short"] == 1
    assert {"staffing.json", "staffing.xlsx"} <= {Path(file).name for file in told["files"]}
    assert len(told["files"]) == len(set(told["files"]))
    report = (out / "report.zh.md").read_text("utf-8")
    assert report.index("## 文件") < report.index("## 人员安排")
    assert "1 个岗位空缺（已证明不能再少）" in report
    assert "最小放宽：" in report
    again = wangge("staff", out, roster(tmp_path / "all.csv", WORKERS), "-o", out, "-q")
    assert again.exit_code == 0
    report = (out / "report.zh.md").read_text("utf-8")
    assert report.count("## 人员安排") == report.count("## 文件") == 1
    assert "所有岗位均已配人" in report


def test_faults_of_a_roster_are_told_before_anything_is_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("it was planned")

    monkeypatch.setattr("partitioner.cli.plan.read_county", never)
    people = roster(tmp_path / "r.csv", [("W0", "街长", "b00", "东街社区"), ("W0", "网格员", "b00", None)])
    ran = wangge("plan", write_csv(tmp_path / "ledger.csv"), "-o", tmp_path / "out", "--roster", people, "--json")
    assert ran.exit_code == 2
    assert {fault["rule"] for fault in document(ran)["faults"]} == {"staff_role_unknown", "number_twice"}


def test_people_who_left_are_told_among_the_changes(plan: Path, tmp_path: Path) -> None:
    staffed(plan, roster(tmp_path / "r.csv", WORKERS), tmp_path / "a")
    people = roster(tmp_path / "s.csv", [*WORKERS[1:], ("W9", "网格员", None, "东街社区")])
    told = staffed(plan, people, tmp_path / "b", "--previous", tmp_path / "a" / "staffing.json", "--absent", "W03")
    assert told["num_short"] == 1
    rows = list(openpyxl.load_workbook(tmp_path / "b" / "staffing.xlsx")["变动"].iter_rows(min_row=2, values_only=True))
    assert {row[0] for row in rows if row[4] == "离岗"} == {"W00", "W03"}


def test_a_roster_without_areas_posts_people_in_a_plan_without_communities(tmp_path: Path) -> None:
    ledger = write_csv(tmp_path / "ledger.csv", without("社区"))
    people = roster(tmp_path / "r.csv", [row[:3] for row in WORKERS], ("工号", "职务", "居住楼栋"))
    ran = wangge("plan", ledger, "-o", tmp_path / "out", "--grids", 4, "--roster", people, *FEW, "--json")
    told = document(ran)
    assert ran.exit_code == 0
    assert told["staffing"]["num_short"] == told["staffing"]["num_idle"] == 0
    assert "areas_untold" in {notice["rule"] for notice in told["staffing"]["notices"]}
