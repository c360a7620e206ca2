"""Pieces whose every stage is a minimum-cost flow: exact, with proof, in polynomial time.

That is so where nobody holds more than one post, or where all targets weigh the same; and where loads are split, if
moreover all people are alike and every target is served.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from partitioner.model import IntArray
from partitioner.staffing.circulation import Circulation
from partitioner.staffing.flow_solving import Infeasible, Over
from partitioner.staffing.goal import Stage
from partitioner.staffing.pieces import BoolArray, Piece


def counts_only(piece: Piece) -> bool:
    """Whether it depends on the numbers of posts and people alone how many posts can be filled."""
    single, split = bool(np.all(piece.max_posts <= 1)), shares(piece)
    if piece.neighbours is not None and not single:
        return False
    everything = np.zeros(piece.num_people, dtype=np.int64)
    np.add.at(everything, piece.pair_person, piece.pair_load)
    return bool(np.all(piece.limit >= everything)) or (not split and (single or alike(piece)))


def shares(piece: Piece) -> bool:
    """Whether the load of some target may be shared."""
    return piece.split and bool(np.any(piece.max_people > 1))


def alike(piece: Piece) -> bool:
    """Whether all pairs weigh the same."""
    return bool(np.all(piece.pair_load == piece.pair_load[:1]))


def is_flow(piece: Piece) -> bool:
    """Whether all stages are flows, once all posts that can be filled are filled."""
    single = bool(np.all(piece.max_posts <= 1))
    if shares(piece):
        same = all(bool(np.all(one == one[:1])) for one in (piece.capacity, piece.fair))
        same &= bool(np.all(piece.pair_load == _target_load(piece)[piece.pair_target]))
        return single and same and bool(np.all(piece.min_people >= 1)) and counts_only(piece)
    return single or (piece.neighbours is None and alike(piece))


def _target_load(piece: Piece) -> IntArray:
    load = np.zeros(piece.num_targets, dtype=np.int64)
    load[piece.pair_target] = piece.pair_load
    return load


class FlowPiece:
    """The arcs: source → person, one per post; person → target; target → sink, one per person; sink → source.

    `chosen` is an optimum of all stages so far. A relaxed one leaves out what loads forbid. When the run is `over`,
    whatever is asked ends with `Stopped`, and `chosen` stays.
    """

    def __init__(self, piece: Piece, over: Over, *, relaxed: bool = False) -> None:
        self.piece = piece
        self.split = shares(piece)
        num_people, num_targets, num_pairs = piece.num_people, piece.num_targets, piece.num_pairs
        self.post_of = np.repeat(np.arange(num_people), piece.max_posts)
        self.post_rank = _ranks(piece.max_posts)
        self.seat_of = np.repeat(np.arange(num_targets), piece.max_people)
        self.seat_rank = _ranks(piece.max_people)
        source, sink = 0, num_people + num_targets + 1
        tail = [
            np.zeros(len(self.post_of), dtype=np.int64),
            piece.pair_person + 1,
            self.seat_of + num_people + 1,
            np.array([sink]),
        ]
        head = [
            self.post_of + 1,
            piece.pair_target + num_people + 1,
            np.full(len(self.seat_of), sink),
            np.array([source]),
        ]
        self.posts = slice(0, len(self.post_of))
        self.pairs = slice(self.posts.stop, self.posts.stop + num_pairs)
        self.seats = slice(self.pairs.stop, self.pairs.stop + len(self.seat_of))
        self.num_arcs = self.seats.stop + 1
        low, high = np.zeros(self.num_arcs, dtype=np.int64), np.ones(self.num_arcs, dtype=np.int64)
        low[self.pairs] = piece.must
        if not self.split:
            high[self.pairs] = piece.must | (piece.pair_load <= piece.limit[piece.pair_person])
        if not relaxed and not self.split and not np.all(piece.max_posts <= 1) and alike(piece):
            high[self.posts] = self._post_loads() <= piece.limit[self.post_of]
        high[-1] = len(self.post_of)
        ends = (np.concatenate(tail, dtype=np.int64), np.concatenate(head, dtype=np.int64))
        self.net = Circulation(sink + 1, *ends, low, high, over)

    @property
    def chosen(self) -> BoolArray:
        """Which pairs are posted."""
        return self.net.flow[self.pairs] > 0

    def minimise(self, stage: Stage) -> int:
        """The least value of a stage that adds up, all stages so far kept."""
        cost = np.zeros(self.num_arcs, dtype=np.int64)
        constant = self._costs(stage, cost)
        return constant + self.net.minimise(cost)

    def keep_if_tight(self, stage: Stage, value: int) -> None:
        """Keep to the optima of a stage if `value` is its least, and to nothing if more is allowed."""
        low, high = self.net.low, self.net.high
        if self.minimise(stage) != value:
            self.net.low, self.net.high = low, high

    def _costs(self, stage: Stage, cost: IntArray) -> int:
        piece = self.piece
        if stage == "unfilled":
            cost[self.posts][self.post_rank < piece.min_posts[self.post_of]] = -1
            cost[self.seats][self.seat_rank < piece.min_people[self.seat_of]] = -1
            return int(piece.min_posts.sum() + piece.min_people.sum())
        if stage == "changes":
            cost[self.pairs] = -piece.previous.astype(np.int64)
            return piece.lost + int(piece.previous.sum())
        if stage == "metres":
            cost[self.pairs] = piece.metres
            return 0
        return self._deviations(cost)

    def _deviations(self, cost: IntArray) -> int:
        piece = self.piece
        fair = piece.fair[self.post_of]
        idle = int(piece.fair.sum())
        if self.split:
            load, share = _target_load(piece)[self.seat_of], int(piece.fair[0]) if len(piece.fair) else 0
            before = np.where(self.seat_rank == 0, load, np.abs(load - self.seat_rank * share))
            cost[self.seats] = np.abs(load - (self.seat_rank + 1) * share) - before
            cost[self.posts] = -fair
            return idle + int(_target_load(piece).sum())
        if np.all(piece.max_posts <= 1):
            own = piece.fair[piece.pair_person]
            cost[self.pairs] = np.abs(piece.pair_load - own) - own
            return idle
        load = self._post_loads()
        one = load // (self.post_rank + 1)
        cost[self.posts] = np.abs(load - fair) - np.abs(load - one - fair)
        return idle

    def _post_loads(self) -> IntArray:
        """Load of a person who fills this post and those before it."""
        one = int(self.piece.pair_load[0]) if self.piece.num_pairs else 0
        return (self.post_rank + 1) * one

    def least_ratio(self, enough: Fraction) -> Fraction | None:
        """The least highest ratio; None if `enough` can be kept. Nothing is restricted."""
        if self._fits(enough):
            return None
        above = [step for step in self._steps() if step > enough]
        low, high = 0, len(above) - 1
        while low < high:
            middle = (low + high) // 2
            if self._fits(above[middle]):
                high = middle
            else:
                low = middle + 1
        return above[low]

    def limit_ratio(self, highest: Fraction) -> None:
        """Keep everybody at or below this ratio from now on."""
        if not self._fits(highest):
            raise Infeasible
        self.net.restrict(*self._bounds(highest))

    def _steps(self) -> list[Fraction]:
        """All ratios that somebody may have, ascending."""
        piece = self.piece
        if self.split:
            load = _target_load(piece)[self.seat_of] // (self.seat_rank + 1)
            capacity = np.full(len(load), piece.capacity[0] if piece.num_people else 1)
        elif np.all(piece.max_posts <= 1):
            load, capacity = piece.pair_load, piece.capacity[piece.pair_person]
        else:
            load, capacity = self._post_loads(), piece.capacity[self.post_of]
        both = np.unique(np.column_stack([load, capacity]), axis=0)
        return sorted({Fraction(a, b) for a, b in both.tolist()})

    def _bounds(self, ratio: Fraction) -> tuple[IntArray, IntArray]:
        piece = self.piece
        low, high = np.zeros(self.num_arcs, dtype=np.int64), np.ones(self.num_arcs, dtype=np.int64)
        high[-1] = len(self.post_of)
        num, den = ratio.numerator, ratio.denominator
        most = np.array([c * num // den for c in piece.capacity.tolist()], dtype=np.int64)
        if self.split:
            need = -(-_target_load(piece) // np.maximum(most[0] if len(most) else 0, 1))
            low[self.seats] = self.seat_rank < need[self.seat_of]
            if np.any(need > piece.max_people):
                high[:] = -1
        elif np.all(piece.max_posts <= 1):
            high[self.pairs] = piece.pair_load <= most[piece.pair_person]
        else:
            high[self.posts] = self._post_loads() <= most[self.post_of]
        return low, high

    def _fits(self, ratio: Fraction) -> bool:
        return self.net.allows(*self._bounds(ratio))


def _ranks(counts: IntArray) -> IntArray:
    """0, 1, … within every entry's count."""
    start = np.repeat(np.cumsum(counts) - counts, counts)
    return np.arange(int(counts.sum())) - start
