"""The map of before and after: two panels, one place, moved households shaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from partitioner.geometry.county import County
from partitioner.geometry.dissolve import dissolve
from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.colouring import coloured, touching_pairs
from partitioner.io.writing.overview.furniture import (
    box_handle,
    draw_legend,
    draw_north_arrow,
    draw_scale_bar,
    line_handle,
)
from partitioner.io.writing.overview.labels import Label, box_of, fit_inside
from partitioner.io.writing.overview.map_layers import draw_barrier_lines, draw_communities, draw_text
from partitioner.io.writing.overview.panel import KIND_NAMES, sample_of
from partitioner.io.writing.overview.patches import array_of, draw_points, draw_polygons
from partitioner.io.writing.overview.sheet import rare_characters
from partitioner.io.writing.redraw.values import Comparison, LevelChange
from partitioner.io.writing.rows import short_codes
from partitioner.model import Labels
from partitioner.model.files import replacing

WIDTH_IN, HEIGHT_IN = 16.54, 11.69
"""A3, lying."""

DPI = 2400 / WIDTH_IN

PANEL_WIDTH, PANEL_HEIGHT = 0.47, 0.76
PANEL_LEFT = (0.02, 0.51)
PANEL_BOTTOM = 0.12

MARGIN = 0.06
"""Free space around what is shown, as a share of its extent."""

MOVED = "#D55E00"
"""Moved households: vermilion of Okabe and Ito (2008), which no tint of an area comes near."""

MAX_PAGES = 40
"""Pages of single parts; beyond, the first page must do."""

LINES = 4
"""Entries of the legend below one another."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Side:
    """One of the two plans, drawn."""

    title: str
    label: Labels
    shapes: npt.NDArray[np.object_]
    fills: tuple[str, ...]
    borders: tuple[shapely.Geometry, ...]


def write_maps(comparison: Comparison, level: LevelChange, png_path: str | Path, pdf_path: str | Path) -> None:
    """One picture of everything that moved, and a PDF with a page for each cluster of moves besides.

    Areas that carry each other on have one colour on both sides. Units that moved are hatched on both.

    Raises
    ------
    OutputError
    """
    sides = _sides(comparison, level)
    moved = _moved_units(level)
    frames = _frames(level, moved)
    title = f"{comparison.name}{level.title.zh}调整前后对照图"
    with mpl.rc_context({"pdf.fonttype": 42, "hatch.linewidth": 0.8, "text.parse_math": False}), rare_characters():
        first = _page(comparison, level, sides, moved, frames[0], 1)
        with replacing(png_path) as temporary:
            first.savefig(temporary, format="png", dpi=DPI, metadata={"Software": "wangge", "Title": title})
        with (
            replacing(pdf_path) as temporary,
            PdfPages(temporary, metadata={"Creator": "wangge", "Title": title, "CreationDate": None}) as pages,
        ):
            pages.savefig(first)
            for number, frame in enumerate(frames[1:], start=2):
                pages.savefig(_page(comparison, level, sides, moved, frame, number))


def _sides(comparison: Comparison, level: LevelChange) -> tuple[_Side, _Side]:
    """Colours by area carried on: today's areas first, then those that are gone."""
    carried = {fate.code: fate.previous for fate in level.fates if fate.code is not None}
    key_after = [carried.get(name) or f"+{name}" for name in level.after.names]
    keys = list(dict.fromkeys([*key_after, *level.before.names]))
    number = {key: k for k, key in enumerate(keys)}
    shapes = [dissolve(level.cells, label) for label in (level.before, level.after)]
    pairs = set()
    for names, drawn in ((list(level.before.names), shapes[0]), (key_after, shapes[1])):
        for a, b in touching_pairs(array_of(list(drawn))):
            first, second = sorted((number[names[a]], number[names[b]]))
            if first != second:
                pairs.add((first, second))
    colour = coloured(len(keys), sorted(pairs), len(style.GRID_FILLS))
    fill = {key: style.GRID_FILLS[colour[k] % len(style.GRID_FILLS)] for key, k in number.items()}
    borders = _borders(comparison, level)
    return (
        _Side(
            title=comparison.titles[0].zh,
            label=level.before,
            shapes=array_of(list(shapes[0])),
            fills=tuple(fill[name] for name in level.before.names),
            borders=borders[0],
        ),
        _Side(
            title=comparison.titles[1].zh,
            label=level.after,
            shapes=array_of(list(shapes[1])),
            fills=tuple(fill[key] for key in key_after),
            borders=borders[1],
        ),
    )


def _borders(
    comparison: Comparison, level: LevelChange
) -> tuple[tuple[shapely.Geometry, ...], tuple[shapely.Geometry, ...]]:
    """Communities before and after; those of today on both sides where they were not drawn."""
    if level.name == "community":
        return (), ()
    for other in comparison.levels:
        if other.name == "community":
            return tuple(dissolve(other.cells, other.before)), tuple(dissolve(other.cells, other.after))
    today = tuple(shape for _, shape in comparison.communities)
    return today, today


def _moved_units(level: LevelChange) -> npt.NDArray[np.bool_]:
    carried = {fate.code: fate.previous for fate in level.fates if fate.code is not None}
    before, after = level.before.values(), level.after.values()
    return np.array(
        [a is not None and (b is None or carried.get(b) != a) for a, b in zip(before, after, strict=True)], dtype=bool
    )


def _frames(level: LevelChange, moved: npt.NDArray[np.bool_]) -> list[Box]:
    """What the pages show: all areas that changed, then each cluster of them that lies apart; all where none did."""
    changed = {
        name for side in (level.before, level.after) for k, name in enumerate(side.values()) if moved[k] and name
    }
    parts = [
        shape
        for label in (level.before, level.after)
        for name, shape in zip(label.names, dissolve(level.cells, label), strict=True)
        if name in changed
    ]
    if not parts:
        return [_widened(_bounds(level.cells))]
    whole = _widened(_bounds(array_of(parts)))
    land = shapely.union_all(shapely.buffer(array_of(parts), 1.0))
    clusters = sorted(shapely.get_parts(land), key=lambda part: (-part.bounds[3], part.bounds[0]))
    return [whole] if len(clusters) < 2 else [whole, *(_widened(part.bounds) for part in clusters[:MAX_PAGES])]


def _bounds(shapes: npt.NDArray[np.object_]) -> Box:
    left, bottom, right, top = shapely.total_bounds(shapes).tolist()
    return (left, bottom, right, top) if np.isfinite([left, bottom, right, top]).all() else (0.0, 0.0, 100.0, 100.0)


def _widened(bounds: Sequence[float]) -> Box:
    """With a margin, and as wide and high as a panel asks for."""
    left, bottom, right, top = bounds
    shape = (PANEL_WIDTH * WIDTH_IN) / (PANEL_HEIGHT * HEIGHT_IN)
    height = max(top - bottom, (right - left) / shape, 1.0) * (1 + 2 * MARGIN)
    width = height * shape
    x, y = (left + right) / 2, (bottom + top) / 2
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _page(
    comparison: Comparison,
    level: LevelChange,
    sides: tuple[_Side, _Side],
    moved: npt.NDArray[np.bool_],
    frame: Box,
    number: int,
) -> Figure:
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), facecolor=style.PAPER)
    short = short_codes([(None, name) for name in dict.fromkeys([*level.before.names, *level.after.names])])
    kinds: list[str] = []
    panels = []
    for left, side in zip(PANEL_LEFT, sides, strict=True):
        axes = figure.add_axes((left, PANEL_BOTTOM, PANEL_WIDTH, PANEL_HEIGHT))
        kinds = _draw(axes, comparison, level, side, moved, frame, short)
        figure.text(
            left + PANEL_WIDTH / 2,
            PANEL_BOTTOM + PANEL_HEIGHT + 0.012,
            f"{side.title}：{len(side.label.names):,} 个{level.title.zh}",
            ha="center",
            fontproperties=style.font(13),
            color=style.INK,
        )
        panels.append(axes)
    _titles(figure, comparison, level, number)
    entries = _legend(level, kinds)
    draw_legend(panels[0], figure, entries[:LINES], (0.02, 0.105))
    draw_legend(panels[1], figure, entries[LINES:], (0.22, 0.105))
    draw_scale_bar(figure, 0.80, 0.035, frame[2] - frame[0], PANEL_WIDTH)
    draw_north_arrow(figure, 0.965, 0.03)
    return figure


def _draw(
    axes: Axes,
    comparison: Comparison,
    level: LevelChange,
    side: _Side,
    moved: npt.NDArray[np.bool_],
    frame: Box,
    short: dict[str, str],
) -> list[str]:
    axes.set_xlim(frame[0], frame[2])
    axes.set_ylim(frame[1], frame[3])
    axes.set_xticks([])
    axes.set_yticks([])
    scale = (frame[2] - frame[0]) / (PANEL_WIDTH * WIDTH_IN * 72)
    window = shapely.box(*frame)
    seen = np.flatnonzero(shapely.intersects(side.shapes, window)).tolist()
    for fill in sorted({side.fills[k] for k in seen}):
        chosen = side.shapes[[k for k in seen if side.fills[k] == fill]]
        draw_polygons(axes, chosen, facecolor=fill, edgecolor=fill, linewidth=0.2, zorder=1)
    width = style.LINE_WIDTHS.get(level.name, 1.0)
    draw_polygons(axes, side.shapes[seen], facecolor="none", edgecolor=style.INK, linewidth=width, zorder=5.5)
    hatched = level.cells[moved]
    hatched = hatched[shapely.intersects(hatched, window)]
    draw_polygons(axes, hatched, facecolor="none", edgecolor=MOVED, hatch="////", linewidth=0.0, zorder=2.5)
    draw_polygons(axes, hatched, facecolor="none", edgecolor=MOVED, linewidth=1.1, zorder=4.2)
    kinds: list[str] = []
    if comparison.county is not None:
        _buildings(axes, comparison.county, window, scale)
        kinds = draw_barrier_lines(axes, comparison.county, frame, scale)
    borders = [shape for shape in side.borders if shape.intersects(window)]
    if borders:
        draw_communities(axes, borders)
    _labels(axes, level, side, seen, window, short, scale)
    return kinds


def _buildings(axes: Axes, county: County, window: shapely.Geometry, scale: float) -> None:
    frame = county.buildings
    shapes = frame.geometry.to_numpy()
    inhabited = (frame["households"].fillna(0) > 0).to_numpy(dtype=bool) & shapely.intersects(shapes, window)
    draw_polygons(axes, shapes[inhabited], facecolor=style.BUILDING, edgecolor="none", linewidth=0, zorder=3)
    draw_points(axes, shapes[inhabited], size=min(4.0, max(1.2, 10.0 / scale)), color=style.BUILDING, zorder=3)


def _labels(
    axes: Axes,
    level: LevelChange,
    side: _Side,
    seen: Sequence[int],
    window: shapely.Geometry,
    short: dict[str, str],
    scale: float,
) -> None:
    code = side.label.code
    sizes = np.bincount(code[code >= 0], weights=level.households[code >= 0], minlength=len(side.label.names))
    taken: list[Any] = []
    for k in seen:
        shape = shapely.intersection(side.shapes[k], window)
        name, num = short[side.label.names[k]], f"{int(sizes[k]):,}"
        label: Label | None = fit_inside(shape, (f"{name}\n{num}户", name), scale)
        if label is not None and not any(box.intersects(_box(label, scale)) for box in taken):
            taken.append(_box(label, scale))
            draw_text(axes, label, style.INK, halo=2.4)


def _box(label: Label, scale: float) -> shapely.Polygon:
    return box_of(label.x, label.y, label.text, label.size, scale)


def _titles(figure: Figure, comparison: Comparison, level: LevelChange, number: int) -> None:
    title = level.title
    part = f"（图{number}）" if number > 1 else ""
    proved = "（已证明最少）" if level.proved else ""
    figure.text(
        0.02,
        0.955,
        f"{comparison.name}{title.zh}调整前后对照图{part}",
        fontproperties=style.font(20),
        color=style.INK,
    )
    figure.text(
        0.02,
        0.925,
        f"{len(level.moves):,} 个对象、{level.moved:,} 户换了{title.zh}{proved} · "
        f"{level.moved:,} households change their {title.en}",
        fontproperties=style.font(11),
        color=style.FAINT_INK,
    )


def _legend(level: LevelChange, kinds: Sequence[str]) -> list[tuple[Any, str]]:
    title = level.title.zh
    entries: list[tuple[Any, str]] = [
        (box_handle(facecolor=style.GRID_FILLS[0], edgecolor=style.INK, linewidth=1.0), f"{title}（编号、户数）"),
        (box_handle(facecolor="none", edgecolor=MOVED, hatch="////", linewidth=1.1), f"换了{title}的住户"),
        (box_handle(facecolor=style.BUILDING), "有住户的楼栋"),
    ]
    if level.name != "community":
        border = line_handle(color=style.COMMUNITY_LINE, linewidth=2.2, linestyle=style.BORDER_DASHES)
        entries.append((border, "社区界"))
    return entries + [(sample_of(kind), KIND_NAMES.get(kind, kind or "障碍")) for kind in kinds]
