"""Levels one after another, from the widest to the narrowest: the areas of one are the parents of the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from partitioner.apportionment import apportioned, still_fits
from partitioner.errors import Fault, InputError, Text
from partitioner.geometry.county import County
from partitioner.io.assembly import Assembled, assemble
from partitioner.io.measures import with_measure
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.levels.communities import Communities, solve_communities
from partitioner.levels.community_repair import repaired_communities
from partitioner.levels.inside import inside
from partitioner.levels.look_ahead import repaired
from partitioner.levels.nesting import Nested, line_price
from partitioner.levels.opening import opened_where_stuck
from partitioner.levels.part_of import whole_of_parts
from partitioner.levels.part_solver import PartSolver
from partitioner.levels.parts import micro_parts, open_large
from partitioner.levels.planned import planned_communities, planned_level
from partitioner.levels.recounting import recounted
from partitioner.levels.rejudging import known_for, rejudged
from partitioner.levels.restriction import with_parents
from partitioner.microgrid import with_remainders
from partitioner.model import Count, Labels, Plan, Problem, Result
from partitioner.profiles import Level, Profile
from partitioner.profiles.numbering import numbered_plan
from partitioner.scoring import explain, validate
from partitioner.solver import Cancel, Limits, Observer, solve

COMMUNITY, GRID, MICRO = "community", "grid", "micro"
"""Names of the levels whose units are compounds, buildings, and floors of stairwells."""

EFFORT = {COMMUNITY: 0.15, GRID: 0.45, MICRO: 0.4}
"""Share of the time or the steps that each level may use; what a level leaves over goes to those below it."""

SCOUTING, REPAIRING = 0.3, 0.4
"""Parts of a level's share for a first look at whether it fits into the areas above, and of the rest for moving the
lines of these where it does not."""

IN_EARNEST, COUNTED = 0.8, 0.6
"""Parts of a level's share for a plan that may well be the last one; the second where a number of areas is asked for,
which may have to be shared out otherwise."""

RECOUNTING = 0.3
"""Part of the rest for exchanging areas among the areas above."""

MAX_OPENINGS = 2
"""Rounds of opening buildings around areas outside the bounds."""

Notify = Callable[[str], None]
"""Told the name of each phase when it begins: adjacency, a level's name, slices."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Start:
    """A plan to start from, and the run that knows something about its pieces."""

    plan: Plan
    problem: Problem
    result: Result

    @classmethod
    def of(cls, problem: Problem, result: Result) -> _Start:
        """Where `result` ended."""
        return cls(plan=result.plan, problem=problem, result=result)


@dataclass(kw_only=True)
class _Watching:
    """Limits shared out among levels, and who is told."""

    limits: Limits
    observer: Observer | None
    cancel: Cancel | None
    notify: Notify
    waiting: list[str]
    counts: Mapping[str, int]
    retired: frozenset[str]
    executor: Executor | None
    agreed: dict[str, Count] = field(default_factory=dict)
    began: float = field(default_factory=time.monotonic)
    spent_s: dict[str, float] = field(default_factory=dict)

    def share_of(self, level: str, part: float = 1.0) -> Limits:
        """What `level` may use of what is left; `part` of it while it has more to do."""
        share = part * EFFORT[level] / sum(EFFORT[name] for name in self.waiting)
        if part == 1.0:
            self.done(level)
        left_s, steps = self.limits.time_limit_s, self.limits.step_limit
        if left_s is not None:
            left_s = max(0.0, left_s - (time.monotonic() - self.began)) * share
        if steps is not None:
            given = int(steps * share)
            self.limits = replace(self.limits, step_limit=steps - given)
            steps = given
        return replace(self.limits, time_limit_s=left_s, step_limit=steps)

    @contextmanager
    def working_on(self, level: str) -> Iterator[None]:
        """What passes inside counts for `level`; 0 in runs that never look at the clock."""
        before = time.monotonic()
        yield
        if self.limits.step_limit is None:
            self.spent_s[level] = self.spent_s.get(level, 0.0) + time.monotonic() - before

    def seconds(self, level: str) -> float:
        """Seconds that went into `level`."""
        return round(self.spent_s.get(level, 0.0), 3)

    def earnest(self, level: str) -> float:
        """Part of the share of `level` for its first plan."""
        return COUNTED if level in self.counts else IN_EARNEST

    def done(self, level: str) -> None:
        """What `level` has not used goes to the others."""
        self.waiting.remove(level)

    def solve(self, problem: Problem, limits: Limits, start: _Start | None = None) -> Result:
        """Solve, telling the observer; from `start`, if there is one, with what was proved there."""
        return solve(
            problem,
            limits,
            self.observer,
            self.cancel,
            start=None if start is None else start.plan,
            executor=self.executor,
            known=() if start is None else known_for(problem, start.problem, start.result),
        )


def plan_levels(
    county: County,
    profile: Profile,
    levels: Sequence[Level],
    *,
    counts: Mapping[str, int] | None = None,
    retired: Collection[str] = (),
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
    notify: Notify = lambda _: None,
    executor: Executor | None = None,
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
    retired : collection of str
        Codes of earlier areas that are never given again.
    limits : Limits, optional
        For all levels together.
    executor : Executor, optional
        Works on the pieces of grids and micro-grids; see `solver.solve`.

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
        retired=frozenset(retired),
        executor=executor,
    )
    by_name = dict(zip(names, levels, strict=True))
    first = by_name.get(GRID) or levels[-1]
    notify("adjacency")
    assembled = assemble(
        county, bounds=first.bounds, weights=first.weights, count=first.count, max_walk_m=first.max_walk_m
    )
    base = assembled
    drawn: Communities | None = None
    planned: list[PlannedCounty] = []
    if COMMUNITY in by_name:
        with watching.working_on(COMMUNITY):
            base = with_measure(base, by_name[COMMUNITY], profile)
            drawn = _communities(base, by_name[COMMUNITY], watching)
            assembled = inside(base, drawn)
    if GRID in by_name:
        with watching.working_on(GRID):
            assembled = _counted_buildings(assembled, by_name[GRID], profile)
            scouted: _Start | None = None
            if drawn is not None:
                drawn, scouted = _with_room_for_grids(
                    base, assembled, drawn, by_name[COMMUNITY], by_name[GRID], watching
                )
                assembled = _counted_buildings(inside(base, drawn), by_name[GRID], profile)
            assembled, grids = _grids(assembled, by_name[GRID], profile, watching, scouted)
    if drawn is not None:
        planned.append(planned_communities(inside(base, drawn), drawn, by_name[COMMUNITY], profile))
    if GRID in by_name:
        planned.append(grids)
    if MICRO in by_name:
        with watching.working_on(MICRO):
            opened = _micro_parts(assembled, planned, by_name[MICRO], profile, watching)
            if GRID in by_name:
                planned[-1:] = _grids_and_micro_grids(assembled, opened, planned[-1], by_name[MICRO], profile, watching)
            else:
                planned.append(_solved(opened, by_name[MICRO], profile, watching))
    seconds = tuple(watching.seconds(name) for name in names)
    return PlannedLevels(levels=tuple(planned), seconds=seconds, source=county)


def _communities(assembled: Assembled, level: Level, watching: _Watching) -> Communities:
    """The communities, with codes."""
    watching.notify(COMMUNITY)
    limits = watching.share_of(COMMUNITY)
    drawn = solve_communities(
        assembled, level, limits, watching.observer, watching.cancel, num_communities=watching.counts.get(COMMUNITY)
    )
    return replace(drawn, result=with_codes(drawn.asked.problem, drawn.result, level, watching.retired))


def _with_room_for_grids(
    base: Assembled, opened: Assembled, drawn: Communities, community: Level, grid: Level, watching: _Watching
) -> tuple[Communities, _Start]:
    """Communities whose lines leave lawful grids inside, as far as a first look finds; and the grids of that look."""
    problem = _counted(opened.problem, grid, watching)
    watching.notify(GRID)
    first = watching.solve(problem, watching.share_of(GRID, SCOUTING))
    if not first.violations:
        return drawn, _Start.of(problem, first)
    watching.notify("repair")
    repair = repaired_communities(
        base,
        community,
        drawn,
        opened.problem,
        first.plan,
        watching.share_of(GRID, REPAIRING),
        watching.cancel,
        home_of_lower=whole_of_parts(base, opened),
    )
    kept = repair.communities
    coded = with_codes(kept.asked.problem, kept.result, community, watching.retired)
    return replace(kept, result=coded), _Start(plan=repair.lower_plan, problem=problem, result=first)


def _counted_buildings(assembled: Assembled, level: Level, profile: Profile) -> Assembled:
    """Buildings with what `level` counts, those opened that hold more than a grid."""
    return open_large(with_measure(assembled, level, profile), level, profile.slices)


def _grids(
    assembled: Assembled, level: Level, profile: Profile, watching: _Watching, start: _Start | None
) -> tuple[Assembled, PlannedCounty]:
    """The grids; buildings are opened where none were found with them whole, and once more if that was not enough."""
    if start is None:
        found = _solved(assembled, level, profile, watching, None, watching.earnest(level.name))
        if found.result.violations:
            found = _recounted(found, assembled, profile, watching)
        if not found.result.violations:
            return assembled, _carried_on(found, watching)
        start = _Start.of(found.problem, found.result)
    for _ in range(MAX_OPENINGS):
        opened = opened_where_stuck(assembled, level, start.plan, profile.slices)
        if opened is None:
            break
        assembled = opened.assembled
        problem = _counted(assembled.problem, level, watching)
        start = replace(start, plan=opened.plan)
        start = _Start.of(problem, watching.solve(problem, watching.share_of(level.name, SCOUTING), start))
    return assembled, _solved(assembled, level, profile, watching, start)


def _micro_parts(
    assembled: Assembled, planned: list[PlannedCounty], level: Level, profile: Profile, watching: _Watching
) -> Assembled:
    """Stairwells, floors and houses, inside the grids drawn or the previous ones."""
    grid = planned[-1].result.plan.grid if planned else assembled.problem.units.previous
    if not grid.names:
        raise InputError([_no_grids(level)])
    watching.notify("slices")
    return with_measure(micro_parts(assembled, grid, level, profile.slices), level, profile)


def _with_parents(opened: Assembled, wider: Assembled, grid: Labels) -> Assembled:
    """`opened` with the areas `grid` of the units of `wider` as parents."""
    parent = Labels(grid.at(unit) for unit in whole_of_parts(wider, opened).tolist())
    return replace(opened, problem=with_parents(opened.problem, parent))


def _grids_and_micro_grids(
    wider: Assembled,
    opened: Assembled,
    grids: PlannedCounty,
    level: Level,
    profile: Profile,
    watching: _Watching,
) -> tuple[PlannedCounty, PlannedCounty]:
    """Micro-grids, and the grids with lines moved where they left no lawful ones inside."""
    first = _solved(opened, level, profile, watching, None, watching.earnest(level.name))
    if first.result.violations:
        first = _recounted(first, opened, profile, watching)
    if not first.result.violations:
        return grids, _carried_on(first, watching)
    watching.notify("repair")
    nested = Nested(
        upper=grids.problem,
        lower=first.problem,
        upper_of_lower=whole_of_parts(wider, opened),
        price=line_price(level),
    )
    parts = PartSolver(watching.share_of(MICRO, REPAIRING), watching.cancel)
    repair = repaired(nested, grids.result.plan, first.result.plan, parts, over=parts.over)
    if not repair.joined:
        return grids, _carried_on(first, watching)
    result = rejudged(grids.problem, grids.result, repair.upper_plan)
    moved = replace(grids, result=result, explanation=explain(grids.problem, result.plan))
    inside = _with_parents(opened, wider, result.plan.grid)
    start = _Start(plan=repair.lower_plan, problem=first.problem, result=first.result)
    return moved, _solved(inside, level, profile, watching, start)


def _solved(
    assembled: Assembled,
    level: Level,
    profile: Profile,
    watching: _Watching,
    start: _Start | None = None,
    part: float = 1.0,
) -> PlannedCounty:
    problem = _counted(assembled.problem, level, watching)
    watching.notify(level.name)
    result = watching.solve(problem, watching.share_of(level.name, part), start)
    if level.name == MICRO:
        result = with_remainders(problem, result)
    result = with_codes(problem, result, level, watching.retired)
    return planned_level(assembled, problem, result, level, profile)


def _carried_on(found: PlannedCounty, watching: _Watching) -> PlannedCounty:
    """`found`, improved with what its level has not used; bounds of one problem hold for all its plans."""
    problem, result, name = found.problem, found.result, found.level.name
    if result.stop_reason not in ("time_limit", "step_limit"):
        watching.done(name)
        return found
    again = watching.solve(problem, watching.share_of(name), _Start.of(problem, result))
    best = with_codes(problem, again, found.level, watching.retired)
    return replace(found, result=best, explanation=explain(problem, best.plan))


def _counted(problem: Problem, level: Level, watching: _Watching) -> Problem:
    """`problem` with as many areas as were asked for; parents that exchanged some keep to that while they can."""
    num = watching.counts.get(level.name)
    if num is None:
        return problem
    agreed = watching.agreed.get(level.name)
    if agreed is None or not still_fits(problem, agreed, num):
        agreed = apportioned(problem, num)
    return replace(problem, count=agreed)


def _recounted(found: PlannedCounty, assembled: Assembled, profile: Profile, watching: _Watching) -> PlannedCounty:
    """`found`, with areas exchanged among the areas above where the number that one got leaves it no lawful plan."""
    level = found.level
    if level.name not in watching.counts:
        return found
    parts = PartSolver(watching.share_of(level.name, RECOUNTING), watching.cancel)
    better = recounted(found.problem, found.result.plan, parts, over=parts.over)
    if better is None:
        return found
    watching.agreed[level.name] = better.problem.count
    start = _Start(plan=better.plan, problem=found.problem, result=found.result)
    return _solved(assembled, level, profile, watching, start, SCOUTING)


def with_codes(problem: Problem, result: Result, level: Level, retired: Collection[str] = ()) -> Result:
    """`result` with the codes of `level`: an area that carries on a previous one keeps that code.

    Neither previous codes nor `retired` ones are given to other areas.
    """
    previous = set(problem.units.previous.names)
    codes = numbered_plan(problem, result.plan, level.code, taken=previous.union(retired)).grid.values()
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
