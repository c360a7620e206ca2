"""Plans that others drew, in the place of one level of ours; and any two plans side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import shapely

from partitioner.changing.comparing import borders_of, fate_of, labels_before, level_change
from partitioner.errors import Text
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.io.writing.redraw import Comparison, LevelChange, UnitMove
from partitioner.levels.carried_over import matched_units
from partitioner.model import Labels, Plan, Problem, Result
from partitioner.redraw import Changes, Lineage, changes_between, compare, lineage
from partitioner.scoring import explain, score, validate

DRAWN = Text("手绘方案", "the drawn plan")


def as_drawn(level: PlannedCounty, grid: Labels) -> PlannedCounty:
    """`level` with the areas that `grid` names; how good they could be is not known of them."""
    plan = Plan(grid=grid)
    violations, warnings = validate(level.problem, plan)
    result = Result(
        plan=plan,
        status="unknown" if violations else "feasible",
        stop_reason="stalled",
        objective=score(level.problem, plan),
        bound=None,
        gap=None,
        violations=violations,
        warnings=warnings,
        problem=level.problem.name,
    )
    return replace(level, result=result, explanation=explain(level.problem, plan))


def with_drawn(planned: PlannedLevels, name: str, grid: Labels) -> PlannedLevels:
    """`planned` with the level called `name` as somebody drew it; the other levels as they were."""
    levels = tuple(as_drawn(level, grid) if level.level.name == name else level for level in planned.levels)
    return replace(planned, levels=levels)


def differences(
    before: PlannedLevels,
    after: PlannedLevels,
    *,
    became: Mapping[str, str] | None = None,
    titles: tuple[Text, Text] | None = None,
    only: str | None = None,
) -> Comparison:
    """Two plans side by side, by the buildings and rules of `after`; levels that only one of them has are left out.

    Parameters
    ----------
    became : mapping of str to str, optional
        From ids of buildings in `before` to those in `after`, where they differ.
    only : str, optional
        One level.
    """
    names = dict(became or {})
    levels = [
        _difference(before.level(level.level.name), level, names)
        for level in after.levels
        if before.has(level.level.name) and only in (None, level.level.name)
    ]
    county = after.levels[0].county
    found = Comparison(name=county.name, county=county, levels=tuple(levels), communities=borders_of(after))
    return found if titles is None else replace(found, titles=titles)


def _difference(before: PlannedCounty, after: PlannedCounty, became: Mapping[str, str]) -> LevelChange:
    problem = after.problem
    labels = labels_before(before, after, became)
    is_community = after.level.name == "community"  # whose units are compounds
    names = {} if is_community else matched_units(before, after.county, problem, became)
    changes = changes_between(before.problem, before.result.plan, problem, names)
    return level_change(after, labels, _lines(labels, after.result.plan.grid, problem, changes), changes=changes)


def _lines(before: Labels, after: Labels, problem: Problem, changes: Changes) -> Lineage:
    """With the units that are gone as units that hold nobody, so that areas gone with them are told as retired."""
    gone = [change.grid for change in changes.units if change.kind == "gone"]
    return lineage(
        Labels([*before.values(), *gone]),
        Labels([*after.values(), *(None for _ in gone)]),
        np.concatenate([problem.units.households, np.zeros(len(gone), dtype=np.int64)]),
    )


def problem_differences(problem: Problem, before: Plan, after: Plan) -> Comparison:
    """Two plans of one problem side by side, where nothing else is known: units stand for buildings, no map."""
    compared = compare(problem, before, after)
    parent, group = problem.units.parent, problem.units.group
    position = problem.units.position()
    moves = tuple(
        UnitMove(
            unit=moved.unit,
            building=moved.unit,
            title=moved.unit,
            part="",
            compound=group.at(position[moved.unit]) or "",
            community=parent.at(position[moved.unit]) or "",
            households=moved.households,
            before=moved.before,
            after=moved.after,
            reason=moved.reason,
        )
        for moved in compared.units
    )
    level = LevelChange(
        name="grid",
        title=Text("网格", "grid"),
        cells=np.full(len(problem.units), shapely.Polygon(), dtype=object),
        before=before.grid,
        after=after.grid,
        households=problem.units.households,
        moves=moves,
        fates=tuple(fate_of(line) for line in compared.lineage.lines),
        moved=compared.moved_households,
        moved_bound=None,
        worth_before=compared.before.objective,
        worth_after=compared.after.objective,
        broken_before=len(compared.before.violations),
        broken_after=len(compared.after.violations),
    )
    return Comparison(name=problem.name, county=None, levels=(level,))
