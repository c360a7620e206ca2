"""Sheets of paper at a scale: how large, how many, and which land each of them shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from partitioner.errors import Fault, InputError, Text
from partitioner.io.writing.sheets.grid_map import Frame

POINTS_PER_METRE = 72 / 0.0254
"""Of paper."""

PAPERS = {"A4": (595.28, 841.89), "A3": (841.89, 1190.55)}
"""Short and long side, points."""

SCALES = (
    500, 1000, 1500, 2000, 2500, 4000, 5000, 7500, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 75_000,
    100_000, 150_000, 200_000, 250_000, 500_000, 1_000_000,
)  # fmt: skip
"""Denominators that are taken where none is asked for."""

MARGIN, HEAD, FOOT = 28.0, 40.0, 12.0
SIDE, BELOW = {"A4": 150.0, "A3": 190.0}, {"A4": 150.0, "A3": 170.0}
"""Room for the legend: its width beside the map of a lying sheet, its height below that of an upright one. Points."""

LAP = 0.05
"""Share of its neighbour that a sheet shows, too."""

AROUND = 1.03
"""Land around the plan, as a factor of its extent."""

MAX_SHEETS = 200


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A sheet: its size, where map and legend stand on it (left, bottom, width, height; points)."""

    size: tuple[float, float]
    map_box: tuple[float, float, float, float]
    legend_box: tuple[float, float, float, float]

    @classmethod
    def of(cls, name: str, *, lying: bool) -> Paper:
        """A lying sheet has its legend beside the map, an upright one below."""
        short, long = PAPERS[name]
        wide, high = (long, short) if lying else (short, long)
        room = (wide - 2 * MARGIN, high - 2 * MARGIN - HEAD - FOOT)
        bottom = MARGIN + FOOT
        if lying:
            side = SIDE[name]
            box = (MARGIN, bottom, room[0] - side - 10, room[1])
            return cls(size=(wide, high), map_box=box, legend_box=(MARGIN + box[2] + 10, bottom, side, room[1]))
        below = BELOW[name]
        box = (MARGIN, bottom + below + 10, room[0], room[1] - below - 10)
        return cls(size=(wide, high), map_box=box, legend_box=(MARGIN, bottom, room[0], below))

    def land_m(self, scale: int) -> tuple[float, float]:
        """Width and height of the land that the map shows at 1 : `scale`."""
        return self.map_box[2] / POINTS_PER_METRE * scale, self.map_box[3] / POINTS_PER_METRE * scale

    def frame(self, centre: tuple[float, float], scale: int) -> Frame:
        """The map around `centre` (metres)."""
        wide, high = self.land_m(scale)
        x, y = centre
        left, bottom, width, height = self.map_box
        extent = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
        return Frame(left=left, bottom=bottom, width=width, height=height, extent=extent)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """How the land is cut into sheets: rows from the north, columns from the west."""

    paper: Paper
    scale: int
    columns: int
    rows: int
    frames: tuple[Frame, ...]

    @property
    def num_sheets(self) -> int:
        return self.columns * self.rows


def cut_for(bounds: Sequence[float], name: str, scale: int | None) -> Cut:
    """The sheets for land of these bounds (left, bottom, right, top; metres).

    Parameters
    ----------
    scale : int or None
        The denominator. None: the largest usual one at which a single sheet shows everything.

    Raises
    ------
    InputError
        More than `MAX_SHEETS` sheets would be needed.
    """
    left, bottom, right, top = bounds
    wide, high = max(right - left, 1.0) * AROUND, max(top - bottom, 1.0) * AROUND
    papers = [Paper.of(name, lying=lying) for lying in (wide >= high, wide < high)]
    if scale is None:
        fitting = [(_whole(paper, wide, high), k) for k, paper in enumerate(papers)]
        scale, k = min(fitting)
        paper = papers[k]
    else:
        paper = min(papers, key=lambda each: math.prod(_needed(each, scale, wide, high)))
    columns, rows = _needed(paper, scale, wide, high)
    if columns * rows > MAX_SHEETS:
        raise InputError([_too_many(columns * rows, scale, _whole(paper, wide, high))])
    shown = paper.land_m(scale)
    steps = (shown[0] * (1 - LAP), shown[1] * (1 - LAP))
    x, y = (left + right) / 2, (bottom + top) / 2
    frames = tuple(
        paper.frame((x + (column - (columns - 1) / 2) * steps[0], y - (row - (rows - 1) / 2) * steps[1]), scale)
        for row in range(rows)
        for column in range(columns)
    )
    return Cut(paper=paper, scale=scale, columns=columns, rows=rows, frames=frames)


def _needed(paper: Paper, scale: int, wide: float, high: float) -> tuple[int, int]:
    counts = []
    for extent, shown in zip((wide, high), paper.land_m(scale), strict=True):
        counts.append(1 if extent <= shown else math.ceil((extent - shown * LAP) / (shown * (1 - LAP))))
    return counts[0], counts[1]


def _whole(paper: Paper, wide: float, high: float) -> int:
    """The largest usual scale at which one sheet shows everything; beyond them a round one."""
    least = max(extent / shown for extent, shown in zip((wide, high), paper.land_m(1), strict=True))
    return next((scale for scale in SCALES if scale >= least), math.ceil(least / SCALES[-1]) * SCALES[-1])


def _too_many(num: int, scale: int, whole: int) -> Fault:
    return Fault(
        rule="sheets_too_many",
        value=f"1:{scale}",
        message=Text(f"需要 {num} 幅图，超过 {MAX_SHEETS} 幅", f"{num} sheets are needed, more than {MAX_SHEETS}"),
        remedy=Text(f"请选较小的比例尺（1:{whole} 一幅可容）", f"choose a smaller scale (1:{whole} fits one sheet)"),
    )
