"""What a grid takes on its way: fewest households from other previous grids between nodes that it holds.

A connected grid that carries on a previous grid holds one of its nodes. So it holds a way from there to each other
node, and between any two pieces of the previous grid that it holds.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from partitioner.model import IntArray
from partitioner.redraw.near_part import Near
from partitioner.redraw.region import Part
from partitioner.solver.kernels.case import Case

if TYPE_CHECKING:
    from partitioner.redraw.place_model import Cells

MAX_PIECES = 6
"""Between more pieces of one previous grid ways are not looked for: the largest ones count."""

NOWHERE = 1 << 60


@dataclass(frozen=True, kw_only=True, eq=False)
class OwnPieces:
    """Pieces of the previous grid that is carried on.

    Parameters
    ----------
    nodes : list of int arrays
        Of each piece.
    between : list of (int, int, int)
        Two pieces, and the fewest households from other previous grids that connect them.
    """

    nodes: list[IntArray]
    between: list[tuple[int, int, int]]


def cells_beyond(near: Near, cells: Cells) -> Iterator[tuple[int, int]]:
    """Households that a grid gains at least if it holds a cell, and the cell; only where that is more than the cell's.

    A divisible cell may give a single household, any other one gives all.
    """
    way = ways_from(near, near.roots.tolist())
    alone = np.bincount(cells.of_node, weights=near.incoming, minlength=len(cells)).astype(np.int64)
    nearest = np.full(len(cells), NOWHERE, dtype=np.int64)
    np.minimum.at(nearest, cells.of_node, way)
    for cell in np.flatnonzero(nearest < NOWHERE).tolist():
        if nearest[cell] > (1 if cells.divisible[cell] else int(alone[cell])):
            yield int(nearest[cell]), cell


def own_pieces(near: Near) -> OwnPieces:
    """The largest pieces, where the previous grid is in pieces at all."""
    case = near.part.piece.case
    left = set(near.roots.tolist())
    found = []
    while left:
        way = ways_from(near, [min(left)])
        piece = np.array(sorted(node for node in left if way[node] == 0), dtype=np.int64)
        piece = piece if len(piece) else np.array([min(left)], dtype=np.int64)
        left.difference_update(piece.tolist())
        found.append(piece)
    found.sort(key=lambda piece: (-int(case.households[piece].sum()), int(piece[0])))
    found = found[:MAX_PIECES]
    between = []
    for a, piece in enumerate(found):
        way = ways_from(near, piece.tolist())
        for b in range(a + 1, len(found)):
            households = int(way[found[b]].min())
            if 0 < households < NOWHERE:
                between.append((a, b, households))
    return OwnPieces(nodes=found, between=between)


def ways_from(near: Near, starts: Sequence[int]) -> IntArray:
    """Fewest households from other previous grids on a way from `starts` to each node, its own included."""
    return _ways(near.part.piece.case, near.incoming, starts)


def ways_through(part: Part, inside: IntArray, starts: Sequence[int]) -> IntArray:
    """Fewest households on a way from `starts` to each node that never leaves the nodes `inside`, its own included."""
    case = part.piece.case
    price = np.full(len(case.households), NOWHERE, dtype=np.int64)
    price[inside] = case.households[inside]
    return _ways(case, price, starts)


def _ways(case: Case, price: IntArray, starts: Sequence[int]) -> IntArray:
    way = np.full(len(price), NOWHERE, dtype=np.int64)
    waiting = [(int(price[node]), node) for node in starts]
    for households, node in waiting:
        way[node] = households
    heapq.heapify(waiting)
    while waiting:
        here, node = heapq.heappop(waiting)
        if here > way[node]:
            continue
        for other in case.neighbour[case.start[node] : case.start[node + 1]].tolist():
            there = here + int(price[other])
            if there < way[other]:
                way[other] = there
                heapq.heappush(waiting, (there, other))
    return way
