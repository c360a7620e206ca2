"""One row per grid and per building: what ledgers, layers and maps show alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from partitioner.geometry.dissolve import dissolve
from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.remembering import remembered
from partitioner.model import FloatArray, IntArray, Labels, Violation


@dataclass(frozen=True, kw_only=True, eq=False)
class GridRow:
    """One grid (or community, or micro-grid) as a reader meets it.

    Parameters
    ----------
    code : str
        Its label in the plan.
    short : str
        The part of the code that tells it from others of its parent.
    parent : str or None
        Code of the area above.
    community : str
        Name of its community; empty where there is none. Of a community itself, its own.
    residents : int or None
        None unless the ledger counts residents in every inhabited building of the grid.
    num_buildings, num_inhabited : int
        All buildings, and the units among them.
    split_compounds : tuple of str
        Those of `compounds` that other areas touch, too; not told of micro-grids.
    mean_walk_m : float or None
        Metres from a household to the centre of the grid; None where no one lives there or `walk_power` is not 1.
    within : bool
        Whether the households are within the bounds.
    shape : Polygon or MultiPolygon
        Union of the cells of its units.
    home : Point
        Mean position of its households.
    above : dict
        From the name of each wider level that was planned to the code of the area that this one lies in.
    num_inside : int
        Areas of the next narrower level inside; 0 where none was planned.
    """

    code: str
    short: str
    parent: str | None
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
    above: dict[str, str] = field(default_factory=dict)
    num_inside: int = 0


def area_rows(planned: PlannedLevels) -> dict[str, tuple[GridRow, ...]]:
    """From the name of every level to its areas, each sorted by the area above and code."""
    return dict(_area_rows(planned))


@remembered
def _area_rows(planned: PlannedLevels) -> dict[str, tuple[GridRow, ...]]:
    found: dict[str, tuple[GridRow, ...]] = {}
    wider: str | None = None
    for level in planned.levels:
        rows = grid_rows(level)
        if wider is not None:
            parents = {row.code: row for row in found[wider]}
            rows = tuple(_inside(row, wider, parents.get(row.parent or "")) for row in rows)
            num = Counter(row.parent for row in rows)
            found[wider] = tuple(replace(row, num_inside=num[row.code]) for row in found[wider])
        wider = level.level.name
        found[wider] = rows
    return found


def _inside(row: GridRow, wider: str, parent: GridRow | None) -> GridRow:
    if parent is None:
        return row
    return replace(row, community=parent.community, above={**parent.above, wider: parent.code})


@remembered
def grid_rows(planned: PlannedCounty) -> tuple[GridRow, ...]:
    """All grids, sorted by community (those without one last) and code."""
    grid = planned.result.plan.grid
    names = planned.community_names()
    members = dict(zip(grid.names, grid.members(), strict=True))
    shapes = dict(zip(grid.names, dissolve(planned.unit_graph.cells, grid), strict=True))
    summaries = planned.explanation.grids
    short = short_codes([(summary.parent, summary.grid) for summary in summaries])
    buildings = _buildings_by_grid(planned)
    counted = _counted_residents(planned)
    is_micro = planned.level.name == "micro"  # groups are stairwells there
    named = planned.county.buildings["compound"].fillna("").to_numpy(dtype=object)
    whole = building_ids(planned.county.buildings)
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
                parent=summary.parent,
                community=_community(planned, summary.grid, summary.parent, names),
                households=summary.households,
                residents=_residents(counted, buildings[summary.grid]) if summary.households else None,
                num_buildings=len(set(whole[buildings[summary.grid]].tolist())),
                num_inhabited=summary.num_units,
                compounds=_compounds(named, buildings[summary.grid]) if is_micro else summary.groups,
                split_compounds=() if is_micro else summary.split_groups,
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
        shared = shared_length(members)
        for code in members:
            short[code] = code if len(code) <= 5 else code[min(shared, len(code) - 3) :]
    return short


def shared_length(texts: list[str]) -> int:
    """How many first characters all texts share."""
    first, last = min(texts), max(texts)
    return next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))


def _community(planned: PlannedCounty, code: str, parent: str | None, names: dict[str, str]) -> str:
    own = code if planned.level.name == "community" else parent
    return "" if own is None else names.get(own, own)


def _compounds(named: npt.NDArray[np.object_], positions: IntArray) -> tuple[str, ...]:
    return tuple(sorted(set(named[positions].tolist()) - {""}))


def _buildings_by_grid(planned: PlannedCounty) -> dict[str, IntArray]:
    labels = Labels(planned.grid_of_building())
    of_grid: dict[str, IntArray] = dict(zip(labels.names, labels.members(), strict=True))
    nothing = np.array([], dtype=np.int64)
    return {name: of_grid.get(name, nothing) for name in planned.result.plan.grid.names}


def _home(planned: PlannedCounty, members: IntArray) -> shapely.Point:
    weight = planned.problem.units.weight[members]
    x, y = np.average(planned.unit_graph.place_xy[members], axis=0, weights=weight)
    return shapely.Point(x, y)


def _counted_residents(planned: PlannedCounty) -> FloatArray:
    """Residents of every building, shape (number of buildings,); not a number where an inhabited one has no count."""
    frame = planned.county.buildings
    inhabited = (frame["households"].fillna(0) > 0).to_numpy(dtype=bool)
    if "residents" not in frame.columns:
        return np.full(len(frame), np.nan)
    residents = frame["residents"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(~inhabited & np.isnan(residents), 0.0, residents)


def _residents(counted: FloatArray, positions: IntArray) -> int | None:
    total = float(counted[positions].sum()) if len(positions) else float("nan")
    return None if np.isnan(total) else round(total)


def building_frame(planned: PlannedCounty) -> pd.DataFrame:
    """The county's buildings in their order, with the grid and the id of the unit that each follows."""
    frame = planned.county.buildings.copy()
    ids = planned.problem.units.id
    frame["grid"] = pd.array(planned.grid_of_building(), dtype="string")
    frame["unit"] = pd.array([None if u < 0 else ids[u] for u in planned.unit_of_building.tolist()], dtype="string")
    names = planned.community_names()
    frame["community_name"] = frame["community"].map(lambda key: names.get(key, key), na_action="ignore")
    return frame


def building_ids(frame: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Of each row, the id of the whole building that it is or is a part of."""
    ids = frame["id"].astype("string")
    if "building" in frame.columns:
        ids = frame["building"].astype("string").fillna(ids)
    return np.asarray(ids, dtype=object)
