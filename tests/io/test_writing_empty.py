"""A county in which nobody lives is written, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
from writing_county import planned_town

from partitioner.io.writing import (
    PlannedCounty,
    write_geojson,
    write_geopackage,
    write_ledger,
    write_overview,
    write_report,
)
from partitioner.model import Graph, Labels, Plan, Problem, Units
from partitioner.scoring import explain, score


def deserted() -> PlannedCounty:
    town = planned_town()
    nothing = np.array([], dtype=np.int64)
    graph = Graph(num_units=0, u=nothing, v=nothing, length_m=nothing)
    problem = Problem(units=Units(id=(), households=nothing), graph=graph, bounds=town.problem.bounds)
    plan = Plan(grid=Labels([]))
    unit_graph = replace(
        town.unit_graph,
        graph=graph,
        cells=np.array([], dtype=object),
        place_xy=np.empty((0, 2)),
        soft_m=np.array([]),
        cut_u=nothing,
        cut_v=nothing,
    )
    return replace(
        town,
        county=replace(
            town.county,
            barriers=town.county.barriers.iloc[:0],
            communities=town.county.communities.iloc[:0],
            buildings=town.county.buildings.assign(households=0),
        ),
        unit_graph=unit_graph,
        unit_of_building=np.full(37, -1),
        problem=problem,
        result=replace(town.result, plan=plan, objective=score(problem, plan), bound=0.0, gap=0.0, status="optimal"),
        explanation=explain(problem, plan),
    )


def test_every_writer_copes(tmp_path: Path) -> None:
    planned = deserted()
    write_geopackage(planned, tmp_path / "plan.gpkg")
    write_geojson(planned, tmp_path)
    write_ledger(planned, tmp_path / "ledger.xlsx")
    write_report(planned, tmp_path / "zh.md", tmp_path / "en.md")
    write_overview(planned, tmp_path / "o.png", tmp_path / "o.pdf")
    counts = {name: pyogrio.read_info(tmp_path / "plan.gpkg", layer=name)["features"] for name in ("grids", "units")}
    assert counts == {"grids": 0, "units": 37}
    assert len(list(tmp_path.iterdir())) == 8
