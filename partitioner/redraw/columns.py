"""Columns: a grid together with the previous grid that it carries on, or none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partitioner.model import FloatArray, IntArray, Problem
from partitioner.redraw.freezing import Fixed
from partitioner.redraw.near import COMPLETE, list_near
from partitioner.redraw.region import Part, Region
from partitioner.solver.limits import StopSignal

MAX_ITEMS = 4_000_000


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

    def within(self, budget: int) -> Columns:
        """The columns that plans with at most `budget` moved households may hold."""
        return self.where(self.least <= budget)


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
    problem: Problem, region: Region, fixed: Fixed, budget: int, signal: StopSignal, *, visits: int
) -> Columns:
    """Every column of a plan that moves at most `budget` households, as far as `visits` steps allow."""
    allowance = least_losses(problem, region)
    base = int(allowance.sum())
    found = _Found()
    left = visits
    for number, part in enumerate(region.parts):
        labels = sorted(set(part.piece.case.previous_item.tolist()) & set(region.labels))
        for label in [-1, *labels]:
            outcome, used = _list_one(found, number, part, label, problem, fixed, allowance, base, budget, left, signal)
            left -= used
            if outcome != COMPLETE:
                return found.columns(complete=False)
    first = region.num_nodes - len(region.locked)
    for number, members in enumerate(region.locked):
        found.lock(problem, members, first + number, len(region.parts) + number)
    return found.columns(complete=True)


def _list_one(
    found: _Found,
    number: int,
    part: Part,
    label: int,
    problem: Problem,
    fixed: Fixed,
    allowance: IntArray,
    base: int,
    budget: int,
    visits: int,
    signal: StopSignal,
) -> tuple[int, int]:
    """The columns of one part that carry on `label`."""
    case, piece = part.piece.case, part.piece
    num = len(case.households)
    pinned = fixed.pinned[piece.units]
    mine = problem.units.previous.code[piece.units] == label
    inside = np.zeros(num, dtype=np.uint8)
    outside = np.zeros(num, dtype=np.uint8)
    inside[piece.node_of[pinned & mine]] = 1
    outside[piece.node_of[pinned & ~mine]] = 1
    own = np.zeros(num, dtype=np.int64)
    owner = np.repeat(np.arange(num), np.diff(case.previous_start))
    entry = case.previous_item == label
    own[owner[entry]] = case.previous_households[entry]
    if label < 0:
        roots = np.arange(num)
    else:
        roots = np.flatnonzero((own > 0) | (inside == 1))
        roots = roots[np.lexsort((roots, -own[roots], -inside[roots].astype(np.int64)))]
    rest = base - (int(allowance[label]) if label >= 0 else 0)
    outcome, used, start, item, cost, incoming, least = list_near(
        case, label, inside, outside, allowance, fixed.lines, rest, budget, roots, visits, MAX_ITEMS, signal.flag
    )
    kept = np.ones(len(cost), dtype=np.bool_)
    for nodes in part.loose:
        marked = np.zeros(num, dtype=np.int64)
        marked[nodes] = 1
        held = np.add.reduceat(marked[item], start[:-1]) if len(cost) else np.zeros(0, dtype=np.int64)
        kept &= (held == 0) | (held == len(nodes))
    found.add(start, item + part.first, cost, incoming, least, label, number, kept)
    return int(outcome), int(used)


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
