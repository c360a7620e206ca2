"""One sheet of A4 per grid: map, list of micro-grids and elevations; all grids in one file."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from partitioner.io.writing.naming import Planned, as_levels, sheet_name
from partitioner.io.writing.overview import style
from partitioner.io.writing.pdf import A4, Document, Page
from partitioner.io.writing.rows import GridRow
from partitioner.io.writing.sheets.atlas import Atlas, compounds_text
from partitioner.io.writing.sheets.elevations_file import (
    BOTTOM,
    MARGIN,
    TOP,
    WIDTH,
    Shelf,
    draw_shelf,
    height_of,
    own_fills,
    shelves,
    shortened,
)  # fmt: skip
from partitioner.io.writing.sheets.grid_map import draw_map
from partitioner.io.writing.sheets.table import Entry, column_width, draw_entries, entries_of, list_height

MAP_HEIGHT, LEAST_MAP, MOST_MAP = 330.0, 250.0, 480.0
"""Of the map: where the list is too long for the front, at least, at most."""

HEADER = 58.0

Progress = Callable[[int, int], None]
"""Told how many sheets are done, and of how many."""


def write_sheets(
    planned: Planned,
    path: str | Path,
    grids: Collection[str] | None = None,
    progress: Progress = lambda _done, _of: None,
) -> None:
    """A sheet per grid, with a bookmark each. What does not fit on the front goes on the back.

    Parameters
    ----------
    grids : collection of str, optional
        Codes of those that are wanted; all by default.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    atlas = Atlas.of(as_levels(planned))
    wanted = [row for row in atlas.grids if grids is None or row.code in grids]
    document = Document(f"{atlas.county.name}{sheet_name(atlas.planned)}图")
    for done, grid in enumerate(wanted, start=1):
        _Sheet(document, atlas, grid).draw()
        progress(done, len(wanted))
    document.save(path)


class _Sheet:
    """The pages of one grid."""

    def __init__(self, document: Document, atlas: Atlas, grid: GridRow) -> None:
        self._document, self._atlas, self._grid = document, atlas, grid
        self._pages: list[Page] = [document.new_page()]
        self._y = TOP

    @property
    def _page(self) -> Page:
        return self._pages[-1]

    def draw(self) -> None:
        self._head()
        entries = entries_of(self._page, self._atlas, self._grid, column_width(WIDTH))
        chosen = self._atlas.elevations.get(self._grid.code, ())
        rows = shelves(self._page, chosen, TOP - BOTTOM - 50)
        height = self._map_height(list_height(entries), self._height_of(rows))
        draw_map(self._page, self._atlas, self._grid, (MARGIN, self._y - height, WIDTH, height))
        self._y -= height + 6
        self._list(entries)
        if rows:
            self._elevations(rows)
        self._finish()

    def _height_of(self, rows: list[Shelf]) -> float:
        return 22 + sum(height_of(self._page, shelf) + 8 for shelf in rows) if rows else 0.0

    def _map_height(self, listed: float, elevations: float) -> float:
        """What the list and the elevations leave over, if that is enough; else the elevations go to the back."""
        room = self._y - BOTTOM - 8 - listed
        for left in (room - elevations, room):
            if left >= LEAST_MAP:
                return min(left, MOST_MAP)
        return MAP_HEIGHT

    def _head(self) -> None:
        page, grid, atlas = self._page, self._grid, self._atlas
        name = sheet_name(atlas.planned)
        own = [atlas.buildings[k] for k in atlas.of_grid.get(grid.code, ())]
        inhabited = sum(bool(building.households) for building in own)
        micro = len(atlas.micro_grids.get(grid.code, ()))
        page.text((MARGIN, TOP - 18), f"{name} {grid.code}", 18)
        page.text((MARGIN + WIDTH, TOP - 12), f"{atlas.county.name} {grid.community}", 11, anchor=1)
        figures = [f"{grid.households:,} 户", f"{inhabited} 栋住人楼"]
        if micro:
            figures.insert(1, f"{micro} 个微网格")
        if grid.residents is not None:
            figures.insert(1, f"{grid.residents:,} 人")
        page.text((MARGIN, TOP - 34), "，".join(figures), 9.5)
        page.text((MARGIN + WIDTH, TOP - 34), "网格长：＿＿＿＿＿＿  电话：＿＿＿＿＿＿＿＿", 9, anchor=1)
        compounds = compounds_text(grid)
        if compounds:
            page.text((MARGIN, TOP - 48), shortened(page, f"小区：{compounds}", 8, WIDTH), 8, colour=style.FAINT_INK)
        self._y = TOP - HEADER

    def _list(self, entries: list[Entry]) -> None:
        while entries:
            num, self._y = draw_entries(self._page, entries, (MARGIN, self._y), WIDTH, self._y - BOTTOM)
            entries = entries[num:]
            if entries:
                self._turn()

    def _elevations(self, rows: list[Shelf]) -> None:
        if len(self._pages) == 1 and self._height_of(rows) > self._y - BOTTOM:
            self._turn()
        self._y -= 18
        self._page.text((MARGIN, self._y), "立面图（数字为微网格编号和每层户数）", 8, colour=style.FAINT_INK)
        self._y -= 4
        fills = own_fills(self._atlas, self._grid.code)
        for shelf in rows:
            high = height_of(self._page, shelf)
            if self._y - high < BOTTOM:
                self._turn()
            self._y -= high
            draw_shelf(self._page, shelf, self._y, fills, self._atlas.numbers)
            self._y -= 8

    def _turn(self) -> None:
        self._pages.append(self._document.new_page())
        text = f"{sheet_name(self._atlas.planned)} {self._grid.code}  {self._grid.community}（续）"
        self._page.text((MARGIN, TOP - 12), text, 11)
        self._page.lines([[(MARGIN, TOP - 18), (MARGIN + WIDTH, TOP - 18)]], colour=style.FAINT_INK)
        self._y = TOP - 24

    def _finish(self) -> None:
        made = self._atlas.planned.result.engine
        for number, page in enumerate(self._pages, start=1):
            left = f"{self._atlas.county.name}{sheet_name(self._atlas.planned)}图  制图：{made}"
            page.text((MARGIN, MARGIN - 8), left, 6.5, colour=style.FAINT_INK)
            told = f"{self._grid.code}  第{number}页，共{len(self._pages)}页"
            page.text((A4[0] - MARGIN, MARGIN - 8), told, 6.5, colour=style.FAINT_INK, anchor=1)
            self._document.add(page, bookmarks=[self._grid.code] if number == 1 else [])
