"""Columns: a grid together with the previous grid that it carries on, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from partitioner.model import FloatArray, IntArray, Problem
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.near_part import Near, near_parts
from partitioner.redraw.prices import Prices
from partitioner.redraw.region import Region
from partitioner.solver.limits import StopSignal

FIRST_VISITS = 60_000
MORE_VISITS = 6
"""Steps that every ladder of prices gets at first, and how many times more in each turn."""

ROUNDING = 1e-5
"""Households by which the least moves of a column may be off."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """Columns of a region; `item[start[j]:start[j + 1]]` are the nodes of column j.

    Parameters
    ----------
    complete : bool
        No plan within the budget holds any other column.
    cost : float array
        Weighted terms without `move`.
    incoming : int array
        Households that had another previous grid than `label`: they add up to the households moved.
    least : int array
        No plan that holds the column moves fewer households.
    label : int array
        Code of the previous grid that is carried on, -1 none.
    part : int array
        Part of the region; the number of parts and above for locked grids.
    """

    complete: bool
    start: IntArray
    item: IntArray
    cost: FloatArray
    incoming: IntArray
    least: IntArray
    label: IntArray
    part: IntArray

    def __len__(self) -> int:
        return len(self.cost)

    def nodes(self, position: int) -> IntArray:
        """Nodes of one column, ascending."""
        return self.item[self.start[position] : self.start[position + 1]]

    def where(self, kept: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Columns:
        """The columns marked in `kept`."""
        sizes = np.diff(self.start)
        return Columns(
            complete=self.complete,
            start=np.concatenate([[0], np.cumsum(sizes[kept])]).astype(np.int64),
            item=self.item[np.repeat(kept, sizes)],
            cost=self.cost[kept],
            incoming=self.incoming[kept],
            least=self.least[kept],
            label=self.label[kept],
            part=self.part[kept],
        )

    def joined(self, other: Columns) -> Columns:
        """These and then the others; complete if the others are."""
        return Columns(
            complete=other.complete,
            start=np.concatenate([self.start, self.start[-1] + other.start[1:]]),
            item=np.concatenate([self.item, other.item]),
            cost=np.concatenate([self.cost, other.cost]),
            incoming=np.concatenate([self.incoming, other.incoming]),
            least=np.concatenate([self.least, other.least]),
            label=np.concatenate([self.label, other.label]),
            part=np.concatenate([self.part, other.part]),
        )

    def within(self, budget: int) -> Columns:
        """The columns that plans with at most `budget` moved households may hold."""
        return self.where(self.least <= budget)


def units_of(columns: Columns, region: Region, position: int) -> IntArray:
    """Units of one column, ascending."""
    part = int(columns.part[position])
    nodes = columns.nodes(position)
    if is_locked(columns, region, position):
        return np.array(region.locked[int(nodes[0]) - (region.num_nodes - len(region.locked))], dtype=np.int64)
    here = region.parts[part]
    marked = np.zeros(len(here.piece.case.households), dtype=np.bool_)
    marked[nodes - here.first] = True
    return here.piece.units[marked[here.piece.node_of]]


def is_locked(columns: Columns, region: Region, position: int) -> bool:
    """Whether a column is a locked grid."""
    return int(columns.part[position]) >= len(region.parts)


def least_losses(problem: Problem, region: Region) -> IntArray:
    """Households that every previous grid of the region loses at least; shape (previous grids,), 0 for all others.

    A previous grid is carried on in one part, by a grid that holds whole nodes of it and at most `max` households; or
    by a locked grid.
    """
    losses = np.zeros(len(problem.units.previous.names), dtype=np.int64)
    mine = set(region.labels)
    total = losses.copy()
    kept = losses.copy()
    high = problem.bounds.max
    for part in region.parts:
        case = part.piece.case
        owner = np.repeat(np.arange(len(case.households)), np.diff(case.previous_start))
        for label in sorted(set(case.previous_item.tolist()) & mine):
            entry = case.previous_item == label
            own = case.previous_households[entry]
            total[label] += int(own.sum())
            fits = own[case.households[owner[entry]] <= high]
            kept[label] = max(kept[label], _largest_sum(fits, high))
    for members in region.locked:
        codes = problem.units.previous.code[list(members)]
        for label in sorted(set(codes.tolist()) & mine):
            own = int(problem.units.households[np.array(members)[codes == label]].sum())
            total[label] += own
            kept[label] = max(kept[label], own)
    for label in region.labels:
        losses[label] = total[label] - kept[label]
    return losses


def _largest_sum(values: IntArray, high: int) -> int:
    """The largest sum of some of `values` that is at most `high`."""
    if int(values.sum()) <= high:
        return int(values.sum())
    sums = 1
    mask = (1 << (high + 1)) - 1
    for value in values.tolist():
        sums = (sums | sums << value) & mask
    return sums.bit_length() - 1


def list_columns(
    problem: Problem,
    region: Region,
    fixed: Fixed,
    ladder: Sequence[Prices],
    budget: int,
    signal: StopSignal,
    *,
    visits: int,
) -> Columns:
    """Every column of a plan that moves at most `budget` households, as far as `visits` steps allow.

    Parameters
    ----------
    ladder : sequence of Prices
        Each leads to a list that holds every such column; the first one that a growing number of steps completes is
        taken.
    """
    nears = near_parts(problem, region, fixed)
    allowed = min(FIRST_VISITS, visits)
    while True:
        for prices in ladder:
            columns = _listed_at(problem, region, nears, prices, budget, allowed, signal)
            if columns.complete or signal():
                return columns
        if allowed >= visits:
            return columns
        allowed = min(MORE_VISITS * allowed, visits)


def _listed_at(
    problem: Problem,
    region: Region,
    nears: Sequence[Near],
    prices: Prices,
    budget: int,
    visits: int,
    signal: StopSignal,
) -> Columns:
    found = _Found()
    left = visits
    for near in nears:
        listed = near.listed(prices.of(near), prices.budget(near, budget), signal, visits=left, most_moved=budget)
        left -= listed.visits
        if not listed.complete:
            return found.columns(complete=False)
        least = np.ceil(prices.least(near, listed.price) - ROUNDING).astype(np.int64)
        items = listed.item + near.part.first
        found.add(listed.start, items, listed.cost, listed.incoming, least, near.label, near.number, listed.kept)
    first = region.num_nodes - len(region.locked)
    for number, members in enumerate(region.locked):
        found.lock(problem, members, first + number, len(region.parts) + number)
    return found.columns(complete=True)


class _Found:
    """Columns as they come."""

    def __init__(self) -> None:
        self.sizes: list[IntArray] = []
        self.items: list[IntArray] = []
        self.costs: list[FloatArray] = []
        self.numbers: list[IntArray] = []

    def add(
        self,
        start: IntArray,
        item: IntArray,
        cost: FloatArray,
        incoming: IntArray,
        least: IntArray,
        label: int,
        part: int,
        kept: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> None:
        sizes = np.diff(start)
        self.sizes.append(sizes[kept])
        self.items.append(item[np.repeat(kept, sizes)])
        self.costs.append(cost[kept])
        num = int(kept.sum())
        self.numbers.append(np.stack([incoming[kept], least[kept], np.full(num, label), np.full(num, part)]))

    def lock(self, problem: Problem, members: tuple[int, ...], node: int, part: int) -> None:
        """A locked grid may carry on any previous grid that it holds units of, or none."""
        inside = np.array(members)
        codes = problem.units.previous.code[inside]
        households = problem.units.households[inside]
        had = int(households[codes >= 0].sum())
        for label in [-1, *sorted(set(codes[codes >= 0].tolist()))]:
            own = int(households[codes == label].sum()) if label >= 0 else 0
            self.add(
                np.array([0, 1]), np.array([node]), np.zeros(1), np.array([had - own]), np.zeros(1, dtype=np.int64),
                label, part, np.ones(1, dtype=np.bool_),
            )  # fmt: skip

    def columns(self, *, complete: bool) -> Columns:
        sizes = np.concatenate([np.zeros(0, dtype=np.int64), *self.sizes])
        numbers = np.concatenate([np.zeros((4, 0), dtype=np.int64), *self.numbers], axis=1).astype(np.int64)
        return Columns(
            complete=complete,
            start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            item=np.concatenate([np.zeros(0, dtype=np.int64), *self.items]),
            cost=np.concatenate([np.zeros(0), *self.costs]),
            incoming=numbers[0],
            least=numbers[1],
            label=numbers[2],
            part=numbers[3],
        )
