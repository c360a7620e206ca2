"""The sheet of paper: where the map stands and how metres become points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LONG_IN, SHORT_IN = 16.54, 11.69
"""A3, inches."""

LONG_PX = 2400
"""Pixels of the long side of the picture."""

TALL = 1.25
"""Counties higher than this many times their width stand on the sheet upright."""

MARGIN = 0.02
"""Free space around the county, as a share of its extent."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet with a map.

    Parameters
    ----------
    map_box : tuple of float
        Left, bottom, width, height of the map, figure fractions.
    extent : tuple of float
        Left, bottom, right, top of the map, metres; it has the shape of `map_box`.
    """

    width_in: float
    height_in: float
    map_box: tuple[float, float, float, float]
    extent: tuple[float, float, float, float]

    @property
    def is_upright(self) -> bool:
        return self.height_in > self.width_in

    @property
    def dpi(self) -> float:
        return LONG_PX / LONG_IN

    @property
    def width_m(self) -> float:
        return self.extent[2] - self.extent[0]

    @property
    def metres_per_point(self) -> float:
        return self.width_m / (self.map_box[2] * self.width_in * 72)


def sheet_for(bounds: Sequence[float]) -> Sheet:
    """The sheet for a county of these bounds (left, bottom, right, top; metres), lying or upright."""
    left, bottom, right, top = bounds
    width, height = max(right - left, 1.0), max(top - bottom, 1.0)
    if height > TALL * width:
        paper, box = (SHORT_IN, LONG_IN), (0.03, 0.20, 0.94, 0.735)
    else:
        paper, box = (LONG_IN, SHORT_IN), (0.02, 0.03, 0.765, 0.86)
    shape = (box[2] * paper[0]) / (box[3] * paper[1])
    height = max(height, width / shape) * (1 + 2 * MARGIN)
    width = height * shape
    x, y = (left + right) / 2, (bottom + top) / 2
    extent = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return Sheet(width_in=paper[0], height_in=paper[1], map_box=box, extent=extent)
