"""When a large piece is settled region by region, and how."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np

from partitioner.model import IntArray
from partitioner.solver.budget import Budget
from partitioner.solver.kernels.chance import make_stream
from partitioner.solver.record import LISTED_NODES, Record
from partitioner.solver.regions import NODES_PER_GRID, Region, Regions
from partitioner.solver.search import judged

REGIONS_AFTER = 0.85
"""Share of its budget after which a large piece is settled region by region, if its search is not stalled before."""

REGIONS_FROM = 40_000
"""Candidates per node before which the search gains more by itself."""

REGION_STREAM = 1 << 32
"""Random numbers for choosing regions do not depend on those of the search."""

REGION_STEPS_PER_NODE = 40_000
"""What settling a region costs, proof included, in candidates per node of it."""

Settle = Callable[[Region, IntArray], IntArray]
"""Grids of a region's units as they are best, from those of the units as they are."""


class RegionTurns:
    """Regions of one piece.

    Parameters
    ----------
    record : Record
    seed : int
    allowed : bool
        Whether there are any at all.
    settle : Settle
        Called from several threads at once.
    """

    def __init__(self, record: Record, seed: int, *, allowed: bool, settle: Settle) -> None:
        self._record = record
        self._seed = seed
        self._allowed = allowed
        self._settle = settle
        self._regions: Regions | None = None
        self._given_s: float | None = None

    def begin(self, budget: Budget) -> None:
        """The first budget tells how long the piece may take in all."""
        self._given_s = self._given_s or budget.seconds(self._record.signal)

    def due(self, budget: Budget) -> bool:
        """Whether it is time to settle regions of the plan, and there are any left."""
        if self._regions is None:
            if not self._late(budget) or not self._possible():
                return False
            self.draw_anew()
        assert self._regions is not None
        return not self._regions.finished

    def draw_anew(self) -> None:
        """Begin, with none settled yet."""
        record = self._record
        rng = make_stream(self._seed, record.stream + REGION_STREAM)
        self._regions = Regions(problem=record.problem, task=record.task, piece=record.piece, rng=rng)

    def steps_before(self, budget: Budget) -> float | None:
        """Candidates that the search may still try before regions' turn; None where that is not known."""
        expected = self._steps_expected(budget)
        if expected is None:
            return None
        share = REGIONS_AFTER * expected
        if share < REGIONS_FROM * len(self._record.piece.case.households) or not self._possible():
            share = expected
        return share - self._record.search.steps

    def settle(self, pool: Executor | None) -> bool:
        """The best plans of two regions, usually proved; True if the piece's plan became better.

        They have no grid in common and are settled side by side where there is a `pool`, else one by one.
        """
        assert self._regions is not None
        piece, search = self._record.piece, self._record.search
        label = np.unique(self._record.found.label, return_inverse=True)[1].astype(np.int64)
        num = int(label.max()) + 1
        weight = np.ones(num) if search.focus is None else search.focus.weights(search.state_of(label))[:num]
        first = self._regions.draw(label, weight)
        second = self._regions.draw(label, weight, first)
        regions = [first] if np.isin(second.nodes, first.nodes).any() else [first, second]
        given = [(region, label[piece.node_of[region.units]]) for region in regions]
        waiting = [pool.submit(self._settle, *each) for each in given[1:]] if pool is not None else []
        settled = [self._settle(*each) for each in (given[:1] if waiting else given)]
        settled += [future.result() for future in waiting]
        improved = False
        for place, (region, slots) in enumerate(zip(regions, settled, strict=True)):
            after = label.copy()
            after[piece.node_of[region.units]] = (1 + place) * len(label) + slots
            better = search.offer(judged(piece, np.unique(after, return_inverse=True)[1].astype(np.int64)))
            label = after if better else label
            improved = improved or better
            search.steps += REGION_STEPS_PER_NODE * len(region.nodes)
            self._regions.settled(region, changed=better)
        if improved:
            search.begin_at(search.steps)
        return improved

    def _possible(self) -> bool:
        """Whether parts of the plan can be settled alone, and are small enough for that as the piece is not."""
        record = self._record
        num = len(record.piece.case.households)
        if num <= LISTED_NODES or not self._allowed or record.task.loose or record.moving or not record.found.lawful:
            return False
        return num <= NODES_PER_GRID * len(np.unique(record.found.label))

    def _late(self, budget: Budget) -> bool:
        """Whether the search by itself has had its share."""
        search = self._record.search
        least = REGIONS_FROM * len(self._record.piece.case.households)
        expected = self._steps_expected(budget)
        share = expected is not None and search.steps >= max(least, REGIONS_AFTER * expected)
        return share or search.stale >= budget.patience

    def _steps_expected(self, budget: Budget) -> float | None:
        """Candidates in all, at the speed up to now; None where that is not known."""
        if budget.steps is not None:
            return float(budget.steps)
        left = budget.seconds(self._record.signal)
        if left is None or self._given_s is None or left >= self._given_s:
            return None
        return self._record.search.steps * self._given_s / (self._given_s - left)
