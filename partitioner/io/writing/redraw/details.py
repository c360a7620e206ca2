"""A wide county in one picture: where the changes are, and the largest of them before and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.furniture import draw_legend
from partitioner.io.writing.redraw.panels import MOVED, Box, Side, draw_side, draw_titles, legend_of
from partitioner.io.writing.redraw.values import Comparison, LevelChange
from partitioner.io.writing.rows import short_codes

WIDTH_IN, HEIGHT_IN = 16.54, 11.69
"""A3, lying."""

WIDE = 2.5
"""So many times as wide as its largest cluster, and a place is too wide for one picture of all."""

MAX_DETAILS = 3

LINES = 3
"""Entries of the legend below one another."""

BLOCKS = ((0.02, 0.51), (0.51, 0.51), (0.02, 0.10), (0.51, 0.10))
"""Left and bottom of the blocks: where the changes are, then each detail."""

BLOCK_WIDTH, PANEL_WIDTH, PANEL_HEIGHT = 0.47, 0.232, 0.37


def is_wide(frames: Sequence[Box]) -> bool:
    """Whether clusters (all frames but the first, which holds them all) are small beside the whole."""
    return len(frames) > 1 and frames[0][2] - frames[0][0] > WIDE * max(box[2] - box[0] for box in frames[1:])


def details_page(
    comparison: Comparison,
    level: LevelChange,
    sides: tuple[Side, Side],
    moved: npt.NDArray[np.bool_],
    frames: Sequence[Box],
) -> Figure:
    """Where the changes are, with the clusters in which most households moved; numbers are pages of the PDF."""
    figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), facecolor=style.PAPER)
    short = short_codes([(None, name) for name in dict.fromkeys([*level.before.names, *level.after.names])])
    inside = [_moved_in(level, moved, frame) for frame in frames]
    chosen = sorted(range(1, len(frames)), key=lambda k: (-inside[k], k))[:MAX_DETAILS]
    left, bottom = BLOCKS[0]
    whole = _fitting(frames[0], BLOCK_WIDTH, PANEL_HEIGHT)
    axes = figure.add_axes((left, bottom, BLOCK_WIDTH, PANEL_HEIGHT))
    kinds = draw_side(axes, comparison, level, sides[1], moved, whole, short, BLOCK_WIDTH * WIDTH_IN)
    for k, (x0, y0, x1, y1) in enumerate(frames[1:], start=2):
        axes.add_patch(
            Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor="none", edgecolor=MOVED, linewidth=1.6, zorder=9)
        )
        axes.text(x1, y1, f"图{k}", fontproperties=style.font(10), color=MOVED, zorder=10)
    _head(figure, left, bottom, f"变动的位置：{len(frames) - 1} 处")
    for (left, bottom), k in zip(BLOCKS[1:], chosen, strict=False):
        frame = _fitting(frames[k], PANEL_WIDTH, PANEL_HEIGHT)
        for side, x in zip(sides, (left, left + BLOCK_WIDTH - PANEL_WIDTH), strict=True):
            panel = figure.add_axes((x, bottom, PANEL_WIDTH, PANEL_HEIGHT))
            draw_side(panel, comparison, level, side, moved, frame, short, PANEL_WIDTH * WIDTH_IN)
        _head(figure, left, bottom, f"图{k + 1}：{sides[0].title}、{sides[1].title}，{inside[k]:,} 户变动")
    unseen = len(frames) - 1 - len(chosen)
    draw_titles(figure, comparison, level, rest=f"；另有 {unseen} 处见 PDF" if unseen else "")
    entries = legend_of(level, kinds)
    for k, panel in enumerate(figure.axes):
        some = entries[k * LINES : (k + 1) * LINES]
        if some:
            draw_legend(panel, figure, some, (0.02 + 0.16 * k, 0.085))
    return figure


def _moved_in(level: LevelChange, moved: npt.NDArray[np.bool_], frame: Box) -> int:
    here = shapely.intersects(level.cells, shapely.box(*frame))
    return int(level.households[moved & here].sum())


def _fitting(frame: Box, width: float, height: float) -> Box:
    """As wide and high as a panel asks for."""
    x, y = (frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2
    shape = (width * WIDTH_IN) / (height * HEIGHT_IN)
    tall = max(frame[3] - frame[1], (frame[2] - frame[0]) / shape)
    return (x - tall * shape / 2, y - tall / 2, x + tall * shape / 2, y + tall / 2)


def _head(figure: Figure, left: float, bottom: float, text: str) -> None:
    figure.text(left, bottom + PANEL_HEIGHT + 0.008, text, fontproperties=style.font(12), color=style.INK)
