"""What both exact models share: which centres a unit may have, and a plan as centres."""

from __future__ import annotations

import numpy as np

from benchmarks.peers.case import Case
from benchmarks.peers.objective import members_of

ALL_CENTRES = 160
"""Up to so many units every unit is a possible centre of every other, and the model's bound is one of the problem."""

PER_GRID, LEAST_CENTRES = 3, 40
"""Above that so many centres are offered per grid, and so many at least: a heuristic cut, so no bound."""

NEAREST = 12
"""Of those a unit may have its so many nearest."""


def candidates(case: Case, start: np.ndarray | None) -> tuple[list[list[int]], bool]:
    """Possible centres of every unit, ascending; and whether they are all that any plan could need.

    Where not all units are offered: the centres of the start (lawful or not), then again and again the unit that is
    farthest from all others.
    """
    num = len(case)
    if num <= ALL_CENTRES:
        return [list(range(num)) for _ in range(num)], True
    own = centres_of(case, start) if start is not None else np.zeros(num, dtype=np.int64)
    chosen = np.unique(own).tolist()
    away_m = case.metres[chosen].min(axis=0)
    while len(chosen) < min(num, max(LEAST_CENTRES, PER_GRID * case.num_grids)):
        chosen.append(int(np.argmax(away_m)))
        away_m = np.minimum(away_m, case.metres[chosen[-1]])
    near = np.argsort(case.metres[:, chosen], axis=1, kind="stable")[:, :NEAREST]
    found = [{chosen[k] for k in row} | {int(c)} for row, c in zip(near.tolist(), own, strict=True)]
    for centre in chosen:
        found[centre].add(centre)
    return [sorted(centres) for centres in found], False


def offered(allowed: list[list[int]]) -> list[int]:
    """Every centre that some unit may have, ascending."""
    return sorted({centre for centres in allowed for centre in centres})


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
