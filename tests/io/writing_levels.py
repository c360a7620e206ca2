"""A drawn town on three levels, for the tests of the writers: slabs of stairwells and floors, and one village."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from partitioner.geometry.adjacency import UnitGraph
from partitioner.geometry.county import BUILDING_COLUMNS, County
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.model import Bounds, Graph, Labels, Plan, Problem, Result, Units
from partitioner.profiles import load_profile
from partitioner.scoring import explain, score, validate

PITCH_M = 60.0
BLOCK = 3
"""A grid is a block of this many by this many slots."""

WEST, SOUTH = 500_000.0, 4_150_000.0
TOWNSHIP = "131126001"
PART_KINDS = {"building": "string", "stairwell": "Int64", "floor_low": "Int64", "floor_high": "Int64"}


@dataclass
class Rows:
    """Columns of one level's county, the land of each row, and its areas, widest first."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    shapes: list[Any] = field(default_factory=list)
    cells: list[Any] = field(default_factory=list)
    areas: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, shape: Any, cell: Any, areas: tuple[str, str, str], **values: Any) -> None:
        self.shapes.append(shape)
        self.cells.append(cell)
        self.areas.append(areas)
        for name, value in values.items():
            self.columns.setdefault(name, []).append(value)


def planned_levels(
    across: int = 6, up: int = 2, *, names: Sequence[str] = ("community", "grid", "micro"), wrong: bool = False
) -> PlannedLevels:
    """Blocks of nine slots are grids and compounds; three rows of blocks are a community.

    The first block is a village of single houses, every fourth slab has towers of eleven floors, the others three
    stairwells of six floors. With `wrong` a micro-grid takes a whole tower stairwell, which is too much.
    """
    whole, parts = Rows(), Rows()
    for by in range(up):
        for bx in range(across):
            _block(whole, parts, bx, by, up, wrong)
    profile = load_profile("hebei")
    levels = []
    for k, name in enumerate(("community", "grid", "micro")):
        if name in names:
            levels.append(_planned(parts if name == "micro" else whole, k, profile, name))
    return PlannedLevels(levels=tuple(levels), seconds=tuple(1.5 * (k + 1) for k in range(len(levels))))


def _block(whole: Rows, parts: Rows, bx: int, by: int, up: int, wrong: bool) -> None:
    community = f"{TOWNSHIP}{bx // 3 + 1:03d}"
    grid = f"{community}{(bx % 3) * up + (up - by):03d}"
    micro = 0
    for slot in range(BLOCK * BLOCK):
        x = WEST + PITCH_M * (bx * BLOCK + slot % BLOCK)
        y = SOUTH + PITCH_M * (by * BLOCK + slot // BLOCK)
        common = {"compound": f"小区{bx + 1}-{by + 1}", "community": community, "estimated": slot == 4}
        if bx == by == 0:
            micro = _houses(whole, parts, x, y, (community, grid), micro, slot, common)
        else:
            name = f"b{bx:02d}{by:02d}{slot}"
            micro = _slab(whole, parts, x, y, (community, grid), micro, (name, slot), wrong, common)


def _houses(
    whole: Rows, parts: Rows, x: float, y: float, above: tuple[str, str], micro: int, slot: int, common: dict[str, Any]
) -> int:
    side = PITCH_M / 6
    for row in range(6):
        micro += row % 2 == 0
        for column in range(6):
            left, bottom = x + side * column, y + side * row
            name = f"h{slot}{row}{column}"
            for rows in (whole, parts):
                rows.add(
                    shapely.box(left + 2, bottom + 2, left + 8, bottom + 7),
                    shapely.box(left, bottom, left + side, bottom + side),
                    (*above, f"{above[1]}{micro:02d}"),
                    **(common | {"compound": None}),
                    **_values(name, f"{slot * 36 + row * 6 + column + 1}号院", 1, (None, 1), (None, None, None), name),
                )
    return micro


def _slab(
    whole: Rows,
    parts: Rows,
    x: float,
    y: float,
    above: tuple[str, str],
    micro: int,
    which: tuple[str, int],
    wrong: bool,
    common: dict[str, Any],
) -> int:
    name, slot = which
    stairwells, floors, homes = (2, 11, 2) if slot % 4 == 0 else (3, 6, 2)
    title = f"{slot + 1}号楼"
    left, width, bottom, height = x + 8.0, 44.0, y + 24.0, 12.0
    size = (stairwells, floors)
    whole.add(
        shapely.box(left, bottom, left + width, bottom + height),
        shapely.box(x, y, x + PITCH_M, y + PITCH_M),
        (*above, ""),
        **common,
        **_values(name, title, stairwells * floors * homes, size, (None, None, None), name),
    )
    for k in range(stairwells):
        micro += 1
        for floor in range(1, floors + 1):
            if floors > 6 and floor == 6 and not (wrong and name.endswith("8")):
                micro += 1
            share, band = width / stairwells, height / floors
            cell_share, cell_band = PITCH_M / stairwells, PITCH_M / floors
            low, cell_low = bottom + band * (floor - 1), y + cell_band * (floor - 1)
            parts.add(
                shapely.box(left + share * k, low, left + share * (k + 1), low + band),
                shapely.box(x + cell_share * k, cell_low, x + cell_share * (k + 1), cell_low + cell_band),
                (*above, f"{above[1]}{micro:02d}"),
                **common,
                **_values(f"{name}#{k + 1}-{floor:02d}", title, homes, size, (k + 1, floor, floor), name),
            )
    return micro


def _values(
    name: str, title: str, households: int, size: tuple[Any, Any], part: tuple[Any, Any, Any], building: str
) -> dict[str, Any]:
    return {
        "id": name, "name": title, "households": households, "stairwells": size[0], "floors": size[1],
        "building": building, "stairwell": part[0], "floor_low": part[1], "floor_high": part[2],
    }  # fmt: skip


def _planned(rows: Rows, depth: int, profile: Any, name: str) -> PlannedCounty:
    level = profile.level(name)
    ids: list[str] = rows.columns["id"]
    own = [areas[depth] for areas in rows.areas]
    parent = [TOWNSHIP if depth == 0 else areas[depth - 1] for areas in rows.areas]
    households = np.array(rows.columns["households"])
    cells = np.array(rows.cells, dtype=object)
    compounds: list[str | None] = rows.columns["compound"]
    unit = np.arange(len(ids))
    if depth == 0:  # units are compounds, and houses without one
        keys = [compound or key for compound, key in zip(compounds, ids, strict=True)]
        names = Labels(keys)
        members = names.members()
        unit, ids = np.array(names.code), list(names.names)
        cells = np.array([shapely.union_all(cells[m]) for m in members], dtype=object)
        households = np.array([int(households[m].sum()) for m in members])
        own, parent = [own[int(m[0])] for m in members], [parent[int(m[0])] for m in members]
        compounds = [compounds[int(m[0])] for m in members]
    x, y = shapely.get_x(shapely.centroid(cells)), shapely.get_y(shapely.centroid(cells))
    graph = _graph(cells, x, y)
    problem = Problem(
        name="方城",
        units=Units(id=tuple(ids), households=households, x=x, y=y, group=Labels(compounds), parent=Labels(parent)),
        graph=graph,
        bounds=Bounds(min=900, max=3000, target=1800) if depth == 0 else level.bounds,
        weights=level.weights,
    )
    plan = Plan(grid=Labels(own))
    nothing = np.array([], dtype=np.int64)
    return PlannedCounty(
        county=_county(rows),
        unit_graph=UnitGraph(
            graph=graph, cells=cells, place_xy=np.column_stack([x, y]), soft_m=np.zeros(len(graph)), cut_u=nothing,
            cut_v=nothing, bridged_u=nothing, bridged_v=nothing, far_u=nothing, far_v=nothing, notices=(),
        ),
        unit_of_building=unit,
        problem=problem,
        result=_result(problem, plan),
        profile=profile,
        level=level,
        explanation=explain(problem, plan),
    )  # fmt: skip


def _graph(cells: Any, x: Any, y: Any) -> Graph:
    """Cells that share more than a corner are neighbours."""
    tree = shapely.STRtree(cells)
    u, v = tree.query(cells, predicate="intersects")
    u, v = u[u < v], v[u < v]
    shared = shapely.length(shapely.intersection(cells[u], cells[v])) > 0
    u, v = u[shared], v[shared]
    return Graph(num_units=len(cells), u=u, v=v, length_m=np.hypot(x[u] - x[v], y[u] - y[v]))


def _county(rows: Rows) -> County:
    crs = CRS.from_epsg(4548)
    num = len(rows.shapes)
    kinds: dict[str, str] = {**BUILDING_COLUMNS, **PART_KINDS}
    columns = {
        name: pd.array(rows.columns.get(name, [None] * num), dtype="boolean" if kind == "bool" else kind)
        for name, kind in kinds.items()
    }
    bounds = shapely.total_bounds(np.array(rows.cells, dtype=object))
    left, bottom, right, top = bounds.tolist()
    lines = [
        ("river", "hard", [(left + 3 * BLOCK * PITCH_M, y) for y in np.linspace(bottom, top, 9)]),
        ("road", "soft", [(left, bottom + BLOCK * PITCH_M), (right, bottom + BLOCK * PITCH_M)]),
        ("wall", "soft", [(left + PITCH_M * 4, bottom), (left + PITCH_M * 4, top)]),
    ]
    barriers = gpd.GeoDataFrame(
        {"kind": [kind for kind, _, _ in lines], "crossing": [crossing for _, crossing, _ in lines]},
        geometry=[shapely.LineString(line) for _, _, line in lines],
        crs=crs,
    )
    communities = gpd.GeoDataFrame(
        {"id": [f"{TOWNSHIP}001"], "name": ["东关社区"]}, geometry=[shapely.box(left, bottom, right, top)], crs=crs
    )
    return County(
        name="方城县",
        crs=crs,
        buildings=gpd.GeoDataFrame(columns, geometry=rows.shapes, crs=crs),
        barriers=barriers,
        communities=communities,
    )


def _result(problem: Problem, plan: Plan) -> Result:
    objective = score(problem, plan)
    violations, warnings = validate(problem, plan)
    lawful = not violations
    return Result(
        plan=plan,
        status="feasible" if lawful else "infeasible",
        stop_reason="step_limit",
        objective=objective,
        bound=objective.total * 0.98 if lawful else None,
        gap=0.02 if lawful else None,
        violations=violations,
        warnings=warnings,
        reasons=violations[:1],
        engine="wangge test",
        problem=problem.name,
    )
