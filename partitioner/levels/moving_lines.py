"""Look-ahead, first way: other lines between two upper areas, with the lower level solved on both sides of each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from partitioner.levels.nesting import Nested, SolvePart, Standing, misfit_by_cell
from partitioner.levels.restriction import side_by_side, with_parents
from partitioner.levels.splits import other_splits
from partitioner.model import CountRange, FloatArray, IntArray, Labels, Problem
from partitioner.model.restriction import restricted

MAX_LINES = 8
"""Other lines between two areas that are tried …"""

MAX_COPIED = 16_000
"""… and how many lower units may stand in all of them together."""


def move_lines(
    state: Standing, pairs: list[tuple[str, str]], solve_part: SolvePart, *, polishing: bool = False
) -> list[bool]:
    """Try the best other lines between the areas of every pair; whether one is better. Others stay as they were.

    Pairs may share areas: of lines that exclude one another the better one is taken.

    Parameters
    ----------
    polishing : bool
        A line need not help the lower level, if it is cheaper for the upper one and does the lower one no harm.
    """
    areas = _Areas(state)
    limit = min(MAX_LINES, max(1, MAX_COPIED // max(1, sum(areas.num_lower(pair) for pair in pairs))))
    outside = state.misfit_by_area(misfit_by_cell(state.nested.lower, state.cell))
    tries: list[_Try] = []
    parts: list[Problem] = []
    for k, pair in enumerate(pairs):
        upper, lower = areas.upper_at(pair), areas.lower_at(pair)
        asked = areas.upper_problem(upper)
        present = np.array([state.area[unit] == pair[1] for unit in upper.tolist()], dtype=np.bool_)
        now = _worth(state, outside, pair, upper, present)
        base: Problem | None = None
        for line in other_splits(asked, present, limit):
            side = _like_before(line, present, asked.units.weight)
            cost = state.nested.cost_of((upper[~side], upper[side]))
            if not _can_pay(state.nested, now, cost, polishing=polishing):
                continue
            base = areas.lower_problem(lower) if base is None else base
            of_lower = side[np.searchsorted(upper, state.nested.upper_of_lower[lower])]
            parts.append(with_parents(base, Labels("b" if second else "a" for second in of_lower.tolist())))
            tries.append(_Try(pair=k, upper=upper, lower=lower, side=side, cost=cost, now=now))
    if not tries:
        return [False] * len(pairs)
    cells = np.split(solve_part(side_by_side(parts)).grid.code, np.cumsum([len(part.units) for part in parts])[:-1])
    better: list[tuple[tuple[float, float], int]] = []
    for position, (one, part, cell) in enumerate(zip(tries, parts, cells, strict=True)):
        if (cell < 0).any() or not _counted(part, cell, state.nested.lower.count.default):
            continue
        after = int(misfit_by_cell(part, np.unique(cell, return_inverse=True)[1]).sum())
        rank, before = state.nested.rank(after, one.cost), state.nested.rank(one.now.misfit, one.now.cost)
        if rank < before and after < one.now.misfit + polishing:
            better.append(((rank[0] - before[0], rank[1] - before[1]), position))
    return _taken(state, pairs, tries, cells, [position for _, position in sorted(better)])


@dataclass(frozen=True, kw_only=True)
class _Worth:
    """How two areas stand: households outside the lower bounds, and what the areas cost."""

    misfit: int
    cost: float


@dataclass(frozen=True, kw_only=True, eq=False)
class _Try:
    """Another line between the areas of a pair: `side` tells for each of `upper` whether it lies in the second."""

    pair: int
    upper: IntArray
    lower: IntArray
    side: npt.NDArray[np.bool_]
    cost: float
    now: _Worth


def _worth(
    state: Standing, outside: dict[str, int], pair: tuple[str, str], upper: IntArray, second: npt.NDArray[np.bool_]
) -> _Worth:
    misfit = sum(outside.get(name, 0) for name in pair)
    return _Worth(misfit=misfit, cost=state.nested.cost_of((upper[~second], upper[second])))


def _can_pay(nested: Nested, now: _Worth, cost: float, *, polishing: bool) -> bool:
    """Whether a line of this cost may be better, however lawful the lower level is inside."""
    return (now.misfit > 0 or polishing) and nested.rank(0, cost) < nested.rank(now.misfit, now.cost)


def _taken(
    state: Standing, pairs: list[tuple[str, str]], tries: list[_Try], cells: list[IntArray], order: list[int]
) -> list[bool]:
    """Take over lines in this order, none that touches an area of an earlier one; which pairs have a new line."""
    used: set[str] = set()
    done = [False] * len(pairs)
    for position in order:
        one = tries[position]
        pair = pairs[one.pair]
        if used & set(pair):
            continue
        used |= set(pair)
        done[one.pair] = True
        for unit, second in zip(one.upper.tolist(), one.side.tolist(), strict=True):
            state.area[unit] = pair[int(second)]
        state.cell[one.lower] = state.next_cell + cells[position]
        state.next_cell += int(cells[position].max()) + 1
    return done


class _Areas:
    """Areas by name, and pairs of them as problems of their own."""

    def __init__(self, state: Standing) -> None:
        self._nested = state.nested
        area = Labels(state.area)
        number = {name: k for k, name in enumerate(area.names)}
        self._number = number
        self._upper = area.members()
        self._lower = _members(area.code[state.nested.upper_of_lower], len(number))

    def upper_at(self, pair: tuple[str, str]) -> IntArray:
        """Upper units of both areas, ascending."""
        return np.sort(np.concatenate([self._upper[self._number[name]] for name in pair]))

    def lower_at(self, pair: tuple[str, str]) -> IntArray:
        """Lower units of both areas, ascending."""
        return np.sort(np.concatenate([self._lower[self._number[name]] for name in pair]))

    def num_lower(self, pair: tuple[str, str]) -> int:
        """How many lower units both areas have."""
        return sum(len(self._lower[self._number[name]]) for name in pair)

    def upper_problem(self, positions: IntArray) -> Problem:
        """The upper problem of two areas."""
        return restricted(self._nested.upper, positions)

    def lower_problem(self, positions: IntArray) -> Problem:
        """The lower problem of two areas."""
        return restricted(self._nested.lower, positions)


def _members(code: IntArray, num: int) -> list[IntArray]:
    """Ascending positions of every code from 0."""
    order = np.argsort(code, kind="stable")
    starts = np.searchsorted(code[order], np.arange(num + 1))
    return [order[a:b] for a, b in pairwise(starts)]


def _like_before(
    side: npt.NDArray[np.bool_], before: npt.NDArray[np.bool_], weight: FloatArray
) -> npt.NDArray[np.bool_]:
    """`side` or its opposite, whichever leaves most households with their name."""
    return side if float(weight[side == before].sum()) >= float(weight[side != before].sum()) else ~side


def _counted(part: Problem, cell: IntArray, counts: CountRange) -> bool:
    """Whether every area holds a lawful number of lower ones."""
    for members in part.units.parent.members():
        num = len(np.unique(cell[members]))
        if num < (counts.min or 0) or (counts.max is not None and num > counts.max):
            return False
    return True
