"""The terms other than `move` alone: how small they could be if everything might move."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from partitioner.model import IntArray, Problem
from partitioner.redraw.region import Part, Region
from partitioner.scoring.matching import carried_on
from partitioner.solver import Limits
from partitioner.solver.budget import Budget
from partitioner.solver.kernels.listing import grid_cost
from partitioner.solver.limits import StopSignal
from partitioner.solver.pieces import Piece
from partitioner.solver.piecework import PieceRun
from partitioner.solver.tasks import tasks_of

SHARE = 0.5
"""Of the time that is left, spent on this; the rest is for choosing."""

SHARE_NEAR = 0.1
"""The same where a plan is known already and moves are dear."""

PATIENCE = 4_000
"""Candidates per unit without a better plan: the bound matters here, not the last better plan."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rest:
    """What the other terms cost at least, and a plan for them.

    Parameters
    ----------
    bound : float
        No lawful plan of the region costs less (terms as columns count them).
    slots : tuple of (int array, int array), or None
        Positions of units and the grid of each as a number, piece by piece; None where some piece has no lawful plan.
    """

    bound: float
    slots: tuple[tuple[IntArray, IntArray], ...] | None


def least_rest(
    problem: Problem,
    together: tuple[tuple[int, ...], ...],
    region: Region,
    limits: Limits,
    signal: StopSignal,
    *,
    price: float = 0.0,
    start: IntArray | None = None,
) -> Rest:
    """Bound the other terms from below, moved households at `price` each. The region holds whole pieces of the problem.

    Parameters
    ----------
    problem : Problem
        Settled.
    price : float
        Where it is not 0, `bound` is one for the sum.
    start : int array, shape (n,), optional
        A plan to start from: any number for every unit of the problem.
    """
    free = replace(problem, weights=replace(problem.weights, move=price))
    inside = set(region.units.tolist())
    tasks = [task for task in tasks_of(free, together) if int(task.units[0]) in inside]
    units = sum(len(task.units) for task in tasks)
    bound, slots, lawful = 0.0, [], True
    left_s, share = signal.remaining_s, SHARE if start is None else SHARE_NEAR
    done = 0
    for number, task in enumerate(tasks):
        done += len(task.units)
        until = None if left_s is None else left_s * (1 - share * done / units)
        steps = None if limits.step_limit is None else limits.step_limit * len(task.units) // units
        known = None if start is None else start[task.units]
        run = PieceRun(free, task, seed=limits.seed, stream=number, signal=signal, start=known)
        budget = Budget(steps=steps, until_s=until, patience=PATIENCE)
        run.open()
        run.make_lawful(budget)
        if not signal():
            run.solve(budget)
        answer = run.answer()
        bound += answer.bound
        lawful &= answer.lawful
        slots.append((task.units, answer.slots))
    return Rest(bound=bound, slots=tuple(slots) if lawful else None)


def _by_node(part: Part, slot: IntArray) -> IntArray:
    label = np.zeros(len(part.piece.case.households), dtype=np.int64)
    label[part.piece.node_of] = slot
    return label


def cost_of(region: Region, slot: IntArray) -> float:
    """Terms without `move` of the grids of `slot` (n,), each of which lies in one part or outside the region."""
    return sum(cost_of_nodes(part.piece, _by_node(part, slot[part.piece.units])) for part in region.parts)


def cost_of_nodes(piece: Piece, label: IntArray) -> float:
    """Terms without `move` of a partition of one piece, a slot per node."""
    case = piece.case
    total = 0.0
    for name in np.unique(label).tolist():
        nodes = np.flatnonzero(label == name)
        total += float(grid_cost(case, nodes, len(nodes), int(case.households[nodes].sum()), case.far.shape[0] > 0))
    return total


def moved_of(problem: Problem, units: IntArray, slot: IntArray) -> int:
    """Households of `units` that the best matching of their grids to previous grids does not retain."""
    previous, households = problem.units.previous.code[units], problem.units.households[units]
    stay = carried_on(np.unique(slot[units], return_inverse=True)[1].astype(np.int64), previous, households)
    return int(households[previous >= 0].sum()) - sum(num for _, _, num in stay)
