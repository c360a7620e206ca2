"""The best plan of a comb, or the one that breaks least.

How many households must stay outside the bounds is not known beforehand: plans are looked for in which no grid leaves
more than 0, 1, 3, 7 … outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from partitioner.model import IntArray
from partitioner.solver.comb_plans import Sets, best_plan
from partitioner.solver.comb_shape import comb_of
from partitioner.solver.kernels.case import Case
from partitioner.solver.limits import StopSignal
from partitioner.solver.outside import misfit_of

CHAIN_LENGTH = 2
"""Nodes per chain below which the core is hardly smaller than the piece."""

MOST_OUTSIDE = 16
"""Households that one grid may leave outside the bounds, at most."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Combed:
    """What was found out about a comb.

    Parameters
    ----------
    grids : tuple of int arrays
        A plan; empty if none is known.
    outside : int
        Households outside the bounds in it.
    least_outside : int
        Households outside the bounds in any plan, at least.
    best : bool
        Whether the plan is proved to cost least among those with so few outside.
    """

    grids: tuple[IntArray, ...]
    outside: int
    least_outside: int
    best: bool


def settle_comb(case: Case, signal: StopSignal, least_outside: int = 0) -> Combed | None:
    """The best plan of a comb, or the one that breaks least; None where the piece is no comb or nothing was found.

    The number of grids is free.

    Parameters
    ----------
    least_outside : int
        No plan leaves fewer households outside the bounds: known beforehand.
    """
    comb = comb_of(case)
    if comb is None or CHAIN_LENGTH * len(comb) > len(comb.node):
        return None
    known, best, most = least_outside, None, least_outside
    columns: Sets | None = None
    while most <= MOST_OUTSIDE:
        tried = best_plan(comb, most, columns, signal)
        if tried is None:
            break
        columns = tried.sets
        outside = sum(int(misfit_of(case.households[grid].sum(), case)) for grid in tried.grids)
        if tried.grids and outside <= most and tried.best:
            return Combed(grids=tried.grids, outside=outside, least_outside=outside, best=True)
        known = max(known, min(most + 1, tried.least_outside))
        if tried.grids and (best is None or outside < best.outside):
            best = Combed(grids=tried.grids, outside=outside, least_outside=known, best=False)
        if best is not None and best.outside <= max(known, most):
            break
        most = 2 * most + 1 if best is None else min(best.outside, 2 * most + 1)
    if best is not None:
        return replace(best, least_outside=known)
    return Combed(grids=(), outside=0, least_outside=known, best=False) if known > least_outside else None
