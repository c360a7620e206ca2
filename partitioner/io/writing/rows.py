"""One row per grid and per building: what ledgers, layers and maps show alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from partitioner.geometry.dissolve import dissolve
from partitioner.io.writing.bundle import PlannedCounty
from partitioner.model import IntArray, Violation


@dataclass(frozen=True, kw_only=True, eq=False)
class GridRow:
    """One grid as a reader meets it.

    Parameters
    ----------
    code : str
        Its label in the plan.
    short : str
        The part of the code that tells it from others of its community.
    community : str
        Name of its community; empty where there is none.
    residents : int or None
        None unless the ledger counts residents in every inhabited building of the grid.
    num_buildings, num_inhabited : int
        All buildings, and those that are units.
    mean_walk_m : float or None
        Metres from a household to the centre of the grid; None where no one lives there or `walk_power` is not 1.
    within : bool
        Whether the households are within the bounds.
    shape : Polygon or MultiPolygon
        Union of the cells of its units.
    home : Point
        Mean position of its households.
    """

    code: str
    short: str
    community: str
    households: int
    residents: int | None
    num_buildings: int
    num_inhabited: int
    compounds: tuple[str, ...]
    split_compounds: tuple[str, ...]
    deviation: float
    within: bool
    mean_walk_m: float | None
    centre: str
    pieces: int
    locked: bool
    violations: tuple[Violation, ...]
    shape: shapely.Geometry
    home: shapely.Point


def grid_rows(planned: PlannedCounty) -> tuple[GridRow, ...]:
    """All grids, sorted by community (those without one last) and code."""
    grid = planned.result.plan.grid
    names = planned.community_names()
    members = dict(zip(grid.names, grid.members(), strict=True))
    shapes = dict(zip(grid.names, dissolve(planned.unit_graph.cells, grid), strict=True))
    summaries = planned.explanation.grids
    short = short_codes([(summary.parent, summary.grid) for summary in summaries])
    buildings = _buildings_by_grid(planned)
    bounds, weights = planned.problem.bounds, planned.problem.weights
    weight = planned.problem.units.weight
    rows = []
    for summary in sorted(summaries, key=lambda s: (s.parent is None, s.parent or "", s.grid)):
        units = members[summary.grid]
        total = float(weight[units].sum())
        rows.append(
            GridRow(
                code=summary.grid,
                short=short[summary.grid],
                community="" if summary.parent is None else names.get(summary.parent, summary.parent),
                households=summary.households,
                residents=_residents(planned, buildings[summary.grid]),
                num_buildings=len(buildings[summary.grid]),
                num_inhabited=summary.num_units,
                compounds=summary.groups,
                split_compounds=summary.split_groups,
                deviation=summary.deviation,
                within=bounds.min <= summary.households <= bounds.max,
                mean_walk_m=summary.walk / total if weights.walk_power == 1 and np.isfinite(summary.walk) else None,
                centre=summary.centre,
                pieces=summary.pieces,
                locked=summary.locked,
                violations=summary.violations,
                shape=shapes[summary.grid],
                home=_home(planned, units),
            )
        )
    return tuple(rows)


def short_codes(codes: list[tuple[str | None, str]]) -> dict[str, str]:
    """From code to what is left of it when the part that all codes of its parent share is dropped.

    At least three characters stay; codes of up to five characters stay whole.
    """
    of_parent: dict[str | None, list[str]] = {}
    for parent, code in codes:
        of_parent.setdefault(parent, []).append(code)
    short = {}
    for members in of_parent.values():
        shared = _shared_length(members)
        for code in members:
            short[code] = code if len(code) <= 5 else code[min(shared, len(code) - 3) :]
    return short


def _shared_length(texts: list[str]) -> int:
    """How many first characters all texts share."""
    first, last = min(texts), max(texts)
    return next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))


def _buildings_by_grid(planned: PlannedCounty) -> dict[str, IntArray]:
    grid = planned.result.plan.grid
    unit = planned.unit_of_building
    code = np.where(unit < 0, -1, grid.code[unit]) if len(grid) else np.full(len(unit), -1, dtype=np.int64)
    return {name: np.flatnonzero(code == k) for k, name in enumerate(grid.names)}


def _home(planned: PlannedCounty, members: IntArray) -> shapely.Point:
    weight = planned.problem.units.weight[members]
    x, y = np.average(planned.unit_graph.place_xy[members], axis=0, weights=weight)
    return shapely.Point(x, y)


def _residents(planned: PlannedCounty, positions: IntArray) -> int | None:
    frame = planned.county.buildings
    if "residents" not in frame.columns:
        return None
    part = frame.iloc[positions]
    inhabited = part["households"].fillna(0) > 0
    residents = part.loc[inhabited, "residents"]
    if residents.empty or residents.isna().any():
        return None
    return int(part["residents"].sum())


def building_frame(planned: PlannedCounty) -> pd.DataFrame:
    """The county's buildings in their order, with the grid and the id of the unit that each follows."""
    frame = planned.county.buildings.copy()
    ids = planned.problem.units.id
    frame["grid"] = pd.array(planned.grid_of_building(), dtype="string")
    frame["unit"] = pd.array([None if u < 0 else ids[u] for u in planned.unit_of_building.tolist()], dtype="string")
    names = planned.community_names()
    frame["community_name"] = frame["community"].map(lambda key: names.get(key, key), na_action="ignore")
    return frame
