"""One side of a map of before and after: areas, moved households, buildings, barriers, borders, labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from partitioner.geometry.county import County
from partitioner.geometry.dissolve import dissolve
from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.colouring import coloured, touching_pairs
from partitioner.io.writing.overview.furniture import (
    box_handle,
    line_handle,
)
from partitioner.io.writing.overview.labels import Label, box_of, fit_inside
from partitioner.io.writing.overview.map_layers import draw_barrier_lines, draw_communities, draw_text
from partitioner.io.writing.overview.panel import KIND_NAMES, sample_of
from partitioner.io.writing.overview.patches import array_of, draw_points, draw_polygons
from partitioner.io.writing.redraw.values import Comparison, LevelChange
from partitioner.model import Labels

MOVED = "#D55E00"
"""Moved households: vermilion of Okabe and Ito (2008), which no tint of an area comes near."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Side:
    """One of the two plans, drawn."""

    title: str
    label: Labels
    shapes: npt.NDArray[np.object_]
    fills: tuple[str, ...]
    borders: tuple[shapely.Geometry, ...]


def sides_of(comparison: Comparison, level: LevelChange) -> tuple[Side, Side]:
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
        Side(
            title=comparison.titles[0].zh,
            label=level.before,
            shapes=array_of(list(shapes[0])),
            fills=tuple(fill[name] for name in level.before.names),
            borders=borders[0],
        ),
        Side(
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


def moved_units(level: LevelChange) -> npt.NDArray[np.bool_]:
    """Units of today whose households moved."""
    carried = {fate.code: fate.previous for fate in level.fates if fate.code is not None}
    before, after = level.before.values(), level.after.values()
    return np.array(
        [a is not None and (b is None or carried.get(b) != a) for a, b in zip(before, after, strict=True)], dtype=bool
    )


def draw_side(
    axes: Axes,
    comparison: Comparison,
    level: LevelChange,
    side: Side,
    moved: npt.NDArray[np.bool_],
    frame: Box,
    short: dict[str, str],
    width_in: float,
) -> list[str]:
    """Draw `side` into a panel `width_in` inches wide that shows `frame`; which kinds of barriers are seen."""
    axes.set_xlim(frame[0], frame[2])
    axes.set_ylim(frame[1], frame[3])
    axes.set_xticks([])
    axes.set_yticks([])
    scale = (frame[2] - frame[0]) / (width_in * 72)
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
    side: Side,
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


def legend_of(level: LevelChange, kinds: Sequence[str]) -> list[tuple[Any, str]]:
    """Entries of the legend."""
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


def draw_titles(figure: Figure, comparison: Comparison, level: LevelChange, *, part: str = "", rest: str = "") -> None:
    """What the sheet shows, and how many households move; `part` names the sheet, `rest` tells what it leaves out."""
    title = level.title
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
        f"{len(level.moves):,} 个对象、{level.moved:,} 户换了{title.zh}{proved}{rest} · "
        f"{level.moved:,} households change their {title.en}",
        fontproperties=style.font(11),
        color=style.FAINT_INK,
    )
