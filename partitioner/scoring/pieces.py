"""What a plan is worth piece by piece, beside what is known of each piece."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from partitioner.model import IntArray, PieceBound, PieceResult, Plan, Problem, Status, Violation
from partitioner.scoring.distances import Ways, ways_of
from partitioner.scoring.matching import carried_on
from partitioner.scoring.objective import walk_of

TOLERANCE = 1e-6
"""A plan is proved the best when no other is better by more than this share of its value."""


def judged_pieces(
    problem: Problem, plan: Plan, pieces: Sequence[PieceBound], violations: Sequence[Violation]
) -> tuple[PieceResult, ...]:
    """`pieces` with what `plan` makes of them.

    Parameters
    ----------
    pieces : sequence of PieceBound
        Of `problem`; no grid of `plan` lies in two of them.
    violations : sequence of Violation
        Of `plan`.
    """
    ways = ways_of(problem.graph)
    wrong = _beside_sizes(problem, violations)
    return tuple(_judged(problem, plan.grid.code, piece, ways, wrong) for piece in pieces)


def _beside_sizes(problem: Problem, violations: Sequence[Violation]) -> set[int]:
    """Units that break another rule than the bounds."""
    others = [violation for violation in violations if violation.rule not in ("size_min", "size_max")]
    position = problem.units.position() if others else {}
    return {position[unit] for violation in others for unit in violation.units}


def _judged(problem: Problem, code: IntArray, piece: PieceBound, ways: Ways, wrong: set[int]) -> PieceResult:
    units, weights, bounds = problem.units, problem.weights, problem.bounds
    order = piece.units[np.argsort(code[piece.units], kind="stable")]
    grids = np.split(order, np.flatnonzero(np.diff(code[order])) + 1)
    value, outside = [], 0
    for grid in grids:
        households = int(units.households[grid].sum())
        value.append(weights.walk * walk_of(problem, grid, ways)[0] + weights.balance * abs(households - bounds.aim))
        value.append(weights.split * _touched(units.group.code[grid]))
        outside += max(0, bounds.min - households, households - bounds.max)
    value.append(-weights.split * _touched(units.group.code[piece.units]))
    if weights.move > 0:
        value.append(weights.move * _moved(problem, code, piece.units))
    total = math.fsum(value)
    kept = wrong.isdisjoint(piece.units.tolist())
    lawful = kept and not outside
    bound = min(max(piece.bound, 0.0), total)
    best = lawful and bound >= total - TOLERANCE * max(total, 1.0)
    status: Status = ("optimal" if best else "feasible") if lawful else "infeasible" if piece.reasons else "unknown"
    return PieceResult(
        parent=piece.parent,
        units=piece.units,
        bound=bound,
        least_outside=piece.least_outside,
        reasons=piece.reasons,
        households=int(units.households[piece.units].sum()),
        num_grids=len(grids),
        status=status,
        value=total,
        outside=outside,
        proved=best or (status == "infeasible" and kept and outside <= piece.least_outside),
    )


def _touched(groups: IntArray) -> int:
    return len(np.unique(groups[groups >= 0]))


def _moved(problem: Problem, code: IntArray, units: IntArray) -> int:
    """Households of the piece that no matching inside it retains."""
    previous, households = problem.units.previous.code[units], problem.units.households[units]
    had = int(households[previous >= 0].sum())
    return had - sum(stay for _, _, stay in carried_on(code[units], previous, households))
