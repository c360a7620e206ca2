"""The map on one sheet: areas, water, buildings, barriers, borders and labels that keep clear of one another."""

from __future__ import annotations

from collections import Counter

import numpy as np
import shapely

from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.drawing import Drawing
from partitioner.io.writing.overview.patches import array_of
from partitioner.io.writing.pdf import Page
from partitioner.io.writing.pdf.page import lines_of, rings_of
from partitioner.io.writing.prints.language import Say
from partitioner.io.writing.sheets.atlas import Atlas
from partitioner.io.writing.sheets.grid_map import Frame, Labels, draw_barriers, draw_shapes, draw_waters

BUILDING_SCALE = 6.0
"""Metres per point beyond which buildings would be specks."""

LABEL_SIZES = (9.0, 7.5, 6.0, 5.0)
"""Of the codes of areas, points."""


class MapSheet:
    """A sheet of the map under way."""

    def __init__(self, page: Page, drawing: Drawing, atlas: Atlas, frame: Frame, say: Say) -> None:
        self._page, self._drawing, self._atlas, self._frame, self._say = page, drawing, atlas, frame, say
        shapes = array_of([row.shape for row in drawing.rows])
        self._seen = np.flatnonzero(shapely.intersects(shapes, frame.land)).tolist()
        self._shapes = frame.on_paper(shapes[self._seen])

    def draw(self) -> list[str]:
        """Draw it; returns the kinds of barriers on it, sorted."""
        page, frame = self._page, self._frame
        box = (frame.left, frame.bottom, frame.width, frame.height)
        with page.inside(*box):
            self._areas()
            draw_waters(page, self._atlas, frame)
            if 1 / frame.points_per_metre <= BUILDING_SCALE:
                self._buildings()
            page.lines(rings_of(self._shapes), colour=style.GRID_LINE, width=0.7)
            kinds = draw_barriers(page, self._atlas, frame)
            self._communities()
            self._wrong()
        self._labels()
        page.rectangle(box, line=style.INK, width=0.9)
        return kinds

    def _areas(self) -> None:
        for k, shape in zip(self._seen, self._shapes, strict=True):
            self._page.polygons(rings_of(array_of([shape])), fill=self._drawing.fills[k])

    def _buildings(self) -> None:
        seen = [self._atlas.buildings[k] for k in self._atlas.building_places.within(self._frame.land).tolist()]
        for inhabited, fill in ((False, style.EMPTY_BUILDING), (True, style.BUILDING)):
            chosen = array_of([one.shape for one in seen if bool(one.households) is inhabited])
            draw_shapes(self._page, self._frame.on_paper(chosen), fill=fill, line=None)

    def _communities(self) -> None:
        """Every border once: dashes drawn from both sides would fill each other's gaps."""
        shapes = array_of([shape for _, shape in self._drawing.communities])
        lines = array_of([shapely.line_merge(shapely.union_all(shapely.boundary(shapes)))])
        drawn = lines_of(self._frame.on_paper(lines))
        self._page.lines(drawn, colour=style.PAPER, width=2.6)
        self._page.lines(drawn, colour=style.COMMUNITY_LINE, width=1.8, dashes=(7, 2.5, 1.2, 2.5))

    def _wrong(self) -> None:
        broken = [k for k, at in enumerate(self._seen) if self._drawing.rows[at].violations]
        self._page.lines(rings_of(self._shapes[broken]), colour=style.WRONG, width=1.8)

    def _labels(self) -> None:
        """Communities first, then areas with households; an area that is too small for both has its code alone."""
        labels = Labels(self._page, self._frame)
        for name, shape in self._drawing.communities:
            place = self._middle(shape)
            if place is not None and len(self._drawing.communities) > 1:
                labels.place(*place, [(name, 11.0, style.COMMUNITY_LINE)])
        shorts = Counter(row.short for row in self._drawing.labelled)
        for row in self._drawing.labelled:
            place = self._middle(row.shape)
            if place is None:
                continue
            code = row.short if shorts[row.short] == 1 or row.community else row.code
            for size in LABEL_SIZES:
                lines = [
                    (code, size, style.INK),
                    (self._say(f"{row.households}户", str(row.households)), size * 0.8, style.INK),
                ]
                wide = max(self._page.text_width(text, each) for text, each, _ in lines)
                if self._fits(row.shape, wide, size * 2.1) and labels.place(*place, lines):
                    break
            else:
                labels.place(*place, [(code, LABEL_SIZES[-1], style.INK)])

    def _fits(self, shape: shapely.Geometry, wide: float, high: float) -> bool:
        left, bottom, right, top = shape.bounds
        scale = self._frame.points_per_metre
        return bool((right - left) * scale * 0.85 >= wide and (top - bottom) * scale * 0.85 >= high)

    def _middle(self, shape: shapely.Geometry) -> tuple[float, float] | None:
        """A point on paper well inside the part of `shape` that the sheet shows."""
        shown = shapely.clip_by_rect(shape, *self._frame.extent)
        parts = [part for part in shapely.get_parts(shown) if part.geom_type == "Polygon" and not part.is_empty]
        if not parts:
            return None
        largest = max(parts, key=lambda part: part.area)
        centre = largest.centroid if largest.contains(largest.centroid) else shapely.point_on_surface(largest)
        point = self._frame.on_paper(array_of([centre]))[0]
        return None if point.is_empty else (point.x, point.y)
