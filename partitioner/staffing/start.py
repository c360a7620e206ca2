"""A first assignment: locks, then the heaviest posts to whoever has the most room, then the fewest posts of people."""

from __future__ import annotations

import numpy as np

from partitioner.staffing.areas import Areas, neighbours_none
from partitioner.staffing.pieces import BoolArray, Piece


def first_assignment(piece: Piece, *, keep: bool) -> BoolArray:
    """Lawful, and as full as one pass makes it.

    Parameters
    ----------
    keep : bool
        Begin with the previous assignment as far as it is lawful.
    """
    state = _State(piece)
    if keep:
        for k in np.flatnonzero(piece.previous).tolist():
            state.try_add(k)
    heavy = np.argsort(-_load_of_targets(piece), kind="stable").tolist()
    for round_of in range(int(piece.min_people.max(initial=0))):
        for t in heavy:
            if state.people[t] <= round_of < piece.min_people[t]:
                state.fill(t)
    for p in np.argsort(-piece.capacity, kind="stable").tolist():
        state.employ(p)
    return state.chosen


def _load_of_targets(piece: Piece) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    total = np.zeros(piece.num_targets)
    np.maximum.at(total, piece.pair_target, piece.pair_load.astype(np.float64))
    return total


class _State:
    def __init__(self, piece: Piece) -> None:
        self.piece = piece
        self.chosen: BoolArray = piece.must.copy()
        self.posts = np.bincount(piece.pair_person[piece.must], minlength=piece.num_people)
        self.people = np.bincount(piece.pair_target[piece.must], minlength=piece.num_targets)
        self.load = np.zeros(piece.num_people, dtype=np.int64)
        np.add.at(self.load, piece.pair_person[piece.must], piece.pair_load[piece.must])
        self.areas = None if neighbours_none(piece) else Areas(piece)
        order = np.argsort(piece.pair_target, kind="stable")
        self.of_target = np.split(order, np.searchsorted(piece.pair_target[order], np.arange(1, piece.num_targets)))
        self.first = np.searchsorted(piece.pair_person, np.arange(piece.num_people + 1))

    def fits(self, pair: int) -> bool:
        piece = self.piece
        p, t = int(piece.pair_person[pair]), int(piece.pair_target[pair])
        if self.chosen[pair] or self.posts[p] >= piece.max_posts[p] or self.people[t] >= piece.max_people[t]:
            return False
        if self.load[p] + piece.pair_load[pair] > piece.limit[p]:
            return False
        if self.areas is None or not self.posts[p]:
            return True
        own = slice(self.first[p], self.first[p + 1])
        held = set(piece.pair_target[own][self.chosen[own]].tolist())
        return self.areas.connected(p, held | {t})

    def try_add(self, pair: int) -> bool:
        if not self.fits(pair):
            return False
        p, t = int(self.piece.pair_person[pair]), int(self.piece.pair_target[pair])
        self.chosen[pair] = True
        self.posts[p] += 1
        self.people[t] += 1
        self.load[p] += self.piece.pair_load[pair]
        return True

    def fill(self, target: int) -> None:
        """Post somebody: those below their fewest posts first, then who would bear least for the capacity."""
        piece, pairs = self.piece, self.of_target[target]
        p = piece.pair_person[pairs]
        load = self.load[p] + piece.pair_load[pairs]
        open_ = (self.posts[p] < piece.max_posts[p]) & (load <= piece.limit[p]) & ~self.chosen[pairs]
        pairs, p, load = pairs[open_], p[open_], load[open_]
        below = self.posts[p] < piece.min_posts[p]
        while len(pairs):
            now = np.flatnonzero(below) if below.any() else np.arange(len(pairs))
            after = load[now] / piece.capacity[p[now]]
            now = now[after == after.min()]
            best = int(now[np.argmin(piece.metres[pairs[now]])])
            if self.try_add(int(pairs[best])):
                return
            pairs, p, load, below = (np.delete(one, best) for one in (pairs, p, load, below))

    def employ(self, person: int) -> None:
        """Give more posts to a person who has too few."""
        own = np.arange(self.first[person], self.first[person + 1])
        for k in own[np.argsort(self.piece.pair_load[own], kind="stable")].tolist():
            if self.posts[person] >= self.piece.min_posts[person]:
                return
            self.try_add(k)
