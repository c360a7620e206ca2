"""One duty sheet: what a resident wants to know, on the wall of the grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from partitioner.io.writing.duty.posts_of_grid import Post, RolePosts
from partitioner.io.writing.naming import sheet_name
from partitioner.io.writing.overview import style
from partitioner.io.writing.pdf import A4, Document, Page
from partitioner.io.writing.rows import GridRow
from partitioner.io.writing.sheets.atlas import Atlas, compounds_text
from partitioner.io.writing.sheets.elevations_file import BOTTOM, MARGIN, TOP, WIDTH, shortened
from partitioner.io.writing.sheets.grid_map import draw_map
from partitioner.io.writing.sheets.table import Entry, column_width, draw_entries, entries_of, list_height, wrapped

LEAST_MAP, MOST_MAP = 190.0, 430.0
"""Height of the map."""

HEAD, FOOT = 62.0, 40.0

ROW, SIZE = 15.0, 9.0
TITLE_WIDTH, PHONE_WIDTH = 128.0, 118.0
"""Of the columns before and behind the people."""

MAX_LINES = 4
"""Of people in one row; the ledger has them all."""

LIST_SIZE, BEFORE_LIST = 7.5, 70.0
"""Of the type in the list of micro-grids, and the room that numbers take before its lines."""

FIRST = ("community", "grid", "special", "compound", "micro")
"""Levels whose people come first, in this order."""

VACANT = "空缺"


@dataclass(frozen=True, kw_only=True)
class _Row:
    zh: str
    en: str
    lines: tuple[str, ...]
    vacant: bool

    @property
    def height(self) -> float:
        return max(ROW, 6.0 + 11.0 * len(self.lines)) if len(self.lines) > 1 else ROW


class DutySheet:
    """The pages of one grid; nearly always one."""

    def __init__(self, document: Document, atlas: Atlas, grid: GridRow, roles: tuple[RolePosts, ...]) -> None:
        self._document, self._atlas, self._grid, self._roles = document, atlas, grid, roles
        self._pages: list[Page] = [document.new_page()]
        self._y = TOP

    @property
    def _page(self) -> Page:
        return self._pages[-1]

    def draw(self) -> None:
        self._head()
        rows, entries = list(self._rows()), self._entries()
        needed = sum(row.height for row in rows) + ROW + 8 + list_height(entries)
        room = self._y - BOTTOM - FOOT - needed
        height = min(max(room, LEAST_MAP), MOST_MAP)
        draw_map(self._page, self._atlas, self._grid, (MARGIN, self._y - height, WIDTH, height))
        self._y -= height + 6
        self._people(rows)
        while entries:
            num, self._y = draw_entries(self._page, entries, (MARGIN, self._y), WIDTH, self._y - BOTTOM - FOOT)
            entries = entries[num:]
            if entries:
                self._turn()
        self._finish()

    def _head(self) -> None:
        page, grid, atlas = self._page, self._grid, self._atlas
        name = sheet_name(atlas.planned)
        page.rectangle((MARGIN, TOP - 32, WIDTH, 32), fill="#9E2A2B")
        page.text((MARGIN + 10, TOP - 22), f"{name}公示牌", 17, colour=style.PAPER)
        wide = page.text_width(f"{name}公示牌", 17)
        page.text((MARGIN + 18 + wide, TOP - 21), "GRID DUTY SHEET", 9, colour=style.PAPER)
        page.text((MARGIN + WIDTH - 10, TOP - 22), f"{grid.community}  {grid.code}", 14, colour=style.PAPER, anchor=1)
        own = [atlas.buildings[k] for k in atlas.of_grid.get(grid.code, ())]
        inhabited, micro = sum(bool(one.households) for one in own), len(atlas.micro_grids.get(grid.code, ()))
        figures = [f"{grid.households:,} 户 households", f"{inhabited} 栋住人楼 residential buildings"]
        if grid.residents is not None:
            figures.insert(1, f"{grid.residents:,} 人 residents")
        if micro:
            figures.append(f"{micro} 个微网格 micro-grids")
        page.text((MARGIN, TOP - 46), " · ".join(figures), 9)
        compounds = compounds_text(grid)
        if compounds:
            text = shortened(page, f"小区 Compounds：{compounds}", 8, WIDTH)
            page.text((MARGIN, TOP - 58), text, 8, colour=style.FAINT_INK)
        self._y = TOP - HEAD - 2

    def _rows(self) -> Iterator[_Row]:
        room = WIDTH - TITLE_WIDTH - PHONE_WIDTH - 8
        for role in sorted(self._roles, key=lambda one: _rank(one.role.level)):
            if role.role.level == "micro" and self._atlas.micro_grids.get(self._grid.code):
                text = _counted(role.posts)
            else:
                text = _people_text(role.posts, self._titles(role))
            lines = wrapped(self._page, text, SIZE, room)
            if len(lines) > MAX_LINES:
                lines = [*lines[: MAX_LINES - 1], f"{lines[MAX_LINES - 1][:-2]}……"]
            vacant = any(post.missing for post in role.posts)
            yield _Row(zh=role.title.zh, en=role.title.en, lines=tuple(lines), vacant=vacant)

    def _titles(self, role: RolePosts) -> bool:
        """Whether it has to be said which target each person serves."""
        return role.role.level not in ("grid", "special", "community")

    def _people(self, rows: Sequence[_Row]) -> None:
        page, grey = self._page, style.FAINT_INK
        x, middle, right = MARGIN, MARGIN + TITLE_WIDTH, MARGIN + WIDTH - PHONE_WIDTH
        self._y -= ROW
        page.rectangle((x, self._y, WIDTH, ROW), fill="#F1ECE4")
        for place, text in ((x, "岗位 Post"), (middle, "责任人 In charge"), (right, "联系电话 Phone")):
            page.text((place + 4, self._y + 4.5), text, 7.5, colour=grey)
        for row in rows:
            if self._y - row.height < BOTTOM + FOOT:
                self._turn()
                page = self._page
            self._y -= row.height
            base = self._y + row.height - 11
            page.text((x + 4, base), row.zh, SIZE)
            wide = page.text_width(row.zh, SIZE)
            page.text((x + 9 + wide, base), shortened(page, row.en, 6, TITLE_WIDTH - wide - 12), 6, colour=grey)
            for k, line in enumerate(row.lines):
                colour = style.WRONG if row.vacant and VACANT in line else style.INK
                page.text((middle + 4, base - 11 * k), line, SIZE, colour=colour)
            page.lines([[(x, self._y), (x + WIDTH, self._y)]], colour="#CFC8BC", width=0.4)
        self._y -= 2

    def _entries(self) -> list[Entry]:
        """Micro-grids with their keepers; no list where none were planned: that is what the map is for."""
        areas = self._atlas.micro_grids.get(self._grid.code, ())
        if not areas:
            return []
        serving = {
            post.target.id.removeprefix("micro:"): post
            for role in self._roles
            if role.role.level == "micro"
            for post in role.posts
        }
        entries = entries_of(self._page, self._atlas, self._grid, column_width(WIDTH))
        return [
            replace(entry, lines=self._with_keeper(entry.lines, serving.get(area.code)), is_wrong=False)
            for entry, area in zip(entries, areas, strict=True)
        ]

    def _with_keeper(self, lines: tuple[str, ...], post: Post | None) -> tuple[str, ...]:
        """The keeper behind what the micro-grid consists of, where there is room."""
        if post is None:
            return lines
        last, keeper = lines[-1] if lines else "", f"【{_who(post)}】"
        if self._page.text_width(last + keeper, LIST_SIZE) <= column_width(WIDTH) - BEFORE_LIST:
            return (*lines[:-1], last + keeper)
        return (*lines, keeper)

    def _turn(self) -> None:
        self._pages.append(self._document.new_page())
        name = sheet_name(self._atlas.planned)
        self._page.text((MARGIN, TOP - 12), f"{name}公示牌 {self._grid.code}  {self._grid.community}（续）", 11)
        self._page.lines([[(MARGIN, TOP - 18), (MARGIN + WIDTH, TOP - 18)]], colour=style.FAINT_INK)
        self._y = TOP - 24

    def _finish(self) -> None:
        made = self._atlas.planned.result.engine
        for number, page in enumerate(self._pages, start=1):
            if number == len(self._pages):
                base = BOTTOM + 14
                page.rectangle((MARGIN, BOTTOM + 6, WIDTH, 22), line="#9E2A2B", width=0.8)
                page.text((MARGIN + 8, base), "服务电话 Service：＿＿＿＿＿＿＿＿＿＿", 9)
                page.text((MARGIN + WIDTH / 2, base), "监督电话 Supervision：＿＿＿＿＿＿＿＿＿＿", 9)
            left = f"{self._atlas.county.name}{sheet_name(self._atlas.planned)}公示牌  制图：{made}"
            page.text((MARGIN, MARGIN - 8), left, 6.5, colour=style.FAINT_INK)
            told = f"{self._grid.code}  第{number}页，共{len(self._pages)}页"
            page.text((A4[0] - MARGIN, MARGIN - 8), told, 6.5, colour=style.FAINT_INK, anchor=1)
            self._document.add(page, bookmarks=[self._grid.code] if number == 1 else [])


def _who(post: Post) -> str:
    vacant = VACANT if post.missing == 1 else f"{VACANT} {post.missing} 人"
    return "、".join([*post.people, *([vacant] if post.missing else [])])


def _people_text(posts: Sequence[Post], titled: bool) -> str:
    if not titled:
        return "、".join(_who(post) for post in posts)
    return "；".join(f"{post.title}：{_who(post)}" for post in posts)


def _counted(posts: Sequence[Post]) -> str:
    """How many there are, where the list tells who."""
    people, vacant = sum(len(post.people) for post in posts), sum(post.missing for post in posts)
    text = f"{people} 人，见下表【】内 listed below"
    return f"{text}；{VACANT} {vacant} 人" if vacant else text


def _rank(level: str) -> int:
    return FIRST.index(level) if level in FIRST else len(FIRST)
