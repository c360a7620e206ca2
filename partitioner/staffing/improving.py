"""Local search: give, take and swap posts between two people as long as the aims, in their order, become better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from partitioner.model import IntArray
from partitioner.staffing.areas import Areas, neighbours_none
from partitioner.staffing.goal import Stage
from partitioner.staffing.measuring import loads
from partitioner.staffing.pieces import BoolArray, Piece

MAX_CELLS = 4_000_000
"""Larger pieces would need too much memory for tables of people by targets."""

MAX_TRIED = 12
"""How many of the best moves are tried when areas must hang together."""

MOVES_PER_POST = 20
"""A search ends after this many moves per post."""


def improved(piece: Piece, chosen: BoolArray, order: Sequence[Stage], over: Callable[[], bool]) -> BoolArray:
    """A local optimum from `chosen`, or what was reached when time was `over`; targets keep their numbers of people."""
    if piece.split or not piece.num_pairs or piece.num_people * piece.num_targets > MAX_CELLS:
        return chosen
    search = _Search(piece, chosen, order)
    moves, most = 0, MOVES_PER_POST * int(chosen.sum())
    while len(search.open) and moves < most:
        for p in search.worst_first():
            if over():
                return search.chosen()
            if p in search.open:
                while moves < most and search.step(p):
                    moves += 1
                search.open.discard(p)
    return search.chosen()


@dataclass
class _Moves:
    """Person p gives target t (or -1) to q and takes u (or -1)."""

    t: IntArray
    q: IntArray
    u: IntArray


class _Search:
    def __init__(self, piece: Piece, chosen: BoolArray, order: Sequence[Stage]) -> None:
        self.piece, self.order = piece, [stage for stage in order if stage != "unfilled"]
        shape = (piece.num_people, piece.num_targets + 1)  # the last column stands for no target
        at = (piece.pair_person, piece.pair_target)
        self.weight = np.zeros(shape, dtype=np.int64)
        self.metres = np.zeros(shape, dtype=np.int64)
        self.before = np.zeros(shape, dtype=np.int64)
        self.free = np.zeros(shape, dtype=bool)
        self.locked = np.zeros(shape, dtype=bool)
        self.held = np.zeros(shape, dtype=bool)
        self.weight[at], self.metres[at], self.before[at] = piece.pair_load, piece.metres, piece.previous
        self.free[at], self.locked[at], self.held[at] = True, piece.must, chosen
        self.free[:, -1] = True
        self.load = loads(piece, chosen)
        self.posts = np.bincount(piece.pair_person[chosen], minlength=piece.num_people)
        self.areas = None if neighbours_none(piece) else Areas(piece)
        self.open = set(range(piece.num_people))  # whose moves may have become worth a look

    def chosen(self) -> BoolArray:
        """The assignment as it stands."""
        return self.held[self.piece.pair_person, self.piece.pair_target]

    def worst_first(self) -> list[int]:
        """People by what is furthest from fair."""
        away = np.abs(self.load - self.piece.fair) / self.piece.capacity
        return [int(p) for p in np.lexsort((-away, -(self.load / self.piece.capacity)))]

    def step(self, p: int) -> bool:
        """Make the best move of `p` that is an improvement, if there is one."""
        moves = self._moves(p)
        if not len(moves.t):
            return False
        terms = self._terms(p, moves)
        better = np.zeros(len(moves.t), dtype=bool)
        for change in reversed(terms):
            better = (change < 0) | ((change == 0) & better)
        pick = np.flatnonzero(better)
        pick = pick[np.lexsort([change[pick] for change in reversed(terms)])]
        for k in pick[: MAX_TRIED if self.areas else 1].tolist():
            if self._hangs(p, moves, k):
                self._make(p, moves, k)
                return True
        return False

    def _moves(self, p: int) -> _Moves:
        own = np.append(np.flatnonzero(self.held[p] & ~self.locked[p]), self.piece.num_targets)
        others = self.held & ~self.locked
        others[:, -1] = True
        others[p] = False
        q, u = np.nonzero(others)
        t, q, u = np.repeat(own, len(q)), np.tile(q, len(own)), np.tile(u, len(own))
        none = self.piece.num_targets
        keep = ((t != none) | (u != none)) & self.free[q, t] & self.free[p, u]
        t, q, u = t[keep], q[keep], u[keep]
        keep = ~(self.held[q, t] & (t != none)) & ~(self.held[p, u] & (u != none))
        gives, takes = (t != none).astype(np.int64), (u != none).astype(np.int64)
        mine, theirs = self.posts[p] - gives + takes, self.posts[q] + gives - takes
        keep &= (mine <= self.piece.max_posts[p]) & (theirs <= self.piece.max_posts[q])
        keep &= mine >= min(self.piece.min_posts[p], self.posts[p])
        keep &= theirs >= np.minimum(self.piece.min_posts[q], self.posts[q])
        after_p = self.load[p] - self.weight[p, t] + self.weight[p, u]
        after_q = self.load[q] - self.weight[q, u] + self.weight[q, t]
        keep &= (after_p <= self.piece.limit[p]) & (after_q <= self.piece.limit[q])
        return _Moves(t[keep], q[keep], u[keep])

    def _terms(self, p: int, moves: _Moves) -> list[np.ndarray[tuple[int], np.dtype[np.float64]]]:
        """What a move changes in each stage, in the order of the aims."""
        piece, t, q, u = self.piece, moves.t, moves.q, moves.u
        after_p = self.load[p] - self.weight[p, t] + self.weight[p, u]
        after_q = self.load[q] - self.weight[q, u] + self.weight[q, t]
        ratios = self.load / piece.capacity
        rest = ratios.copy()
        rest[p] = -1.0
        top = np.argsort(-rest, kind="stable")[:2]
        second = rest[top[1]] if len(top) > 1 else -1.0
        without = np.where(q == top[0], second, rest[top[0]])
        highest = np.maximum(np.maximum(after_p / piece.capacity[p], after_q / piece.capacity[q]), without)
        away = np.abs(self.load - piece.fair)
        change: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {
            "ratio": np.round(highest - ratios.max(), 12),
            "deviation": (np.abs(after_p - piece.fair[p]) + np.abs(after_q - piece.fair[q]) - away[p] - away[q]) * 1.0,
            "changes": (self.before[p, t] + self.before[q, u] - self.before[p, u] - self.before[q, t]) * 1.0,
            "metres": (self.metres[p, u] + self.metres[q, t] - self.metres[p, t] - self.metres[q, u]) * 1.0,
        }
        return [change[stage] for stage in self.order]

    def _hangs(self, p: int, moves: _Moves, k: int) -> bool:
        if self.areas is None:
            return True
        t, q, u = int(moves.t[k]), int(moves.q[k]), int(moves.u[k])
        none = {self.piece.num_targets}
        mine = (set(np.flatnonzero(self.held[p]).tolist()) - {t} | {u}) - none
        theirs = (set(np.flatnonzero(self.held[q]).tolist()) - {u} | {t}) - none
        return self.areas.connected(p, mine) and self.areas.connected(q, theirs)

    def _make(self, p: int, moves: _Moves, k: int) -> None:
        t, q, u = int(moves.t[k]), int(moves.q[k]), int(moves.u[k])
        none = self.piece.num_targets
        self.open |= {p, q}
        self.load[p] += self.weight[p, u] - self.weight[p, t]
        self.load[q] += self.weight[q, t] - self.weight[q, u]
        for giver, taker, target in ((p, q, t), (q, p, u)):
            if target != none:
                self.held[giver, target], self.held[taker, target] = False, True
                self.posts[giver] -= 1
                self.posts[taker] += 1
