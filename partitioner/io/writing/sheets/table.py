"""The list on a sheet: number, households, and what belongs to it, in two columns of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from partitioner.io.writing.contents import natural
from partitioner.io.writing.overview import style
from partitioner.io.writing.pdf import Page
from partitioner.io.writing.rows import GridRow
from partitioner.io.writing.sheets.atlas import Atlas, compound_tags, tagged
from partitioner.io.writing.words import RULE_NAMES

SIZE = 7.5
LEADING = 10.0
MAX_LINES = 6
"""Of what belongs to one entry; the ledger has it all."""

SWATCH, NUMBER, HOUSEHOLDS = 10.0, 24.0, 30.0
"""Widths of colour, number and households."""

GUTTER = 12.0


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the list; `lines` is what belongs to it, wrapped."""

    fill: str | None
    number: str
    households: int
    lines: tuple[str, ...]
    is_wrong: bool

    @property
    def height(self) -> float:
        return LEADING * len(self.lines) + 3


def entries_of(page: Page, atlas: Atlas, grid: GridRow, width: float) -> list[Entry]:
    """Micro-grids, or the inhabited buildings where none were planned, for columns of `width` points."""
    room = width - SWATCH - NUMBER - HOUSEHOLDS - 4
    rows, tags = atlas.micro_grids.get(grid.code, ()), compound_tags(grid)
    if rows:
        return [
            Entry(
                fill=atlas.fills[row.code],
                number=atlas.numbers[row.code],
                households=row.households,
                lines=_lines(page, _told(atlas, row, tags), _remark(row), room),
                is_wrong=bool(row.violations),
            )
            for row in rows
        ]
    buildings = [atlas.buildings[k] for k in atlas.of_grid.get(grid.code, ())]
    inhabited = sorted(
        (building for building in buildings if building.households),
        key=lambda building: (natural(building.compound), natural(building.name), building.id),
    )
    return [
        Entry(
            fill=None,
            number=str(k),
            households=building.households,
            lines=tuple(wrapped(page, tagged(building.name, building.compound, tags), SIZE, room)),
            is_wrong=False,
        )
        for k, building in enumerate(inhabited, start=1)
    ]


def _told(atlas: Atlas, row: GridRow, tags: dict[str, str]) -> str:
    """What a micro-grid consists of, compounds by their letters."""
    text = atlas.contents.get(row.code, "")
    if len(row.compounds) == 1:
        return tagged(text, row.compounds[0], tags)
    groups = []
    for group in text.split("；"):
        compound = max((name for name in tags if group.startswith(name)), key=len, default="")
        groups.append(tagged(group[len(compound) :], compound, tags))
    return "；".join(groups)


def _lines(page: Page, text: str, remark: str, room: float) -> tuple[str, ...]:
    """At most `MAX_LINES` lines, with the remark first where the text is cut."""
    lines = wrapped(page, text + remark, SIZE, room)
    if len(lines) <= MAX_LINES:
        return tuple(lines)
    lines = wrapped(page, remark + text, SIZE, room)[:MAX_LINES]
    return (*lines[:-1], f"{lines[-1][:-1]}……")


def _remark(row: GridRow) -> str:
    if not row.violations:
        return ""
    return f"（{'、'.join(RULE_NAMES[violation.rule].zh for violation in row.violations)}）"


def column_width(width: float) -> float:
    """Of one of the two columns."""
    return (width - GUTTER) / 2


def draw_entries(
    page: Page, entries: Sequence[Entry], place: tuple[float, float], width: float, height: float
) -> tuple[int, float]:
    """As many entries as fit below `place` (left, top).

    Returns
    -------
    num : int
        How many were drawn.
    y : float
        Where the list ends.
    """
    chosen, highest = _share(entries, height - LEADING - 4)
    for k, members in enumerate(chosen):
        x = place[0] + k * (column_width(width) + GUTTER)
        y = _heading(page, x, place[1], column_width(width)) if members else place[1]
        for entry in members:
            _draw(page, entry, x, y, column_width(width))
            y -= entry.height
    num = sum(len(members) for members in chosen)
    return num, place[1] - (highest + LEADING + 4 if num else 0)


def list_height(entries: Sequence[Entry]) -> float:
    """What the whole list needs."""
    return _share(entries, float("inf"))[1] + LEADING + 4 if entries else 0.0


def _share(entries: Sequence[Entry], height: float) -> tuple[list[Sequence[Entry]], float]:
    """The entries of both columns, and the height of the higher one: as even as can be if all fit."""
    heights = [entry.height for entry in entries]
    best = (len(entries), sum(heights))
    for cut in range(len(entries) + 1):
        higher = max(sum(heights[:cut]), sum(heights[cut:]))
        if higher < best[1]:
            best = (cut, higher)
    if best[1] <= height:
        return [entries[: best[0]], entries[best[0] :]], best[1]
    ends, used = [], 0
    for _ in range(2):
        room = height
        while used < len(entries) and heights[used] <= room:
            room -= heights[used]
            used += 1
        ends.append(used)
    return [entries[: ends[0]], entries[ends[0] : ends[1]]], height


def _heading(page: Page, x: float, y: float, width: float) -> float:
    y -= LEADING
    grey = style.FAINT_INK
    page.text((x + SWATCH, y), "编号", 6.5, colour=grey)
    page.text((x + SWATCH + NUMBER + HOUSEHOLDS - 8, y), "户数", 6.5, colour=grey, anchor=1)
    page.text((x + SWATCH + NUMBER + HOUSEHOLDS, y), "范围", 6.5, colour=grey)
    page.lines([[(x, y - 3), (x + width, y - 3)]], colour=grey)
    return y - 4


def _draw(page: Page, entry: Entry, x: float, y: float, width: float) -> None:
    colour = style.WRONG if entry.is_wrong else style.INK
    base = y - SIZE - 1
    if entry.fill is not None:
        page.rectangle((x, base - 1.2, SWATCH - 3, SIZE), fill=entry.fill, line=style.GRID_LINE, width=0.3)
    page.text((x + SWATCH, base), entry.number, SIZE, colour=colour)
    page.text((x + SWATCH + NUMBER + HOUSEHOLDS - 8, base), str(entry.households), SIZE, colour=colour, anchor=1)
    for k, line in enumerate(entry.lines):
        page.text((x + SWATCH + NUMBER + HOUSEHOLDS, base - LEADING * k), line, SIZE, colour=colour)
    bottom = y - entry.height
    page.lines([[(x, bottom), (x + width, bottom)]], colour="#DDDDDD", width=0.3)


def wrapped(page: Page, text: str, size: float, width: float) -> list[str]:
    """Lines of at most `width` points, broken after 、 and ； where that is possible."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and page.text_width(line + piece, size) > width:
            lines.append(line)
            line = ""
        while page.text_width(piece, size) > width and len(piece) > 1:
            cut = next(k for k in range(len(piece), 0, -1) if k == 1 or page.text_width(piece[:k], size) <= width)
            lines.append(piece[:cut])
            piece = piece[cut:]
        line += piece
    return [*lines, line] if line or not lines else lines


def _pieces(text: str) -> list[str]:
    pieces = [""]
    for character in text:
        pieces[-1] += character
        if character in "、；":
            pieces.append("")
    return [piece for piece in pieces if piece]
