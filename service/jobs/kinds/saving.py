"""`save`: an edited plan as a new version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from partitioner.io.assembly import Assembled
from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.levels.part_of import whole_of_parts
from partitioner.levels.rejudging import rejudged
from partitioner.levels.restriction import with_parents
from partitioner.model import Labels, Plan, Problem, Result
from partitioner.profiles import numbered_plan
from partitioner.scoring import explain, score, validate
from service.jobs.kinds.keeping import keep
from service.jobs.kinds.posts import carry_posts
from service.jobs.task import Outcome, Task


def save(task: Task) -> Outcome:
    """The labels of the draft, with all files of a plan."""
    task.phase("read")
    planned = read_planned(task.given / "plan")
    edited = _edited(planned, task.inputs["level"], task.inputs["labels"])
    summary = keep(edited, task)
    carry_posts(task, edited)
    return Outcome(result=_status(edited), plan=summary)


def _status(edited: PlannedLevels) -> dict[str, str]:
    return {"status": "unknown" if any(level.result.violations for level in edited.levels) else "feasible"}


def _edited(planned: PlannedLevels, name: str, labels: Sequence[str | None]) -> PlannedLevels:
    """`planned` with other labels at one level; narrower levels keep theirs and are judged inside the new areas."""
    levels: list[PlannedCounty] = []
    for level in planned.levels:
        if level.level.name == name:
            levels.append(judged(level, level.problem, _coded(level, labels)))
        elif levels and levels[-1].level.name != level.level.name and _after(planned, name, level):
            levels.append(_inside(levels[-1], level))
        else:
            levels.append(level)
    return replace(planned, levels=tuple(levels))


def _coded(level: PlannedCounty, labels: Sequence[str | None]) -> Plan:
    """New areas get codes of their own; the others keep theirs, and codes that are gone stay unused."""
    plan, known = Plan(grid=Labels(labels)), set(level.result.plan.grid.names)
    taken = known.union(level.problem.units.previous.names)
    fresh = numbered_plan(level.problem, plan, level.level.code, taken=taken).grid.values()
    return Plan(grid=Labels(old if old in known else new for old, new in zip(labels, fresh, strict=True)))


def _after(planned: PlannedLevels, name: str, level: PlannedCounty) -> bool:
    return planned.names.index(level.level.name) > planned.names.index(name)


def _inside(wider: PlannedCounty, level: PlannedCounty) -> PlannedCounty:
    grid = wider.result.plan.grid
    parent = Labels(
        None if unit < 0 else grid.at(unit)
        for unit in whole_of_parts(_as_assembled(wider), _as_assembled(level)).tolist()
    )
    problem = with_parents(level.problem, parent)
    return judged(level, problem, level.result.plan)


def _as_assembled(level: PlannedCounty) -> Assembled:
    return Assembled(
        county=level.county,
        problem=level.problem,
        unit_graph=level.unit_graph,
        unit_of_building=level.unit_of_building,
    )


def judged(level: PlannedCounty, problem: Problem, plan: Plan) -> PlannedCounty:
    """What is known of the result still holds where the rules are the same; else only what can be seen of the plan."""
    if problem is level.problem:
        known = replace(level.result, status="unknown") if level.result.status == "infeasible" else level.result
        result = rejudged(problem, known, plan)
    else:
        result = _seen(level.result, problem, plan)
    return replace(level, problem=problem, result=result, explanation=explain(problem, plan))


def _seen(before: Result, problem: Problem, plan: Plan) -> Result:
    violations, warnings = validate(problem, plan)
    return replace(
        before,
        plan=plan,
        status="unknown" if violations else "feasible",
        stop_reason="stalled",
        objective=score(problem, plan),
        bound=None,
        gap=None,
        violations=violations,
        warnings=warnings,
        reasons=(),
        notes=(),
        pieces=(),
    )
