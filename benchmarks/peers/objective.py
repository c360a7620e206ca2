"""Our objective over sets of units, quick enough to steer a peer by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.peers.case import Case


class GridCosts:
    """Weighted cost of single grids, remembered by their units: steps change two grids, the others are looked up."""

    REMEMBERED = 200_000

    def __init__(self, case: Case) -> None:
        self.case = case
        self._cost = np.ascontiguousarray(case.cost)
        self._seen: dict[bytes, float] = {}
        # `split` counts grids touching a group less one; the first touch of every group is free.
        self.free = case.split * len(np.unique(case.group[case.group >= 0]))

    def of(self, members: Sequence[int] | np.ndarray) -> float:
        """Walk to the best centre, every touched group at full price, and distance from the target."""
        units = np.sort(np.asarray(members, dtype=np.int32))
        key = units.tobytes()
        found = self._seen.get(key)
        if found is None:
            found = self._of(units)
            if len(self._seen) >= self.REMEMBERED:
                self._seen.clear()
            self._seen[key] = found
        return found

    def total(self, grid: np.ndarray) -> float:
        """The objective of a whole plan."""
        return sum(self.of(units) for units in members_of(grid)) - self.free

    def _of(self, units: np.ndarray) -> float:
        case = self.case
        walk = float(self._cost[np.ix_(units, units)].sum(axis=0).min())
        groups = len({g for g in case.group[units].tolist() if g >= 0})
        return walk + case.split * groups + case.balance * abs(float(case.households[units].sum()) - case.target)


def members_of(grid: np.ndarray) -> list[np.ndarray]:
    """Units of every grid, by its number."""
    order = np.argsort(grid, kind="stable")
    starts = np.flatnonzero(np.diff(grid[order], prepend=grid[order[0]] - 1))
    return np.split(order, starts[1:])


def misfit(case: Case, grid: np.ndarray) -> int:
    """Households outside the bounds, over all grids."""
    sizes = np.array([int(case.households[units].sum()) for units in members_of(grid)])
    return int((np.maximum(case.min - sizes, 0) + np.maximum(sizes - case.max, 0)).sum())
