"""Pieces without a lawful plan: which units are why, and how many households must stay outside the bounds."""

from __future__ import annotations

import numpy as np

from partitioner.model import IntArray
from partitioner.solver.budget import Budget
from partitioner.solver.exact import in_no_grid
from partitioner.solver.outside import by_choosing, by_counting, by_places, misfit_of
from partitioner.solver.reasons import lonely, must_stay
from partitioner.solver.record import Record

WEIGHING_STEPS_PER_NODE = 1_000
"""A run that allows fewer candidates than this leaves it at counting where households must stay outside the bounds."""


def explain(record: Record) -> None:
    """Name the units of grids outside the bounds that no lawful grid can hold; that proves the piece infeasible."""
    if record.found.misfit == 0 or record.is_block:
        return
    case, ids = record.proof_piece.case, record.problem.units.id
    named = {unit for reason in record.reasons for unit in reason.units}
    for position in np.flatnonzero(_outside(record)).tolist():
        name = ids[int(record.piece.units[position])]
        node = int(record.proof_piece.node_of[position])
        if name not in named and case.households[node] <= case.high and in_no_grid(case, node, record.signal):
            record.rule_out(lonely((name,), int(case.households[node])))


def weigh(record: Record, budget: Budget) -> bool:
    """Prove how few households must stay outside the bounds; True if a plan with fewer was found on the way.

    `record.least_outside` is the proved number. Where it is above 0 and nothing else proves it, that is the reason.
    """
    before = record.found.misfit
    if before > record.least_outside and not record.is_block:
        with record.signal.of(budget.seconds(record.signal)):
            record.least_outside = max(record.least_outside, _fewest_outside(record, before, budget))
        say_what_must_stay(record)
    return record.found.misfit < before


def say_what_must_stay(record: Record) -> None:
    """The least number of households outside is the reason, where there is no other."""
    if record.least_outside > 0 and not record.reasons:
        record.rule_out(must_stay(record.problem, record.proof_piece, record.least_outside))


def _fewest_outside(record: Record, most: int, budget: Budget) -> int:
    """A lower bound on the households outside the bounds; a plan with fewer than `most` is taken over."""
    case, counts, signal = record.proof_piece.case, record.task.ruled, record.signal
    least = by_counting(case, record.proof_piece.components, counts)
    few = budget.steps is not None and budget.steps < WEIGHING_STEPS_PER_NODE * len(case.households)
    if record.found.broken or least >= most or few or signal():
        return least
    least = max(least, by_places(case, _nodes_outside(record), most, signal))
    if least < most and record.listable and not signal():
        known = by_choosing(case, counts, most, record.keeping_together, signal, lambda: budget.seconds(signal))
        least = max(least, known.least)
        if known.grids:
            record.allow_all_counts()
            record.offer(known.grids)
    return least


def _outside(record: Record) -> np.ndarray:
    """Whether each unit's grid is outside the bounds; shape (u,)."""
    return np.asarray(misfit_of(record.load(), record.proof_piece.case)[record.slots()] > 0)


def _nodes_outside(record: Record) -> IntArray:
    """Nodes of the proof's piece in grids outside the bounds, the largest ones first."""
    nodes = np.unique(record.proof_piece.node_of[_outside(record)])
    return nodes[np.argsort(-record.proof_piece.case.households[nodes], kind="stable")]
