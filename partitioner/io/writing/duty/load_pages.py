"""Everybody's load on paper: a line each with number, bar and figures, community by community."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from partitioner.io.writing.overview import style
from partitioner.io.writing.pdf import A4, Document, Page
from partitioner.io.writing.sheets.elevations_file import BOTTOM, MARGIN, TOP, WIDTH, shortened

WITHIN, ABOVE = "#7FB2D6", "#E08A5B"

LINE, GUTTER = 9.6, 16.0
COLUMN = (WIDTH - GUTTER) / 2
NUMBER, FIGURES = 62.0, 62.0
"""Room before and behind a bar."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One person of a role."""

    community: str
    number: str
    load: float
    capacity: float
    share: float


class LoadPages:
    """The pages of one role, two columns each."""

    def __init__(self, document: Document, title: str, heading: str, bookmark: str) -> None:
        self._document, self._title, self._heading, self._bookmark = document, title, heading, bookmark
        self._page: Page | None = None
        self._column, self._y = 0, 0.0

    def draw(self, bars: Sequence[Bar]) -> None:
        """All of them; they come by community."""
        top = max(max(one.load, one.capacity, one.share) for one in bars) or 1.0
        community = None
        for one in bars:
            self._room(LINE if one.community == community else 3 * LINE)
            if one.community != community:
                community = one.community
                self._community(community)
            self._bar(one, (COLUMN - NUMBER - FIGURES) / top)
        self._close()

    def _room(self, high: float) -> None:
        if self._page is not None and self._y - high >= BOTTOM:
            return
        if self._page is not None and self._column == 0:
            self._column, self._y = 1, TOP - 44
            return
        self._close()
        self._page = self._document.new_page()
        self._column, self._y = 0, TOP - 44
        self._page.text((MARGIN, TOP - 12), self._heading, 11)
        self._legend(self._page)

    @property
    def _left(self) -> float:
        return MARGIN + self._column * (COLUMN + GUTTER)

    def _community(self, name: str) -> None:
        assert self._page is not None
        self._y -= 1.6 * LINE
        self._page.text((self._left, self._y + 2), name or "未分社区 no community", 8)
        self._page.lines([[(self._left, self._y - 1), (self._left + COLUMN, self._y - 1)]], colour=style.FAINT_INK)
        self._y -= 2

    def _bar(self, one: Bar, scale: float) -> None:
        assert self._page is not None
        page, x = self._page, self._left + NUMBER
        self._y -= LINE
        base = self._y + 2
        page.text((self._left, base), shortened(page, one.number, 6.5, NUMBER - 4), 6.5)
        if one.load:
            page.rectangle((x, base - 1, one.load * scale, 6.4), fill=ABOVE if one.load > one.capacity else WITHIN)
        for value, colour, width in ((one.capacity, style.FAINT_INK, 1.0), (one.share, style.WRONG, 0.8)):
            at = x + value * scale
            page.lines([[(at, base - 1.8), (at, base + 6.2)]], colour=colour, width=width)
        told = f"{one.load:,.0f} / {one.capacity:,.0f}"
        page.text((self._left + COLUMN - 24, base), told, 6, colour=style.FAINT_INK, anchor=1)
        page.text((self._left + COLUMN, base), f"{one.load / one.capacity:.2f}", 6.5, anchor=1)

    def _legend(self, page: Page) -> None:
        y, x = TOP - 28, MARGIN
        for colour, text in ((WITHIN, "负荷 load"), (ABOVE, "超过容量 above capacity")):
            page.rectangle((x, y - 1, 9, 6.4), fill=colour)
            page.text((x + 12, y), text, 7)
            x += 22 + page.text_width(text, 7)
        for colour, text in ((style.FAINT_INK, "容量 capacity"), (style.WRONG, "公平份额 fair share")):
            page.lines([[(x + 4, y - 1.8), (x + 4, y + 6.2)]], colour=colour, width=1.0)
            page.text((x + 9, y), text, 7)
            x += 19 + page.text_width(text, 7)
        told = "负荷 / 容量 load / capacity，负荷比 ratio"
        page.text((MARGIN + WIDTH, y), told, 7, colour=style.FAINT_INK, anchor=1)

    def _close(self) -> None:
        if self._page is None:
            return
        number = len(self._document) + 1
        self._page.text((MARGIN, MARGIN - 8), self._title, 6.5, colour=style.FAINT_INK)
        self._page.text((A4[0] - MARGIN, MARGIN - 8), f"第{number}页", 6.5, colour=style.FAINT_INK, anchor=1)
        self._document.add(self._page, bookmarks=[self._bookmark] if self._bookmark else [])
        self._page, self._bookmark = None, ""
