"""What residents and planners read of a change: notices, lineage, the words of each level."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from writing_county import planned_town, with_plan

from partitioner.changing import differences, level_change
from partitioner.changing.comparing import in_words_of
from partitioner.errors import Text
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.io.writing.redraw import Comparison
from partitioner.io.writing.redraw.notices import notices_of, write_notices
from partitioner.io.writing.redraw.sheets import write_change_list
from partitioner.model import Labels
from partitioner.profiles import load_profile
from partitioner.redraw import lineage


def as_levels(planned: PlannedCounty) -> PlannedLevels:
    return PlannedLevels(levels=(planned,), seconds=(0.0,), source=planned.county)


def one_building_moved() -> Comparison:
    """The first building of the town goes over to the next grid in its community."""
    before = planned_town()
    labels = list(before.result.plan.grid.values())
    labels[0] = next(label for label in labels if label != labels[0] and label[:12] == labels[0][:12])
    return differences(as_levels(before), as_levels(with_plan(before, labels)))


def test_a_moved_building_gets_a_notice_that_names_both_grids() -> None:
    (notice,) = notices_of(one_building_moved())
    assert notice.building == "b01"
    assert notice.households == 45
    assert notice.before in notice.text
    assert notice.after is not None
    assert notice.after in notice.text
    assert "1号楼" in notice.text


def test_lists_count_what_moved(tmp_path: Path) -> None:
    comparison = one_building_moved()
    write_change_list(comparison, tmp_path / "changes.xlsx")
    write_notices(comparison, tmp_path / "notices.xlsx", tmp_path / "notices.md")
    book = openpyxl.load_workbook(tmp_path / "changes.xlsx")
    summary = {row[0]: row[2] for row in book["汇总"].iter_rows(min_row=2, values_only=True)}
    assert summary["变动户数（换了网格）moved"] == 45
    assert summary["调整的网格 changed"] == 2
    assert summary["保留的网格 kept"] == 2
    gained = [row[6] for row in book["网格沿革"].iter_rows(min_row=2, values_only=True)]
    assert sorted(gained) == [0, 0, 0, 45]
    assert openpyxl.load_workbook(tmp_path / "notices.xlsx").active.max_row == 2
    assert (tmp_path / "notices.md").read_text("utf-8").count("\n## ") == 1


def test_equal_changes_give_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_change_list(one_building_moved(), tmp_path / f"{name}.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_new_building_is_told_of_but_not_counted_as_moved() -> None:
    planned = planned_town()
    grid = planned.result.plan.grid
    before = Labels([None, *grid.values()[1:]])
    lines = lineage(before, grid, planned.problem.units.households)
    change = level_change(planned, before, lines)
    assert change.moved == 0
    assert [(move.unit, move.before) for move in change.moves] == [("b01", None)]


def test_sentences_use_the_words_of_their_level() -> None:
    community = load_profile("hebei").level("community")
    told = in_words_of(
        community, Text("网格 A 户数不足；上级由 x 变为 y", "grid A is small; parent changed from x to y")
    )
    assert told.zh == "社区 A 户数不足；街道由 x 变为 y"
    assert told.en == "community A is small; township changed from x to y"


def test_two_plans_that_differ_in_labels_only_move_nobody() -> None:
    before = planned_town()
    after = with_plan(before, [f"{label}x" for label in before.result.plan.grid.values()])
    comparison = differences(as_levels(before), as_levels(after))
    assert comparison.moved == 0
    assert {fate.fate for fate in comparison.levels[0].fates} == {"kept"}
