"""What both exact models share: which centres a unit may have, and a plan as centres."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.case import Case
from benchmarks.peers.objective import members_of

ALL_CENTRES = 160
"""Up to so many units every unit is a possible centre of every other, and the model's bound is one of the problem."""

NEAREST = 24
"""Above that, a unit may have its so many nearest units as centres (and itself): a heuristic cut, so no bound."""


def candidates(case: Case) -> tuple[list[list[int]], bool]:
    """Possible centres of every unit, ascending; and whether they are all that any plan could need."""
    num = len(case)
    if num <= ALL_CENTRES:
        return [list(range(num)) for _ in range(num)], True
    nearest = np.argsort(case.metres, axis=1, kind="stable")[:, : NEAREST + 1]
    return [sorted({unit, *near}) for unit, near in enumerate(nearest.tolist())], False


def centres_of(case: Case, grid: np.ndarray) -> np.ndarray:
    """The best centre of every unit's grid; shape (n,)."""
    centre = np.empty(len(case), dtype=np.int64)
    for units in members_of(grid):
        centre[units] = units[int(np.argmin(case.cost[np.ix_(units, units)].sum(axis=0)))]
    return centre


def touched(case: Case, allowed: list[list[int]]) -> dict[tuple[int, int], list[int]]:
    """From (group, centre) to the units of the group that may have that centre."""
    found: dict[tuple[int, int], list[int]] = {}
    for unit, centres in enumerate(allowed):
        group = int(case.group[unit])
        if group >= 0 and case.split > 0:
            for centre in centres:
                found.setdefault((group, centre), []).append(unit)
    return found


def tree_towards(case: Case, grid: np.ndarray, centre: np.ndarray) -> tuple[dict[int, int], dict[int, int]]:
    """Inside each grid, for every unit but the centre the unit before it on the way from the centre; and its steps."""
    before: dict[int, int] = {}
    steps: dict[int, int] = {}
    for root in np.unique(centre).tolist():
        steps[root], queue = 0, [root]
        for unit in queue:
            for near in case.neighbours[unit]:
                if near not in steps and grid[near] == grid[root]:
                    steps[near], before[near] = steps[unit] + 1, unit
                    queue.append(near)
    return before, steps
