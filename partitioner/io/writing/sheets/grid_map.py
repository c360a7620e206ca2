"""The map on a sheet: one grid with its micro-grids, its neighbours greyed, buildings and barriers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.furniture import metres_text, scale_length_m
from partitioner.io.writing.overview.map_layers import WATERS
from partitioner.io.writing.overview.patches import array_of
from partitioner.io.writing.pdf import Page
from partitioner.io.writing.pdf.page import lines_of, rings_of
from partitioner.io.writing.rows import GridRow
from partitioner.io.writing.sheets.atlas import Atlas, Building, compound_tags, tagged

AROUND = 0.08
"""Land around the buildings of the grid, as a share of their extent."""

FULL = 1.6
"""Land that reaches no further than this many times the extent of the buildings is shown as a whole."""

LEAST_M = 60.0
"""The map shows at least this much."""

LIFT = 13.0
"""Labels of points stand this much above them, points."""

POINT = 5.0
"""Side of the square that stands for a building known as a point, points."""

NEIGHBOUR, NEIGHBOUR_LINE, NEIGHBOUR_TEXT = "#F0F0F0", "#B5B5B5", "#8A8A8A"
OTHER_BUILDING = "#D9D9D9"
OUTLINE = "#B03A2E"

LINES: dict[str, tuple[str, float]] = {
    "river": (style.WATER, 2.6), "water": (style.WATER, 2.6), "canal": (style.WATER, 1.6), "lake": (style.WATER, 1.6),
    "road": (style.ROAD, 1.4), "expressway": (style.ROAD, 2.2), "wall": (style.WALL, 0.9), "bridge": (style.INK, 1.4),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A rectangle of paper that shows a rectangle of land."""

    left: float
    bottom: float
    width: float
    height: float
    extent: tuple[float, float, float, float]

    @classmethod
    def around(cls, bounds: Sequence[float], box: tuple[float, float, float, float]) -> Frame:
        """The map of what lies in `bounds` (metres) on `box` (left, bottom, width, height; points)."""
        left, bottom, right, top = bounds
        wide, high = max(right - left, LEAST_M) * (1 + 2 * AROUND), max(top - bottom, LEAST_M) * (1 + 2 * AROUND)
        metres = max(wide / box[2], high / box[3])
        x, y = (left + right) / 2, (bottom + top) / 2
        half = (metres * box[2] / 2, metres * box[3] / 2)
        return cls(
            left=box[0],
            bottom=box[1],
            width=box[2],
            height=box[3],
            extent=(x - half[0], y - half[1], x + half[0], y + half[1]),
        )

    @property
    def points_per_metre(self) -> float:
        return self.width / (self.extent[2] - self.extent[0])

    @property
    def land(self) -> shapely.Polygon:
        return shapely.box(*self.extent)

    def on_paper(self, shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
        """The part of each shape that the frame shows, in points."""
        clipped = shapely.clip_by_rect(shapes, *_wider(self.extent))
        scale, x, y = self.points_per_metre, self.extent[0], self.extent[1]
        moved = shapely.transform(clipped, lambda xy: (xy - (x, y)) * scale + (self.left, self.bottom))
        return np.asarray(moved, dtype=object)


def _wider(extent: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """So that outlines along the cut lie outside the map."""
    more = 0.02 * max(extent[2] - extent[0], extent[3] - extent[1])
    return extent[0] - more, extent[1] - more, extent[2] + more, extent[3] + more


class Labels:
    """Texts on the map, of which none covers another; the first come first."""

    def __init__(self, page: Page, frame: Frame) -> None:
        self._page, self._frame = page, frame
        self._taken: list[tuple[float, float, float, float]] = []

    def place(self, x: float, y: float, lines: Sequence[tuple[str, float, str]]) -> bool:
        """Lines of (text, size, colour) centred on (x, y), if there is room."""
        wide = max(self._page.text_width(text, size) for text, size, _ in lines) + 2
        high = sum(size * 1.15 for _, size, _ in lines)
        box = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        frame = self._frame
        outside = (
            box[0] < frame.left + 2
            or box[1] < frame.bottom + 2
            or box[2] > frame.left + frame.width - 2
            or box[3] > frame.bottom + frame.height - 2
        )
        if outside or any(
            box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in self._taken
        ):
            return False
        self._taken.append(box)
        with self._page.see_through():
            self._page.rectangle((box[0], box[1], wide, high), fill=style.PAPER)
        baseline = box[3]
        for text, size, colour in lines:
            baseline -= size * 1.15
            self._page.text((x, baseline + 0.28 * size), text, size, colour=colour, anchor=0.5)
        return True

    def keep_free(self, box: tuple[float, float, float, float]) -> None:
        """Nothing is written into this box (left, bottom, right, top)."""
        self._taken.append(box)


def draw_map(page: Page, atlas: Atlas, grid: GridRow, box: tuple[float, float, float, float]) -> None:
    """The map of `grid` on `box` (left, bottom, width, height; points)."""
    own = [atlas.buildings[k] for k in atlas.of_grid.get(grid.code, ())]
    frame = Frame.around(_bounds(grid, own), box)
    with page.inside(*box):
        _draw_neighbours(page, atlas, grid, frame)
        _draw_micro_grids(page, atlas, grid, frame)
        draw_waters(page, atlas, frame)
        _draw_buildings(page, atlas, own, frame)
        draw_barriers(page, atlas, frame)
        outline = frame.on_paper(array_of([grid.shape]))
        page.polygons(rings_of(outline), line=OUTLINE, width=2.0)
    _draw_furniture(page, frame)
    labels = Labels(page, frame)
    labels.keep_free((frame.left, frame.bottom, frame.left + 110, frame.bottom + 24))
    _label_own(labels, atlas, grid, own, frame)
    _label_neighbours(labels, atlas, grid, frame)
    page.rectangle(box, line=style.FAINT_INK, width=0.6)


def _bounds(grid: GridRow, own: Sequence[Building]) -> tuple[float, float, float, float]:
    """Of the buildings: the land may reach far into fields."""
    shapes = array_of([building.shape for building in own if building.households] or [grid.shape])
    left, bottom, right, top = shapely.total_bounds(shapes).tolist()
    if not np.isfinite(left):
        return 0.0, 0.0, LEAST_M, LEAST_M
    whole = grid.shape.bounds
    reach = FULL * max(right - left, top - bottom, LEAST_M)
    if whole and max(whole[2] - whole[0], whole[3] - whole[1]) <= reach:
        left, bottom, right, top = whole
    return left, bottom, right, top


def _draw_neighbours(page: Page, atlas: Atlas, grid: GridRow, frame: Frame) -> None:
    seen = [k for k in atlas.grid_places.within(frame.land).tolist() if atlas.grids[k].code != grid.code]
    shapes = frame.on_paper(atlas.grid_places.shapes[seen])
    page.polygons(rings_of(shapes), fill=NEIGHBOUR)
    page.lines(rings_of(shapes), colour=NEIGHBOUR_LINE, width=0.8)


def _draw_micro_grids(page: Page, atlas: Atlas, grid: GridRow, frame: Frame) -> None:
    rows = atlas.micro_grids.get(grid.code, ())
    if not rows:
        page.polygons(rings_of(frame.on_paper(array_of([grid.shape]))), fill=style.GRID_FILLS[0])
        return
    shapes = frame.on_paper(array_of([row.shape for row in rows]))
    for row, shape in zip(rows, shapes, strict=True):
        page.polygons(rings_of(array_of([shape])), fill=atlas.fills[row.code])
    page.lines(rings_of(shapes), colour=style.GRID_LINE, width=0.4)
    wrong = shapes[[k for k, row in enumerate(rows) if row.violations]]
    page.lines(rings_of(wrong), colour=style.WRONG, width=1.4)


def draw_waters(page: Page, atlas: Atlas, frame: Frame) -> None:
    """Areas of water."""
    seen = [k for k in atlas.barriers.within(frame.land).tolist() if atlas.kinds[k] in WATERS]
    page.polygons(rings_of(frame.on_paper(atlas.barriers.shapes[seen])), fill=style.WATER_FILL)


def _draw_buildings(page: Page, atlas: Atlas, own: Sequence[Building], frame: Frame) -> None:
    ours = {building.id for building in own}
    seen = [atlas.buildings[k] for k in atlas.building_places.within(frame.land).tolist()]
    others = array_of([building.shape for building in seen if building.id not in ours])
    draw_shapes(page, frame.on_paper(others), fill=OTHER_BUILDING, line=None)
    for inhabited, fill, line in ((False, OTHER_BUILDING, None), (True, style.PAPER, style.INK)):
        chosen = array_of([building.shape for building in own if bool(building.households) is inhabited])
        draw_shapes(page, frame.on_paper(chosen), fill=fill, line=line)


def draw_shapes(page: Page, shapes: npt.NDArray[np.object_], *, fill: str, line: str | None) -> None:
    """Buildings, already on paper: outlines as they are, points as small squares."""
    page.polygons(rings_of(shapes), fill=fill, line=line, width=0.5)
    for x, y in shapely.get_coordinates(shapes[shapely.get_type_id(shapes) == 0]).tolist():
        page.rectangle((x - POINT / 2, y - POINT / 2, POINT, POINT), fill=fill, line=line)


def draw_barriers(page: Page, atlas: Atlas, frame: Frame) -> list[str]:
    """Lines of barriers; returns the kinds that were drawn, sorted."""
    seen = atlas.barriers.within(frame.land).tolist()
    for kind in sorted({atlas.kinds[k] for k in seen}):
        shapes = frame.on_paper(atlas.barriers.shapes[[k for k in seen if atlas.kinds[k] == kind]])
        lines = lines_of(shapes)
        if kind == "railway":
            page.lines(lines, colour=style.RAIL, width=2.2)
            page.lines(lines, colour=style.PAPER, width=1.3, dashes=(4, 4))
        else:
            colour, width = LINES.get(kind, (style.OTHER_BARRIER, 1.2))
            page.lines(lines, colour=colour, width=width)
    return sorted({atlas.kinds[k] for k in seen})


def _label_own(labels: Labels, atlas: Atlas, grid: GridRow, own: Sequence[Building], frame: Frame) -> None:
    """Buildings that are cut with their name and micro-grids, other micro-grids with number and households."""
    rows = {row.code: row for row in atlas.micro_grids.get(grid.code, ())}
    tags = compound_tags(grid)
    cut = [building for building in own if len(building.micro_grids) > 1]
    shared = {code for building in cut for code in building.micro_grids}
    for row in rows.values():
        if row.code not in shared:
            _label_area(labels, atlas, row, frame)
    named = cut if rows else [building for building in own if building.households]
    centres = frame.on_paper(shapely.centroid(array_of([building.shape for building in named])))
    for building, centre in zip(named, centres, strict=True):
        if centre.is_empty:
            continue
        above = LIFT if building.shape.geom_type == "Point" else 0.0
        numbers = _ranges(sorted(atlas.numbers[code] for code in building.micro_grids if code in rows))
        full: list[tuple[str, float, str]] = [(tagged(building.name, building.compound, tags), 6.5, style.INK)]
        if numbers:
            full.append((numbers, 7.5, OUTLINE))
        _ = labels.place(centre.x, centre.y + above, full) or (
            numbers and labels.place(centre.x, centre.y + above, full[1:])
        )


def _label_area(labels: Labels, atlas: Atlas, row: GridRow, frame: Frame) -> None:
    shape = frame.on_paper(array_of([row.shape]))[0]
    parts = shapely.get_parts(shape)
    if not len(parts) or shape.is_empty:
        return
    point = shapely.point_on_surface(max(parts, key=lambda part: part.area))
    number: tuple[str, float, str] = (atlas.numbers[row.code], 8.0, OUTLINE)
    tall = [number, (f"{row.households}户", 6.0, style.INK)]
    _ = labels.place(point.x, point.y, tall) or labels.place(point.x, point.y, [number])


def _ranges(numbers: Sequence[str]) -> str:
    """01–04、07 of 01, 02, 03, 04, 07."""
    runs: list[list[str]] = []
    for number in numbers:
        if runs and number.isdigit() and runs[-1][-1].isdigit() and int(number) == int(runs[-1][-1]) + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _label_neighbours(labels: Labels, atlas: Atlas, grid: GridRow, frame: Frame) -> None:
    for k in atlas.grid_places.within(frame.land).tolist():
        row = atlas.grids[k]
        visible: Any = shapely.clip_by_rect(row.shape, *frame.extent)
        if row.code == grid.code or visible.is_empty:
            continue
        part = max(shapely.get_parts(visible), key=lambda shape: shape.area)
        point = frame.on_paper(array_of([shapely.point_on_surface(part)]))[0]
        if not point.is_empty:
            same = row.community == grid.community
            text = row.short if same else f"{row.community} {row.short}"
            labels.place(point.x, point.y, [(text, 6.5, NEIGHBOUR_TEXT)])


def _draw_furniture(page: Page, frame: Frame) -> None:
    """Scale bar in the lower left corner, north arrow in the upper right one."""
    length = scale_length_m((frame.extent[2] - frame.extent[0]) * 0.9)
    wide = length * frame.points_per_metre
    x, y = frame.left + 8, frame.bottom + 7
    with page.see_through():
        page.rectangle((x - 5, y - 4, wide + 34, 18), fill=style.PAPER)
    page.rectangle((x, y, wide / 2, 3), fill=style.INK, line=style.INK)
    page.rectangle((x + wide / 2, y, wide / 2, 3), fill=style.PAPER, line=style.INK)
    page.text((x, y + 5), "0", 6, anchor=0.5)
    page.text((x + wide, y + 5), metres_text(length), 6, anchor=0.5)
    x, y = frame.left + frame.width - 16, frame.bottom + frame.height - 32
    with page.see_through():
        page.rectangle((x - 8, y - 3, 16, 32), fill=style.PAPER)
    page.polygons([np.array([(x, y + 16), (x - 5, y), (x, y + 4), (x, y + 16)])], fill=style.INK)
    page.polygons([np.array([(x, y + 16), (x + 5, y), (x, y + 4), (x, y + 16)])], line=style.INK, width=0.6)
    page.text((x, y + 19), "北", 7, anchor=0.5)
