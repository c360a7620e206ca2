"""Outlines of grids: what they hold of the nodes that are decided, while small nodes are left free.

Every plan has outlines that cover the decided nodes once. Where free nodes may be in any number of grids, at a price,
the outlines that can matter are few, and a sweep finds the cheapest cover by them: a bound for all plans.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from partitioner.model import FloatArray, IntArray
from partitioner.solver.exact import ROUNDING, sweeping_orders
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.free_nodes import cheapest_choice, extend_outlines, outline_values
from partitioner.solver.kernels.frontier import (
    CHOSEN,
    NOTHING_BETTER,
    Touching,
    pack_grids,
    sweep,
    sweep_through,
)
from partitioner.solver.kernels.listing import COMPLETE, grid_cost
from partitioner.solver.kernels.outlines import free_terms, joined
from partitioner.solver.lagrangian import Pricing
from partitioner.solver.limits import StopSignal
from partitioner.solver.listings import Listing
from partitioner.solver.prechecks import count_range

BoolArray = npt.NDArray[np.bool_]

LARGEST_FREE = 25
ALL_FREE = 4
"""A free node holds at most one household in so many of `high`; all of them hold less than one in so many of `low`."""


def small_nodes(case: Case) -> IntArray:
    """Nodes that may be left free: the smallest ones, never so many that a lawful grid could hold no other."""
    order = np.argsort(case.households, kind="stable")
    load = case.households[order]
    fits = (load * LARGEST_FREE <= case.high) & (np.cumsum(load) * ALL_FREE < case.low)
    return np.sort(order[fits]).astype(np.int64)


class Listed(NamedTuple):
    """Outlines with centres; `item[start[j]:start[j + 1]]` are the decided nodes of the j-th."""

    start: IntArray
    item: IntArray
    centre: IntArray


class Terms(NamedTuple):
    """What each outline costs, and what each free node would add; see `kernels.outlines.free_terms`."""

    base: FloatArray
    own: IntArray
    load: IntArray
    extra: FloatArray
    touched: BoolArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Cover:
    """The cheapest cover by outlines at some prices of the free nodes.

    Parameters
    ----------
    bound : float
        No plan cheaper than the cutoff costs less; infinite where there is no such cover.
    grids : tuple of int arrays
        The outlines with the free nodes that the relaxation gives them.
    """

    bound: float
    grids: tuple[IntArray, ...] = ()


class Outlines:
    """All outlines that a plan cheaper than some cutoff can hold.

    Parameters
    ----------
    free : int array
        Nodes that are left free, ascending.
    dual : float array, shape (n,)
        Prices of nodes: those of the decided ones only help the sweep, those of the free ones are to begin with.
    listed : Listed
        Every such outline with every centre that may be the best one of its grid.
    """

    def __init__(self, pricing: Pricing, free: IntArray, dual: FloatArray, listed: Listed, signal: StopSignal) -> None:
        case = pricing.original
        self.pricing, self.case, self.dual, self.listed, self._signal = pricing, case, dual, listed, signal
        self.free = side_by_side(pricing, free)
        self.group = pricing.group_of[self.free]
        self._size = case.households[self.free]
        self._charge = np.full(int(pricing.group_of.max(initial=0)) + 1, case.split)
        self._terms = Terms(
            *free_terms(
                case, pricing.group_of, pricing.node_of, pricing.start, pricing.item, dual, self._charge, self.free,
                listed.start, listed.item, listed.centre,
            )
        )  # fmt: skip
        self._decided = np.setdiff1d(np.arange(len(dual)), free)
        self._order, self._begin = self._same_sets()
        self._way = 0

    def __len__(self) -> int:
        return len(self.listed.centre)

    def cover(self, price: FloatArray, cutoff: float, max_sets: int) -> Cover | None:
        """The cheapest cover below `cutoff`; None where a sweep would meet more than `max_sets` sets."""
        value = self._values(price)
        for way in self._ways():
            order, arguments = self._arguments(self._least(value), way, price, cutoff, max_sets)
            outcome, chosen, total, _ = sweep(*arguments)
            if outcome == NOTHING_BETTER:
                return Cover(bound=np.inf)
            if outcome == CHOSEN:
                self._way = way
                grids = [self._filled(self._cheapest_pair(int(order[j]), value), price) for j in chosen]
                return Cover(bound=self._paid(price) + total - ROUNDING * abs(cutoff), grids=tuple(grids))
        return None

    def limits(self, price: FloatArray, cutoff: float, max_sets: int) -> FloatArray | None:
        """What each outline's value may be at most in a cover below `cutoff`; None where a sweep gave up."""
        value = self._values(price)
        least = self._least(value)
        for way in self._ways():
            order, arguments = self._arguments(least, way, price, cutoff, max_sets)
            outcome, through = sweep_through(*arguments)
            if outcome == CHOSEN:
                most = np.full(len(least), -np.inf)
                most[order] = least[order] + cutoff - self._paid(price) - through + ROUNDING * abs(cutoff)
                limit = np.empty(len(value))
                limit[self._order] = np.repeat(most, np.diff([*self._begin, len(value)]))
                return limit
        return None

    def extended(
        self, price: FloatArray, limit: FloatArray, decided: BoolArray, max_found: int, max_visits: int
    ) -> Outlines | None:
        """Outlines over the `decided` ones of the free nodes, too, as far as their values are within the limits."""
        kept = np.flatnonzero(self._values(price) <= limit)
        terms = Terms._make(array[kept] for array in self._terms)
        outcome, of, added = extend_outlines(
            self.case, self.group, self._charge, self._size, price, *terms, decided, limit[kept], max_found,
            max_visits, self._signal.flag,
        )  # fmt: skip
        if outcome != COMPLETE:
            return None
        start, item = with_added(self.listed, kept[of], self.free, added)
        free = np.sort(self.free[~decided])
        open_nodes = np.zeros(len(self.dual), dtype=np.bool_)
        open_nodes[free] = True
        whole = joined(self.case, open_nodes, self.pricing.node_of, start, item, self.listed.centre[kept[of]])
        sizes = np.diff(start)[whole]
        dual = self.dual.copy()
        dual[self.free] = price
        listed = Listed(
            start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            item=item[np.repeat(whole, np.diff(start))],
            centre=self.listed.centre[kept[of]][whole],
        )
        return Outlines(self.pricing, free, dual, listed, self._signal)

    def listing(self) -> Listing:
        """All lawful grids among the outlines; only where no node is free."""
        case = self.case
        reach = case.far.shape[0] > 0
        first = self._order[self._begin]
        grids = [np.sort(self.listed.item[self.listed.start[j] : self.listed.start[j + 1]]) for j in first.tolist()]
        costs = []
        for grid in grids:
            households = int(case.households[grid].sum())
            lawful = case.low <= households <= case.high
            costs.append(grid_cost(case, grid, len(grid), households, reach) if lawful else np.inf)
        cost = np.array(costs)
        sizes = [len(grid) for grid in grids]
        listing = Listing(
            complete=True,
            start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            item=np.concatenate([*grids, np.empty(0, dtype=np.int64)]),
            cost=cost,
        )
        return listing.where(cost < np.inf)

    # --- values ------------------------------------------------------------------------------------------------------

    def _values(self, price: FloatArray) -> FloatArray:
        value: FloatArray = outline_values(self.case, self.group, self._charge, self._size, price, *self._terms)
        return value

    def _paid(self, price: FloatArray) -> float:
        """What the prices pay for covering every node once."""
        return float(self.dual[self._decided].sum()) + float(price.sum())

    def _filled(self, pair: int, price: FloatArray) -> IntArray:
        """An outline with the free nodes that its value stands for."""
        own = int(self._terms.own[pair])
        taken = cheapest_choice(
            self.case, self.group, self._charge, self._size, self._terms.extra[pair] - price,
            self._terms.touched[pair], int(self._terms.load[pair]),
        )  # fmt: skip
        if own >= 0:
            taken[own] = True
        outline = self.listed.item[self.listed.start[pair] : self.listed.start[pair + 1]]
        return np.sort(np.concatenate([outline, self.free[taken]]))

    # --- sets of nodes, whatever their centre ------------------------------------------------------------------------

    def _same_sets(self) -> tuple[IntArray, IntArray]:
        """An order that puts outlines with the same nodes side by side, and where each set begins in it."""
        mask, _ = pack_grids(self._places(np.arange(len(self.dual))), self.listed.start, self.listed.item)
        order = np.lexsort(mask.T)
        new = np.ones(len(order), dtype=np.bool_)
        new[1:] = (mask[order[1:]] != mask[order[:-1]]).any(axis=1)
        return order, np.flatnonzero(new)

    def _places(self, rank: IntArray) -> IntArray:
        """Places of the decided nodes in this order; 0 for the others, which no outline holds."""
        place = np.zeros(len(rank), dtype=np.int64)
        place[self._decided[np.argsort(rank[self._decided], kind="stable")]] = np.arange(len(self._decided))
        return place

    @cached_property
    def _sets(self) -> tuple[IntArray, IntArray]:
        """One outline of each set as CSR lists."""
        first = self._order[self._begin]
        sizes = np.diff(self.listed.start)[first]
        start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        at = np.repeat(self.listed.start[first] - start[:-1], sizes) + np.arange(start[-1])
        return start, self.listed.item[at]

    @cached_property
    def _masks(self) -> list[tuple[npt.NDArray[np.uint64], IntArray]]:
        """Bit masks and first nodes of the sets, for each direction of the sweep."""
        words = max(1, -(-len(self._decided) // 64))
        packed = [pack_grids(self._places(rank), *self._sets) for rank in sweeping_orders(self.case)]
        return [(np.ascontiguousarray(mask[:, :words]), first) for mask, first in packed]

    def _ways(self) -> list[int]:
        """Directions, the one that went well before first."""
        return [self._way, *(way for way in range(len(self._masks)) if way != self._way)]

    def _least(self, value: FloatArray) -> FloatArray:
        """The least value of each set over its centres."""
        return np.minimum.reduceat(value[self._order], self._begin) if len(value) else value

    def _cheapest_pair(self, number: int, value: FloatArray) -> int:
        end = self._begin[number + 1] if number + 1 < len(self._begin) else len(self._order)
        pairs = self._order[self._begin[number] : end]
        return int(pairs[np.argmin(value[pairs])])

    def _arguments(
        self, least: FloatArray, way: int, price: FloatArray, cutoff: float, max_sets: int
    ) -> tuple[IntArray, tuple[Any, ...]]:
        """The order in which the sweep wants the sets, and its parameters."""
        case = self.case
        mask, first = self._masks[way]
        start, item = self._sets
        load = np.add.reduceat(case.households[item], start[:-1]) if len(item) else np.empty(0, dtype=np.int64)
        order = np.flatnonzero(least < np.inf)
        order = order[np.lexsort((least[order], first[order]))]
        fewest, most = count_range(int(case.households.sum()), case.low, case.high, len(case.households))
        room = cutoff - self._paid(price) - ROUNDING * abs(cutoff)
        return order, (
            mask[order], first[order], least[order], load[order], _no_touching(len(order)), len(self._decided),
            int(case.households[self._decided].sum()), max(0, case.low - int(self._size.sum())), case.high,
            (case.count_low, case.count_high), case.count_low > fewest or case.count_high < most,
            min(0.0, float(least.min(initial=0.0))), room, max_sets, self._signal.flag,
        )  # fmt: skip


def side_by_side(pricing: Pricing, nodes: IntArray) -> IntArray:
    """Nodes sorted by group."""
    return nodes[np.lexsort((nodes, pricing.group_of[nodes]))]


def with_added(listed: Listed, of: IntArray, free: IntArray, added: BoolArray) -> tuple[IntArray, IntArray]:
    """Outlines `of` the list, each with the free nodes marked in its row of `added`; CSR."""
    before = np.diff(listed.start)[of]
    more = added.sum(axis=1)
    start = np.concatenate([[0], np.cumsum(before + more)]).astype(np.int64)
    item = np.empty(start[-1], dtype=np.int64)
    row = np.repeat(np.arange(len(of)), before)
    within = np.arange(len(row)) - np.repeat(np.cumsum(before) - before, before)
    item[start[row] + within] = listed.item[listed.start[of][row] + within]
    row, place = np.nonzero(added)
    within = np.arange(len(row)) - np.repeat(np.cumsum(more) - more, more)
    item[start[row] + before[row] + within] = free[place]
    return start, item


def _no_touching(num: int) -> Touching:
    """No prices on touches: outlines pay for the groups that they touch."""
    none = np.empty(0, dtype=np.int64)
    return Touching(
        price=np.empty(0),
        start=np.zeros(1, dtype=np.int64),
        place=none,
        load=none,
        of_start=np.zeros(num + 1, dtype=np.int64),
        of_group=none,
        of_load=none,
        of_large=none,
        of_nodes=none,
    )
