"""Levels follow a change one after another: only what it reaches is drawn anew, everything else stays as it was.

Communities come first, then the grids inside them, then the micro-grids inside these. At every level units keep the
areas that they had, and `redraw` moves as few households as it can. A unit whose area above changed cannot stay where
it was; that is how a line moved at one level reaches the next one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from partitioner.apportionment import apportioned
from partitioner.geometry.county import County
from partitioner.io.assembly import Assembled, assemble
from partitioner.io.measures import with_measure
from partitioner.io.writing import PlannedCounty, PlannedLevels
from partitioner.levels.carried_over import (
    Became,
    labels_over,
    matched_units,
    opened_as_before,
    with_previous_labels,
)
from partitioner.levels.communities import Communities
from partitioner.levels.community_units import CarriedOver, carried_over
from partitioner.levels.inside import inside
from partitioner.levels.lasting_locks import lasting_locks
from partitioner.levels.parts import micro_parts, open_large
from partitioner.levels.planned import planned_communities, planned_level
from partitioner.levels.room_inside import RoomInside, line_notice, room_inside, with_room
from partitioner.levels.top_down import COMMUNITY, EFFORT, GRID, MICRO, Notify, with_codes
from partitioner.microgrid import remainders, with_remainders
from partitioner.model import Labels, Plan, Problem, Result, Sets, Status
from partitioner.profiles import Level, Profile
from partitioner.redraw import (
    STRICT,
    Admits,
    Changes,
    Frozen,
    Goal,
    Lineage,
    Redrawn,
    changes_between,
    lineage,
    reached,
    redraw,
    with_locks,
)
from partitioner.solver import Cancel, Limits, Observer

MOVE_WEIGHT = 200.0
"""Price of a moved household, in household-metres, in weighted redraws whose level names none."""


@dataclass(frozen=True, kw_only=True)
class RedrawnLevel:
    """What a change did to one level.

    Parameters
    ----------
    name : str
        Of the level.
    lineage : Lineage
        Of its areas, those included whose last units are gone.
    changes : Changes
        Between the level's problem of before and that of today; ids are those of its units.
    reach : frozenset of str or None
        Areas above in which something changed; nothing moved anywhere else. Empty: the level is as it was.
    moved : int
        Households that had an area and are not in the one that carries it on.
    moved_bound : int
        No lawful plan inside the same areas above moves fewer; 0 where nothing is known.
    moved_without_grids : int or None
        Where other lines were drawn so that the level below is lawful: what would have moved without regard to it.
    """

    name: str
    lineage: Lineage
    changes: Changes
    reach: frozenset[str | None]
    moved: int
    moved_bound: int
    moved_without_grids: int | None = None

    @property
    def fewest(self) -> bool:
        """Whether it is proved that no fewer could move."""
        return self.moved == self.moved_bound


@dataclass(frozen=True, kw_only=True, eq=False)
class RedrawnLevels:
    """The plan after a change, and what became of the one before.

    Parameters
    ----------
    planned : PlannedLevels
        The same levels as before. A level that the change does not reach is the same object as before.
    levels : tuple of RedrawnLevel
        In the same order.
    """

    planned: PlannedLevels
    levels: tuple[RedrawnLevel, ...]

    def level(self, name: str) -> RedrawnLevel:
        """What was done to the level called `name`.

        Raises
        ------
        KeyError
            No such level was planned.
        """
        return dict(zip(self.planned.names, self.levels, strict=True))[name]


def redraw_levels(
    previous: PlannedLevels,
    county: County,
    *,
    became: Became | None = None,
    told: Mapping[str, str] | None = None,
    levels: Sequence[Level] | None = None,
    counts: Mapping[str, int] | None = None,
    goal: Goal = STRICT,
    frozen: Mapping[str, Frozen] | None = None,
    everywhere: bool = False,
    retired: Collection[str] = (),
    limits: Limits | None = None,
    observer: Observer | None = None,
    cancel: Cancel | None = None,
    notify: Notify = lambda _: None,
) -> RedrawnLevels:
    """Let every level of a plan follow a change.

    Parameters
    ----------
    previous : PlannedLevels
        The plan to start from.
    county : County
        That of today, buildings whole.
    became : mapping of str to str, optional
        From ids of buildings before to those of today, for buildings whose id changed.
    told : mapping of str to str, optional
        From ids of buildings to codes of communities: lines that have been decided, in plans with communities. The
        communities that gain or lose such buildings are frozen as they then are. (In plans without communities the
        column of the county decides.)
    levels : sequence of Level, optional
        Those of `previous` with the bounds and weights of today; by default as they were.
    counts : mapping from level name to int, optional
        Areas in all, as in `plan_levels`; without it how many there are follows from the bounds.
    goal : Goal
        At every level. A cap holds for each level alone.
    frozen : mapping from level name to Frozen, optional
    everywhere : bool
        Also mend what broke a rule before, where nothing changed.
    retired : collection of str
        Codes of earlier areas that are never given again; those of `previous` are not either.
    limits : Limits, optional
        For all levels together.

    Raises
    ------
    InputError
        Nobody lives in the county, `frozen` names what is not there, or the bounds do not allow `counts`.
    """
    names = previous.names
    kept = levels or [planned.level for planned in previous.levels]
    run = _Run(
        previous=previous,
        profile=previous.levels[-1].profile,
        level={level.name: level for level in kept},
        became=dict(became or {}),
        counts=dict(counts or {}),
        goal=goal,
        frozen=dict(frozen or {}),
        everywhere=everywhere,
        retired=frozenset(retired),
        limits=limits or Limits(),
        observer=observer,
        cancel=cancel,
        notify=notify,
        waiting=list(names),
    )
    notify("adjacency")
    first = run.level[GRID if GRID in names else names[-1]]
    assembled = assemble(
        county, bounds=first.bounds, weights=first.weights, count=first.count, max_walk_m=first.max_walk_m
    )
    if COMMUNITY in names:
        assembled = run.communities(assembled, told or {})
    grid = assembled.problem.units.previous
    if GRID in names:
        assembled, grid = run.grids(assembled)
    if MICRO in names:
        run.micro_grids(assembled, grid)
    return RedrawnLevels(
        planned=PlannedLevels(levels=tuple(run.planned), seconds=tuple(run.seconds)), levels=tuple(run.told)
    )


@dataclass(kw_only=True)
class _Run:
    """One redraw of all levels."""

    previous: PlannedLevels
    profile: Profile
    level: dict[str, Level]
    became: Became
    counts: dict[str, int]
    goal: Goal
    frozen: dict[str, Frozen]
    everywhere: bool
    retired: frozenset[str]
    limits: Limits
    observer: Observer | None
    cancel: Cancel | None
    notify: Notify
    waiting: list[str]
    began: float = field(default_factory=time.monotonic)
    planned: list[PlannedCounty] = field(default_factory=list)
    told: list[RedrawnLevel] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def communities(self, assembled: Assembled, told: Mapping[str, str]) -> Assembled:
        """The county with the communities of today in it."""
        began = time.monotonic()
        before, level = self.previous.level(COMMUNITY), self.level[COMMUNITY]
        assembled = with_measure(assembled, level, self.profile)
        carried = carried_over(assembled, level, before, self.became, told, num=self.counts.get(COMMUNITY))
        asked = carried.asked
        room = (lambda: self._room(assembled, carried)) if self.previous.has(GRID) else None
        problem, result = self._followed(before, asked.problem, {}, carried.decided, room)
        asked = replace(asked, problem=problem)
        notices = (*asked.notices, *line_notice(self.told[-1].moved, self.told[-1].moved_without_grids))
        drawn = Communities(asked=asked, result=result or _stays(before, asked.problem), notices=notices)
        within = inside(assembled, drawn)
        self._done(before if result is None else planned_communities(within, drawn, level, self.profile), began)
        return within

    def _room(self, assembled: Assembled, carried: CarriedOver) -> RoomInside:
        return room_inside(
            assembled,
            carried,
            self.previous.level(GRID),
            self.level[GRID],
            self.became,
            everywhere=self.everywhere,
            seed=self.limits.seed,
            cancel=self.cancel,
        )

    def grids(self, assembled: Assembled) -> tuple[Assembled, Labels]:
        """The county with buildings opened as grids need it, and the grids of today."""
        began = time.monotonic()
        before, level = self.previous.level(GRID), self.level[GRID]
        assembled = opened_as_before(assembled, before, self.became, self.profile.slices)
        assembled = open_large(with_measure(assembled, level, self.profile), level, self.profile.slices)
        return self._units_followed(assembled, before, level, began)

    def micro_grids(self, assembled: Assembled, grid: Labels) -> None:
        """Micro-grids inside `grid`."""
        began = time.monotonic()
        before, level = self.previous.level(MICRO), self.level[MICRO]
        self.notify("slices")
        assembled = with_measure(micro_parts(assembled, grid, level, self.profile.slices), level, self.profile)
        self._units_followed(assembled, before, level, began)

    def _units_followed(
        self, assembled: Assembled, before: PlannedCounty, level: Level, began: float
    ) -> tuple[Assembled, Labels]:
        """A level whose units are buildings or parts of them."""
        assembled = with_previous_labels(
            assembled, labels_over(before, assembled.county, assembled.problem, self.became)
        )
        problem = assembled.problem
        if level.name in self.counts:
            problem = replace(problem, count=apportioned(problem, self.counts[level.name]))
        names = matched_units(before, assembled.county, problem, self.became)
        problem, result = self._followed(before, problem, names, frozenset())
        self._done(before if result is None else planned_level(assembled, problem, result, level, self.profile), began)
        return assembled, problem.units.previous if result is None else result.plan.grid

    def _followed(
        self,
        before: PlannedCounty,
        problem: Problem,
        names: Mapping[str, str],
        decided: frozenset[str],
        room: Callable[[], RoomInside] | None = None,
    ) -> tuple[Problem, Result | None]:
        """What one level is asked, and its plan; None where nothing changed, so that the one of before stands.

        Frozen areas are locked while the level is drawn; a lock outlasts it where its area breaks a rule, as does its
        warning, until all is mended. `room` tells whether areas hold lawful ones of the level below.
        """
        name = before.level.name
        level = self.level[name]
        self.notify(name)
        share = self._share(name)
        own = problem.locked
        if not self.everywhere:
            problem = replace(problem, locked=(*own, *lasting_locks(before, problem)))
        old = before.problem if name in self.counts else replace(before.problem, count=problem.count)
        changes = changes_between(old, before.result.plan, problem, names)
        reach = reached(problem, changes, broken=False).opened | _decided_otherwise(before, problem, names)
        if self.everywhere:
            reach = frozenset(problem.units.parent.values())
        same = set(problem.units.id) == set(before.problem.units.id)
        if same and not changes and not reach:
            line = _lineage_of(problem, problem.units.previous, changes)
            self.told.append(
                RedrawnLevel(name=name, lineage=line, changes=changes, reach=reach, moved=0, moved_bound=0)
            )
            return problem, None
        weights = problem.weights
        if self.goal.kind == "weighted" and weights.move == 0:
            problem = replace(problem, weights=replace(weights, move=MOVE_WEIGHT))
        frozen = self.frozen.get(name, Frozen())
        frozen = replace(frozen, grids=frozen.grids | decided)

        def draw(admits: Admits | None) -> Redrawn:
            return redraw(
                problem,
                self.goal,
                frozen=frozen,
                reach=reach,
                hopeless=remainders(problem, reach) if name == MICRO else (),
                admits=admits,
                limits=share,
                observer=self.observer,
                cancel=self.cancel,
            )

        plain = drawn = draw(None)
        problem = with_locks(problem, frozen.grids)
        if room is not None:
            drawn = with_room(draw, plain, problem, room(), reach)
        problem = _released(problem, drawn.result, own)
        result = _with_earlier_reasons(problem, drawn.result, before.result, reach)
        if name == MICRO:
            result = with_remainders(problem, result)
        result = with_codes(problem, result, level, self.retired.union(before.result.plan.grid.names))
        self.told.append(
            RedrawnLevel(
                name=name,
                lineage=_lineage_of(problem, result.plan.grid, changes),
                changes=changes,
                reach=reach,
                moved=drawn.moved,
                moved_bound=drawn.moved_bound,
                moved_without_grids=None if drawn is plain else plain.moved,
            )
        )
        return problem, result

    def _share(self, name: str) -> Limits:
        """What `name` may use of what is left."""
        share = EFFORT[name] / sum(EFFORT[other] for other in self.waiting)
        self.waiting.remove(name)
        left_s, steps = self.limits.time_limit_s, self.limits.step_limit
        if left_s is not None:
            left_s = max(0.0, left_s - (time.monotonic() - self.began)) * share
        if steps is not None:
            given = int(steps * share)
            self.limits = replace(self.limits, step_limit=steps - given)
            steps = given
        return replace(self.limits, time_limit_s=left_s, step_limit=steps)

    def _done(self, planned: PlannedCounty, began: float) -> None:
        self.planned.append(planned)
        self.seconds.append(0.0 if self.limits.step_limit is not None else round(time.monotonic() - began, 3))


def _stays(before: PlannedCounty, problem: Problem) -> Result:
    """The result of before over the units of today, which are the same."""
    return replace(before.result, plan=Plan(grid=problem.units.previous))


def _decided_otherwise(before: PlannedCounty, problem: Problem, names: Mapping[str, str]) -> frozenset[str | None]:
    """Parents of units whose area was decided to be another one than that of the plan."""
    position = problem.units.position()
    found = set()
    for unit, name in enumerate(before.problem.units.id):
        now = position.get(names.get(name, name))
        if now is not None and problem.units.previous.at(now) != before.result.plan.grid.at(unit):
            found.add(problem.units.parent.at(now))
    return frozenset(found)


def _lineage_of(problem: Problem, after: Labels, changes: Changes) -> Lineage:
    """With the units that are gone as units that hold nobody, so that areas gone with them are told as retired."""
    gone = [change.grid for change in changes.units if change.kind == "gone"]
    return lineage(
        Labels([*problem.units.previous.values(), *gone]),
        Labels([*after.values(), *(None for _ in gone)]),
        np.concatenate([problem.units.households, np.zeros(len(gone), dtype=np.int64)]),
    )


def _released(problem: Problem, result: Result, own: Sets) -> Problem:
    """`problem` with the locks that it had, and those whose areas are lawful as locked ones only."""
    told = {unit for warning in result.warnings for unit in warning.units}
    excused = [m for m in problem.locked if m not in own and told.intersection(problem.units.id[u] for u in m)]
    return replace(problem, locked=(*own, *excused))


def _with_earlier_reasons(problem: Problem, result: Result, before: Result, reach: frozenset[str | None]) -> Result:
    """`result` with what was proved before about parents out of reach."""
    position, parent = problem.units.position(), problem.units.parent
    still = tuple(
        reason
        for reason in before.reasons
        if reason.units and all(unit in position and parent.at(position[unit]) not in reach for unit in reason.units)
    )
    if not still:
        return result
    status: Status = "infeasible"
    return replace(result, status=status, stop_reason="proved", bound=None, gap=None, reasons=(*still, *result.reasons))
