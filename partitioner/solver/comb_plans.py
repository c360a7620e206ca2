"""The best plan of a comb in which no grid leaves more than so many households outside the bounds.

What lies above a grid is cut best by dynamic programming along each chain, how much of each chain the grid takes is a
knapsack over households, and one cost per connected set of roots is left: a best exact cover of the roots by such sets
is a best plan. Where the sets are too many to list, those found before give prices, and only what these ask for is
listed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partitioner.model import FloatArray, IntArray
from partitioner.solver.comb_shape import Comb
from partitioner.solver.exact import ROUNDING
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.combs import best_choices, cut_tops, list_root_sets
from partitioner.solver.kernels.listing import COMPLETE, TOO_MANY_GRIDS
from partitioner.solver.limits import StopSignal
from partitioner.solver.root_covers import best_cover, relaxed

MAX_VISITS = 60_000
FEW_VISITS = 12_000
MAX_ROUNDS = 12
MAX_ITEMS = 1_000_000
FEW_ITEMS = 100_000
MAX_COLUMNS = 30_000
"""Sets of roots looked at before the comb is left to other methods, and before prices are asked which of them matter;
linear programmes for that; entries of a list, of one with prices, and sets in a linear programme."""

SMALLEST = 1e-8
"""What a set must gain at the prices to be worth having, in usual costs of a set."""

WORST_SHARE = 8
"""A plan is looked for that leaves up to so many times as many households outside."""

Sets = tuple[int, IntArray, IntArray, FloatArray]
"""Outcome of a listing, CSR lists of the roots of each set, and their costs."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tried:
    """A plan where no grid, with what is above it, leaves more than so many outside; empty if there is none.

    `best` says that it is the best of these, `least_outside` that none of these leaves fewer.
    """

    grids: tuple[IntArray, ...]
    least_outside: int
    best: bool
    sets: Sets


def best_plan(comb: Comb, most: int, known: Sets | None, signal: StopSignal) -> Tried | None:
    """None where too many grids are possible.

    Parameters
    ----------
    most : int
        Households that a grid, with what is above it, may leave outside.
    known : Sets, optional
        Some sets of roots with their costs, to start from where not all can be listed.
    """
    trial = _Trial(comb, most, signal)
    sets = trial.all_sets(MAX_VISITS if known is None else FEW_VISITS)
    if sets is not None:
        chosen = trial.cover(sets)
        return None if chosen is None else trial.tried(sets, chosen, most + 1, best=True)
    return None if known is None else trial.at_prices(known)


class _Trial:
    """Ways to the best plan for one number of households outside."""

    def __init__(self, comb: Comb, most: int, signal: StopSignal) -> None:
        self._comb = comb
        self._most = most
        self._signal = signal
        self._fine = _fine(comb.case)
        self._limit = self._fine * (1 + min(most * len(comb), WORST_SHARE * (most + 1)))
        self._choices = _choices(comb, most, self._fine)

    def all_sets(self, visits: int) -> Sets | None:
        """Every set of roots that a grid can lie on; None where these are too many."""
        sets = self._listed(np.zeros(len(self._comb)), np.inf, visits, MAX_ITEMS)
        return sets if sets[0] == COMPLETE else None

    def cover(self, sets: Sets) -> list[int] | None:
        """The best exact cover by these sets: empty where there is none, None where that was not found out."""
        return best_cover(self._comb.core, sets[1], sets[2], sets[3], self._limit, self._signal)

    def tried(self, sets: Sets, chosen: list[int], least_outside: int, *, best: bool) -> Tried:
        """The plan of these sets."""
        _, at, item, _ = sets
        grids = tuple(
            grid
            for j in chosen
            for grid in _grids(self._comb, self._choices, item[at[j] : at[j + 1]], self._most, self._fine)
        )
        return Tried(grids=grids, least_outside=least_outside, best=best, sets=sets)

    def at_prices(self, known: Sets) -> Tried | None:
        """A plan from `known` and the sets that prices ask for; the best one where few enough sets can matter."""
        priced = self._priced(known)
        if priced is None:
            return None
        sets, price, bound = priced
        if bound >= self._limit:
            return self.tried(sets, [], self._most + 1, best=True)
        chosen = self.cover(sets)
        if chosen is None:
            return None
        least = int(np.ceil(bound / self._fine - 0.5))
        total = float(sets[3][chosen].sum()) if chosen else self._limit
        if total - bound > ROUNDING * total:
            worthy = self._listed(price, total - bound + ROUNDING * total, MAX_VISITS, MAX_ITEMS)
            better = self.cover(worthy) if worthy[0] == COMPLETE else None
            if better is None or (chosen and not better):
                return self.tried(sets, chosen, least, best=False)
            sets, chosen = worthy, better
        return self.tried(sets, chosen, least if chosen else self._most + 1, best=True)

    def _priced(self, sets: Sets) -> tuple[Sets, FloatArray, float] | None:
        """Sets to which no other is worth adding, the prices that say so, and the bound that these prove."""
        num = len(self._comb)
        for _ in range(MAX_ROUNDS):
            if self._signal() or len(sets[3]) > MAX_COLUMNS:
                return None
            price, _, scale = relaxed(num, sets[1], sets[2], sets[3], self._limit)
            more = self._listed(price, -SMALLEST * scale, MAX_VISITS, FEW_ITEMS)
            if more[0] not in (COMPLETE, TOO_MANY_GRIDS):
                return None
            if not len(more[3]):
                return sets, price, float(price.sum()) - num * SMALLEST * scale
            sets = _joined(sets, more)
        return None

    def _listed(self, price: FloatArray, slack: float, visits: int, items: int) -> Sets:
        comb, choices = self._comb, self._choices
        outcome, at, item, cost = list_root_sets(
            comb.case, comb.core_start, comb.core_neighbour, choices.start, choices.size, choices.over, choices.value,
            choices.first, choices.centre_start, comb.group_start, comb.group_item,
            int(comb.case.group_item.max(initial=-1)) + 1, self._most, self._fine, price, slack, visits, items,
            self._signal.flag,
        )  # fmt: skip
        return outcome, at, item, cost


def _joined(sets: Sets, more: Sets) -> Sets:
    return (
        sets[0],
        np.concatenate([sets[1], sets[1][-1] + more[1][1:]]),
        np.concatenate([sets[2], more[2]]),
        np.concatenate([sets[3], more[3]]),
    )


def _fine(case: Case) -> float:
    """More than any plan costs, for one household outside the bounds."""
    households = float(case.households.sum())
    balance = case.balance * (households + len(case.households) * case.target)
    return 1.0 + 2.0 * (float(case.walk.max(axis=0).sum()) + case.split * len(case.group_item) + balance)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Choices:
    """How much of each chain a grid may take; arrays as for `list_root_sets`, and `cut_tops` for `end`.

    `place` is the last place of `Comb.node` that a choice takes.
    """

    start: IntArray
    size: IntArray
    over: IntArray
    place: IntArray
    value: FloatArray
    first: IntArray
    centre_start: IntArray
    end: IntArray


def _choices(comb: Comb, most: int, fine: float) -> _Choices:
    case, node = comb.case, comb.node
    top, outside, end = cut_tops(case, comb.start, node, most, fine)
    chain = np.repeat(np.arange(len(comb)), np.diff(comb.start))
    load = np.cumsum(case.households[node])
    size = load - (load - case.households[node])[comb.start[chain]]
    place = np.flatnonzero(np.isfinite(top) & (size <= case.high + most))
    last = np.searchsorted(place, comb.start[1:])
    first = np.searchsorted(place, np.arange(len(node)))
    held = np.flatnonzero(first < last[chain])  # other places are in no grid with the root of their chain
    place_of_centre = np.repeat(held, np.diff(case.unit_start)[node[held]])
    units = [case.unit_item[case.unit_start[i] : case.unit_start[i + 1]] for i in node[held].tolist()]
    walk = case.walk[np.concatenate([np.zeros(0, dtype=np.int64), *units])][:, node]
    total = np.cumsum(walk, axis=1)
    value = total[:, place] - (total - walk)[:, comb.start[chain[place]]]
    value += (top + case.split * comb.more_groups)[place]
    return _Choices(
        start=np.concatenate([[0], last]).astype(np.int64),
        size=size[place],
        over=outside[place],
        place=place,
        value=np.ascontiguousarray(value),
        first=first[place_of_centre].astype(np.int64),
        centre_start=np.searchsorted(place_of_centre, comb.start).astype(np.int64),
        end=end,
    )


def _grids(comb: Comb, choices: _Choices, roots: IntArray, most: int, fine: float) -> list[IntArray]:
    """The cheapest grid on these roots, and those above it."""
    taken = best_choices(
        comb.case, np.ascontiguousarray(roots), choices.start, choices.size, choices.value, choices.first,
        choices.centre_start, most, fine,
    )  # fmt: skip
    base, grids = [], []
    for root, place in zip(roots.tolist(), choices.place[taken].tolist(), strict=True):
        base.append(comb.node[comb.start[root] : place + 1])
        while place + 1 < comb.start[root + 1]:
            after = int(choices.end[place]) - 1
            grids.append(np.sort(comb.node[place + 1 : after + 1]))
            place = after
    return [np.sort(np.concatenate(base)), *grids]
