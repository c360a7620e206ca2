"""Community lines moved where they leave no lawful grids inside; compounds are cut only where nothing else helps."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from partitioner.errors import Fault, Text
from partitioner.io.assembly import Assembled
from partitioner.levels.communities import Communities, opened_notices, plan_over
from partitioner.levels.compounds import CommunityProblem, Grain, community_problem
from partitioner.levels.look_ahead import Repair, repaired
from partitioner.levels.nesting import Nested
from partitioner.levels.part_solver import PartSolver, Solve
from partitioner.levels.rejudging import rejudged
from partitioner.model import IntArray, Labels, Plan, Problem
from partitioner.profiles import Level
from partitioner.solver import Cancel, Limits, solve

WHOLE_SHARE = 0.4
"""Part of the time or steps for lines that leave compounds whole."""

BOUND_SHARE = 0.25
"""Part of the time or steps for the bound of a problem in which compounds were opened."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RepairedCommunities:
    """Communities with lines that were moved for the sake of grids.

    Parameters
    ----------
    lower_plan : Plan
        Grids of the lower problem, each inside one of the communities.
    joined : tuple of (str, str)
        Communities that were drawn anew together.
    misfit_before, misfit_after : int
        Households in grids outside the bounds.
    """

    communities: Communities
    lower_plan: Plan
    joined: tuple[tuple[str, str], ...]
    misfit_before: int
    misfit_after: int


def repaired_communities(
    assembled: Assembled,
    level: Level,
    communities: Communities,
    lower: Problem,
    lower_plan: Plan,
    limits: Limits | None = None,
    cancel: Cancel | None = None,
    *,
    home_of_lower: IntArray | None = None,
    solver: Solve = solve,
) -> RepairedCommunities:
    """Move community lines until the grids fit, as far as that is possible.

    First with the units that the communities were drawn from; then, for what is left, also through compounds and
    blocks, which the notices tell.

    Parameters
    ----------
    level : Level
        Of the communities.
    lower, lower_plan : Problem, Plan
        Of the grid level; its parents are not read.
    home_of_lower : int array, optional
        Unit of the assembled problem that each lower unit is a part of; by default they are the same.
    """
    limits = limits or Limits()
    began = time.monotonic()
    home = np.arange(len(lower.units)) if home_of_lower is None else home_of_lower
    asked = communities.asked
    nested = Nested(upper=asked.problem, lower=lower, upper_of_lower=asked.unit_of_home[home])
    parts = PartSolver(_share(limits, WHOLE_SHARE, began), cancel, solver)
    first = repaired(nested, communities.result.plan, lower_plan, parts, over=parts.over)
    label = [first.upper_plan.grid.at(unit) for unit in asked.unit_of_home.tolist()]
    second: Repair | None = None
    if first.misfit_after:
        fine = _finer(assembled, level, asked, np.full(len(label), Grain.BUILDING))
        nested = Nested(upper=fine.problem, lower=lower, upper_of_lower=fine.unit_of_home[home])
        parts = PartSolver(_share(limits, 1 - WHOLE_SHARE - BOUND_SHARE, began), cancel, solver)
        second = repaired(nested, Plan(grid=Labels(label)), first.lower_plan, parts, over=parts.over)
        label = list(second.upper_plan.grid.values())
    last = second or first
    joined = first.joined + (second.joined if second else ())
    drawn = communities
    if joined:
        drawn = _redrawn(assembled, level, communities, label, _share(limits, BOUND_SHARE, began), cancel, solver)
    return RepairedCommunities(
        communities=drawn,
        lower_plan=last.lower_plan,
        joined=joined,
        misfit_before=first.misfit_before,
        misfit_after=last.misfit_after,
    )


def _share(limits: Limits, share: float, began: float) -> Limits:
    """A part of the whole, and no more than is left of it."""
    steps = None if limits.step_limit is None else int(limits.step_limit * share)
    left_s = None
    if limits.time_limit_s is not None:
        left_s = max(0.0, min(limits.time_limit_s * share, limits.time_limit_s - (time.monotonic() - began)))
    return replace(limits, time_limit_s=left_s, step_limit=steps)


def _redrawn(
    assembled: Assembled,
    level: Level,
    before: Communities,
    label: list[str | None],
    limits: Limits,
    cancel: Cancel | None,
    solver: Solve,
) -> Communities:
    """The communities that `label` tells per inhabited building, judged by a problem whose units they do not cut."""
    asked = _uncut(assembled, level, before.asked, label)
    plan = plan_over(asked, label)
    found = before.result
    if asked is not before.asked:
        found = replace(solver(asked.problem, limits, None, cancel, start=plan), seconds=before.result.seconds)
    result = rejudged(asked.problem, found, plan)
    known = {notice.value for notice in before.notices}
    fresh = [
        _told_for_grids(notice) for notice in opened_notices(assembled, asked, result) if notice.value not in known
    ]
    return Communities(asked=asked, result=result, notices=(*before.notices, *fresh))


def _uncut(assembled: Assembled, level: Level, asked: CommunityProblem, label: list[str | None]) -> CommunityProblem:
    """`asked` with compounds and blocks that hold several communities opened into buildings."""
    code = Labels(label).code
    group = assembled.problem.units.group.code
    while True:
        unit = asked.unit_of_home
        lowest = np.full(len(asked.problem.units), np.iinfo(np.int64).max)
        highest = np.full(len(asked.problem.units), -1)
        np.minimum.at(lowest, unit, code)
        np.maximum.at(highest, unit, code)
        cut = (lowest < highest)[unit]
        if not cut.any():
            return asked
        # A compound handed over whole is opened as a whole; of one that was in blocks only the block.
        cut |= (group >= 0) & (asked.grain == Grain.COMPOUND) & np.isin(group, group[cut & (group >= 0)])
        asked = _finer(assembled, level, asked, np.where(cut, Grain.BUILDING, asked.grain))


def _finer(assembled: Assembled, level: Level, asked: CommunityProblem, grain: IntArray) -> CommunityProblem:
    """`asked` at a finer grain, with the numbers of communities that were asked for."""
    finer = community_problem(assembled, level, grain=grain)
    return replace(finer, problem=replace(finer.problem, count=asked.problem.count))


def _told_for_grids(notice: Fault) -> Fault:
    return replace(
        notice,
        rule="compound_cut_for_grids",
        message=Text(
            "按原来的社区界线，社区内无法划出合规的网格，移动界线时穿过了该小区",
            "with the community lines as they were, no lawful grids fitted inside; moving them cut this compound",
        ),
    )
