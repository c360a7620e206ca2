"""A town of six by six square buildings on square cells, drawn by hand: what the tests of the writers write."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from partitioner.errors import Fault, Text
from partitioner.geometry.adjacency import UnitGraph
from partitioner.geometry.county import BUILDING_COLUMNS, County
from partitioner.io.writing import PlannedCounty
from partitioner.model import Bounds, Graph, Labels, Plan, Problem, Result, Units
from partitioner.profiles import load_profile, numbered_plan
from partitioner.scoring import explain, score, validate

SIDE = 6
PITCH_M = 60.0
WEST, SOUTH = 500_000.0, 4_150_000.0
COMMUNITIES = {"131126001001": "东关社区", "131126001002": "西苑社区"}


def planned_town(*, heavy: bool = False, notices: tuple[Fault, ...] = ()) -> PlannedCounty:
    """Two communities of two grids of nine buildings each; with `heavy` one building is above the upper bound."""
    num = SIDE * SIDE
    column, row = np.arange(num) % SIDE, np.arange(num) // SIDE
    x, y = WEST + PITCH_M * column, SOUTH + PITCH_M * row
    households = np.full(num, 45)
    if heavy:
        households[0] = 600
    ids = tuple(f"b{k + 1:02d}" for k in range(num))
    communities = [list(COMMUNITIES)[int(c >= SIDE / 2)] for c in column]
    compounds = [f"小区{'甲乙丙'[int(r // 2)]}" for r in row]
    graph, cut = _graph()
    problem = Problem(
        name="方城",
        units=Units(id=ids, households=households, x=x, y=y, group=Labels(compounds), parent=Labels(communities)),
        graph=graph,
        bounds=Bounds(min=300, max=500, target=400),
    )
    profile = load_profile("hebei")
    quadrants = Plan(
        grid=Labels(f"q{int(c >= SIDE / 2)}{int(r >= SIDE / 2)}" for c, r in zip(column, row, strict=True))
    )
    plan = numbered_plan(problem, quadrants, profile.level("grid").code)
    cells = shapely.box(x - PITCH_M / 2, y - PITCH_M / 2, x + PITCH_M / 2, y + PITCH_M / 2)
    nothing = np.array([], dtype=np.int64)
    unit_graph = UnitGraph(
        graph=graph,
        cells=cells,
        place_xy=np.column_stack([x, y]),
        soft_m=np.zeros(len(graph)),
        cut_u=cut[0],
        cut_v=cut[1],
        bridged_u=nothing,
        bridged_v=nothing,
        far_u=nothing,
        far_v=nothing,
        notices=(),
    )
    return PlannedCounty(
        county=_county(ids, households, x, y, compounds, communities, notices),
        unit_graph=unit_graph,
        unit_of_building=np.append(np.arange(num), 0),
        problem=problem,
        result=_result(problem, plan),
        profile=profile,
        level=profile.level("grid"),
        explanation=explain(problem, plan),
    )


def with_plan(planned: PlannedCounty, labels: list[str | None]) -> PlannedCounty:
    """The same town with other grids."""
    plan = Plan(grid=Labels(labels))
    return replace(planned, result=_result(planned.problem, plan), explanation=explain(planned.problem, plan))


def _graph() -> tuple[Graph, tuple[Any, Any]]:
    """Rook neighbours; the river between the halves is crossed in the first row only."""
    u, v = [], []
    cut_u, cut_v = [], []
    for k in range(SIDE * SIDE):
        if k % SIDE < SIDE - 1:
            crossing = k % SIDE == SIDE // 2 - 1 and k // SIDE > 0
            (cut_u if crossing else u).append(k)
            (cut_v if crossing else v).append(k + 1)
        if k + SIDE < SIDE * SIDE:
            u.append(k)
            v.append(k + SIDE)
    graph = Graph(num_units=SIDE * SIDE, u=np.array(u), v=np.array(v), length_m=np.full(len(u), PITCH_M))
    return graph, (np.array(cut_u), np.array(cut_v))


def _county(
    ids: tuple[str, ...], households: Any, x: Any, y: Any, compounds: Any, communities: Any, notices: tuple[Fault, ...]
) -> County:
    crs = CRS.from_epsg(4548)
    num = len(ids) + 1  # and a shed where nobody lives
    columns: dict[str, Any] = {
        name: pd.array([None] * num, dtype=kind if kind != "bool" else "boolean")
        for name, kind in BUILDING_COLUMNS.items()
    }
    columns["id"] = pd.array([*ids, "shed"], dtype="string")
    columns["name"] = pd.array([*[f"{k + 1}号楼" for k in range(len(ids))], "=1+1"], dtype="string")
    columns["households"] = pd.array([*households.tolist(), None], dtype="Int64")
    columns["compound"] = pd.array([*compounds, None], dtype="string")
    columns["community"] = pd.array([*communities, None], dtype="string")
    columns["previous_grid"] = pd.array(["001234567890123456", *[None] * (num - 1)], dtype="string")
    columns["estimated"] = np.zeros(num, dtype=bool)
    half = PITCH_M / 4
    shapes = [*shapely.box(x - half, y - half, x + half, y + half), shapely.Point(WEST + 25, SOUTH + 25)]
    middle, top = WEST + PITCH_M * 2.5, SOUTH + PITCH_M * SIDE
    barriers = gpd.GeoDataFrame(
        {"kind": ["river", "railway", "road"], "crossing": ["hard", "hard", "soft"]},
        geometry=[
            shapely.LineString([(middle, SOUTH - 30), (middle, top - 30)]),
            shapely.LineString([(WEST - 30, top - 40), (WEST + 330, top - 40)]),
            shapely.LineString([(WEST - 30, SOUTH + 150), (WEST + 330, SOUTH + 150)]),
        ],
        crs=crs,
    )
    areas = gpd.GeoDataFrame(
        {"id": list(COMMUNITIES), "name": list(COMMUNITIES.values())},
        geometry=[
            shapely.box(WEST - 30, SOUTH - 30, middle, top - 30),
            shapely.box(middle, SOUTH - 30, WEST + 330, top - 30),
        ],
        crs=crs,
    )
    return County(
        name="方城县",
        crs=crs,
        buildings=gpd.GeoDataFrame(columns, geometry=shapes, crs=crs),
        barriers=barriers,
        communities=areas,
        boundary=shapely.box(WEST - 30, SOUTH - 30, WEST + 330, top - 30),
        notices=notices,
    )


def _result(problem: Problem, plan: Plan) -> Result:
    objective = score(problem, plan)
    violations, warnings = validate(problem, plan)
    lawful = not violations
    return Result(
        plan=plan,
        status="feasible" if lawful else "infeasible",
        stop_reason="step_limit" if lawful else "proved",
        objective=objective,
        bound=objective.total * 0.992 if lawful else None,
        gap=0.008 if lawful else None,
        violations=violations,
        warnings=warnings,
        reasons=violations[:1],
        engine="wangge test",
        problem=problem.name,
    )


NOTICE = Fault(
    rule="geometry_mended",
    message=Text("轮廓自相交，已修复", "the outline crossed itself and was mended"),
    remedy=Text("请核对该楼", "Check the building"),
)
