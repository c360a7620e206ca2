"""Pieces whose sets of posts can be listed: stage after stage a covering problem, on the optima of the one before."""

from __future__ import annotations

import math

import numpy as np

from partitioner.model import FloatArray, IntArray
from partitioner.staffing.covering import ROUNDING, Budget, Covered, Covering
from partitioner.staffing.effort import Share
from partitioner.staffing.goal import Stage
from partitioner.staffing.pieces import BoolArray
from partitioner.staffing.sets import Sets

MAX_WEIGHT = 1e10
"""Stages are put into one number where that stays below this; prices of larger ones are not exact enough."""


class SetSearch:
    """The sets that all optima so far consist of; stages that are not proved are kept by a budget instead."""

    def __init__(self, sets: Sets, seed: int) -> None:
        self.sets, self.seed = sets, seed
        self.low, self.high = sets.piece.min_people, sets.piece.max_people
        self._budgets: dict[Stage, int] = {}

    def joined(self, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        """The first stages that are solved as one: each outweighs whatever the next can be."""
        if stages[0] == "deviation":
            return stages[:1]
        for num in range(len(stages), 1, -1):
            first = stages[:num]
            if "deviation" not in first and self._weights(first)[0] * (self._span(first[0]) + 1) < MAX_WEIGHT:
                return first
        return stages[:1]

    def settle(self, stages: tuple[Stage, ...], chosen: BoolArray, share: Share) -> tuple[BoolArray, list[int]]:
        """A better assignment where one is found, and a bound on every one of `stages`, which are solved as one."""
        sets = self.sets
        held = sets.held(chosen)
        if np.any(held < 0) or not np.all(sets.allowed[np.arange(len(held)), np.maximum(held, 0)]):
            return chosen, [0] * len(stages)
        weights = self._weights(stages)
        cost = np.zeros(sets.allowed.shape)
        for stage, weight in zip(stages, weights, strict=True):
            cost += weight * sets.cost(stage)
        budgets = tuple(Budget(cost=sets.cost(stage), most=most) for stage, most in self._budgets.items())
        covering = Covering(cost, sets.member, self.low, self.high, budgets, self.seed)
        start = self._tent() if stages[0] == "deviation" else None
        found = covering.settle(held, share, start)
        people = np.arange(len(held))
        values = [int(sets.cost(stage)[people, found.held].sum()) for stage in stages]
        bounds = self._bounds(stages, weights, values, found.bound)
        self._keep(stages, values, found, float(cost[people, found.held].sum()))
        more = [sets.constant(stage) for stage in stages]
        return sets.chosen(found.held), [bound + one for bound, one in zip(bounds, more, strict=True)]

    def limit(self, limits: IntArray) -> None:
        """Nobody bears more than this from now on."""
        self.sets = self.sets.kept(self.sets.allowed & (self.sets.load <= limits[:, None]))

    def hold(self, stage: Stage, value: int) -> None:
        """Keep to the optima of a stage that is proved to be worth `value`, as far as prices tell which these are."""
        sets = self.sets
        if stage == "deviation":
            covering = Covering(sets.cost(stage), sets.member, self.low, self.high, (), self.seed)
            self._keep((stage,), [value], covering.looked_at(self._tent()), float(value))
        else:
            self._budgets[stage] = value - sets.constant(stage)

    def _keep(self, stages: tuple[Stage, ...], values: list[int], found: Covered, value: float) -> None:
        """Leave only what can be in an assignment that is worth no more than `value`."""
        slack = max(value - found.bound, 0.0) + ROUNDING
        self.sets = self.sets.kept(self.sets.allowed & (found.reduced <= slack))
        spare = np.minimum(slack / np.maximum(np.abs(found.price), 1e-12), self.high - self.low).astype(np.int64)
        self.high, self.low = (
            np.where(found.price > 0, self.low + spare, self.high),
            np.where(found.price < 0, self.high - spare, self.low),
        )
        if slack > 2 * ROUNDING or not found.free:
            self._budgets |= dict(zip(stages, values, strict=True))

    def _bounds(self, stages: tuple[Stage, ...], weights: list[int], values: list[int], bound: float) -> list[int]:
        """Of each stage, if those before have the values that were found."""
        bounds = []
        rest = math.ceil(bound - ROUNDING)
        for k, (weight, value) in enumerate(zip(weights, values, strict=True)):
            others = sum(w * self._most(stage) for w, stage in zip(weights[k + 1 :], stages[k + 1 :], strict=True))
            bounds.append(min(value, -((others - rest) // weight)))
            rest -= weight * value
        return bounds

    def _most(self, stage: Stage) -> int:
        """No assignment has more in a stage."""
        cost = self.sets.cost(stage)
        return int(np.where(np.isfinite(cost), cost, -math.inf).max(axis=1).sum())

    def _span(self, stage: Stage) -> int:
        cost = self.sets.cost(stage)
        return self._most(stage) - int(cost.min(axis=1).sum())

    def _weights(self, stages: tuple[Stage, ...]) -> list[int]:
        weights = [1]
        for stage in reversed(stages[1:]):
            weights.insert(0, weights[0] * (self._span(stage) + 1))
        return weights

    def _tent(self) -> FloatArray:
        """Prices that prove the counting bound on the deviation: the heaviest targets go where there are fewest."""
        piece = self.sets.piece
        load = np.zeros(piece.num_targets)
        load[piece.pair_target] = piece.pair_load
        posts = np.sort(np.repeat(load, piece.min_people))[::-1]
        fewest = len(posts) // piece.num_people
        heavy = fewest * ((fewest + 1) * piece.num_people - len(posts))
        top = posts[min(max(heavy, 1), len(posts)) - 1] if len(posts) else 0.0
        tent: FloatArray = load - 2 * (piece.fair.mean() - fewest * top) - 2 * np.maximum(load - top, 0)
        return tent
