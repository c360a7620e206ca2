"""Large-neighbourhood search: a few people give up all their posts and share them out anew, as well as can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from ortools.sat.python import cp_model

from partitioner.model import IntArray
from partitioner.staffing.areas import Areas
from partitioner.staffing.effort import Share
from partitioner.staffing.goal import Stage
from partitioner.staffing.measuring import value
from partitioner.staffing.model import Model
from partitioner.staffing.pieces import BoolArray, Piece
from partitioner.staffing.searcher import searcher

PAIRS = 240
"""About so many pairs are open in a window."""

EFFORT, LEAST_EFFORT = 0.3, 1e-3
"""Deterministic time of one window; less than the least is not worth a model."""

PATIENCE = 4
"""Windows per person without any gain, after which the search ends."""


class Windows:
    """The search; `chosen` is the best so far.

    Parameters
    ----------
    useful : bool array, shape (pairs,)
        Only these pairs, and those chosen, are considered.
    """

    def __init__(
        self,
        piece: Piece,
        chosen: BoolArray,
        limits: IntArray,
        held: dict[Stage, int],
        useful: BoolArray,
        areas: Areas | None,
    ) -> None:
        assert not piece.split
        self.piece, self.chosen, self.limits, self.held = piece, chosen.copy(), limits, held
        self.useful, self.areas = useful, areas

    def search(self, stage: Stage, share: Share, seed: int, least: int) -> None:
        """Improve a stage that adds up until windows gain nothing, the share is used up, or `least` is reached."""
        rng = np.random.default_rng(seed)
        quiet = 0
        while quiet < PATIENCE * self.piece.num_people and share.effort() > LEAST_EFFORT and not share.over():
            for people in self._rounds(rng):
                if share.over() or share.effort() <= LEAST_EFFORT:
                    return
                before = value(self.piece, self.chosen, stage)
                self._recut(people, stage, share)
                quiet = 0 if value(self.piece, self.chosen, stage) < before else quiet + len(people)
            if value(self.piece, self.chosen, stage) <= least:
                return

    def _rounds(self, rng: np.random.Generator) -> Iterator[IntArray]:
        """All people once, in random windows."""
        order = rng.permutation(self.piece.num_people)
        size = self._size()
        for start in range(0, len(order), size):
            yield np.sort(order[start : start + size])

    def _size(self) -> int:
        """People per window: k people open about k² / P² of all useful pairs."""
        useful = max(int((self.useful | self.chosen).sum()), 1)
        return int(np.clip(self.piece.num_people * np.sqrt(PAIRS / useful), 2, self.piece.num_people))

    def _recut(self, people: IntArray, stage: Stage, share: Share) -> None:
        piece = self.piece
        inside = np.zeros(piece.num_people, dtype=bool)
        inside[people] = True
        mine = inside[piece.pair_person]
        around = np.zeros(piece.num_targets, dtype=bool)
        around[piece.pair_target[mine & self.chosen]] = True
        around |= np.bincount(piece.pair_target[self.chosen], minlength=piece.num_targets) < piece.min_people
        pairs = np.flatnonzero(mine & (self.chosen | (self.useful & around[piece.pair_target])))
        if len(pairs) <= int(np.count_nonzero(self.chosen & mine)):
            return
        targets = np.unique(piece.pair_target[pairs])
        small = _part(piece, people, targets, pairs, self.chosen)
        now = self.chosen[pairs]
        held = {
            one: most - int(value(piece, self.chosen, one)) + int(value(small, now, one))
            for one, most in self.held.items()
        }
        model = Model(small, self.limits[people], held, ())
        model.cp.minimize(model.stage(stage))
        model.hint(now)
        found = _solved(model, share)
        if found is None or value(small, found, stage) >= value(small, now, stage):
            return
        chosen = self.chosen.copy()
        chosen[pairs] = found
        if self.areas is None or not self.areas.broken(piece, chosen):
            self.chosen = chosen


def _part(piece: Piece, people: IntArray, targets: IntArray, pairs: IntArray, chosen: BoolArray) -> Piece:
    """Some people and targets, what all others do left as it is."""
    outside = chosen.copy()
    outside[pairs] = False
    there = np.bincount(piece.pair_target[outside], minlength=piece.num_targets)[targets]
    return replace(
        piece,
        pair_person=np.searchsorted(people, piece.pair_person[pairs]),
        pair_target=np.searchsorted(targets, piece.pair_target[pairs]),
        pair_load=piece.pair_load[pairs],
        metres=piece.metres[pairs],
        previous=piece.previous[pairs],
        must=piece.must[pairs],
        min_posts=piece.min_posts[people],
        max_posts=piece.max_posts[people],
        capacity=piece.capacity[people],
        fair=piece.fair[people],
        limit=piece.limit[people],
        min_people=np.maximum(piece.min_people[targets] - there, 0),
        max_people=piece.max_people[targets] - there,
        lost=0,
        neighbours=None,
        people_at=people,
        targets_at=targets,
    )


def _solved(model: Model, share: Share) -> BoolArray | None:
    solver = searcher(share, 1, EFFORT)
    forget = share.listen(solver.stop_search)
    try:
        status = solver.solve(model.cp)
    finally:
        forget()
    share.used(solver.response_proto.deterministic_time)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return np.array([solver.boolean_value(one) for one in model.x], dtype=bool)
