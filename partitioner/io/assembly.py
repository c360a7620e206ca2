"""From a county to a problem: which buildings are units, who neighbours whom, what is fixed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from partitioner.errors import Fault, InputError, Text
from partitioner.geometry.adjacency import UnitGraph, build_unit_graph
from partitioner.geometry.cleaning import clean_geometries
from partitioner.geometry.county import County
from partitioner.model import Bounds, Count, IntArray, Labels, Problem, Sets, Units, Weights


@dataclass(frozen=True, kw_only=True, eq=False)
class Assembled:
    """A county ready to be planned at one level.

    Parameters
    ----------
    county : County
        With mended shapes.
    unit_of_building : int array, shape (number of buildings,)
        The unit that each building is, or whose grid it follows because nobody lives in it.
    """

    county: County
    problem: Problem
    unit_graph: UnitGraph
    unit_of_building: IntArray


def assemble(
    county: County, *, bounds: Bounds, weights: Weights, count: Count | None = None, max_walk_m: float | None = None
) -> Assembled:
    """The problem of one level over the buildings of `county`.

    Units are the buildings in which somebody lives, and those of special grids (`special`), which are locked: buildings
    of one special name that neighbour one another in one community are one fixed grid. Every other building follows the
    unit on whose land it stands.

    Raises
    ------
    InputError
        Nobody lives anywhere.
    """
    county = _mended(county)
    buildings = county.buildings
    is_unit = ((buildings["households"].fillna(0) > 0) | buildings["special"].notna()).to_numpy(dtype=bool)
    if not (buildings["households"].fillna(0) > 0).any():
        raise InputError([_nobody(county)])
    rows = buildings[is_unit]
    parent = Labels(_texts(rows["community"]))
    unit_graph = build_unit_graph(
        rows.geometry.to_numpy(),
        ids=_ids(rows),
        barriers=county.barriers,
        parents=parent,
        areas=_areas(county, parent),
        boundary=county.boundary,
    )
    units = Units(
        id=tuple(_ids(rows)),
        households=rows["households"].fillna(0).to_numpy(dtype=np.int64),
        x=np.round(unit_graph.place_xy[:, 0], 3),
        y=np.round(unit_graph.place_xy[:, 1], 3),
        group=Labels(_texts(rows["compound"])),
        parent=parent,
        previous=Labels(_texts(rows["previous_grid"])),
    )
    problem = Problem(
        name=county.name,
        units=units,
        graph=unit_graph.graph,
        bounds=bounds,
        weights=weights,
        count=count or Count(),
        max_walk_m=max_walk_m,
        locked=_special_grids(_texts(rows["special"]), units, unit_graph),
    )
    return Assembled(
        county=county,
        problem=problem,
        unit_graph=unit_graph,
        unit_of_building=_followed(buildings.geometry.to_numpy(), is_unit, unit_graph),
    )


def _mended(county: County) -> County:
    cleaned = clean_geometries(county.buildings.geometry.to_numpy(), _ids(county.buildings))
    buildings = county.buildings.iloc[cleaned.kept].copy()
    buildings["geometry"] = cleaned.geometries
    return replace(county, buildings=buildings.reset_index(drop=True), notices=county.notices + cleaned.notices)


def _nobody(county: County) -> Fault:
    return Fault(
        rule="nobody_lives_here",
        value=county.name,
        message=Text(
            f"{len(county.buildings)} 栋楼都没有户数，没有可划分的对象",
            f"none of the {len(county.buildings)} buildings has any households, so there is nothing to plan",
        ),
        remedy=Text(
            "请检查户数列，或用 --column households=列名 指明",
            "check the households column, or name it with --column households=HEADING",
        ),
    )


def _ids(frame: pd.DataFrame) -> list[str]:
    return [str(value) for value in frame["id"].tolist()]


def _texts(column: pd.Series) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in column.tolist()]


def _areas(county: County, parent: Labels) -> dict[str, shapely.Geometry]:
    """Polygons of the communities that have units."""
    frame = county.communities
    if not len(frame):
        return {}
    known = set(parent.names)
    pairs = zip(frame["id"].tolist(), frame.geometry.tolist(), strict=True)
    return {str(key): shape for key, shape in pairs if str(key) in known}


def _special_grids(special: list[str | None], units: Units, unit_graph: UnitGraph) -> Sets:
    """Connected sets of units of one special name in one parent."""
    names = Labels(special)
    found: list[tuple[int, ...]] = []
    for members in names.members():
        num, piece = connected_components(unit_graph.graph.sparse[members][:, members], directed=False)
        for i in range(num):
            inside = members[piece == i]
            for code in np.unique(units.parent.code[inside]).tolist():
                here = inside[units.parent.code[inside] == code]
                _, part = connected_components(unit_graph.graph.sparse[here][:, here], directed=False)
                found += [tuple(here[part == j].tolist()) for j in range(int(part.max()) + 1)]
    return tuple(sorted(found))


def _followed(shapes: npt.NDArray[Any], is_unit: npt.NDArray[np.bool_], unit_graph: UnitGraph) -> IntArray:
    """Unit of each building: itself, the one on whose land it stands, or the nearest."""
    unit = np.full(len(shapes), -1, dtype=np.int64)
    unit[is_unit] = np.arange(int(is_unit.sum()))
    others = np.flatnonzero(~is_unit)
    if not len(others):
        return unit
    points = shapely.point_on_surface(shapes[others])
    _, nearest = cKDTree(unit_graph.place_xy).query(np.column_stack([shapely.get_x(points), shapely.get_y(points)]))
    unit[others] = nearest
    inside, cell = shapely.STRtree(unit_graph.cells).query(points, predicate="within")
    order = np.lexsort((-cell, inside))  # of several cells the lowest is written last
    unit[others[inside[order]]] = cell[order]
    return unit
