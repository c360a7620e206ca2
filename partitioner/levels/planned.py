"""A level with its plan, as writers take it."""

from __future__ import annotations

from dataclasses import replace

from partitioner.io.assembly import Assembled
from partitioner.io.writing import PlannedCounty
from partitioner.levels.communities import Communities
from partitioner.model import Problem, Result
from partitioner.profiles import Level, Profile
from partitioner.scoring import explain


def planned_level(
    assembled: Assembled, problem: Problem, result: Result, level: Level, profile: Profile
) -> PlannedCounty:
    """A level whose units are those of `assembled`; `problem` is over these."""
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


def planned_communities(inside: Assembled, drawn: Communities, level: Level, profile: Profile) -> PlannedCounty:
    """Communities; `inside` is the county in which they are drawn."""
    notices = (*inside.unit_graph.notices, *drawn.notices)
    return PlannedCounty(
        county=inside.county,
        unit_graph=replace(drawn.asked.unit_graph, notices=notices),
        unit_of_building=drawn.asked.unit_of_building,
        problem=drawn.asked.problem,
        result=drawn.result,
        profile=profile,
        level=level,
        explanation=explain(drawn.asked.problem, drawn.result.plan),
    )
