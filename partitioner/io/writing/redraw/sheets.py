"""The workbook of changes: summary, moved units, lineage of areas, what had changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partitioner.io.writing.ledger_columns import Column
from partitioner.io.writing.redraw.values import AreaFate, Comparison, LevelChange, UnitMove
from partitioner.io.writing.workbook import formats_of, workbook, write_table

FATES = {
    "kept": "保留", "changed": "调整", "split": "拆分而来", "merged": "合并", "new": "新设", "retired": "撤销",
}  # fmt: skip
"""What became of an area, as a planner says it."""


def write_change_list(comparison: Comparison, path: str | Path) -> None:
    """汇总, then per level 变动清单 (moved units with reasons) and 沿革 (lineage); 人员变动 (staff); 变化 (changes).

    Raises
    ------
    OutputError
    """
    with workbook(path, f"{comparison.name} 调整清单") as book:
        formats = formats_of(book)
        write_table(book.add_worksheet("汇总"), _SUMMARY, list(_summary(comparison)), formats, _is_wrong)
        for level in comparison.levels:
            title = level.title.zh
            moves = sorted(level.moves, key=lambda m: (m.before or "", m.after or "", m.community, m.title, m.unit))
            write_table(book.add_worksheet(f"{title}变动清单"), _moves(title, level), moves, formats)
            write_table(book.add_worksheet(f"{title}沿革"), _fates(title), level.fates, formats, _is_retired)
        if comparison.staff is not None:
            write_table(book.add_worksheet("人员变动"), _STAFF, comparison.staff, formats)
        told = [(level.title.zh, change) for level in comparison.levels for change in level.changes]
        write_table(book.add_worksheet("变化"), _CHANGES, told, formats)


@dataclass(frozen=True, kw_only=True)
class _Line:
    """A line of the summary."""

    item: str
    before: Any
    after: Any
    wrong: bool = False


def _is_wrong(line: _Line) -> bool:
    return line.wrong


def _is_retired(fate: AreaFate) -> bool:
    return fate.fate == "retired"


_SUMMARY = [
    Column(heading="项目 item", width=44, value=lambda line: line.item),
    Column(heading="调整前 before", width=18, value=lambda line: line.before, kind="decimal"),
    Column(heading="调整后 after", width=18, value=lambda line: line.after, kind="decimal"),
]

_CHANGES = [
    Column(heading="层级 level", width=14, value=lambda row: row[0]),
    Column(heading="变化", width=60, value=lambda row: row[1].zh),
    Column(heading="what changed", width=60, value=lambda row: row[1].en),
]


_STAFF = [
    Column(heading="人员编号 person", width=18, value=lambda c: c.person),
    Column(heading="不再负责 left", width=40, value=lambda c: "；".join(c.left)),
    Column(heading="新负责 joined", width=40, value=lambda c: "；".join(c.joined)),
    Column(heading="继续负责 kept", width=40, value=lambda c: "；".join(c.kept)),
    Column(heading="原因", width=36, value=lambda c: "" if c.reason is None else c.reason.zh),
    Column(heading="reason", width=36, value=lambda c: "" if c.reason is None else c.reason.en),
]


def _summary(comparison: Comparison) -> Iterator[_Line]:
    for level in comparison.levels:
        yield from _of_level(level)
    if comparison.staff is not None:
        yield _Line(item="岗位有变的人员 people whose posts change", before=None, after=len(comparison.staff))


def _of_level(level: LevelChange) -> Iterator[_Line]:
    zh = level.title.zh
    total = int(level.households.sum())
    yield _Line(item=f"{zh}数 areas", before=len(level.before.names), after=len(level.after.names))
    yield _Line(item="户数 households", before=None, after=total)
    yield _Line(item=f"变动户数（换了{zh}）moved", before=None, after=level.moved)
    if level.moved_bound is not None:
        proved = "已证明最少 proved fewest" if level.proved else "已证明至少 proved at least"
        yield _Line(item=proved, before=None, after=level.moved_bound)
    if level.scratch is not None:
        yield _Line(item="不顾原方案重划时变动户数 moved, drawn anew", before=None, after=level.scratch)
    for name, words in (
        ("walk", "步行（户·米）walk"),
        ("split", "拆分（次）split"),
        ("balance", "偏离目标（户）balance"),
    ):
        yield _Line(item=words, before=getattr(level.worth_before, name), after=getattr(level.worth_after, name))
    wrong = level.broken_after > 0
    yield _Line(item="违规（处）broken rules", before=level.broken_before, after=level.broken_after, wrong=wrong)
    for fate, words in FATES.items():
        num = sum(line.fate == fate for line in level.fates)
        yield _Line(item=f"{words}的{zh} {fate}", before=None, after=num)


def _moves(title: str, level: LevelChange) -> list[Column]:
    columns = [
        Column(heading="楼栋编号 unit", width=20, value=lambda m: m.unit),
        Column(heading="楼栋 building", width=18, value=lambda m: m.title),
    ]
    if any(move.part for move in level.moves):
        columns.append(Column(heading="单元楼层 part", width=14, value=lambda m: m.part))
    return [
        *columns,
        Column(heading="小区 compound", width=18, value=lambda m: m.compound),
        Column(heading="社区 community", width=18, value=lambda m: m.community),
        Column(heading="户数 households", width=11, value=lambda m: m.households, kind="integer"),
        Column(heading=f"原{title} from", width=20, value=lambda m: m.before),
        Column(heading=f"新{title} to", width=20, value=lambda m: m.after),
        Column(heading="原因", width=44, value=lambda m: m.reason.zh),
        Column(heading="reason", width=44, value=lambda m: m.reason.en),
    ]


def _fates(title: str) -> list[Column]:
    return [
        Column(heading=f"{title}编码 code", width=20, value=lambda f: f.code),
        Column(heading="沿革", width=10, value=lambda f: FATES[f.fate]),
        Column(heading="fate", width=10, value=lambda f: f.fate),
        Column(heading=f"沿用的原{title} carries on", width=20, value=lambda f: f.previous),
        Column(heading="户数 households", width=11, value=lambda f: f.households, kind="integer"),
        Column(heading="其中原住户 retained", width=12, value=lambda f: f.retained, kind="integer"),
        Column(heading="划入 gained", width=10, value=lambda f: f.gained, kind="integer"),
        Column(heading="划出 lost", width=10, value=lambda f: f.lost, kind="integer"),
        Column(heading="来自 from", width=44, value=lambda f: _told(f.origins, NEW)),
        Column(heading="去向 to", width=44, value=lambda f: _told(f.heirs, GONE)),
    ]


NEW, GONE = "新增住户", "未划入"
"""Households that come from no area, or are in none now."""


def _told(entries: Iterable[tuple[str | None, int]], nowhere: str) -> str:
    """Areas with households, such as “131126001003（120 户）”."""
    return "；".join(f"{code or nowhere}（{num:,} 户）" for code, num in entries if num)


def moved_by_building(moves: Iterable[UnitMove]) -> dict[tuple[str, str | None, str | None], list[UnitMove]]:
    """Moves of the parts of one building between the same two areas together, in the order of their first."""
    found: dict[tuple[str, str | None, str | None], list[UnitMove]] = {}
    for move in moves:
        found.setdefault((move.building, move.before, move.after), []).append(move)
    return found
