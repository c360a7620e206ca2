"""The objective, term by term, as the problem statement writes it."""

from __future__ import annotations

import math

import numpy as np

from partitioner.model import FloatArray, IntArray, Objective, Plan, Problem
from partitioner.scoring.distances import Ways, nearest_centre, ways_of
from partitioner.scoring.grids import check_length, members_by_grid
from partitioner.scoring.matching import carried_on


def score(problem: Problem, plan: Plan) -> Objective:
    """What `plan` is worth. Units without a label add to `move` only.

    Raises
    ------
    InputError
        The plan is not as long as the problem.
    """
    check_length(problem, plan)
    grids = list(members_by_grid(plan).values())
    ways = ways_of(problem.graph)
    walk = math.fsum(walk_of(problem, members, ways)[0] for members in grids)
    split = _split(problem, grids)
    balance = math.fsum(abs(int(problem.units.households[m].sum()) - problem.bounds.aim) for m in grids)
    move = _move(problem, plan)
    weights = problem.weights
    total = weights.walk * walk + weights.split * split + weights.balance * balance + weights.move * move
    return Objective(walk=walk, split=split, balance=balance, move=move, total=total)


def walk_of(problem: Problem, members: IntArray, ways: Ways | None = None) -> tuple[float, int, FloatArray]:
    """Walking of one grid to its best centre; `ways` of the graph where many grids are asked for.

    Returns
    -------
    walk : float
        Σ max(households, 1) · D(v, centre)^walk_power.
    centre : int
        Position of the centre among `members`; the lowest of equals.
    metres : float array, shape (m,)
        D from every member to the centre. Where there is no path (a grid that spans two components, a violation in any
        case) the sum of all edges stands in, longer than any path.
    """
    best = nearest_centre(ways or problem.graph, members, problem.units.weight[members], problem.weights.walk_power)
    return best.cost, best.position, best.metres


def _split(problem: Problem, grids: list[IntArray]) -> int:
    group = problem.units.group.code
    touches = sum(len(np.unique(group[members][group[members] >= 0])) for members in grids)
    touched = np.unique(np.concatenate([group[members] for members in grids])) if grids else np.array([-1])
    return touches - int((touched >= 0).sum())


def _move(problem: Problem, plan: Plan) -> int:
    had_grid = problem.units.previous.code >= 0
    stay = carried_on(plan.grid.code, problem.units.previous.code, problem.units.households)
    return int(problem.units.households[had_grid].sum()) - sum(households for _, _, households in stay)
