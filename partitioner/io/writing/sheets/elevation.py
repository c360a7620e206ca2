"""Elevations (立面图): stairwells side by side, floors above each other, each in the colour of its micro-grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from partitioner.io.writing.buildings import is_part
from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.contents import building_titles, natural
from partitioner.io.writing.pdf import Page
from partitioner.io.writing.rows import building_ids
from partitioner.io.writing.stairwell_titles import stairwell_titles

CELL_WIDTH, CELL_HEIGHT = 30.0, 9.0
"""Of a floor of a stairwell, points, where there is room."""

AXIS = 14.0
"""Room for the numbers of the floors, left of a building."""

HEAD, FOOT = 12.0, 10.0
"""Room for the name above and the numbers of the stairwells below."""

FLOOR = "#A8A8A8"
"""Lines between floors."""

PALE = "#E6E6E6"
"""Floors that belong to another grid."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One row of the county: floors `low` to `high` of a stairwell."""

    stairwell: int
    low: int
    high: int
    households: int
    area: str | None


@dataclass(frozen=True, kw_only=True)
class Elevation:
    """One building that is cut."""

    building: str
    name: str
    compound: str
    cells: tuple[Cell, ...]
    names: Mapping[int, str] = field(default_factory=dict)
    """Of the stairwells that are not called by their number."""

    @cached_property
    def stairwells(self) -> list[int]:
        return sorted({cell.stairwell for cell in self.cells})

    @cached_property
    def floors(self) -> int:
        return max(cell.high for cell in self.cells)

    @cached_property
    def households(self) -> int:
        return sum(cell.households for cell in self.cells)

    @cached_property
    def areas(self) -> set[str]:
        return {cell.area for cell in self.cells if cell.area is not None}


def elevations_of(planned: PlannedCounty) -> dict[str, Elevation]:
    """From id to elevation of every building that is cut, by name within compounds."""
    frame = planned.county.buildings
    chosen = is_part(frame)
    rows = frame[chosen]
    codes = [code for code, used in zip(planned.grid_of_building(), chosen.tolist(), strict=True) if used]
    found: dict[str, list[Cell]] = {}
    about: dict[str, tuple[str, str]] = {}
    ids, compounds = [str(key) for key in building_ids(rows)], [str(name or "") for name in _values(rows, "compound")]
    names = [title for title, used in zip(_titles(frame), chosen.tolist(), strict=True) if used]
    numbers = (_values(rows, name) for name in ("floors", "stairwell", "floor_low", "floor_high", "households"))
    for building, name, compound, code, floors, stairwell, low, high, households in zip(
        ids, names, compounds, codes, *numbers, strict=True
    ):
        top = high or (low or floors or 1)
        cell = Cell(
            stairwell=int(stairwell), low=int(low or 1), high=int(top), households=int(households or 0), area=code
        )
        found.setdefault(building, []).append(cell)
        about.setdefault(building, (name, compound))
    called: dict[str, dict[int, str]] = {}
    for (building, stairwell), title in stairwell_titles(planned.county).items():
        called.setdefault(building, {})[stairwell] = title
    order = sorted(found, key=lambda key: (natural(about[key][1]), natural(about[key][0]), key))
    return {
        key: Elevation(
            building=key,
            name=about[key][0],
            compound=about[key][1],
            cells=tuple(found[key]),
            names=called.get(key, {}),
        )
        for key in order
    }


def _titles(frame: pd.DataFrame) -> list[str]:
    texts = ([str(value or "") for value in _values(frame, name)] for name in ("name", "compound"))
    return building_titles([str(key) for key in building_ids(frame)], *texts)


def _values(frame: pd.DataFrame, name: str) -> list[Any]:
    if name not in frame.columns:
        return [None] * len(frame)
    values = frame[name].to_numpy(dtype=object)
    return [None if missing else value for value, missing in zip(values, pd.isna(values), strict=True)]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Points per stairwell and per floor."""

    width: float = CELL_WIDTH
    height: float = CELL_HEIGHT

    @classmethod
    def fitting(cls, elevation: Elevation, width: float, height: float) -> Scale:
        """The usual size, or what fits into `width` by `height` points."""
        return cls(
            width=min(CELL_WIDTH, (width - AXIS) / len(elevation.stairwells)),
            height=min(CELL_HEIGHT, (height - HEAD - FOOT) / elevation.floors),
        )

    def size(self, elevation: Elevation, page: Page) -> tuple[float, float]:
        """Width and height of the whole drawing."""
        wide = AXIS + self.width * len(elevation.stairwells)
        title = page.text_width(title_of(elevation), 7.5)
        return max(wide, AXIS + title), HEAD + FOOT + self.height * elevation.floors


def title_of(elevation: Elevation) -> str:
    """Name and households."""
    return f"{elevation.name}  {elevation.households}户"


def draw_elevation(
    page: Page,
    elevation: Elevation,
    place: tuple[float, float],
    scale: Scale,
    fills: Mapping[str, str],
    numbers: Mapping[str, str],
) -> None:
    """Draw it with its lower left corner at `place`.

    Parameters
    ----------
    fills, numbers : mapping from the code of a micro-grid
        Its colour and the number that is written on it. What is not in `fills` is pale and bears no number.
    """
    x0, y0 = place[0] + AXIS, place[1] + FOOT
    column = {stairwell: k for k, stairwell in enumerate(elevation.stairwells)}
    size = min(6.0, scale.height * 0.75)
    for cell in elevation.cells:
        left, bottom = x0 + scale.width * column[cell.stairwell], y0 + scale.height * (cell.low - 1)
        high = scale.height * (cell.high - cell.low + 1)
        page.rectangle((left, bottom, scale.width, high), fill=fills.get(cell.area or "", PALE), line=FLOOR, width=0.3)
        if cell.households and size >= 3:
            middle = bottom + high / 2 - size * 0.36
            page.text((left + scale.width - 2, middle), str(cell.households), size, colour="#5A5A5A", anchor=1)
    for stairwell, low, high, area in _blocks(elevation):
        left, bottom = x0 + scale.width * column[stairwell], y0 + scale.height * (low - 1)
        tall = scale.height * (high - low + 1)
        page.rectangle((left, bottom, scale.width, tall), line="#1A1A1A", width=0.8)
        if area in fills:
            points = max(3.0, min(7.5, scale.height * 0.85))
            middle = bottom + scale.height * ((high - low) // 2 + 0.5)  # of a floor: no line runs through the number
            page.text((left + 2, middle - points * 0.36), numbers.get(area, ""), points)
    _draw_axes(page, elevation, (x0, y0), scale)


def _draw_axes(page: Page, elevation: Elevation, place: tuple[float, float], scale: Scale) -> None:
    x, y = place
    step = 1 if scale.height >= 6 and elevation.floors <= 8 else 5
    for floor in range(1, elevation.floors + 1):
        if floor in (1, elevation.floors) or (floor % step == 0 and (step == 1 or floor < elevation.floors - 1)):
            middle = y + scale.height * (floor - 0.5) - 2
            page.text((x - 2, middle), str(floor), 5.5, colour="#5A5A5A", anchor=1)
    for k, stairwell in enumerate(elevation.stairwells):
        name = elevation.names.get(stairwell, f"{stairwell}单元")
        word = name if scale.width >= 18 else name.removesuffix("单元")
        page.text((x + scale.width * (k + 0.5), y - 7), word, 5.5, colour="#5A5A5A", anchor=0.5)
    wide = scale.width * len(elevation.stairwells)
    page.lines([[(x - 3, y), (x + wide + 3, y)]], colour="#1A1A1A", width=1.2)
    page.text((x, y + scale.height * elevation.floors + 3), title_of(elevation), 7.5)


def _blocks(elevation: Elevation) -> list[tuple[int, int, int, str]]:
    """Stairwell, lowest floor, highest floor and micro-grid of every run of floors in one micro-grid."""
    blocks: list[tuple[int, int, int, str]] = []
    for cell in sorted(elevation.cells, key=lambda cell: (cell.stairwell, cell.low)):
        area = cell.area or ""
        if blocks and blocks[-1][0] == cell.stairwell and blocks[-1][3] == area and cell.low <= blocks[-1][2] + 1:
            stairwell, low, high, _ = blocks.pop()
            blocks.append((stairwell, low, max(high, cell.high), area))
        else:
            blocks.append((cell.stairwell, cell.low, cell.high, area))
    return blocks
