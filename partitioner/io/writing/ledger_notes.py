"""The sheet 说明: result, violations, notices, and what every column means, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from partitioner.errors import Fault, Text
from partitioner.io.writing.buildings import has_parts
from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.naming import plural, sheet_name
from partitioner.io.writing.rows import GridRow, area_rows
from partitioner.io.writing.totals import total_gap
from partitioner.io.writing.words import RULE_NAMES, STATUS, STOPPED, gap_text, number, sentences, short_label, verdict
from partitioner.model import Violation

MAX_NOTICES = 5_000
"""More notices than this are counted, not listed."""

COLUMNS = (
    ("网格编码", "数字编码按文字保存，不会丢位", "Code of the grid, kept as text"),
    ("户数 / 人口", "网格内住户合计；台账没有登记全部人口时人口留空", "Households; residents only where all are known"),
    (
        "住人楼栋数 / 全部楼栋数",
        "无住户的楼栋随最近的住人楼栋",
        "Inhabited buildings; the others follow the nearest one",
    ),
    ("小区", "（部分）表示该小区还有楼栋在别的网格", "Compounds; （部分） means that other grids hold a part of it"),
    ("与目标的偏差（户）", "户数减目标户数", "Households minus the target"),
    ("到中心平均距离（米）", "沿楼栋邻接图，每户到网格中心楼栋的平均距离", "Mean metres along the graph to the centre"),
    ("中心楼栋", "到各户距离之和最小的楼栋", "The building from which the households are nearest"),
    ("状态", "合规，或违反的规则和数量", "合规 = lawful, or the rules that are broken, with amounts"),
)

COLUMNS_OF_LEVELS = (
    ("范围", "微网格包含的楼栋、单元和楼层", "Buildings, stairwells and floors of a micro-grid"),
    ("原社区", "输入数据中的社区", "The community in the input"),
    ("微网格编码（楼栋表）", "楼内全部微网格", "All micro-grids in the building"),
    ("单元 / 起始层 / 终止层", "留空表示整栋或整单元", "Empty: the whole building, or all floors of the stairwell"),
)

SPLIT_GROUPS = {
    "grid": ("被拆分的小区", "split compounds"),
    "micro": ("被拆分的单元、小区", "split stairwells, compounds"),
}


@dataclass(frozen=True)
class Note:
    """One line of the sheet."""

    head: str
    zh: str = ""
    en: str = ""
    is_section: bool = False


def notes(levels: PlannedLevels) -> list[Note]:
    """All lines of the sheet, from the results to the meaning of the columns."""
    rows = area_rows(levels)
    name = levels.levels[0].county.name
    lines = [Note(f"{name} 网格台账", "中文", "English", True)]
    for planned in levels.levels:
        lines += _level(planned, rows[planned.level.name], several=len(levels.levels) > 1)
    if len(levels.levels) > 1:
        gap = total_gap(levels)
        told = "—" if gap is None else gap_text(gap)
        lines.append(Note("各层级合计 All levels", is_section=True))
        lines.append(Note("总差距 total gap", told, "Σ(total - bound) / Σ total, each level inside the one above"))
    return [
        *lines,
        *_notices(levels.notices),
        Note("列的含义 Columns", is_section=True),
        *(Note(*column) for column in COLUMNS),
        *(Note(*column) for column in COLUMNS_OF_LEVELS if len(levels.levels) > 1 or has_parts(levels)),
    ]


def _level(planned: PlannedCounty, rows: tuple[GridRow, ...], *, several: bool) -> list[Note]:
    result = planned.result
    title = planned.level.title
    heading = [Note(f"{title.zh} {title.en.capitalize()}", is_section=True)] if several else []
    return [
        *heading,
        *_result(planned, rows),
        *_violations("违规 Violations", result.violations),
        *_violations("无合规方案的原因 Reasons", result.reasons),
        *_violations("还差多少 How far from lawful", result.notes),
        *_violations("警告（锁定网格）Warnings", result.warnings),
    ]


def _result(planned: PlannedCounty, rows: tuple[GridRow, ...]) -> list[Note]:
    result, bounds = planned.result, planned.problem.bounds
    status, stopped, words = STATUS[result.status], STOPPED[result.stop_reason], verdict(result)
    gap = "—" if result.gap is None else gap_text(result.gap)
    terms, weights = result.objective, planned.problem.weights
    title = planned.profile.title
    households = number(sum(row.households for row in rows))
    groups, groups_en = SPLIT_GROUPS.get(planned.level.name, SPLIT_GROUPS["grid"])
    split = f"{planned.explanation.num_split_groups} / {planned.explanation.num_groups}"
    return [
        Note("状态 Status", status.zh, status.en),
        Note("结论 Verdict", words.zh, words.en),
        Note("结束原因 Why it ended", stopped.zh, stopped.en),
        Note("规则模板 Profile", f"{title.zh}（{planned.profile.name}）", f"{title.en} ({planned.profile.name})"),
        Note(
            "户数上下限与目标 Bounds",
            f"{bounds.min}–{bounds.max} 户，目标 {bounds.aim:g} 户",
            f"{bounds.min}–{bounds.max} households, target {bounds.aim:g}",
        ),
        Note(f"{sheet_name(planned)}数 {plural(planned.level).capitalize()}", number(len(rows)), number(len(rows))),
        Note("户数合计 Households", households, households),
        Note("目标函数 Objective", "户·米", "household-metres", True),
        Note("步行 walk", number(terms.walk), f"× {weights.walk:g}"),
        Note("小区被拆分次数 split", number(terms.split), f"× {weights.split:g}"),
        Note("户数偏差 balance", number(terms.balance), f"× {weights.balance:g}"),
        Note("变动户数 move", number(terms.move), f"× {weights.move:g}"),
        Note("合计 total", number(terms.total), number(terms.total)),
        Note("下界 bound", number(result.bound), "No lawful plan can be below it; — means not known"),
        Note("差距 gap", gap, "(total - bound) / total"),
        Note(f"{groups} {groups_en.capitalize()}", split, split),
        Note("引擎 Engine", result.engine, f"seed {result.seed}"),
    ]


def _violations(title: str, violations: Iterable[Violation]) -> list[Note]:
    lines = [_violation(violation) for violation in violations]
    return [Note(title, is_section=True), *lines] if lines else []


def _violation(violation: Violation) -> Note:
    name = RULE_NAMES.get(violation.rule, Text(violation.rule, violation.rule))
    told = sentences(violation.message, violation.remedy)
    return Note(f"{short_label(violation.grid)} {name.zh}", told.zh, told.en)


def _notices(faults: tuple[Fault, ...]) -> list[Note]:
    if not faults:
        return []
    lines = [Note("数据提示 Notices", f"{len(faults)} 条", f"{len(faults)} in all", True)]
    for fault in faults[:MAX_NOTICES]:
        text = fault.text()
        lines.append(Note(fault.rule, text.zh, text.en))
    if len(faults) > MAX_NOTICES:
        rest = len(faults) - MAX_NOTICES
        lines.append(Note("…", f"另有 {rest} 条未列出", f"{rest} more are not listed"))
    return lines
