"""Where the number of areas that an upper area got leaves no lawful ones, it gives one away or gets one more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from partitioner.levels.nesting import SolvePart, misfit_by_cell
from partitioner.model import Count, CountRange, IntArray, Labels, Plan, Problem
from partitioner.model.restriction import restricted
from partitioner.scoring import validate

MAX_CANDIDATES = 12
"""Upper areas that are asked at once for one area less or more, for every one that is needed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Recounted:
    """The problem with other counts, as many in all, and a plan for it."""

    problem: Problem
    plan: Plan


def recounted(
    problem: Problem, plan: Plan, solve_part: SolvePart, *, over: Callable[[], bool] = lambda: False
) -> Recounted | None:
    """Other counts of the parents, with the same sum, under which more of them are lawful; None if none were found.

    Every parent outside the bounds is tried with one area more and one less. What that adds or takes is made up by
    lawful parents that stay lawful with it, those first whose areas are farthest from the target on that side.

    Parameters
    ----------
    problem : Problem
        With an exact count for every parent that `plan` may get another one for.
    solve_part : callable
        Solves several parents at once; called up to three times.
    """
    state = _Counted(problem, plan)
    sick = [name for name in state.exact if state.outside(name) > 0]
    if not sick or over():
        return None
    cured: dict[str, _Cut] = {}
    for step in (1, -1):
        cured |= state.tried([name for name in sick if name not in cured], step, solve_part)
    wanted = sum(cut.step for cut in cured.values())
    made_up: dict[str, _Cut] = {}
    if wanted and not over():
        step = -1 if wanted > 0 else 1
        asked = state.nearest([name for name in state.exact if name not in sick], step)
        found = state.tried(asked[: MAX_CANDIDATES * abs(wanted)], step, solve_part)
        made_up = {name: found[name] for name in [name for name in asked if name in found][: abs(wanted)]}
    missing = abs(wanted) - len(made_up)
    surplus = [name for name in sick if name in cured and cured[name].step * wanted > 0][::-1][:missing]
    cuts = {name: cut for name, cut in {**cured, **made_up}.items() if name not in surplus}
    return state.with_cuts(cuts) if cuts else None


@dataclass(frozen=True, eq=False)
class _Cut:
    """A parent with `step` more areas, and the area of each of its units."""

    step: int
    units: IntArray
    grid: Labels


class _Counted:
    """A plan whose parents have exact counts."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self._problem = problem
        self._plan = plan
        parent = problem.units.parent
        self._units = dict(zip(parent.names, parent.members(), strict=True))
        self._outside = misfit_by_cell(problem, np.maximum(plan.grid.code, 0))
        free = np.ones(len(problem.units), dtype=np.bool_)
        self._locked = dict.fromkeys(self._units, 0)
        for members in problem.locked:
            free[list(members)] = False
            name = parent.at(members[0])
            if name is not None:
                self._locked[name] += 1
        self._free = np.where(free, problem.units.households, 0)
        counts = {name: problem.count.of(name) for name in self._units}
        self.exact = [
            name for name, count in counts.items() if count.min is not None and count.min == count.max and count.min > 0
        ]

    def outside(self, name: str) -> int:
        """Households outside the bounds."""
        return int(self._outside[np.unique(self._plan.grid.code[self._units[name]])].sum())

    def nearest(self, names: list[str], step: int) -> list[str]:
        """Those that lose least by `step` areas: whose mean size is the largest before one more, or the smallest."""
        size = {name: self._households(name) / max(1, self._num(name) - self._locked[name]) for name in names}
        return sorted(names, key=lambda name: (-step * size[name], name))

    def tried(self, names: list[str], step: int, solve_part: SolvePart) -> dict[str, _Cut]:
        """Those of `names` that are lawful with `step` more areas."""
        names = [name for name in names if self._allowed(name, step)]
        if not names:
            return {}
        at = np.sort(np.concatenate([self._units[name] for name in names]))
        ranges = {name: _exactly(self._num(name) + step) for name in names}
        part = replace(restricted(self._problem, at), count=Count(by_parent=ranges))
        plan = solve_part(part)
        broken = {unit for violation in validate(part, plan)[0] for unit in violation.units}
        found = {}
        for name, here in zip(part.units.parent.names, part.units.parent.members(), strict=True):
            lawful = broken.isdisjoint(part.units.id[unit] for unit in here.tolist())
            if lawful and len(np.unique(plan.grid.code[here])) == self._num(name) + step:
                found[name] = _Cut(step, at[here], plan.grid.take(here))
        return found

    def with_cuts(self, cuts: dict[str, _Cut]) -> Recounted:
        """The problem and its plan with all of `cuts`."""
        by_parent = dict(self._problem.count.by_parent)
        values = list(self._plan.grid.values())
        for name, cut in cuts.items():
            by_parent[name] = _exactly(self._num(name) + cut.step)
            for unit, label in zip(cut.units.tolist(), cut.grid.values(), strict=True):
                values[unit] = f"{name}/{label}"
        count = replace(self._problem.count, by_parent=by_parent)
        return Recounted(problem=replace(self._problem, count=count), plan=Plan(grid=Labels(values)))

    def _num(self, name: str) -> int:
        num = self._problem.count.of(name).min
        assert num is not None
        return num

    def _households(self, name: str) -> int:
        """Beside those in locked areas."""
        return int(self._free[self._units[name]].sum())

    def _allowed(self, name: str, step: int) -> bool:
        """Whether the household bounds allow so many areas, beside the locked ones."""
        num, bounds = self._num(name) - self._locked[name] + step, self._problem.bounds
        return num > 0 and num * bounds.min <= self._households(name) <= num * bounds.max


def _exactly(num: int) -> CountRange:
    return CountRange(min=num, max=num)
