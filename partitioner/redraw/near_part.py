"""One part of a region and one previous grid, or none: what `kernels.near.list_near` is asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partitioner.model import FloatArray, IntArray, Problem
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.region import Part, Region
from partitioner.solver.kernels.listing import COMPLETE
from partitioner.solver.kernels.near import BoolArray, ByteArray, list_near
from partitioner.solver.limits import StopSignal

MAX_ITEMS = 4_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Near:
    """Grids of one part that carry on one previous grid.

    Parameters
    ----------
    number : int
        Of the part.
    label : int
        Code of the previous grid; -1: grids that carry on none.
    incoming : int array, shape (nodes,)
        Households of each node that come from other previous grids.
    inside, outside : byte arrays, shape (nodes,)
        Nodes that pins force in or out.
    """

    number: int
    part: Part
    label: int
    incoming: IntArray
    inside: ByteArray
    outside: ByteArray
    roots: IntArray
    lines: ByteArray

    def constant(self, node_price: FloatArray) -> float:
        """What the prices pay at most for a grid that carries on this one."""
        return float(np.maximum(node_price - self.incoming, 0.0).sum()) if self.label >= 0 else 0.0

    def listed(
        self,
        node_price: FloatArray,
        budget: float,
        signal: StopSignal,
        *,
        visits: int,
        most_moved: int = 1 << 60,
        only_best: bool = False,
    ) -> Listed:
        """Grids whose reduced cost and `constant` add up to at most `budget`.

        Households from other grids, and those of the previous one left out, are at most `most_moved`.
        """
        case = self.part.piece.case
        dear = node_price - self.incoming
        in_price = np.maximum(-dear, 0.0)
        out_price = np.maximum(dear, 0.0) if self.label >= 0 else np.zeros(len(dear))
        outcome, used, start, item, cost, incoming, price = list_near(
            case, self.label, self.inside, self.outside, in_price, out_price, self.lines, budget + SLACK,
            most_moved, only_best,
            self.roots, visits, MAX_ITEMS, signal.flag,
        )  # fmt: skip
        kept = np.ones(len(cost), dtype=np.bool_)
        for nodes in self.part.loose:
            marked = np.zeros(len(dear), dtype=np.int64)
            marked[nodes] = 1
            held = np.add.reduceat(marked[item], start[:-1]) if len(cost) else np.zeros(0, dtype=np.int64)
            kept &= (held == 0) | (held == len(nodes))
        return Listed(
            complete=int(outcome) == COMPLETE, visits=int(used), start=start, item=item, cost=cost,
            incoming=incoming, price=price, kept=kept,
        )  # fmt: skip


SLACK = 1e-6
"""Households by which sums of prices may be off."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Listed:
    """Grids over the nodes of a part; `kept` marks those that do not tear a loose set."""

    complete: bool
    visits: int
    start: IntArray
    item: IntArray
    cost: FloatArray
    incoming: IntArray
    price: FloatArray
    kept: BoolArray


def near_parts(problem: Problem, region: Region, fixed: Fixed) -> list[Near]:
    """All pairs of a part and a previous grid with units in it, those of no previous grid first in every part."""
    found = []
    for number, part in enumerate(region.parts):
        labels = sorted(set(part.piece.case.previous_item.tolist()) & set(region.labels))
        found += [_near(problem, fixed, number, part, label) for label in [-1, *labels]]
    return found


def _near(problem: Problem, fixed: Fixed, number: int, part: Part, label: int) -> Near:
    case, piece = part.piece.case, part.piece
    num = len(case.households)
    pinned = fixed.pinned[piece.units]
    mine = problem.units.previous.code[piece.units] == label
    inside = np.zeros(num, dtype=np.uint8)
    outside = np.zeros(num, dtype=np.uint8)
    inside[piece.node_of[pinned & mine]] = 1
    outside[piece.node_of[pinned & ~mine]] = 1
    owner = np.repeat(np.arange(num), np.diff(case.previous_start))
    entry = case.previous_item == label
    own = np.zeros(num, dtype=np.int64)
    own[owner[entry]] = case.previous_households[entry]
    had = np.bincount(owner, weights=case.previous_households, minlength=num).astype(np.int64)
    roots = np.arange(num)
    if label >= 0:
        roots = np.flatnonzero((own > 0) | (inside == 1))
        roots = roots[np.lexsort((roots, -own[roots], -inside[roots].astype(np.int64)))]
    return Near(
        number=number, part=part, label=label, incoming=had - own, inside=inside, outside=outside, roots=roots,
        lines=fixed.lines,
    )  # fmt: skip
