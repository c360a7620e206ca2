"""Other ways to draw the line between two neighbouring areas, the best first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import connected_components, dijkstra

from partitioner.model import FloatArray, Labels, Plan, Problem
from partitioner.scoring import validate

MAX_LISTED = 13
"""With at most so many units all lines are looked at; with more, those that differ by one unit or two."""

MAX_CHECKED = 60
"""Lines whose connectivity and rules are checked, by pair of areas."""

_Bools = npt.NDArray[np.bool_]


def other_splits(problem: Problem, side: _Bools, limit: int) -> list[_Bools]:
    """Lawful ways to share the units of `problem` out to two areas, without the present one.

    Parameters
    ----------
    problem : Problem
        Two areas and nothing else.
    side : bool array, shape (n,)
        The present line: which units lie in the second area.
    limit : int
        How many to return at most.

    Returns
    -------
    list of bool arrays, shape (n,)
        By total, the least first, walking counted inside the two areas.
    """
    candidates = _candidates(problem, side)
    households = problem.units.households
    sizes = candidates @ households
    bounds = problem.bounds
    fits = (sizes >= bounds.min) & (sizes <= bounds.max)
    rest = int(households.sum()) - sizes
    fits &= (rest >= bounds.min) & (rest <= bounds.max) & candidates.any(axis=1) & ~candidates.all(axis=1)
    candidates = candidates[fits]
    found: list[_Bools] = []
    for position in np.argsort(_totals(problem, candidates), kind="stable")[:MAX_CHECKED].tolist():
        if _lawful(problem, candidates[position]):
            found.append(candidates[position])
        if len(found) == limit:
            break
    return found


def _candidates(problem: Problem, side: _Bools) -> _Bools:
    num = len(side)
    if num <= MAX_LISTED:
        # The first unit stays on the first side: the other half of all ways only swaps the names.
        numbers = np.arange(1, 2 ** (num - 1))
        every = (numbers[:, None] >> np.arange(num - 1)) & 1
        table = np.column_stack([np.zeros(len(numbers), dtype=np.bool_), every.astype(np.bool_)])
        return np.asarray(table[~((table == side).all(axis=1) | (table != side).all(axis=1))], dtype=np.bool_)
    graph = problem.graph
    across = side[graph.u] != side[graph.v]
    border = np.unique(np.concatenate([graph.u[across], graph.v[across]]))
    near = np.unique(np.concatenate([border, *(problem.graph.neighbours(int(unit)) for unit in border)]))
    flips = [(int(a),) for a in border] + [(int(a), int(b)) for a in border for b in near if a != b]
    table = np.repeat(side[None, :], len(flips), axis=0)
    for row, units in enumerate(flips):
        table[row, list(units)] ^= True
    return np.unique(table, axis=0) if len(table) else table


def _totals(problem: Problem, candidates: _Bools) -> FloatArray:
    """The objective of every candidate, without `move`; shape (candidates,)."""
    units, weights = problem.units, problem.weights
    metres = dijkstra(problem.graph.sparse, directed=False)
    metres[~np.isfinite(metres)] = problem.graph.length_m.sum()
    cost = units.weight[:, None] * metres**weights.walk_power
    total = np.zeros(len(candidates))
    for inside in (candidates, ~candidates):
        walk = inside.astype(np.float64) @ cost
        walk[~inside] = np.inf
        size = inside @ units.households
        total += weights.walk * walk.min(axis=1, initial=np.inf) + weights.balance * np.abs(size - problem.bounds.aim)
    for members in units.group.members():
        share = candidates[:, members].sum(axis=1)
        total += weights.split * ((share > 0) & (share < len(members)))
    return total


def _lawful(problem: Problem, side: _Bools) -> bool:
    for inside in (side, ~side):
        members = np.flatnonzero(inside)
        if connected_components(problem.graph.sparse[members][:, members], directed=False)[0] > 1:
            return False
    if problem.max_walk_m is None and not problem.together and not problem.apart:
        return True
    return not validate(problem, Plan(grid=Labels("b" if second else "a" for second in side.tolist())))[0]
