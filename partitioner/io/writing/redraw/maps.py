"""The map of before and after: two panels, one place, moved households shaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from partitioner.geometry.dissolve import dissolve
from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.furniture import (
    draw_legend,
    draw_north_arrow,
    draw_scale_bar,
)
from partitioner.io.writing.overview.patches import array_of
from partitioner.io.writing.overview.sheet import rare_characters
from partitioner.io.writing.redraw.details import details_page, is_wide
from partitioner.io.writing.redraw.panels import Box, Side, draw_side, draw_titles, legend_of, moved_units, sides_of
from partitioner.io.writing.redraw.values import Comparison, LevelChange
from partitioner.io.writing.rows import short_codes
from partitioner.model.files import replacing

WIDTH_IN, HEIGHT_IN = 16.54, 11.69
"""A3, lying."""

DPI = 2400 / WIDTH_IN

PANEL_WIDTH, PANEL_HEIGHT = 0.47, 0.76
PANEL_LEFT = (0.02, 0.51)
PANEL_BOTTOM = 0.12

MARGIN = 0.06
"""Free space around what is shown, as a share of its extent."""

MAX_PAGES = 40
"""Pages of single parts; beyond, the first page must do."""

LINES = 4
"""Entries of the legend below one another."""


def write_maps(comparison: Comparison, level: LevelChange, png_path: str | Path, pdf_path: str | Path) -> None:
    """One picture of everything that moved, and a PDF with a page for each cluster of moves besides.

    Where clusters lie so far apart that nothing would be seen of them, the picture shows the largest ones.

    Areas that carry each other on have one colour on both sides. Units that moved are hatched on both.

    Raises
    ------
    OutputError
    """
    sides = sides_of(comparison, level)
    moved = moved_units(level)
    frames = _frames(level, moved)
    title = f"{comparison.name}{level.title.zh}调整前后对照图"
    with mpl.rc_context({"pdf.fonttype": 42, "hatch.linewidth": 0.8, "text.parse_math": False}), rare_characters():
        first = _page(comparison, level, sides, moved, frames[0], 1)
        picture = details_page(comparison, level, sides, moved, frames) if is_wide(frames) else first
        with replacing(png_path) as temporary:
            picture.savefig(temporary, format="png", dpi=DPI, metadata={"Software": "wangge", "Title": title})
        with (
            replacing(pdf_path) as temporary,
            PdfPages(temporary, metadata={"Creator": "wangge", "Title": title, "CreationDate": None}) as pages,
        ):
            pages.savefig(first)
            for number, frame in enumerate(frames[1:], start=2):
                pages.savefig(_page(comparison, level, sides, moved, frame, number))


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
    sides: tuple[Side, Side],
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
        kinds = draw_side(axes, comparison, level, side, moved, frame, short, PANEL_WIDTH * WIDTH_IN)
        figure.text(
            left + PANEL_WIDTH / 2,
            PANEL_BOTTOM + PANEL_HEIGHT + 0.012,
            f"{side.title}：{len(side.label.names):,} 个{level.title.zh}",
            ha="center",
            fontproperties=style.font(13),
            color=style.INK,
        )
        panels.append(axes)
    draw_titles(figure, comparison, level, part=f"（图{number}）" if number > 1 else "")
    entries = legend_of(level, kinds)
    draw_legend(panels[0], figure, entries[:LINES], (0.02, 0.105))
    draw_legend(panels[1], figure, entries[LINES:], (0.22, 0.105))
    draw_scale_bar(figure, 0.80, 0.035, frame[2] - frame[0], PANEL_WIDTH)
    draw_north_arrow(figure, 0.965, 0.03)
    return figure
