"""What residents of a moved building are told, ready to be posted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from partitioner.io.writing.ledger_columns import Column
from partitioner.io.writing.redraw.sheets import moved_by_building
from partitioner.io.writing.redraw.values import Comparison, LevelChange, UnitMove
from partitioner.io.writing.workbook import formats_of, workbook, write_table
from partitioner.model.files import write_text

TOLD = ("community", "grid")
"""Levels whose changes residents are told of; micro-grids are what their keepers arrange among themselves."""


@dataclass(frozen=True, kw_only=True)
class Notice:
    """The notice for one building, or for the part of it that moves."""

    level: str
    building: str
    title: str
    compound: str
    households: int
    before: str | None
    after: str | None
    text: str


def notices_of(comparison: Comparison) -> list[Notice]:
    """A notice per moved building and level, by compound and name."""
    found = [
        _notice(level, moves)
        for level in comparison.levels
        if level.name in TOLD
        for moves in moved_by_building(level.moves).values()
    ]
    return sorted(
        (notice for notice in found if notice.after), key=lambda n: (n.level, n.compound, n.title, n.building)
    )


def _notice(level: LevelChange, moves: list[UnitMove]) -> Notice:
    first, title = moves[0], level.title.zh
    households = sum(move.households for move in moves)
    parts = "、".join(move.part for move in moves if move.part)
    several = first.title.endswith(" 栋")
    name = first.title.removeprefix(first.compound).strip()
    where = f"{first.compound}（{name}）" if several else f"{first.compound}{name}{parts}"
    which = "上述楼栋" if several else parts or "本楼"
    came = f"由{title} {first.before} 划入{title} {first.after}" if first.before else f"划入{title} {first.after}"
    community = f"（{first.community}）" if first.community and level.name == "grid" else ""
    text = (
        f"{where}各位居民：因{first.reason.zh}，经调整，{which}（{households:,} 户）{came}{community}。"
        f"请从公布之日起向新{title}的网格员办理事项；其他楼栋不变。"
    )
    return Notice(
        level=title,
        building=first.building,
        title=first.title,
        compound=first.compound,
        households=households,
        before=first.before,
        after=first.after,
        text=text,
    )


def write_notices(comparison: Comparison, xlsx_path: str | Path, md_path: str | Path) -> None:
    """The notices as a table for mail merge, and as text with one section per building.

    Raises
    ------
    OutputError
    """
    notices = notices_of(comparison)
    with workbook(xlsx_path, f"{comparison.name} 调整通知") as book:
        write_table(book.add_worksheet("通知"), _COLUMNS, notices, formats_of(book))
    lines = [f"# {comparison.name}网格调整通知", ""]
    if not notices:
        lines.append("没有楼栋变动，无需通知。")
    several = len({notice.level for notice in notices}) > 1
    for notice in notices:
        name = notice.title.removeprefix(notice.compound).strip() or notice.title
        place = f"{notice.compound} {name}".strip()
        number = "" if notice.building == place else f"（{notice.building}）"
        lines += [f"## {f'{notice.level}：' if several else ''}{place}{number}", "", "**通　知**", "", notice.text, ""]
        lines += ["（盖章）　　　　年　　月　　日", ""]
    write_text(md_path, "\n".join(lines).rstrip() + "\n")


_COLUMNS = [
    Column(heading="楼栋编号", width=20, value=lambda n: n.building),
    Column(heading="楼栋", width=18, value=lambda n: n.title),
    Column(heading="小区", width=18, value=lambda n: n.compound),
    Column(heading="层级", width=8, value=lambda n: n.level),
    Column(heading="户数", width=9, value=lambda n: n.households, kind="integer"),
    Column(heading="原", width=20, value=lambda n: n.before),
    Column(heading="新", width=20, value=lambda n: n.after),
    Column(heading="通知", width=90, value=lambda n: n.text),
]
