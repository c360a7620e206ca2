"""One piece as an integer programme for CP-SAT: each rule is one method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from ortools.sat.python import cp_model

from partitioner.model import IntArray
from partitioner.staffing.goal import Stage
from partitioner.staffing.pieces import BoolArray, Piece

MAX_MULTIPLE = 10**9
"""Ratios are compared over a common multiple of the capacities up to this; beyond it over `RATIO_STEPS`."""

RATIO_STEPS = 10**6

MAX_NUMBER = 1 << 56
"""Sums of larger numbers could overflow."""


@dataclass(frozen=True)
class Cut:
    """Two targets of one person need one of the targets `between` them as well."""

    person: int
    first: int
    second: int
    between: tuple[int, ...]


class Model:
    """Variables: one boolean per pair; for split loads one per target and number of people as well.

    Parameters
    ----------
    limits : int array, shape (people,)
        Highest loads.
    held : mapping of stage to int
        Values that the stages so far must not exceed.
    useful : bool array, shape (pairs,), or None
        Leave all other pairs out, locks excepted.
    """

    def __init__(
        self,
        piece: Piece,
        limits: IntArray,
        held: dict[Stage, int],
        cuts: Sequence[Cut],
        useful: BoolArray | None = None,
    ) -> None:
        self.piece, self.limits = piece, limits
        self.cp = cp_model.CpModel()
        never = self.cp.new_constant(0)
        open_ = np.ones(piece.num_pairs, dtype=bool) if useful is None else useful | piece.must
        self.x = [self.cp.new_bool_var("") if one else never for one in open_.tolist()]
        self.open = open_
        self.by_person = _members(piece.pair_person, piece.num_people)
        self.by_target = _members(piece.pair_target, piece.num_targets)
        self.load = self._loads()
        self._locks()
        self._counts()
        self._limits()
        for cut in cuts:
            self.add_cut(cut)
        for stage, value in sorted(held.items()):
            if stage != "ratio":
                self.cp.add(self.stage(stage) <= value)

    def _locks(self) -> None:
        """Locked pairs stay."""
        for k in np.flatnonzero(self.piece.must).tolist():
            self.cp.add(self.x[k] == 1)

    def _counts(self) -> None:
        """Nobody has more posts, and no target more people, than allowed."""
        for p, members in enumerate(self.by_person):
            self.cp.add(self._sum(members) <= int(self.piece.max_posts[p]))
        for t, members in enumerate(self.by_target):
            self.cp.add(self._sum(members) <= int(self.piece.max_people[t]))

    def _sum(self, members: IntArray) -> cp_model.LinearExprT:
        return cp_model.LinearExpr.sum([self.x[k] for k in members.tolist()])

    def _loads(self) -> list[cp_model.LinearExprT]:
        """What everybody bears."""
        piece = self.piece
        if not piece.split:
            return [
                cp_model.LinearExpr.weighted_sum(
                    [self.x[k] for k in members.tolist()], piece.pair_load[members].tolist()
                )
                for members in self.by_person
            ]
        terms: list[list[tuple[cp_model.IntVar, int]]] = [[] for _ in range(piece.num_people)]
        for t, members in enumerate(self.by_target):
            most = int(min(piece.max_people[t], len(members)))
            number = [self.cp.new_bool_var("") for _ in range(most + 1)]
            self.cp.add_exactly_one(number)
            self.cp.add(self._sum(members) == cp_model.LinearExpr.weighted_sum(number, list(range(most + 1))))
            for k in members.tolist():
                share = [self.cp.new_bool_var("") for _ in range(most)]
                self.cp.add(cp_model.LinearExpr.sum(share) == self.x[k])
                for n in range(1, most + 1):
                    self.cp.add_implication(share[n - 1], number[n])
                    terms[int(piece.pair_person[k])].append((share[n - 1], int(piece.pair_load[k]) // n))
        return [cp_model.LinearExpr.weighted_sum([a for a, _ in one], [b for _, b in one]) for one in terms]

    def _limits(self) -> None:
        """Nobody bears more than the limit."""
        reach = np.zeros(self.piece.num_people, dtype=np.int64)
        np.add.at(reach, self.piece.pair_person, self.piece.pair_load)
        for p in np.flatnonzero(reach > self.limits).tolist():
            self.cp.add(self.load[p] <= int(self.limits[p]))

    def add_cut(self, cut: Cut) -> None:
        """A person's targets hang together."""
        own = {int(self.piece.pair_target[k]): self.x[k] for k in self.by_person[cut.person].tolist()}
        between = [own[t] for t in cut.between if t in own]
        self.cp.add(
            cp_model.LinearExpr.weighted_sum([own[cut.first], own[cut.second], *between], [1, 1] + [-1] * len(between))
            <= 1
        )

    def stage(self, stage: Stage) -> cp_model.LinearExprT:
        """The value of a stage; variables of its own may lie above what they stand for, never below."""
        piece = self.piece
        if stage == "unfilled":
            return self._missing()
        if stage == "deviation":
            return self._deviation()
        if stage == "changes":
            kept = np.flatnonzero(piece.previous).tolist()
            return piece.lost + len(kept) - cp_model.LinearExpr.sum([self.x[k] for k in kept])
        assert stage == "metres"
        return cp_model.LinearExpr.weighted_sum(self.x, piece.metres.tolist())

    def _missing(self) -> cp_model.LinearExprT:
        short = []
        for least, groups in ((self.piece.min_posts, self.by_person), (self.piece.min_people, self.by_target)):
            for number, members in zip(least.tolist(), groups, strict=True):
                if number:
                    short.append(self.cp.new_int_var(0, number, ""))
                    here = [self.x[k] for k in members.tolist()]
                    self.cp.add(cp_model.LinearExpr.sum([*here, short[-1]]) >= number)
        return cp_model.LinearExpr.sum(short)

    def _deviation(self) -> cp_model.LinearExprT:
        away = []
        for p, load in enumerate(self.load):
            fair = int(self.piece.fair[p])
            most = max(fair, int(self.piece.pair_load[self.by_person[p]].sum()))
            one = self.cp.new_int_var(0, most, "")
            self.cp.add(one >= load - fair)
            self.cp.add(one >= fair - load)
            away.append(one)
        return cp_model.LinearExpr.sum(away)

    def highest_ratio(self, at_least: Fraction) -> tuple[cp_model.IntVar, int, bool] | None:
        """A whole number at least as high as every ratio times the returned factor, and whether it is exact.

        None where the numbers would be too large.
        """
        capacity = self.piece.capacity.tolist()
        multiple = lcm(*capacity)
        exact = multiple <= MAX_MULTIPLE * min(capacity)
        factor = multiple if exact else RATIO_STEPS
        reach = int(max(self.piece.pair_load[m].sum() for m in self.by_person))
        most = -(-factor * reach // min(capacity))
        if max(most * (1 if exact else max(capacity)), factor * reach) > MAX_NUMBER:
            return None
        least = min(at_least.numerator * factor // at_least.denominator, most)
        highest = self.cp.new_int_var(int(least), int(most), "")
        for p, load in enumerate(self.load):
            if exact:
                self.cp.add(load * (factor // capacity[p]) <= highest)
            else:
                self.cp.add(load * factor <= highest * capacity[p])
        return highest, factor, exact

    def hint(self, chosen: BoolArray) -> None:
        """Begin the search here."""
        for k in np.flatnonzero(self.open).tolist():
            self.cp.add_hint(self.x[k], bool(chosen[k]))


def _members(of: IntArray, num: int) -> list[IntArray]:
    order = np.argsort(of, kind="stable").astype(np.int64)
    return np.split(order, np.searchsorted(of[order], np.arange(1, num))) if num else []
