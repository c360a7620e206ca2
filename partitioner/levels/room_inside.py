"""Look-ahead of a redraw: community lines move as little as they can, and leave lawful grids inside.

The fewest moves may leave a community that holds no lawful grids. Such a set of units is refused, and the fewest moves
are looked for again without it, until every community that was drawn has room for its grids. So what is found moves
the fewest households of all plans with lawful grids, and that is proved wherever the redraw is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from partitioner.errors import Fault, Text
from partitioner.io.assembly import Assembled
from partitioner.io.measures import with_measure
from partitioner.io.writing import PlannedCounty
from partitioner.levels.carried_over import Became, labels_over, opened_as_before
from partitioner.levels.community_units import CarriedOver
from partitioner.levels.part_of import whole_of_parts
from partitioner.levels.parts import open_large
from partitioner.levels.restriction import with_parents
from partitioner.model import IntArray, Labels, Plan, Problem
from partitioner.model.restriction import restricted
from partitioner.profiles import Level
from partitioner.redraw import Admits, Redrawn
from partitioner.scoring import validate
from partitioner.solver import Cancel, Limits, solve

STEPS = 4_000
"""What looking for lawful grids in one community may take."""


@dataclass(kw_only=True, eq=False)
class RoomInside:
    """Whether communities hold lawful grids.

    Parameters
    ----------
    upper : Problem
        Of the communities.
    lower : Problem
        Of the grids, whose units carry their previous ones; parents are not read.
    upper_of_lower : int array, shape (units of `lower`,)
    excused : frozenset of str
        Previous communities whose grids broke rules before: areas that hold most of one are not looked at.
    """

    upper: Problem
    lower: Problem
    upper_of_lower: IntArray
    excused: frozenset[str] = frozenset()
    seed: int = 0
    cancel: Cancel | None = None
    guessed: bool = False
    """Whether some area was refused without a proof that it holds no lawful grids."""
    _known: dict[bytes, bool] = field(default_factory=dict)

    def __call__(self, units: IntArray) -> bool:
        """Whether lawful grids are known inside these units of `upper`."""
        key = units.tobytes()
        if key not in self._known:
            self._known[key] = self._is_excused(units) or self._has_room(units)
        return self._known[key]

    def _is_excused(self, units: IntArray) -> bool:
        previous = self.upper.units.previous
        had = previous.code[units]
        if not self.excused or not (had >= 0).any():
            return False
        votes = np.bincount(had[had >= 0], weights=self.upper.units.weight[units][had >= 0])
        return previous.names[int(votes.argmax())] in self.excused

    def _has_room(self, units: IntArray) -> bool:
        inside = np.zeros(len(self.upper.units), dtype=np.bool_)
        inside[units] = True
        at = np.flatnonzero(inside[self.upper_of_lower])
        if not len(at):
            return True
        asked = with_parents(restricted(self.lower, at), Labels("a" for _ in at))
        previous = asked.units.previous
        if (previous.code >= 0).all() and not validate(asked, Plan(grid=previous))[0]:
            return True
        found = solve(asked, Limits(step_limit=STEPS, seed=self.seed), None, self.cancel)
        self.guessed |= bool(found.violations) and found.status != "infeasible"
        return not found.violations


def room_inside(
    assembled: Assembled,
    carried: CarriedOver,
    before: PlannedCounty,
    level: Level,
    became: Became,
    *,
    everywhere: bool,
    seed: int,
    cancel: Cancel | None,
) -> RoomInside:
    """Look into the areas of `carried` with the grid level `level`, as it was `before`.

    Parameters
    ----------
    everywhere : bool
        Communities whose grids broke rules before are looked at as well.
    """
    rule = before.profile.slices
    opened = open_large(
        with_measure(opened_as_before(assembled, before, became, rule), level, before.profile), level, rule
    )
    problem = opened.problem
    labels = labels_over(before, opened.county, problem, became)
    position, parent = before.problem.units.position(), before.problem.units.parent
    broken = {parent.at(position[unit]) for one in before.result.violations for unit in one.units}
    return RoomInside(
        upper=carried.asked.problem,
        lower=replace(problem, units=replace(problem.units, previous=labels)),
        upper_of_lower=carried.asked.unit_of_home[whole_of_parts(assembled, opened)],
        excused=frozenset() if everywhere else frozenset(name for name in broken if name is not None),
        seed=seed,
        cancel=cancel,
    )


def with_room(
    draw: Callable[[Admits | None], Redrawn],
    plain: Redrawn,
    problem: Problem,
    room: RoomInside,
    reach: frozenset[str | None],
) -> Redrawn:
    """The fewest moves with lawful grids inside; where there are none in some parent, the fewest moves there.

    Parameters
    ----------
    draw : callable
        Draws communities anew, of areas that are admitted if it is told so.
    plain : Redrawn
        Drawn without looking ahead; it is returned where nothing is better.
    problem : Problem
        What was asked, frozen communities locked: these are not looked into.
    reach : frozenset
        Parents that may be drawn anew.
    """
    asked = frozenset(_cramped(plain, problem, room, reach))
    while asked:
        drawn = draw(_only_in(problem, room, asked))
        worse = _cramped(drawn, problem, room, asked)
        if len(drawn.result.violations) > len(plain.result.violations):
            break
        if not worse:
            return _less_sure(drawn, plain) if room.guessed else drawn
        asked -= worse
    return plain


def line_notice(moved: int, without: int | None) -> tuple[Fault, ...]:
    """What looking ahead has changed, for planners."""
    if without is None:
        return ()
    return (
        Fault(
            rule="lines_for_grids",
            message=Text(
                f"只求社区变动最少（{without} 户）时，有的社区内划不出合规网格；改用变动 {moved} 户的社区界线",
                f"with the fewest households in another community ({without}) some community would hold no lawful "
                f"grids; lines that move {moved} were taken instead",
            ),
            remedy=Text(
                "如社区界线不应移动，请用 --freeze community:编码 固定",
                "freeze communities whose lines must not move with --freeze community:CODE",
            ),
        ),
    )


def _only_in(problem: Problem, room: RoomInside, parents: frozenset[str | None]) -> Admits:
    parent = problem.units.parent

    def admits(units: IntArray) -> bool:
        return parent.at(int(units[0])) not in parents or room(units)

    return admits


def _cramped(
    drawn: Redrawn, problem: Problem, room: RoomInside, parents: frozenset[str | None]
) -> frozenset[str | None]:
    """Parents of areas without lawful grids inside."""
    locked = {unit for members in problem.locked for unit in members}
    found = set()
    for members in drawn.plan.grid.members():
        parent = problem.units.parent.at(int(members[0]))
        if parent in parents and int(members[0]) not in locked and not room(members):
            found.add(parent)
    return frozenset(found)


def _less_sure(drawn: Redrawn, plain: Redrawn) -> Redrawn:
    """Some areas were refused though they might hold lawful grids: what is proved is what holds for all lines."""
    result = drawn.result
    if result.status == "optimal":
        result = replace(result, status="feasible", stop_reason="stalled")
    return replace(drawn, result=replace(result, bound=None, gap=None), moved_bound=plain.moved_bound)
