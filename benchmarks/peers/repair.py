"""Partitioners of graphs know one upper limit at most and may tear parts: what a user would mend by hand."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import numpy as np

from benchmarks.peers.case import Case

STEPS_PER_GRID = 60
"""Moves that are tried per grid before the repair is given up."""


def repaired(case: Case, grid: np.ndarray, rng: Random, over: Callable[[], bool] = lambda: False) -> np.ndarray:
    """A plan with every grid in one piece, and with as few households outside the bounds as single moves can reach.

    Torn-off pieces go to the smallest neighbour. Then units at the border of a grid that breaks a bound change sides,
    never tearing a grid; moves that leave the misfit as it is are taken too, so that a surplus can travel.

    Parameters
    ----------
    grid : int array, shape (n,)
    over : callable
        True ends the repair with what there is.
    """
    return _Repair(case, grid, rng).run(over)


class _Repair:
    def __init__(self, case: Case, grid: np.ndarray, rng: Random) -> None:
        self.case, self.rng = case, rng
        self.near = case.neighbours
        self.households = case.households.tolist()
        self.grid = np.unique(grid, return_inverse=True)[1].tolist()
        self.members: list[set[int]] = [set() for _ in range(max(self.grid) + 1)]
        for unit, label in enumerate(self.grid):
            self.members[label].add(unit)
        self.size = [sum(self.households[unit] for unit in units) for units in self.members]

    def run(self, over: Callable[[], bool]) -> np.ndarray:
        self._join()
        best, least = list(self.grid), self._misfit()
        misfit = least
        for _ in range(STEPS_PER_GRID * len(self.members)):
            if misfit == 0 or over():
                break
            gain = self._step()
            if gain is None:
                break
            misfit -= gain
            if misfit < least:
                best, least = list(self.grid), misfit
        return np.array(best, dtype=np.int64)

    def _join(self) -> None:
        """Every grid keeps its most populous piece; the others go to their smallest neighbour."""
        for label in range(len(self.members)):
            pieces = self._pieces(self.members[label])
            for piece in sorted(pieces, key=self._households_of)[:-1]:
                around = {self.grid[w] for v in piece for w in self.near[v] if w not in piece} - {label}
                if around:
                    to = min(around, key=lambda other: (self.size[other], other))
                    for unit in sorted(piece):
                        self._move(unit, to)

    def _step(self) -> int | None:
        """One move at a grid that breaks a bound: the best, with a little chance; None where no move is possible."""
        bad = [label for label, size in enumerate(self.size) if self._outside(size) and self.members[label]]
        self.rng.shuffle(bad)
        for label in bad:
            moves = self._out(label) if self.size[label] > self.case.max else self._in(label)
            if moves:
                loss, _, unit, to = min(moves)
                self._move(unit, to)
                return -loss
        return None

    def _out(self, label: int) -> list[tuple[int, float, int, int]]:
        moves = []
        for unit in sorted(self.members[label]):
            tos = sorted({self.grid[w] for w in self.near[unit]} - {label})
            if tos and len(self.members[label]) > 1 and self._may_leave(unit):
                moves += [self._weighed(unit, to) for to in tos]
        return moves

    def _in(self, label: int) -> list[tuple[int, float, int, int]]:
        around = sorted({w for v in self.members[label] for w in self.near[v]} - self.members[label])
        return [
            self._weighed(unit, label)
            for unit in around
            if len(self.members[self.grid[unit]]) > 1 and self._may_leave(unit)
        ]

    def _weighed(self, unit: int, to: int) -> tuple[int, float, int, int]:
        label, households = self.grid[unit], self.households[unit]
        before = self._outside(self.size[label]) + self._outside(self.size[to])
        after = self._outside(self.size[label] - households) + self._outside(self.size[to] + households)
        return after - before, self.rng.random(), unit, to

    def _may_leave(self, unit: int) -> bool:
        """Whether the others hold together without it: all its neighbours there are reached from one of them."""
        members = self.members[self.grid[unit]]
        ends = {w for w in self.near[unit] if w in members}
        if not ends:
            return len(members) == 1
        start = min(ends)
        seen, queue = {unit, start}, [start]
        ends.discard(start)
        for v in queue:
            if not ends:
                return True
            for w in self.near[v]:
                if w in members and w not in seen:
                    seen.add(w)
                    ends.discard(w)
                    queue.append(w)
        return not ends

    def _pieces(self, units: set[int]) -> list[set[int]]:
        left, pieces = set(units), []
        for start in sorted(units):
            if start not in left:
                continue
            left.discard(start)
            piece, stack = {start}, [start]
            while stack:
                for w in self.near[stack.pop()]:
                    if w in left:
                        left.discard(w)
                        piece.add(w)
                        stack.append(w)
            pieces.append(piece)
        return pieces

    def _move(self, unit: int, to: int) -> None:
        old, households = self.grid[unit], self.households[unit]
        self.members[old].discard(unit)
        self.members[to].add(unit)
        self.size[old] -= households
        self.size[to] += households
        self.grid[unit] = to

    def _outside(self, size: int) -> int:
        return max(self.case.min - size, 0, size - self.case.max)

    def _households_of(self, units: set[int]) -> int:
        return sum(self.households[unit] for unit in units)

    def _misfit(self) -> int:
        return sum(self._outside(size) for size, units in zip(self.size, self.members, strict=True) if units)
