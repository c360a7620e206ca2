"""Colours, widths and type of the map."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from matplotlib.font_manager import FontProperties

GRID_FILLS = ("#F6D99A", "#BFE0F2", "#B7DFC6", "#F7F3B0", "#A9C3E6", "#F3BDA0", "#E9C9DE", "#DAD7D2")
"""Tints of the eight colours of Okabe and Ito (2008), which people with any colour vision tell apart."""

SHADES = (0.0, 0.45, 0.22, 0.66)
"""How much white micro-grids mix into the tint of their grid."""

FINE_LINE_WIDTH = 0.25
LINE_WIDTHS = {"community": 1.8}
"""Of outlines of areas, where not as usual."""

GRID_LINE = "#5A5A5A"
COMMUNITY_LINE = "#4A1F5C"
BORDER_DASHES = (0, (6, 1.6, 1, 1.6))
BUILDING = "#958B80"
EMPTY_BUILDING = "#D3CEC6"
WATER = "#4D9BD6"
WATER_FILL = "#8CC8F0"
ROAD = "#8E8E8E"
RAIL = "#2B2B2B"
WALL = "#8A5A2B"
OTHER_BARRIER = "#7A4A8A"
WRONG = "#D00000"
PAPER = "#FFFFFF"
INK = "#1A1A1A"
FAINT_INK = "#5A5A5A"

FONT_FILE = "NotoSansCJKsc-Regular.otf"


def lightened(colour: str, share: float) -> str:
    """`colour` (``#RRGGBB``) with this share of white."""
    parts = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return "#" + "".join(f"{round(part + (255 - part) * share):02X}" for part in parts)


@cache
def font_path() -> Path:
    """Where mplfonts keeps the type face. The package is found, not imported: importing it writes to the home folder.

    Raises
    ------
    RuntimeError
        mplfonts is not installed.
    """
    spec = importlib.util.find_spec("mplfonts")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("the package mplfonts, which brings the Chinese type face, is not installed")
    return Path(spec.submodule_search_locations[0]) / "fonts" / FONT_FILE


def font(size: float) -> FontProperties:
    """The map's type face at `size` points."""
    return FontProperties(fname=str(font_path()), size=size)


def em_width(text: str) -> float:
    """Width of `text` in ems of the type face: full for Chinese, about 0.56 for digits and Latin letters."""
    return sum(0.56 if character < "\u2000" else 1.0 for character in text)
