"""All elevations of a plan in one file, grid by grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from partitioner.io.writing.naming import Planned, as_levels
from partitioner.io.writing.pdf import A4, Document, Page
from partitioner.io.writing.sheets.atlas import Atlas, compounds_text
from partitioner.io.writing.sheets.elevation import Elevation, Scale, draw_elevation

MARGIN, GAP = 36.0, 14.0
WIDTH = A4[0] - 2 * MARGIN
TOP, BOTTOM = A4[1] - MARGIN, MARGIN + 10

Shelf = list[tuple[Elevation, Scale, float]]
"""Buildings on one ground line: drawing, scale and width."""


def write_elevations(planned: Planned, path: str | Path) -> None:
    """Every building that is cut, with its micro-grids; a bookmark per grid.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    levels = as_levels(planned)
    atlas = Atlas.of(levels)
    title = f"{atlas.county.name}立面图"
    document = Document(title)
    flow = _Flow(document, title)
    for grid in atlas.grids:
        chosen = atlas.elevations.get(grid.code, ())
        if chosen:
            rows = shelves(document.new_page(), chosen, TOP - BOTTOM - 30)
            about = f"{grid.households}户  {compounds_text(grid)}"
            flow.heading(f"{grid.community}  {grid.code}", about, grid.code, rows[0])
            for shelf in rows:
                flow.shelf(shelf, own_fills(atlas, grid.code), atlas.numbers)
    flow.close()
    document.save(path)


def own_fills(atlas: Atlas, grid: str) -> dict[str, str]:
    """The colours of the micro-grids of one grid."""
    return {row.code: atlas.fills[row.code] for row in atlas.micro_grids.get(grid, ())}


def shelves(page: Page, elevations: Sequence[Elevation], height: float) -> list[Shelf]:
    """The buildings in rows as wide as the page; none is higher than `height`."""
    rows: list[Shelf] = []
    used = WIDTH
    for elevation in elevations:
        scale = Scale.fitting(elevation, WIDTH, height)
        wide = min(scale.size(elevation, page)[0], WIDTH)
        if used + GAP + wide > WIDTH:
            rows.append([])
            used = -GAP
        rows[-1].append((elevation, scale, wide))
        used += GAP + wide
    return rows


def height_of(page: Page, shelf: Shelf) -> float:
    """Of the highest building on it."""
    return max(scale.size(elevation, page)[1] for elevation, scale, _ in shelf)


def draw_shelf(page: Page, shelf: Shelf, y: float, fills: Mapping[str, str], numbers: Mapping[str, str]) -> None:
    """Draw the buildings with their feet at `y`."""
    x = MARGIN
    for elevation, scale, wide in shelf:
        draw_elevation(page, elevation, (x, y), scale, fills, numbers)
        x += wide + GAP


def shortened(page: Page, text: str, size: float, width: float) -> str:
    """What fits into `width` points."""
    while page.text_width(text, size) > width and len(text) > 2:
        text = f"{text[:-2]}…"
    return text


class _Flow:
    """Pages that fill from the top."""

    def __init__(self, document: Document, title: str) -> None:
        self._document, self._title = document, title
        self._page: Page | None = None
        self._y = 0.0
        self._bookmarks: list[str] = []

    def heading(self, text: str, about: str, bookmark: str, first: Shelf) -> None:
        """A title that stays with the first row of its buildings."""
        if self._page is None or self._y - BOTTOM < 27 + height_of(self._page, first):
            self._turn()
        assert self._page is not None
        self._y -= 18
        self._page.text((MARGIN, self._y), text, 11)
        x = MARGIN + self._page.text_width(text, 11) + 10
        room = MARGIN + WIDTH - x
        self._page.text((x, self._y), shortened(self._page, about, 8, room), 8, colour="#5A5A5A")
        self._page.lines([[(MARGIN, self._y - 4), (MARGIN + WIDTH, self._y - 4)]], colour="#5A5A5A")
        self._y -= 8
        self._bookmarks.append(bookmark)

    def shelf(self, shelf: Shelf, fills: Mapping[str, str], numbers: Mapping[str, str]) -> None:
        assert self._page is not None
        high = height_of(self._page, shelf)
        if self._y - high < BOTTOM:
            self._turn()
        self._y -= high
        draw_shelf(self._page, shelf, self._y, fills, numbers)
        self._y -= 8

    def _turn(self) -> None:
        self.close()
        self._page, self._y = self._document.new_page(), TOP

    def close(self) -> None:
        """Finish the page under way."""
        if self._page is None:
            return
        number = len(self._document) + 1
        self._page.text((MARGIN, MARGIN - 8), self._title, 7, colour="#5A5A5A")
        self._page.text((MARGIN + WIDTH, MARGIN - 8), f"第{number}页", 7, colour="#5A5A5A", anchor=1)
        self._document.add(self._page, bookmarks=self._bookmarks)
        self._page, self._bookmarks = None, []
