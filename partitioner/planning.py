"""The main job: files in, a planned county out. The command and the service both call this."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from partitioner.apportionment import apportioned
from partitioner.geometry.county import County
from partitioner.io.assembly import Assembled, assemble
from partitioner.io.writing import (
    PlannedCounty,
    write_geojson,
    write_geopackage,
    write_ledger,
    write_overview,
    write_report,
)
from partitioner.model import Labels, Plan, Problem, Result
from partitioner.model.files import make_folder
from partitioner.model.plan_json import write_plan
from partitioner.model.problem_json import write_problem
from partitioner.profiles import Level, Profile
from partitioner.profiles.numbering import numbered_plan
from partitioner.scoring import explain, validate
from partitioner.solver import Cancel, Limits, Observer, solve

Notify = Callable[[str], None]
"""Told the name of each phase when it begins: adjacency, solve, write."""


def plan_county(
    county: County,
    profile: Profile,
    level: Level,
    *,
    num_grids: int | None = None,
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
    notify: Notify = lambda _: None,
) -> PlannedCounty:
    """Plan one level of `county`.

    Parameters
    ----------
    num_grids : int, optional
        Grids in all beside special ones; each community gets its share by households. By default the solver chooses.

    Raises
    ------
    InputError
        Nobody lives in the county, or the bounds do not allow `num_grids` grids.
    """
    notify("adjacency")
    assembled = assemble(
        county, bounds=level.bounds, weights=level.weights, count=level.count, max_walk_m=level.max_walk_m
    )
    if num_grids is not None:
        counted = replace(assembled.problem, count=apportioned(assembled.problem, num_grids))
        assembled = replace(assembled, problem=counted)
    notify("solve")
    result = _with_codes(assembled.problem, solve(assembled.problem, limits, observer, cancel), level)
    return _planned(assembled, result, profile, level)


def write_outputs(planned: PlannedCounty, folder: str | Path, *, notify: Notify = lambda _: None) -> list[Path]:
    """Write everything that belongs to a plan into `folder` (made if missing); returns the files.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    notify("write")
    target = make_folder(folder)
    names = [*WRITERS, "report.zh.md", "report.en.md"]
    for write in WRITERS.values():
        write(planned, target)
    write_report(planned, target / "report.zh.md", target / "report.en.md", files=_listed(names))
    return [target / name for name in _listed(names)]


WRITERS: Mapping[str, Callable[[PlannedCounty, Path], None]] = {
    "problem.json": lambda planned, to: write_problem(planned.problem, to / "problem.json"),
    "plan.json": lambda planned, to: write_plan(planned.result, to / "plan.json"),
    "plan.gpkg": lambda planned, to: write_geopackage(planned, to / "plan.gpkg"),
    "ledger.xlsx": lambda planned, to: write_ledger(planned, to / "ledger.xlsx"),
    "grids.geojson": lambda planned, to: write_geojson(planned, to / "grids.geojson", to / "units.geojson"),
    "overview.png": lambda planned, to: write_overview(planned, to / "overview.png", to / "overview.pdf"),
}


def _listed(names: Sequence[str]) -> list[str]:
    pairs = {"grids.geojson": ["grids.geojson", "units.geojson"], "overview.png": ["overview.png", "overview.pdf"]}
    return [file for name in names for file in pairs.get(name, [name])]


def _with_codes(problem: Problem, result: Result, level: Level) -> Result:
    """`result` with grid codes: a grid that carries on a previous one keeps that code, the others are numbered."""
    previous = set(problem.units.previous.names)
    codes = numbered_plan(problem, result.plan, level.code, taken=previous).grid.values()
    labels = result.plan.grid.values()
    plan = Plan(grid=Labels(old if old in previous else new for old, new in zip(labels, codes, strict=True)))
    violations, warnings = validate(problem, plan)
    return replace(result, plan=plan, violations=violations, warnings=warnings)


def _planned(assembled: Assembled, result: Result, profile: Profile, level: Level) -> PlannedCounty:
    return PlannedCounty(
        county=assembled.county,
        unit_graph=assembled.unit_graph,
        unit_of_building=assembled.unit_of_building,
        problem=assembled.problem,
        result=result,
        profile=profile,
        level=level,
        explanation=explain(assembled.problem, result.plan),
    )
