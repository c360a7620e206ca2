"""Levels one after another, from the widest to the narrowest: the areas of one are the parents of the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd

from partitioner.apportionment import apportioned
from partitioner.errors import Fault, InputError, Text
from partitioner.geometry.county import County
from partitioner.geometry.dissolve import dissolve
from partitioner.io.assembly import Assembled, assemble
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.levels.communities import Communities, solve_communities
from partitioner.levels.parts import micro_parts, open_large
from partitioner.model import Labels, Plan, Problem, Result
from partitioner.profiles import Level, Profile
from partitioner.profiles.numbering import numbered_plan
from partitioner.scoring import explain, validate
from partitioner.solver import Cancel, Limits, Observer, solve

COMMUNITY, GRID, MICRO = "community", "grid", "micro"
"""Names of the levels whose units are compounds, buildings, and floors of stairwells."""

EFFORT = {COMMUNITY: 0.15, GRID: 0.55, MICRO: 0.3}
"""Share of the time or the steps that each level may use; what a level leaves over goes to those below it."""

Notify = Callable[[str], None]
"""Told the name of each phase when it begins: adjacency, a level's name, slices."""


@dataclass(kw_only=True)
class _Watching:
    """Limits shared out among levels, and who is told."""

    limits: Limits
    observer: Observer | None
    cancel: Cancel | None
    notify: Notify
    waiting: list[str]
    counts: Mapping[str, int]
    began: float = field(default_factory=time.monotonic)

    def next_limits(self, level: str) -> Limits:
        """What `level` may use of what is left."""
        total = sum(EFFORT[name] for name in self.waiting)
        share = EFFORT[level] / total
        self.waiting.remove(level)
        left_s, steps = self.limits.time_limit_s, self.limits.step_limit
        if left_s is not None:
            left_s = max(0.0, left_s - (time.monotonic() - self.began)) * share
        if steps is not None:
            given = int(steps * share)
            self.limits = replace(self.limits, step_limit=steps - given)
            steps = given
        return replace(self.limits, time_limit_s=left_s, step_limit=steps)


def plan_levels(
    county: County,
    profile: Profile,
    levels: Sequence[Level],
    *,
    counts: Mapping[str, int] | None = None,
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
    notify: Notify = lambda _: None,
) -> PlannedLevels:
    """Plan `levels` of `county`, each inside the areas of the one before.

    Parameters
    ----------
    levels : sequence of Level
        Neighbouring levels of `profile`, the widest first. Where communities are not planned, those of the county are
        the parents of its grids; where grids are not planned, the previous ones are the parents of micro-grids.
    counts : mapping from level name to int, optional
        Areas of a level in all, beside special grids; each area above gets its share by households. By default the
        solver chooses.
    limits : Limits, optional
        For all levels together.

    Raises
    ------
    InputError
        Nobody lives in the county, the bounds do not allow as many areas as asked for, or micro-grids are asked for
        without grids.
    """
    names = [level.name for level in levels]
    watching = _Watching(
        limits=limits or Limits(),
        observer=observer,
        cancel=cancel,
        notify=notify,
        waiting=list(names),
        counts=dict(counts or {}),
    )
    by_name = dict(zip(names, levels, strict=True))
    first = by_name.get(GRID) or levels[-1]
    notify("adjacency")
    assembled = assemble(
        county, bounds=first.bounds, weights=first.weights, count=first.count, max_walk_m=first.max_walk_m
    )
    planned: list[PlannedCounty] = []
    if COMMUNITY in by_name:
        assembled, found = _communities(assembled, by_name[COMMUNITY], profile, watching)
        planned.append(found)
    if GRID in by_name:
        assembled, found = _grids(assembled, by_name[GRID], profile, watching)
        planned.append(found)
    if MICRO in by_name:
        grid = planned[-1].result.plan.grid if planned else assembled.problem.units.previous
        planned.append(_micro_grids(assembled, grid, by_name[MICRO], profile, watching))
    return PlannedLevels(levels=tuple(planned), seconds=tuple(found.result.seconds for found in planned))


def _communities(
    assembled: Assembled, level: Level, profile: Profile, watching: _Watching
) -> tuple[Assembled, PlannedCounty]:
    """The communities, and the county with them as parents."""
    watching.notify(COMMUNITY)
    limits = watching.next_limits(COMMUNITY)
    drawn = solve_communities(
        assembled, level, limits, watching.observer, watching.cancel, num_communities=watching.counts.get(COMMUNITY)
    )
    drawn = replace(drawn, result=with_codes(drawn.asked.problem, drawn.result, level))
    inside = _inside(assembled, drawn)
    unit_graph = replace(drawn.asked.unit_graph, notices=(*assembled.unit_graph.notices, *drawn.notices))
    found = PlannedCounty(
        county=inside.county,
        unit_graph=unit_graph,
        unit_of_building=drawn.asked.unit_of_building,
        problem=drawn.asked.problem,
        result=drawn.result,
        profile=profile,
        level=level,
        explanation=explain(drawn.asked.problem, drawn.result.plan),
    )
    return inside, found


def _inside(assembled: Assembled, drawn: Communities) -> Assembled:
    """`assembled` with the communities drawn as parents, columns and areas."""
    label = Labels(drawn.label_of_home())
    shapes = dissolve(assembled.unit_graph.cells, label)
    known = _names(assembled.county)
    communities = gpd.GeoDataFrame(
        {
            "id": pd.array(label.names, dtype="string"),
            "name": pd.array([known.get(code) for code in label.names], dtype="string"),
        },
        geometry=list(shapes),
        crs=assembled.county.crs,
    )
    grid = drawn.result.plan.grid
    row = [None if unit < 0 else grid.at(unit) for unit in drawn.asked.unit_of_building.tolist()]
    buildings = assembled.county.buildings.assign(community=pd.array(row, dtype="string"))
    return replace(
        assembled,
        county=replace(assembled.county, buildings=buildings, communities=communities),
        problem=replace(assembled.problem, units=replace(assembled.problem.units, parent=label)),
    )


def _names(county: County) -> dict[str, str]:
    frame = county.communities
    if not len(frame):
        return {}
    rows = zip(frame["id"].tolist(), frame["name"].tolist(), strict=True)
    return {str(key): str(name) for key, name in rows if isinstance(name, str)}


def _grids(
    assembled: Assembled, level: Level, profile: Profile, watching: _Watching
) -> tuple[Assembled, PlannedCounty]:
    """The grids, and the county with buildings that no grid can hold opened."""
    assembled = open_large(assembled, level, profile.slices)
    return assembled, _solved(assembled, level, profile, watching)


def _micro_grids(
    assembled: Assembled, grid: Labels, level: Level, profile: Profile, watching: _Watching
) -> PlannedCounty:
    if not grid.names:
        raise InputError([_no_grids(level)])
    watching.notify("slices")
    return _solved(micro_parts(assembled, grid, level, profile.slices), level, profile, watching)


def _solved(assembled: Assembled, level: Level, profile: Profile, watching: _Watching) -> PlannedCounty:
    problem = assembled.problem
    if level.name in watching.counts:
        problem = replace(problem, count=apportioned(problem, watching.counts[level.name]))
    watching.notify(level.name)
    result = solve(problem, watching.next_limits(level.name), watching.observer, watching.cancel)
    result = with_codes(problem, result, level)
    return PlannedCounty(
        county=assembled.county,
        unit_graph=assembled.unit_graph,
        unit_of_building=assembled.unit_of_building,
        problem=problem,
        result=result,
        profile=profile,
        level=level,
        explanation=explain(problem, result.plan),
    )


def with_codes(problem: Problem, result: Result, level: Level) -> Result:
    """`result` with the codes of `level`: an area that carries on a previous one keeps that code."""
    previous = set(problem.units.previous.names)
    codes = numbered_plan(problem, result.plan, level.code, taken=previous).grid.values()
    labels = result.plan.grid.values()
    plan = Plan(grid=Labels(old if old in previous else new for old, new in zip(labels, codes, strict=True)))
    violations, warnings = validate(problem, plan)
    return replace(result, plan=plan, violations=violations, warnings=warnings)


def _no_grids(level: Level) -> Fault:
    return Fault(
        rule="grids_missing",
        value=level.name,
        message=Text(
            f"只划分{level.title.zh}时，楼栋须有原网格", f"{level.title.en}s alone need the previous grids of buildings"
        ),
        remedy=Text(
            "请同时划分上一级（如 --levels grid,micro），或在台账中填写“原网格”",
            "plan the level above as well (such as --levels grid,micro), or fill in the column of previous grids",
        ),
    )
