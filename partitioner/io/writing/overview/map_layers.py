"""The map itself, from the ground up: grids, water, buildings, lines, borders, labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import matplotlib.patheffects as effects
import numpy.typing as npt
import shapely
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from partitioner.geometry.county import County
from partitioner.geometry.dissolve import dissolve
from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.details import Detail, grid_label
from partitioner.io.writing.overview.labels import Label, box_of, fit_beside
from partitioner.io.writing.overview.layout import Sheet
from partitioner.io.writing.overview.patches import array_of, draw_lines, draw_points, draw_polygons
from partitioner.io.writing.rows import GridRow

LINES: dict[str, dict[str, Any]] = {
    "river": {"color": style.WATER, "linewidth": 3.6},
    "water": {"color": style.WATER, "linewidth": 3.6},
    "canal": {"color": style.WATER, "linewidth": 2.2},
    "road": {"color": style.ROAD, "linewidth": 1.3},
    "expressway": {"color": style.ROAD, "linewidth": 2.2},
    "wall": {"color": style.WALL, "linewidth": 0.8},
    "bridge": {"color": style.INK, "linewidth": 1.6},
}  # fmt: skip
"""Looks of the barriers by kind; railways are drawn apart, other kinds as `style.OTHER_BARRIER`."""

FULL_WIDTH_SCALE = 6.0
"""Metres per point up to which barriers have their full width; beyond, they would hide the map."""

GRID_LINE_WIDTH = 0.7

POINT_M = 10.0
"""Side of the square that stands for a building known as a point; on small scales it is drawn larger."""

WATERS = ("river", "water", "canal", "lake")


def draw_grids(axes: Axes, rows: Sequence[GridRow], fills: Sequence[str], *, line_width: float | None = None) -> None:
    """Fill the grids, each in its colour, and outline them."""
    shapes = array_of([row.shape for row in rows])
    for fill in sorted(set(fills)):
        chosen = shapes[[k for k, colour in enumerate(fills) if colour == fill]]
        draw_polygons(axes, chosen, facecolor=fill, edgecolor=fill, linewidth=0.2, zorder=1)
    width = GRID_LINE_WIDTH if line_width is None else line_width
    draw_polygons(axes, shapes, facecolor="none", edgecolor=style.GRID_LINE, linewidth=width, zorder=4)


def draw_outlines(axes: Axes, rows: Sequence[GridRow]) -> None:
    """Grids over the fine lines of their micro-grids."""
    shapes = array_of([row.shape for row in rows])
    draw_polygons(axes, shapes, facecolor="none", edgecolor=style.INK, linewidth=0.9, zorder=4.2)


def draw_wrong_grids(axes: Axes, rows: Sequence[GridRow]) -> None:
    """Hatch and outline in red the grids that break a rule."""
    shapes = array_of([row.shape for row in rows if row.violations])
    draw_polygons(axes, shapes, facecolor="none", edgecolor=style.WRONG, hatch="////", linewidth=0.0, zorder=4.5)
    draw_polygons(axes, shapes, facecolor="none", edgecolor=style.WRONG, linewidth=2.0, zorder=7)


def draw_buildings(axes: Axes, county: County, sheet: Sheet) -> None:
    """Inhabited buildings dark, the others light; those outside the sheet are left out."""
    frame = shapely.box(*sheet.extent)
    seen = shapely.intersects(county.buildings.geometry.to_numpy(), frame)
    shapes = county.buildings.geometry.to_numpy()[seen]
    inhabited = (county.buildings["households"].fillna(0) > 0).to_numpy(dtype=bool)[seen]
    size = min(4.0, max(1.4, POINT_M / sheet.metres_per_point))
    for chosen, colour in ((~inhabited, style.EMPTY_BUILDING), (inhabited, style.BUILDING)):
        draw_polygons(axes, shapes[chosen], facecolor=colour, edgecolor="none", linewidth=0, zorder=3)
        draw_points(axes, shapes[chosen], size=size, color=colour, zorder=3)


def draw_barriers(axes: Axes, planned: PlannedCounty, sheet: Sheet) -> list[str]:
    """Barriers by kind, clipped to the sheet; returns the kinds that were drawn, sorted."""
    return draw_barrier_lines(axes, planned.county, sheet.extent, sheet.metres_per_point)


def draw_barrier_lines(
    axes: Axes, county: County, extent: tuple[float, float, float, float], metres_per_point: float
) -> list[str]:
    """As `draw_barriers`, on any map of that extent and scale."""
    frame = county.barriers
    if not len(frame):
        return []
    kinds = frame["kind"].fillna("").astype(str).to_numpy()
    shapes = shapely.clip_by_rect(shapely.force_2d(frame.geometry.to_numpy()), *extent)
    thinner = min(1.0, max(0.45, math.sqrt(FULL_WIDTH_SCALE / metres_per_point)))
    drawn = []
    for kind in sorted(set(kinds.tolist())):
        chosen = shapes[(kinds == kind) & ~shapely.is_empty(shapes) & ~shapely.is_missing(shapes)]
        if len(chosen):
            drawn.append(kind)
            _draw_kind(axes, kind, chosen, thinner)
    return drawn


def _draw_kind(axes: Axes, kind: str, shapes: npt.NDArray[Any], thinner: float) -> None:
    if kind in WATERS:
        draw_polygons(axes, shapes, facecolor=style.WATER_FILL, edgecolor=style.WATER, linewidth=0.5, zorder=2)
        lines = shapely.get_parts(shapes)
        shapes = lines[shapely.get_type_id(lines) == 1]
    if kind == "railway":
        draw_lines(axes, shapes, color=style.RAIL, linewidth=2.0 * thinner, zorder=5.2)
        draw_lines(axes, shapes, color=style.PAPER, linewidth=1.2 * thinner, linestyle=(0, (4, 4)), zorder=5.3)
    else:
        looks = LINES.get(kind, {"color": style.OTHER_BARRIER, "linewidth": 1.2})
        width = float(looks["linewidth"]) * thinner
        draw_lines(axes, shapes, zorder=5.1 if kind in WATERS else 5, **(looks | {"linewidth": width}))


def community_shapes(planned: PlannedCounty) -> dict[str, shapely.Geometry]:
    """From the id of each community to the union of its units' cells, sorted by id."""
    parent = planned.problem.units.parent
    return dict(sorted(zip(parent.names, dissolve(planned.unit_graph.cells, parent), strict=True)))


def draw_communities(axes: Axes, shapes: Sequence[shapely.Geometry]) -> None:
    """Borders between communities, dashed and dotted as on official maps; rivers show through the gaps.

    Every border is drawn once: dashes drawn from both sides would fill each other's gaps.
    """
    lines = array_of([shapely.line_merge(shapely.union_all(shapely.boundary(array_of(shapes))))])
    draw_lines(axes, lines, color=style.PAPER, linewidth=4.0, alpha=0.5, zorder=4.8)
    draw_lines(axes, lines, color=style.COMMUNITY_LINE, linewidth=2.2, linestyle=style.BORDER_DASHES, zorder=6)


def draw_details(axes: Axes, details: Sequence[Detail]) -> None:
    """Frame what further sheets show larger, with their numbers."""
    for number, detail in enumerate(details, start=2):
        left, bottom, right, top = detail.frame.bounds
        frame = Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor=style.INK, linewidth=1.2)
        frame.set_zorder(8)
        axes.add_patch(frame)
        looks = {"facecolor": style.INK, "edgecolor": "none", "boxstyle": "square,pad=0.15"}
        text = axes.text(left, top, f"图{number}", va="top", color=style.PAPER, bbox=looks, clip_on=True)
        text.set_fontproperties(style.font(7))
        text.set_zorder(8)


def draw_labels(
    axes: Axes, rows: Sequence[GridRow], communities: Sequence[tuple[str, shapely.Geometry]], sheet: Sheet
) -> int:
    """Short code and households where they fit, then the names of the communities beside them.

    Returns
    -------
    int
        How many grids bear a label.
    """
    scale = sheet.metres_per_point
    labels = [label for row in rows if (label := grid_label(row, sheet)) is not None]
    taken = [box_of(label.x, label.y, label.text, label.size, scale) for label in labels]
    for label in labels:
        draw_text(axes, label, style.INK, halo=2.4)
    for name, whole in communities:
        shape = shapely.clip_by_rect(whole, *sheet.extent)
        sizes = (13.0, 11.0, 9.0, 8.0)
        found = (fit_beside(shape, name, scale, size, taken) for size in sizes)
        label = next((each for each in found if each is not None), None)
        if label is not None:
            taken.append(box_of(label.x, label.y, label.text, label.size, scale))
            draw_text(axes, label, style.COMMUNITY_LINE, halo=3.5)
    return len(labels)


def draw_text(axes: Axes, label: Label, colour: str, halo: float) -> None:
    """A label with a pale halo around it."""
    common: dict[str, Any] = {
        "ha": "center",
        "va": "center",
        "linespacing": 1.1,
        "fontproperties": style.font(label.size),
        "zorder": 9,
        "clip_on": True,
    }
    # The halo is a text of its own: a text with an effect becomes an outline, which nobody can search for in a PDF.
    around = [effects.Stroke(linewidth=halo, foreground=style.PAPER, alpha=0.9)]
    axes.text(label.x, label.y, label.text, path_effects=around, **common)
    axes.text(label.x, label.y, label.text, color=colour, **common)
