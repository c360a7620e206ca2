"""Retired codes come from lists and from the folders of earlier plans; digits are never lost silently."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from partitioner.errors import InputError
from partitioner.io.reading.retired import read_retired
from partitioner.model import Labels, Objective, Plan, Result
from partitioner.model.plan_json import write_plan


def plan_file(path: Path, *labels: str) -> None:
    nothing = Objective(walk=0, split=0, balance=0, move=0, total=0)
    plan = Plan(grid=Labels(labels))
    result = Result(plan=plan, status="feasible", stop_reason="stalled", objective=nothing, bound=None, gap=None)
    write_plan(result, path)


def test_a_bare_list_is_read_from_its_first_row(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text("131126001001001\n131126001001002\n\n", "utf-8")
    assert read_retired([tmp_path / "old.txt"]) == {"131126001001001", "131126001001002"}


def test_a_table_is_read_by_its_heading(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("序号,停用编码,原因\n1,131126001001001,合并\n2,131126001001007,拆分\n", "gb18030")
    assert read_retired([tmp_path / "old.csv"]) == {"131126001001001", "131126001001007"}


def test_a_workbook_keeps_all_digits_or_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["网格编码"])
    sheet.append(["01010011010100100101"])
    book.save(tmp_path / "good.xlsx")
    assert read_retired([tmp_path / "good.xlsx"]) == {"01010011010100100101"}
    sheet.append([1.010011010100101e18])
    book.save(tmp_path / "bad.xlsx")
    with pytest.raises(InputError) as caught:
        read_retired([tmp_path / "bad.xlsx"])
    assert [(fault.rule, fault.place.row) for fault in caught.value.faults] == [("code_digits_lost", 3)]


def test_the_folder_of_an_earlier_plan_counts_with_what_was_retired_before(tmp_path: Path) -> None:
    plan_file(tmp_path / "plan-grid.json", "131126001001001", "131126001001001", "131126001001002")
    plan_file(tmp_path / "plan-community.json", "131126001001")
    (tmp_path / "retired.csv").write_text("code\n131126001001009\n", "utf-8")
    assert read_retired([tmp_path]) == {"131126001001001", "131126001001002", "131126001001", "131126001001009"}


def test_what_is_missing_or_no_plan_is_told_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.json").write_text("{", "utf-8")
    with pytest.raises(InputError) as caught:
        read_retired([tmp_path / "empty", tmp_path / "broken.json", tmp_path / "nowhere.csv"])
    rules = [fault.rule for fault in caught.value.faults]
    assert "plan_missing" in rules
    assert "file_missing" in rules
    assert len(rules) == 3
