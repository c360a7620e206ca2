"""What all sheets of one plan share: areas, buildings and barriers, ready to be looked up by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.geometry.county import County
from partitioner.io.writing.buildings import whole_buildings
from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.contents import area_contents, building_titles
from partitioner.io.writing.naming import reference
from partitioner.io.writing.overview import style
from partitioner.io.writing.overview.colouring import coloured, touching_pairs
from partitioner.io.writing.overview.patches import array_of
from partitioner.io.writing.rows import GridRow, area_rows, building_ids
from partitioner.io.writing.sheets.elevation import Elevation, elevations_of


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """Shapes that can be asked which of them lie in a frame."""

    shapes: npt.NDArray[np.object_]
    tree: shapely.STRtree

    @classmethod
    def of(cls, shapes: npt.NDArray[np.object_]) -> Place:
        return cls(shapes=shapes, tree=shapely.STRtree(shapes))

    def within(self, frame: shapely.Polygon) -> npt.NDArray[np.int64]:
        """Positions of the shapes that meet `frame`, ascending."""
        return np.sort(self.tree.query(frame, predicate="intersects")).astype(np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Building:
    """A whole building on a sheet: `micro_grids` are the codes of those in it; empty where none were planned."""

    id: str
    name: str
    compound: str
    households: int
    grid: str | None
    micro_grids: tuple[str, ...]
    shape: shapely.Geometry


@dataclass(frozen=True, kw_only=True, eq=False)
class Atlas:
    """A plan with everything that its sheets look up.

    Parameters
    ----------
    planned : PlannedCounty
        The level that has a sheet per area: grids, or else the narrowest one.
    grids : tuple of GridRow
        Its areas.
    micro_grids : dict
        From the code of a grid to the micro-grids in it.
    fills, numbers, contents : dict
        From the code of a micro-grid to its colour, its number in the grid, and what it consists of.
    of_grid : dict
        From the code of a grid to the positions of its buildings.
    elevations : dict
        From the code of a grid to the buildings that have floors in it.
    """

    planned: PlannedCounty
    county: County
    grids: tuple[GridRow, ...]
    grid_places: Place
    micro_grids: dict[str, tuple[GridRow, ...]]
    fills: dict[str, str]
    numbers: dict[str, str]
    contents: dict[str, str]
    buildings: tuple[Building, ...]
    building_places: Place
    of_grid: dict[str, tuple[int, ...]]
    barriers: Place
    kinds: tuple[str, ...]
    elevations: dict[str, tuple[Elevation, ...]]

    @classmethod
    def of(cls, levels: PlannedLevels) -> Atlas:
        """Look everything up once."""
        main = reference(levels)
        rows = area_rows(levels)
        fine = levels.level("micro") if levels.has("micro") and main is not levels.level("micro") else None
        inside: dict[str, list[GridRow]] = {}
        for row in rows["micro"] if fine is not None else ():
            inside.setdefault(row.parent or "", []).append(row)
        buildings = _buildings(levels, main, fine)
        barriers = main.county.barriers
        shapes = array_of([row.shape for row in rows[main.level.name]])
        lines = shapely.force_2d(barriers.geometry.to_numpy()) if len(barriers) else array_of([])
        of_grid: dict[str, list[int]] = {}
        for k, building in enumerate(buildings):
            if building.grid is not None:
                of_grid.setdefault(building.grid, []).append(k)
        return cls(
            planned=main,
            county=main.county,
            grids=rows[main.level.name],
            grid_places=Place.of(shapes),
            micro_grids={code: tuple(members) for code, members in inside.items()},
            fills={code: fill for members in inside.values() for code, fill in _fills(members)},
            numbers={row.code: number_of(row) for members in inside.values() for row in members},
            contents=area_contents(fine) if fine is not None else {},
            buildings=buildings,
            building_places=Place.of(array_of([building.shape for building in buildings])),
            of_grid={code: tuple(members) for code, members in of_grid.items()},
            barriers=Place.of(lines),
            kinds=tuple(str(kind) for kind in barriers["kind"].fillna("")) if len(barriers) else (),
            elevations=_elevations(fine, inside, rows[main.level.name]) if fine is not None else {},
        )


def _elevations(
    fine: PlannedCounty, inside: dict[str, list[GridRow]], grids: tuple[GridRow, ...]
) -> dict[str, tuple[Elevation, ...]]:
    tags = {grid.code: compound_tags(grid) for grid in grids}
    grid_of = {row.code: grid for grid, members in inside.items() for row in members}
    found: dict[str, list[Elevation]] = {}
    for elevation in elevations_of(fine).values():
        for grid in sorted({grid_of[code] for code in elevation.areas}):
            name = tagged(elevation.name, elevation.compound, tags.get(grid, {}))
            found.setdefault(grid, []).append(replace(elevation, name=name))
    return {grid: tuple(members) for grid, members in found.items()}


def compound_tags(grid: GridRow) -> dict[str, str]:
    """From compound to a letter, where a grid has several: each may have a 1号楼."""
    if len(grid.compounds) < 2:
        return {}
    letters = [chr(ord("A") + k) if k < 26 else f"A{k}" for k in range(len(grid.compounds))]
    return dict(zip(grid.compounds, letters, strict=True))


def tagged(name: str, compound: str, tags: dict[str, str]) -> str:
    """The name of a building with the letter of its compound."""
    return f"{tags[compound]} {name}" if compound in tags else name


def compounds_text(grid: GridRow) -> str:
    """The compounds of a grid, with their letters."""
    tags = compound_tags(grid)
    return "、".join(tagged(compound, compound, tags) for compound in grid.compounds)


def number_of(row: GridRow) -> str:
    """What the code of a micro-grid adds to that of its grid."""
    parent = row.parent or ""
    rest = row.code[len(parent) :].lstrip("-") if parent and row.code.startswith(parent) else ""
    return rest or row.short


def _fills(members: list[GridRow]) -> Iterator[tuple[str, str]]:
    pairs = touching_pairs(array_of([row.shape for row in members]))
    colours = coloured(len(members), pairs, len(style.GRID_FILLS))
    for row, colour in zip(members, colours, strict=True):
        yield row.code, style.GRID_FILLS[colour % len(style.GRID_FILLS)]


def _buildings(levels: PlannedLevels, main: PlannedCounty, fine: PlannedCounty | None) -> tuple[Building, ...]:
    frame = whole_buildings(levels)
    codes = _codes(fine) if fine is not None else {}
    known = _codes(main)
    columns: dict[str, list[Any]] = {
        name: [None if gone else value for value, gone in zip(frame[name].to_list(), frame[name].isna(), strict=True)]
        for name in ("name", "compound", "households")
    }
    ids, shapes = [str(key) for key in frame["id"]], frame["geometry"].to_list()
    names = building_titles(
        ids, [str(name or "") for name in columns["name"]], [str(compound or "") for compound in columns["compound"]]
    )
    return tuple(
        Building(
            id=key,
            name=names[k],
            compound=str(columns["compound"][k] or ""),
            households=int(columns["households"][k] or 0),
            grid=next(iter(known.get(key, ())), None),
            micro_grids=codes.get(key, ()),
            shape=shapes[k],
        )
        for k, key in enumerate(ids)
    )


def _codes(planned: PlannedCounty) -> dict[str, tuple[str, ...]]:
    """From building to the areas that it lies in, those with most rows of it first."""
    found: dict[str, dict[str, int]] = {}
    for key, code in zip(building_ids(planned.county.buildings).tolist(), planned.grid_of_building(), strict=True):
        if code is not None:
            counts = found.setdefault(key, {})
            counts[code] = counts.get(code, 0) + 1
    return {key: tuple(sorted(counts, key=lambda c: (-counts[c], c))) for key, counts in found.items()}
