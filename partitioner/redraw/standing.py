"""The previous grids as they stand in the new problem: which of them can stay, and which are troubled."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from partitioner.model import IntArray, Labels, Plan, Problem, Violation
from partitioner.redraw.freezing import Fixed
from partitioner.scoring import validate
from partitioner.solver.pieces import areas_of, components_of


@dataclass(frozen=True, kw_only=True, eq=False)
class Standing:
    """Previous grids in a new problem. A *block* is a previous grid, or a connected set of free units without one.

    Parameters
    ----------
    block : int array, shape (n,)
        Block of each unit: codes of `previous` first, then blocks of units without a previous grid.
    num_grids : int
        Previous grids; blocks from here on never had a grid.
    troubled : bool array, shape (blocks,)
        The block cannot stay as it is: it breaks a rule, or has no grid yet.
    violations : tuple of Violation
        Rules that the previous plan breaks now.
    """

    block: IntArray
    num_grids: int
    troubled: np.ndarray[tuple[int], np.dtype[np.bool_]]
    violations: tuple[Violation, ...]

    @property
    def num_blocks(self) -> int:
        return len(self.troubled)


def standing(problem: Problem, fixed: Fixed) -> Standing:
    """Judge the previous grids by the rules of today."""
    previous = problem.units.previous
    block = previous.code.copy()
    num = len(previous.names)
    parent = problem.units.parent.code
    locked = np.zeros(len(problem.units), dtype=np.bool_)
    for members in problem.locked:
        locked[list(members)] = True
    # A locked unit that had no grid waits for none: its lock is its grid.
    for code in np.unique(parent[block < 0]).tolist():
        units = np.flatnonzero((block < 0) & (parent == code))
        for part in components_of(problem, units[~locked[units]]):
            block[part] = num
            num += 1
    for members in problem.locked:
        alone = [u for u in members if block[u] < 0]
        if alone:
            block[alone] = num
            num += 1
    troubled = np.zeros(num, dtype=np.bool_)
    violations, _ = validate(problem, Plan(grid=previous))
    position = problem.units.position()
    grid_code = {name: i for i, name in enumerate(previous.names)}
    for violation in violations:
        if violation.grid is not None:
            troubled[grid_code[violation.grid]] = True
        troubled[block[[position[name] for name in violation.units]]] = True
    _trouble_by_counts(problem, block, violations, troubled)
    troubled[len(previous.names) :] = True
    for members in problem.locked:
        inside = np.unique(block[list(members)])
        whole = len(inside) == 1 and int((block == inside[0]).sum()) == len(members)
        troubled[inside] = not whole
    troubled[sorted(fixed.grids)] = False
    return Standing(block=block, num_grids=len(previous.names), troubled=troubled, violations=violations)


def blocks_in(problem: Problem, state: Standing, reach: Collection[str | None] | None) -> set[int]:
    """Blocks that lie in parents within `reach`, wholly or in part; all of them where it is None."""
    if reach is None:
        return set(range(state.num_blocks))
    names = [*problem.units.parent.names, None]
    known = np.array([name in reach for name in names], dtype=np.bool_)
    return set(np.unique(state.block[known[problem.units.parent.code]]).tolist())


def within_reach(problem: Problem, state: Standing, reach: Collection[str | None] | None) -> Standing:
    """The same, with no trouble outside `reach`: what is broken there stays."""
    inside = np.zeros(state.num_blocks, dtype=np.bool_)
    inside[sorted(blocks_in(problem, state, reach))] = True
    return replace(state, troubled=state.troubled & inside)


def _trouble_by_counts(
    problem: Problem,
    block: IntArray,
    violations: tuple[Violation, ...],
    troubled: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> None:
    """Where a parent has too many or too few grids, any of its grids may have to go."""
    if not any(violation.rule in ("count_min", "count_max") for violation in violations):
        return
    for area in areas_of(problem):
        units = np.concatenate(area.components)
        had = block[units][block[units] < len(problem.units.previous.names)]
        num = len(np.unique(had))
        below = area.count_low is not None and num < area.count_low
        above = area.count_high is not None and num > area.count_high
        if below or above:
            troubled[block[units]] = True


def previous_plan(problem: Problem) -> Plan:
    """The plan in which everything stays."""
    return Plan(grid=Labels(problem.units.previous.values()))
