"""Solving one piece: search, bound, proof, in slices of a budget."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial

from partitioner.model import IntArray, Problem
from partitioner.solver.answers import PieceAnswer
from partitioner.solver.budget import Budget
from partitioner.solver.known import Known
from partitioner.solver.limits import StopSignal
from partitioner.solver.proving import Proving
from partitioner.solver.record import Record
from partitioner.solver.region_turns import RegionTurns
from partitioner.solver.regions import Region
from partitioner.solver.search import PATIENCE
from partitioner.solver.tasks import Task
from partitioner.solver.unlawful import explain, say_what_must_stay, weigh

REGION_PATIENCE = 300
"""Candidates per node without improvement after which a region is bounded and listed only."""

FIRST_TURN = 100
LONGEST_TURN = 20
"""Candidates per node in the first turn of search and bound, and how many times that in the longest.

Short turns at first give every piece a plan and a bound early; long ones later keep the threads busy."""


class PieceRun:
    """One task on its way to an answer. There is a plan after `open()`.

    `start` may be a plan: any number for each unit of the task. `known` is what was proved before,
    by a run that ended with `start`.
    `cut_short` says that the last turn ended before everything was tried.
    `brief`: nothing is tried that may take more than about a second for a hundred nodes.
    """

    def __init__(
        self,
        problem: Problem,
        task: Task,
        *,
        seed: int,
        stream: int,
        signal: StopSignal,
        start: IntArray | None = None,
        known: Known | None = None,
        brief: bool = False,
    ) -> None:
        self.record = Record(problem, task, seed=seed, stream=stream, signal=signal, start=start, known=known)
        self.signal = self.record.signal
        self.proving = Proving(self.record, brief=brief)
        self.regions = RegionTurns(self.record, seed, allowed=not brief, settle=partial(settled_region, self.signal))
        self.cut_short = False

    def answer(self) -> PieceAnswer:
        """What is known so far, without what it took to find out."""
        return self.record.answer(cut_short=self.cut_short)

    def close(self) -> None:
        """Let go of everything that refers to this piece, so that its memory is free at once."""
        self.record.close()

    def rest(self) -> None:
        """Let go of lists that can be made again: tens of megabytes in a piece that waits for another turn."""
        self.proving.rest()

    def open(self) -> None:
        """A first plan, lawful or not; the best one at once where the piece is a comb."""
        if self.proving.settle_comb():
            explain(self.record)
            say_what_must_stay(self.record)
        if not self.record.settled:
            self.record.search.round()
        self.record.note()

    def solve(self, budget: Budget, pool: Executor | None = None) -> None:
        """Search, bound and prove until all is proved, the budget is used or nothing gets better.

        Search and bound take turns of equal effort; with a `pool` they run side by side, with the same outcome.
        """
        self.regions.begin(budget)
        with self.signal.of(budget.seconds(self.signal)):
            self._take_turns(budget, pool)
            self.cut_short = not self.record.settled and budget.steps is None and self._over(budget)
        if self.cut_short:
            self.proving.forget()

    def make_lawful(self, budget: Budget) -> None:
        """Search until the plan is lawful, patience ends or the budget is used; where there are few grids, choose."""
        record = self.record
        if record.found.lawful or record.task.reasons or self.signal():
            return
        with self.signal.of(budget.seconds(self.signal)):
            self.proving.choose_among_few(budget)
            effort = FIRST_TURN * len(record.piece.case.households)
            while not (record.found.lawful or record.reasons or self._over(budget) or record.search.stale >= PATIENCE):
                self._seek(effort, budget)

    def finish(self, budget: Callable[[], Budget], pool: Executor | None = None) -> None:
        """All that can be done about the piece: the best plan and what can be proved of it."""
        if not self.signal():
            self.solve(budget(), pool)
            explain(self.record)
        while weigh(self.record, budget()):
            self.solve(budget(), pool)

    def _take_turns(self, budget: Budget, pool: Executor | None) -> None:
        record, proving = self.record, self.proving
        turns = 0
        while not (record.settled or self._over(budget)):
            search = record.search.stale < budget.patience or self.regions.due(budget)
            bound = proving.bounding
            if not search and not bound:
                if not proving.untried or not proving.try_on_best(budget, self._seek):
                    return
                continue
            if not bound and proving.untried and record.search.stale >= proving.patience():
                proving.try_on_best(budget, self._seek)
                continue
            turns += 1
            effort = FIRST_TURN * min(turns, LONGEST_TURN) * len(record.piece.case.households)
            self._search_and_bound(effort, budget, pool, search=search, bound=bound)
            record.note()

    def _search_and_bound(
        self, effort: int, budget: Budget, pool: Executor | None, *, search: bool, bound: bool
    ) -> None:
        best = self.record.found
        # The prices of the bound as they are before a turn, whatever runs beside it.
        self.record.search.focus = self.proving.focus() or self.record.search.focus
        if bound and search and pool is not None:
            waiting = pool.submit(self.proving.ascend, effort, best)
            self._seek(effort, budget)
            waiting.result()
            return
        if search:
            self._seek(effort, budget, None if bound else pool)
        if bound:
            self.proving.ascend(effort, best)

    def _seek(self, effort: int, budget: Budget, pool: Executor | None = None) -> None:
        """Search rounds worth `effort` candidates, or as much for settling regions, side by side with a `pool`."""
        record = self.record
        until = record.search.steps + effort
        while True:
            regional = self.regions.due(budget)
            record.search.steps_left = self.regions.steps_before(budget)
            if self.regions.settle(pool) if regional else record.search.round():
                record.note()
            stalled = record.search.stale >= budget.patience and not regional
            if record.search.steps >= until or stalled or self._over(budget):
                return

    def _over(self, budget: Budget) -> bool:
        return budget.over(self.signal, self.record.search.steps)


def settled_region(signal: StopSignal, region: Region, start: IntArray) -> IntArray:
    """Grids of the region's units as they are best, from those of the units as they are."""
    run = PieceRun(region.problem, region.task, seed=0, stream=0, signal=signal, start=start, brief=True)
    run.open()
    run.solve(Budget(steps=None, until_s=None, patience=REGION_PATIENCE))
    slots = run.record.slots()
    run.close()
    return slots
