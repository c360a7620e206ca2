"""Pieces in which every target wants one person and loads are limited: a knapsack per person (generalised assignment).

The bound of changes and metres over these knapsacks is much closer than that of the linear programme where people hold
few posts that fill their limits. Prices are whole numbers, so it is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from partitioner.model import IntArray
from partitioner.solver.kernels.knapsacks import knapsack_prices, knapsack_regrets
from partitioner.staffing.effort import Share
from partitioner.staffing.goal import Stage
from partitioner.staffing.pieces import BoolArray, Piece

UNIT = 1_000
"""Prices count in this part of a metre or a change."""

MAX_CELLS = 20_000_000
"""People times targets times room: what one bound fills at most. One target times room: what a person's tables hold."""

MAX_COST = 1 << 30
"""Sums of more than this might overflow."""

ROUNDS = 600
"""Steps of the first bound."""

EFFORT_PER_CELL = 1e-9
"""Deterministic time of one entry of a table."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Knapsacks:
    """Tables of people by targets.

    Parameters
    ----------
    load, cost : int arrays, shape (people, targets)
        Costs in `UNIT`.
    room : int array, shape (people,)
    allowed : bool array, shape (people, targets)
    constant : int
        What the stage is worth beyond the costs.
    whole : bool
        Nothing was left out: what fits these tables keeps all rules and the stages before.
    """

    load: IntArray
    cost: IntArray
    room: IntArray
    allowed: BoolArray
    constant: int
    whole: bool

    @classmethod
    def of(cls, piece: Piece, limits: IntArray, held: dict[Stage, int], stage: Stage) -> Knapsacks | None:
        """Changes or metres of a piece; None where it has another shape, or tables would be too large.

        Fewest and most posts, areas that must hang together, and what stages before allow are left out.
        """
        one_each = np.all(piece.min_people == 1) and np.all(piece.max_people >= 1)
        if stage not in ("changes", "metres") or piece.split or held.get("unfilled") != 0 or not one_each:
            return None
        if np.any(piece.max_people > 1) or piece.num_people < 2:
            return None
        reach = np.bincount(piece.pair_person, weights=piece.pair_load, minlength=piece.num_people).astype(np.int64)
        if np.all(reach <= limits):
            return None  # no knapsack: flows and sets know more
        step = max(math.gcd(*piece.pair_load.tolist()), 1)
        room = np.minimum(limits, reach) // step
        if piece.num_people * piece.num_targets * (int(room.max()) + 1) > MAX_CELLS:
            return None
        shape = (piece.num_people, piece.num_targets)
        at = (piece.pair_person, piece.pair_target)
        load, cost = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        allowed = np.zeros(shape, dtype=bool)
        each = piece.metres if stage == "metres" else -piece.previous.astype(np.int64)
        if int(np.abs(each).sum()) > MAX_COST:
            return None
        load[at], cost[at], allowed[at] = piece.pair_load // step, each * UNIT, True
        locked = piece.pair_target[piece.must]
        allowed[:, locked] = False
        allowed[piece.pair_person[piece.must], locked] = True
        return cls(
            load=load,
            cost=cost,
            room=room,
            allowed=allowed,
            constant=piece.lost + int(piece.previous.sum()) if stage == "changes" else 0,
            whole=set(held) == {"unfilled"} and _counts_free(piece, room * step),
        )

    @staticmethod
    def people(piece: Piece, chosen: BoolArray) -> IntArray:
        """Who holds each target, shape (targets,)."""
        person = np.empty(piece.num_targets, dtype=np.int64)
        person[piece.pair_target[chosen]] = piece.pair_person[chosen]
        return person

    @staticmethod
    def chosen(piece: Piece, person: IntArray) -> BoolArray:
        """The pairs of such an assignment."""
        held: BoolArray = person[piece.pair_target] == piece.pair_person
        return held

    def worth(self, person: IntArray) -> int:
        """The stage, if every target is held by this person."""
        return self.constant + int(self.cost[person, np.arange(len(person))].sum()) // UNIT

    def most(self, value: int) -> int:
        """A value of the stage as the kernels count."""
        return (value - self.constant) * UNIT

    def bounded(self, value: int, share: Share) -> Bounded:
        """Prices with a high bound; `value` can be reached."""
        targets = self.load.shape[1]
        start = np.full(targets, self.most(value) // max(targets, 1))
        price, found, cells = knapsack_prices(
            self.load, self.cost, self.room, self.allowed, start, self.most(value), ROUNDS
        )
        share.used(EFFORT_PER_CELL * int(cells))
        taking, _ = knapsack_regrets(self.load, self.cost, self.room, self.allowed, price)
        return Bounded(price=price, bound=int(found), least=self.constant - (-int(found) // UNIT), taking=taking)


@dataclass(frozen=True, kw_only=True, eq=False)
class Bounded:
    """A bound, and what each pair adds to it.

    Parameters
    ----------
    price : int array, shape (targets,)
    bound : int
        Of the costs, in `UNIT`.
    least : int
        Of the stage.
    taking : int array, shape (people, targets)
        What the bound rises by if the pair is taken, in `UNIT`.
    """

    price: IntArray
    bound: int
    least: int
    taking: IntArray

    def useful(self, tables: Knapsacks, below: int) -> BoolArray:
        """Pairs that may be in an assignment of less than `below`."""
        kept: BoolArray = tables.allowed & (self.bound + self.taking <= tables.most(below - 1))
        return kept


def _counts_free(piece: Piece, room: IntArray) -> bool:
    """Whether nobody can fall below the fewest or rise above the most posts, and areas need not hang together."""
    if piece.neighbours is not None or np.any(piece.min_posts > 0):
        return False
    for p in range(piece.num_people):
        own = np.sort(piece.pair_load[piece.pair_person == p])
        if np.count_nonzero(np.cumsum(own) <= room[p]) > piece.max_posts[p]:
            return False
    return True
