"""Look-ahead, first way: other lines between two upper areas, with the lower level solved on both sides of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partitioner.levels.nesting import SolvePart, Standing, misfit_by_cell
from partitioner.levels.restriction import side_by_side, with_parents
from partitioner.levels.splits import other_splits
from partitioner.model import CountRange, FloatArray, IntArray, Labels, Problem
from partitioner.model.restriction import restricted

MAX_LINES = 8
"""Other lines between two areas that are tried …"""

MAX_COPIED = 8_000
"""… and how many lower units may stand in all of them together."""


def move_lines(state: Standing, pairs: list[tuple[str, str]], solve_part: SolvePart) -> list[bool]:
    """Try the best other lines between the areas of every pair; whether one is better. Others stay as they were."""
    nested = state.nested
    code = Labels(state.area)
    number = {name: k for k, name in enumerate(code.names)}
    codes = [(number[a], number[b]) for a, b in pairs]
    uppers = _Areas.of(nested.upper, code.code, codes)
    lowers = _Areas.of(nested.lower, code.code[nested.upper_of_lower], codes)
    upper_at, lower_at = uppers.positions, lowers.positions
    limit = min(MAX_LINES, max(1, MAX_COPIED // max(1, sum(len(at) for at in lower_at))))
    tries: list[tuple[int, npt.NDArray[np.bool_]]] = []
    parts: list[Problem] = []
    place = np.zeros(len(state.area), dtype=np.int64)
    for k, (pair, upper, lower) in enumerate(zip(codes, upper_at, lower_at, strict=True)):
        place[upper] = np.arange(len(upper))
        base, present = lowers.part(k), code.code[upper] == pair[1]
        for line in other_splits(uppers.part(k), present, limit):
            side = _like_before(line, present, nested.upper.units.weight[upper])
            of_lower = side[place[nested.upper_of_lower[lower]]]
            parts.append(with_parents(base, Labels("b" if second else "a" for second in of_lower.tolist())))
            tries.append((k, side))
    if not tries:
        return [False] * len(pairs)
    cells = np.split(solve_part(side_by_side(parts)).grid.code, np.cumsum([len(part.units) for part in parts])[:-1])
    before = state.misfit_by_area(misfit_by_cell(nested.lower, state.cell))
    best = [sum(before.get(name, 0) for name in pair) for pair in pairs]
    chosen: dict[int, int] = {}
    for position, ((k, _), part, cell) in enumerate(zip(tries, parts, cells, strict=True)):
        if (cell < 0).any() or not _counted(part, cell, nested.lower.count.default):
            continue
        after = int(misfit_by_cell(part, np.unique(cell, return_inverse=True)[1]).sum())
        if after < best[k]:
            best[k], chosen[k] = after, position
    for k, position in sorted(chosen.items()):
        side, cell = tries[position][1], cells[position]
        for unit, second in zip(upper_at[k].tolist(), side.tolist(), strict=True):
            state.area[unit] = pairs[k][int(second)]
        state.cell[lower_at[k]] = state.next_cell + cell
        state.next_cell += int(cell.max()) + 1
    return [k in chosen for k in range(len(pairs))]


@dataclass(frozen=True, eq=False)
class _Areas:
    """Pairs of areas as problems of their own, cut out of what all of them cover."""

    covered: Problem
    place: IntArray
    positions: list[IntArray]

    @classmethod
    def of(cls, problem: Problem, area: IntArray, pairs: list[tuple[int, int]]) -> _Areas:
        """`area` numbers the area of every unit, `pairs` holds such numbers."""
        pair_of = np.full(int(area.max(initial=-1)) + 2, -1, dtype=np.int64)
        for k, codes in enumerate(pairs):
            pair_of[list(codes)] = k
        pair = pair_of[area]
        at = np.flatnonzero(pair >= 0)
        place = np.full(len(area), -1, dtype=np.int64)
        place[at] = np.arange(len(at))
        order = at[np.argsort(pair[at], kind="stable")]
        ends = np.cumsum(np.bincount(pair[at], minlength=len(pairs)))
        return cls(restricted(problem, at), place, np.split(order, ends[:-1]))

    def part(self, k: int) -> Problem:
        """The areas of pair `k`."""
        return restricted(self.covered, self.place[self.positions[k]])


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
