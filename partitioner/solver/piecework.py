"""Solving one piece: search, bound, proof, in slices of a budget."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from partitioner.errors import Text
from partitioner.model import IntArray, Problem, Violation
from partitioner.solver.answers import PieceAnswer, State
from partitioner.solver.centred import centred_choice
from partitioner.solver.combs import settle_comb
from partitioner.solver.exact import (
    MAX_CHOICES,
    MAX_VISITS,
    ROUNDING,
    Proof,
    choose,
    in_no_grid,
    list_all,
    list_relevant,
    sweep_choice,
)
from partitioner.solver.focus import Focus
from partitioner.solver.generation import Generation
from partitioner.solver.kernels.chance import make_stream
from partitioner.solver.kernels.listing import grid_cost
from partitioner.solver.known import Known
from partitioner.solver.lagrangian import MAX_STATES, Ascent, Prices, Pricing, dearest_grid
from partitioner.solver.limits import StopSignal, Turn
from partitioner.solver.listings import Listing, reduced_costs
from partitioner.solver.outlines import small_nodes
from partitioner.solver.outside import by_choosing, by_counting, by_places, misfit_of
from partitioner.solver.pieces import Piece, connected_start, make_piece
from partitioner.solver.regions import NODES_PER_GRID, Region, Regions
from partitioner.solver.search import PATIENCE, Found, Search, judged
from partitioner.solver.settling import settle
from partitioner.solver.tasks import Task

TOLERANCE = 1e-6
"""A plan is proved optimal when its bound reaches (1 - TOLERANCE) of its total."""

LISTED_NODES = 400
"""Pieces of more nodes are never listed grid by grid."""

TASTING_EFFORT = 1.0
LAST_EFFORT = 30.0
"""What CP-SAT may spend, in its own measure (about seconds), on a better plan from some grids, and on the last choice
among all."""

TASTING_SHARE = 0.7
LISTING_SHARE = 0.7
"""How much smaller than the last time the gap must be for another such attempt."""

BLOCK_REACH = 1_500
"""Units around each unit of a block to which distances are known."""

STEPS_BESIDE = 2_000
BESIDE_FROM = 80
"""Candidates per node that the search tries between two rounds of column generation, in pieces of so many nodes: that
of smaller ones has found what it can before."""

FEW_CHOICES = 2_000
FEW_SWEPT = 3_000
FEWEST_VISITS = 20_000
FIRST_VISITS = 300_000
FEW_VISITS = 3_000_000
LAST_VISITS = 40_000_000
OUTLINE_VISITS = 1_000_000
"""Grids that CP-SAT and a sweep are given along the way; sets that a listing may grow before any search, at first,
along the way, at last, and where small nodes are left free."""

PROVING_PATIENCE = 2_000
"""Candidates without a better plan before a proof is tried where every grid is at hand."""

WEIGHING_STEPS_PER_NODE = 1_000
"""A run that allows fewer candidates than this leaves it at counting where households must stay outside the bounds."""

REGIONS_AFTER = 0.85
"""Share of its budget after which a large piece is settled region by region, if its search is not stalled before."""

REGIONS_FROM = 40_000
"""Candidates per node before which the search gains more by itself."""

REGION_STREAM = 1 << 32
"""Random numbers for choosing regions do not depend on those of the search."""

REGION_STEPS_PER_NODE = 40_000
"""What settling a region costs, proof included, in candidates per node of it."""

REGION_PATIENCE = 300
"""Candidates per node without improvement after which a region is bounded and listed only."""

FIRST_TURN = 100
LONGEST_TURN = 20
"""Candidates per node in the first turn of search and bound, and how many times that in the longest.

Short turns at first give every piece a plan and a bound early; long ones later keep the threads busy."""


@dataclass(kw_only=True)
class Budget:
    """What one piece may use. `steps` None: as many as patience asks for; `until_s` is the signal's remaining time at
    which the piece has to give way to the next one."""

    steps: int | None
    until_s: float | None
    patience: int = PATIENCE


class PieceRun:
    """One task on its way to an answer. `found` is never None after `open()`.

    `start` may be a plan: any number for each unit of the task. `known` is what was proved before,
    by a run that ended with `start`.
    `bound` is a lower bound on the cost of any lawful plan of the piece, in the search's terms (`-move·retained`).
    `least_outside` is a proved lower bound on the households outside the bounds in any plan that keeps the other rules.
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
        self.problem = problem
        self.task = task
        self.brief = brief
        self.stream = stream
        self._seed = seed
        self.signal = Turn(signal)
        reach = None if task.floor is None else BLOCK_REACH
        self.piece = make_piece(problem, task.units, task.bridged, task.counts, self.signal.flag, reach=reach)
        same = task.together == task.bridged or self._is_block
        self.proof_piece = (
            self.piece if same else make_piece(problem, task.units, task.together, task.counts, self.signal.flag)
        )
        self.search = Search(self.piece, seed, stream, self.signal.flag)
        if start is not None:
            self.search.offer(judged(self.piece, connected_start(self.piece, start)))
        self.state: State = "infeasible" if task.reasons else "open"
        self.reasons: list[Violation] = list(task.reasons)
        self.bound = trivial_bound(self.proof_piece) if task.floor is None else task.floor
        self._ascent: Ascent | None = None
        self._generation: Generation | None = None
        self._tried_on: Found | None = None
        self._grids: Listing | None = None
        self._regions: Regions | None = None
        self._given_s: float | None = None
        self.cut_short = False
        self.least_outside = 0
        self._fewest_found = False
        if known is not None:
            self._take_over(known)
        self.on_change: Callable[[], None] = lambda: None

    @property
    def found(self) -> Found:
        assert self.search.best is not None
        return self.search.best

    @property
    def settled(self) -> bool:
        """Nothing is left to prove."""
        return self.state == "optimal" or self._fewest_found

    @property
    def _is_block(self) -> bool:
        """What holds for this part alone says nothing about the piece that it is a block of."""
        return self.task.floor is not None

    @property
    def _may_prove(self) -> bool:
        return self.state == "open" and not self._is_block

    def _take_over(self, known: Known) -> None:
        self.bound = max(self.bound, known.bound)
        self.least_outside = known.least_outside
        if known.reasons and not self.reasons:
            self.reasons = list(known.reasons)
            self.state = "infeasible"
            self._allow_all_counts()

    def slots(self) -> IntArray:
        """Grid of each unit of the piece, as any number."""
        return self.found.label[self.piece.node_of]

    def answer(self) -> PieceAnswer:
        """What is known so far, without what it took to find out."""
        found = self.found
        return PieceAnswer(
            position=self.stream,
            slots=self.slots(),
            cost=found.cost,
            lawful=found.lawful,
            misfit=found.misfit,
            broken=found.broken,
            bound=self.bound,
            state=self.state,
            reasons=tuple(self.reasons),
            least_outside=self.least_outside,
            steps=self.search.steps,
            settled=self.settled,
            cut_short=self.cut_short,
        )

    def close(self) -> None:
        """Let go of everything that refers to this piece, so that its memory is free at once."""
        self.search.close()
        self.signal.close()

    def rest(self) -> None:
        """Let go of lists that can be made again: tens of megabytes in a piece that waits for another turn."""
        self._grids = None
        self._generation = None

    def open(self) -> None:
        """A first plan, lawful or not; the best one at once where the piece is a comb."""
        self._settle_comb()
        if not self.settled:
            self.search.round()
        self._note()

    def solve(self, budget: Budget, pool: Executor | None = None) -> None:
        """Search, bound and prove until all is proved, the budget is used or nothing gets better.

        Search and bound take turns of equal effort; with a `pool` they run side by side, with the same outcome.
        """
        self._given_s = self._given_s or self._seconds(budget)
        with self.signal.of(self._seconds(budget)):
            self._take_turns(budget, pool)
            self.cut_short = not self.settled and budget.steps is None and self._over(budget)
        if self.cut_short:
            self._tried_on = None

    def make_lawful(self, budget: Budget) -> None:
        """Search until the plan is lawful, patience ends or the budget is used; where there are few grids, choose."""
        if self.found.lawful or self.task.reasons or self.signal():
            return
        with self.signal.of(self._seconds(budget)):
            if self._may_prove:
                self._choose_among_few(budget)
            effort = FIRST_TURN * len(self.piece.case.households)
            while not (self.found.lawful or self.reasons or self._over(budget) or self.search.stale >= PATIENCE):
                self._seek(effort, budget)

    def finish(self, budget: Callable[[], Budget], pool: Executor | None = None) -> None:
        """All that can be done about the piece: the best plan and what can be proved of it."""
        if not self.signal():
            self.solve(budget(), pool)
            self.explain()
        while self.weigh(budget()):
            self.solve(budget(), pool)

    def _take_turns(self, budget: Budget, pool: Executor | None) -> None:
        turns = 0
        while not (self.settled or self._over(budget)):
            best = self.found
            search = self.search.stale < budget.patience or self._for_regions(budget)
            bound = self._may_prove and best.lawful and not (self._ascent and self._ascent.finished)
            if not search and not bound:
                if not self._may_prove or self._tried_on is best or not self._prove(budget):
                    return
                continue
            if (
                self._may_prove
                and not bound
                and self._tried_on is not best
                and self.search.stale >= self._proving_patience()
            ):
                self._prove(budget)
                continue
            turns += 1
            effort = FIRST_TURN * min(turns, LONGEST_TURN) * len(self.piece.case.households)
            self._tell_focus()
            if bound and search and pool is not None:
                waiting = pool.submit(self._ascend, effort, best)
                self._seek(effort, budget)
                waiting.result()
            else:
                if search:
                    self._seek(effort, budget, None if bound else pool)
                if bound:
                    self._ascend(effort, best)
            self._note()

    def explain(self) -> None:
        """Name the units of grids outside the bounds that no lawful grid can hold; that proves the piece infeasible."""
        if self.found.misfit == 0 or self._is_block:
            return
        case, ids = self.proof_piece.case, self.problem.units.id
        named = {unit for reason in self.reasons for unit in reason.units}
        slot = self.found.label[self.piece.node_of]
        load = np.bincount(slot, weights=self.problem.units.households[self.piece.units])
        outside = (load < case.low) | (load > case.high)
        for position in np.flatnonzero(outside[slot]).tolist():
            name = ids[int(self.piece.units[position])]
            node = int(self.proof_piece.node_of[position])
            if name not in named and case.households[node] <= case.high and in_no_grid(case, node, self.signal):
                self.reasons.append(_lonely((name,), int(case.households[node])))
                self.state = "infeasible"

    def weigh(self, budget: Budget) -> bool:
        """Prove how few households must stay outside the bounds; True if a plan with fewer was found on the way.

        `least_outside` is the proved number. Where it is above 0 and nothing else proves it, that is the reason.
        """
        before = self.found.misfit
        if before > self.least_outside and not self._is_block:
            with self.signal.of(self._seconds(budget)):
                self.least_outside = max(self.least_outside, self._fewest_outside(before, budget))
            self._say_what_must_stay()
        return self.found.misfit < before

    def _say_what_must_stay(self) -> None:
        if self.least_outside > 0 and not self.reasons:
            self.reasons.append(self._no_plan(_must_stay(self.least_outside)))
            self.state = "infeasible"

    def _fewest_outside(self, most: int, budget: Budget) -> int:
        """A lower bound on the households outside the bounds; a plan with fewer than `most` is taken over."""
        case, counts = self.proof_piece.case, self.task.ruled
        least = by_counting(case, self.proof_piece.components, counts)
        num = len(case.households)
        few = budget.steps is not None and budget.steps < WEIGHING_STEPS_PER_NODE * num
        if self.found.broken or least >= most or few or self.signal():
            return least
        least = max(least, by_places(case, self._nodes_outside(), most, self.signal))
        if least < most and len(case.households) <= LISTED_NODES and not self.signal():
            known = by_choosing(case, counts, most, self._keeping_together, self.signal, lambda: self._seconds(budget))
            least = max(least, known.least)
            if known.grids:
                self._allow_all_counts()
                self._offer(known.grids)
        return least

    def _nodes_outside(self) -> IntArray:
        """Nodes of the proof's piece in grids outside the bounds, those of the smallest grids first."""
        slot = self.slots()
        load = np.bincount(slot, weights=self.problem.units.households[self.piece.units]).astype(np.int64)
        outside = misfit_of(load, self.proof_piece.case)[slot] > 0
        nodes = np.unique(self.proof_piece.node_of[outside])
        return nodes[np.argsort(-self.proof_piece.case.households[nodes], kind="stable")]

    def _allow_all_counts(self) -> None:
        """Numbers of grids that only the bounds rule out are no longer a broken rule."""
        low, high = self.task.ruled
        same = self.piece is self.proof_piece
        self.piece = replace(self.piece, case=self.piece.case._replace(count_low=low, count_high=high))
        self.proof_piece = (
            self.piece
            if same
            else replace(self.proof_piece, case=self.proof_piece.case._replace(count_low=low, count_high=high))
        )
        best, steps = self.found, self.search.steps
        self.search.close()
        self.search = Search(self.piece, 0, 0, self.signal.flag)
        self.search.offer(judged(self.piece, best.label))
        self.search.begin_at(steps)

    def _seek(self, effort: int, budget: Budget, pool: Executor | None = None) -> None:
        """Search rounds worth `effort` candidates, or as much for settling regions, side by side with a `pool`."""
        until = self.search.steps + effort
        while True:
            regional = self._for_regions(budget)
            self.search.steps_left = self._steps_left(budget)
            if self._settle_regions(pool) if regional else self.search.round():
                self._note()
            stalled = self.search.stale >= budget.patience and not regional
            if self.search.steps >= until or stalled or self._over(budget):
                return

    def _tell_focus(self) -> None:
        """Let the search know the prices of the bound as they are before a turn, whatever runs beside it."""
        ascent = self._ascent
        if ascent is None or self.piece is not self.proof_piece or not np.isfinite(ascent.best.value):
            return
        group_of = ascent.pricing.group_of
        self.search.focus = Focus(case=self.piece.case, group_of=group_of, prices=ascent.best.prices)

    def _for_regions(self, budget: Budget) -> bool:
        """Whether it is time to settle regions of the plan, and there are any left."""
        if self._regions is None:
            if not self._late(budget) or not self._has_regions():
                return False
            rng = make_stream(self._seed, self.stream + REGION_STREAM)
            self._regions = Regions(problem=self.problem, task=self.task, piece=self.piece, rng=rng)
        return not self._regions.finished

    def _has_regions(self) -> bool:
        """Whether parts of the plan can be settled alone, and are small enough for that as the piece is not."""
        case = self.piece.case
        num = len(case.households)
        moving = case.move > 0 and len(case.previous_item) > 0
        if num <= LISTED_NODES or self.brief or self.task.loose or moving or not self.found.lawful:
            return False
        return num <= NODES_PER_GRID * len(np.unique(self.found.label))

    def _late(self, budget: Budget) -> bool:
        """Whether the search by itself has had its share."""
        least = REGIONS_FROM * len(self.piece.case.households)
        expected = self._steps_expected(budget)
        share = expected is not None and self.search.steps >= max(least, REGIONS_AFTER * expected)
        return share or self.search.stale >= budget.patience

    def _steps_left(self, budget: Budget) -> float | None:
        """Candidates that the search may still try before its share is over; None where that is not known."""
        expected = self._steps_expected(budget)
        if expected is None:
            return None
        share = REGIONS_AFTER * expected
        if share < REGIONS_FROM * len(self.piece.case.households) or not self._has_regions():
            share = expected
        return share - self.search.steps

    def _steps_expected(self, budget: Budget) -> float | None:
        """Candidates in all, at the speed up to now; None where that is not known."""
        if budget.steps is not None:
            return float(budget.steps)
        left = self._seconds(budget)
        if left is None or self._given_s is None or left >= self._given_s:
            return None
        return self.search.steps * self._given_s / (self._given_s - left)

    def _settle_regions(self, pool: Executor | None) -> bool:
        """The best plans of two regions, usually proved; True if the piece's plan became better.

        They have no grid in common and are settled side by side where there is a `pool`, else one by one.
        """
        assert self._regions is not None
        label = np.unique(self.found.label, return_inverse=True)[1].astype(np.int64)
        num = int(label.max()) + 1
        focus = self.search.focus
        weight = np.ones(num) if focus is None else focus.weights(self.search.state_of(label))[:num]
        first = self._regions.draw(label, weight)
        second = self._regions.draw(label, weight, first)
        regions = [first] if np.isin(second.nodes, first.nodes).any() else [first, second]
        waiting = [pool.submit(self._settled, region, label) for region in regions[1:]] if pool is not None else []
        settled = [self._settled(region, label) for region in (regions[:1] if waiting else regions)]
        settled += [future.result() for future in waiting]
        improved = False
        for place, (region, slots) in enumerate(zip(regions, settled, strict=True)):
            after = label.copy()
            after[self.piece.node_of[region.units]] = (1 + place) * len(label) + slots
            better = self.search.offer(judged(self.piece, np.unique(after, return_inverse=True)[1].astype(np.int64)))
            label = after if better else label
            improved = improved or better
            self.search.steps += REGION_STEPS_PER_NODE * len(region.nodes)
            self._regions.settled(region, changed=better)
        if improved:
            self.search.begin_at(self.search.steps)
        return improved

    def _settled(self, region: Region, label: IntArray) -> IntArray:
        """Grids of the region's units as they are best."""
        here = label[self.piece.node_of[region.units]]
        run = PieceRun(region.problem, region.task, seed=0, stream=0, signal=self.signal, start=here, brief=True)
        run.open()
        run.solve(Budget(steps=None, until_s=None, patience=REGION_PATIENCE))
        slots = run.slots()
        run.close()
        return slots

    def _ascend(self, effort: int, best: Found) -> None:
        """Bound steps worth `effort` candidates, towards the cost of `best`."""
        ascent = self._ascent or self._first_ascent(best)
        spent = 0
        while ascent is not None and not (ascent.finished or self.signal()):
            ascent.step(best.cost + self._retainable)
            self.bound = max(self.bound, ascent.best.value - self._retainable)
            spent += ascent.effort
            if spent >= effort:
                return

    def _first_ascent(self, best: Found) -> Ascent | None:
        """None where the run was over before all candidates were known: bounds from the others would be wrong."""
        case = self.proof_piece.case
        counts = (case.count_low, min(case.count_high, len(case.households)))
        pricing = Pricing.of(case, self.signal.flag)
        ascent = Ascent(pricing, pricing.fair_prices(best.cost), counts)
        if not self.signal():
            self._ascent = ascent
        return self._ascent

    @property
    def _retainable(self) -> float:
        """What `move` could take off at most: the pricing problem leaves that term out."""
        case = self.proof_piece.case
        return case.move * float(case.previous_households.sum())

    def _over(self, budget: Budget) -> bool:
        if self.signal():
            return True
        if budget.steps is not None and self.search.steps >= budget.steps:
            return True
        remaining = self.signal.remaining_s
        return budget.until_s is not None and remaining is not None and remaining <= budget.until_s

    def _seconds(self, budget: Budget) -> float | None:
        """Seconds that the piece may still use; None where the clock does not count."""
        remaining = self.signal.remaining_s
        return None if remaining is None or budget.steps is not None else max(0.0, remaining - (budget.until_s or 0.0))

    def _note(self) -> None:
        """Draw conclusions from the best plan and the bound."""
        if self.state == "open" and self.found.lawful and self._reached(self.found.cost):
            self.state = "optimal"
        self.on_change()

    def _reached(self, cost: float) -> bool:
        return self.bound >= cost - TOLERANCE * 0.1 * self._size_of(cost)

    def _size_of(self, cost: float) -> float:
        """The cost without what is constant (groups once, retained households), so that tolerances are relative to
        what a plan's total can show."""
        case = self.piece.case
        constant = case.split * self.piece.num_groups - case.move * float(case.previous_households.sum())
        return abs(cost - constant)

    # --- proof -----------------------------------------------------------------------------------------------------

    def _settle_comb(self) -> None:
        """Where chains of nodes hang off a small core: the best plan, or the one that breaks least, with its proof."""
        if self._is_block or self.task.loose or self.signal():
            return
        case, (low, high) = self.proof_piece.case, self.task.ruled
        least = by_counting(case, self.proof_piece.components, (low, high))
        known = settle_comb(case, self.signal, least)
        if known is None or self.signal():
            return
        self.least_outside = max(least, known.least_outside)
        lawful = bool(known.grids) and known.outside == 0
        if lawful or low <= len(known.grids) <= high:
            self._offer(known.grids)
        if lawful and known.best:
            cost = float(sum(self._cost_of(grid) for grid in known.grids))
            self.bound = max(self.bound, cost - ROUNDING * abs(cost))
        elif self.least_outside > 0 and self.search.best is not None:
            self.state = "infeasible"
            self._allow_all_counts()
            self._fewest_found = self.found.broken == 0 and self.found.misfit == self.least_outside
            self.explain()
            self._say_what_must_stay()

    def _cost_of(self, nodes: IntArray) -> float:
        case = self.proof_piece.case
        households = int(case.households[nodes].sum())
        return float(grid_cost(case, nodes, len(nodes), households, case.far.shape[0] > 0))

    def _choose_among_few(self, budget: Budget) -> None:
        """Settle a piece of few lawful grids at once, be it by a plan or by the proof that there is none."""
        case = self.proof_piece.case
        if len(case.households) <= LISTED_NODES:
            listing = self._keeping_together(list_all(case, self.signal, visits=FEWEST_VISITS))
            if listing.complete and len(listing) <= FEW_CHOICES:
                self._conclude(listing, choose(case, listing, math.inf, self.signal, seconds=self._seconds(budget)))

    def _prove(self, budget: Budget) -> bool:
        """List every grid that could matter and choose among them; True if that changed anything."""
        self._tried_on = self.found
        before = (self.found.cost, self.bound, self.state)
        case = self.proof_piece.case
        if self.state == "open" and len(case.households) <= LISTED_NODES:
            if case.high > MAX_STATES:
                self._centre(budget)
            if self.state != "open":
                return True
            if not self.found.lawful:
                listing = self._keeping_together(list_all(case, self.signal))
                self._conclude(listing, choose(case, listing, math.inf, self.signal, seconds=self._seconds(budget)))
            elif self._ascent is not None and np.isfinite(self._ascent.best.value):
                self._choose_and_generate(self._ascent, budget)
        return before != (self.found.cost, self.bound, self.state)

    def _proving_patience(self) -> float:
        """Candidates without a better plan before a proof is tried: few where all grids are at hand."""
        if self.state != "open" or not self.found.lawful or len(self.proof_piece.case.households) > LISTED_NODES:
            return math.inf
        return PATIENCE if self._all_grids() is None else PROVING_PATIENCE

    def _all_grids(self) -> Listing | None:
        """Every lawful grid, if these are few enough."""
        if self._grids is None and not self.signal():
            visits = FIRST_VISITS if self.brief else MAX_VISITS
            listing = list_all(self.proof_piece.case, self.signal, visits=visits)
            if not self.signal():
                # Of a list that is not complete only that is worth remembering: it may be tens of megabytes.
                self._grids = self._keeping_together(listing) if listing.complete else _NO_LISTING
        return self._grids if self._grids is not None and self._grids.complete else None

    def _choose_and_generate(self, ascent: Ascent, budget: Budget) -> None:
        """The best plan from all grids that a better one can hold: at the ascent's prices if few, else at others."""
        case, prices = self.proof_piece.case, ascent.best.prices
        moving = case.move > 0 and len(case.previous_item) > 0
        slack = self.found.cost + self._retainable - ascent.best.value
        slack += self._dearest_grid(ascent) + TOLERANCE * abs(self.found.cost)
        if self.signal():  # the prices of the last grids may not have been computed any more
            return
        grids = self._all_grids()
        if grids is not None and len(grids):
            listing = grids.where(reduced_costs(ascent.pricing, grids, prices) <= slack)
        else:
            visits = MAX_VISITS if moving else FIRST_VISITS
            listing = list_relevant(ascent.pricing, prices, slack, self.signal, visits=visits)
            listing = self._keeping_together(listing)
        if listing.complete and (moving or len(listing) <= FEW_SWEPT):
            self._conclude(listing, self._choice(listing, prices, budget))
        if self.state == "open" and not (moving or self.brief or self.signal()):
            self._generate(ascent, budget, grids)

    def _centre(self, budget: Budget) -> None:
        """Where households are large numbers: the model whose size does not depend on them."""
        cutoff = self.found.cost if self.found.lawful else math.inf
        proof = centred_choice(self.proof_piece.case, cutoff, self.signal, seconds=self._seconds(budget))
        if self.task.loose and proof.grids:  # the model does not know sets in several parts
            proof = replace(proof, outcome="open", grids=())
        if proof.outcome == "infeasible":
            self.state = "infeasible"
            self.reasons.append(self._no_plan())
            return
        if proof.outcome == "open" and proof.bound is not None and self.found.lawful:
            self.bound = max(self.bound, proof.bound)
        self._conclude(_NO_LISTING, proof)

    def _generate(self, ascent: Ascent, budget: Budget, grids: Listing | None) -> None:
        """Rounds of column generation, plans from the grids that it meets, and a last choice among all that matter."""
        if self._generation is None:
            begun = Generation(ascent.pricing, ascent.best, ascent.counts, self.signal, grids)
            if self.signal():  # what it knows of its first prices may not have been computed any more
                return
            self._generation = begun
            self._offer_best(begun)
        generation = self._generation
        tasted = listed = math.inf
        if self._settle(generation, ascent, budget, patient=False):
            listed = self.found.cost - generation.bound
        while self.state == "open" and not generation.finished and not self._over(budget):
            if generation.grids is None and len(self.piece.case.households) >= BESIDE_FROM:
                self._seek_beside(generation, budget)
            generation.step(self.found.cost, self._seconds(budget))
            self.bound = max(self.bound, generation.bound)
            if generation.plan is not None:
                self._offer(generation.plan)
            self._note()
            gap = self.found.cost - generation.bound
            if self.state == "open" and generation.converged and gap < TASTING_SHARE * tasted:
                self._taste(generation, budget)
                tasted = self.found.cost - generation.bound
            few = generation.grids is None or len(generation.grids) <= FEW_SWEPT
            if self.state == "open" and few and gap < LISTING_SHARE * listed and not generation.finished:
                self._choose_last(generation, ascent, budget, patient=False)
                listed = self.found.cost - generation.bound
        if self.state == "open" and not self._over(budget):
            self._choose_last(generation, ascent, budget, patient=True)

    def _seek_beside(self, generation: Generation, budget: Budget) -> None:
        """A turn of the search: rounds that grow their grids take long, and a better plan makes them shorter."""
        before = self.found
        endless = replace(budget, patience=sys.maxsize)
        self._seek(STEPS_BESIDE * len(self.piece.case.households), endless)
        if self.found is not before:
            self._offer_best(generation)

    def _offer_best(self, generation: Generation) -> None:
        for nodes, cost in self._grids_of_best():
            generation.offer(nodes, cost)

    def _taste(self, generation: Generation, budget: Budget) -> None:
        """A better plan from the grids that the linear programme knows."""
        listing = self._keeping_together(generation.promising(self.found.cost))
        seconds = self._seconds(budget)
        case = self.proof_piece.case
        proof = choose(case, listing, self.found.cost, self.signal, seconds=seconds, effort=TASTING_EFFORT)
        if proof.grids:
            self._offer(proof.grids)
            self._note()

    def _choose_last(self, generation: Generation, ascent: Ascent, budget: Budget, *, patient: bool) -> None:
        """List every grid that a better plan can hold, and choose the best plan from these."""
        if self._settle(generation, ascent, budget, patient=patient) and not (patient and self.state == "open"):
            return
        listing = generation.relevant(self.found.cost, visits=LAST_VISITS if patient else FEW_VISITS)
        if listing.complete:
            self._conclude(listing, self._settled_by(listing, ascent, budget, patient=patient))

    def _settle(self, generation: Generation, ascent: Ascent, budget: Budget, *, patient: bool) -> bool:
        """Where some nodes are small: bound, list and choose with these left free at first. False where none is.

        Nor is that worth while where all grids are at hand.
        """
        case, cutoff = self.proof_piece.case, self.found.cost
        free = small_nodes(case)
        if not len(free) or generation.grids is not None:
            return False
        settled = settle(
            ascent.pricing, free, generation.prices, generation.cuts, generation.slack(cutoff),
            ascent.best.prices.node, cutoff, self.signal, visits=OUTLINE_VISITS,
        )  # fmt: skip
        if settled.bound == math.inf:
            self._conclude(_NO_LISTING, Proof(outcome="worse", bound=cutoff - ROUNDING * abs(cutoff)))
            return True
        self.bound = max(self.bound, settled.bound)
        self._note()
        if self.state == "open" and settled.listing is not None:
            self._conclude(settled.listing, self._settled_by(settled.listing, ascent, budget, patient=patient))
        return True

    def _settled_by(self, listing: Listing, ascent: Ascent, budget: Budget, *, patient: bool) -> Proof:
        """The best plan below the best known one from grids over the nodes of the proof's piece."""
        cutoff = self.found.cost
        pricing, prices = ascent.pricing, ascent.best.prices
        slack = cutoff - ascent.best.value + self._dearest_grid(ascent) + TOLERANCE * abs(cutoff)
        if len(listing):
            listing = self._keeping_together(listing.where(reduced_costs(pricing, listing, prices) <= slack))
        proof = sweep_choice(pricing, listing, prices, cutoff, self.signal, patient=False)
        if proof.outcome == "open" and len(listing) <= (MAX_CHOICES if patient else FEW_CHOICES):
            effort, seconds = (LAST_EFFORT if patient else TASTING_EFFORT), self._seconds(budget)
            proof = choose(self.proof_piece.case, listing, cutoff, self.signal, seconds=seconds, effort=effort)
        if proof.outcome == "open" and patient:
            proof = sweep_choice(pricing, listing, prices, cutoff, self.signal, patient=True)
        return proof

    def _grids_of_best(self) -> list[tuple[IntArray, float]]:
        """Grids of the best plan as nodes of the proof's piece, with their terms."""
        if self.piece is not self.proof_piece:
            return []
        label = self.found.label
        nodes = [np.flatnonzero(label == slot) for slot in np.unique(label).tolist()]
        return [(grid, self._cost_of(grid)) for grid in nodes]

    def _dearest_grid(self, ascent: Ascent) -> float:
        return dearest_grid(ascent.pricing.values(ascent.best.prices), ascent.counts)

    def _keeping_together(self, listing: Listing) -> Listing:
        """Without the grids that hold only part of a loose set: the proof's nodes know only connected sets."""
        piece = self.proof_piece
        for members in self.task.loose:
            listing = listing.holding_whole(np.unique(piece.node_of[np.searchsorted(piece.units, members)]))
        return listing

    def _choice(self, listing: Listing, prices: Prices, budget: Budget) -> Proof:
        case, cutoff = self.proof_piece.case, self.found.cost
        if case.move > 0 and len(case.previous_item):
            return choose(case, listing, cutoff, self.signal, seconds=self._seconds(budget))
        assert self._ascent is not None
        return sweep_choice(self._ascent.pricing, listing, prices, cutoff, self.signal, patient=False)

    def _conclude(self, listing: Listing, proof: Proof) -> None:
        if proof.outcome == "infeasible":
            self.state = "infeasible"
            self.reasons.append(self._no_cover(listing))
            return
        if proof.grids:
            self._offer(proof.grids)
        if proof.outcome == "worse":
            self.bound = max(self.bound, self.found.cost if proof.bound is None else proof.bound)
        elif proof.outcome == "optimal" and proof.bound is not None:
            self.bound = max(self.bound, proof.bound)
        self._note()

    def _offer(self, grids: tuple[IntArray, ...]) -> None:
        """Take over a plan over the proof's nodes if it is better and keeps sets in several parts together."""
        piece = self.proof_piece
        label = np.empty(len(piece.case.households), dtype=np.int64)
        for slot, nodes in enumerate(grids):
            label[nodes] = slot
        for members in self.task.loose:
            if len(np.unique(label[piece.node_of[np.searchsorted(piece.units, members)]])) > 1:
                return
        found = judged(piece, label)
        if self.piece is not piece:
            if not found.beats(self.found):
                return
            # A proof may part what the search keeps together: go on with units as the proof sees them.
            steps, self.piece = self.search.steps, piece
            self.search.close()
            self.search = Search(piece, 0, 0, self.signal.flag)
            self.search.begin_at(steps)
        self.search.offer(found)

    def _no_cover(self, listing: Listing) -> Violation:
        piece, ids = self.proof_piece, self.problem.units.id
        covered = np.zeros(len(piece.case.households), dtype=bool)
        covered[listing.item] = True
        lonely = piece.units[~covered[piece.node_of]]
        if len(lonely):
            households = int(self.problem.units.households[lonely].sum())
            return _lonely(tuple(ids[u] for u in lonely.tolist()), households)
        num = len(piece.units)
        return self._no_plan(
            Text(
                f"{num} 栋楼无法分成互不重叠的可行网格（已列举全部 {len(listing)} 个可行网格）",
                f"no choice among all {len(listing)} lawful grids covers these {num} units exactly once",
            )
        )

    def _no_plan(self, message: Text | None = None) -> Violation:
        piece, ids = self.proof_piece, self.problem.units.id
        num = len(piece.units)
        return Violation(
            rule="size_min",
            grid=None,
            units=tuple(ids[u] for u in piece.units.tolist()),
            amount=num,
            message=message
            or Text(
                f"{num} 栋楼无法分成合乎户数上下限的连通网格（已由整数规划证明）",
                f"{num} units cannot be cut into connected grids within the bounds (proved by integer programming)",
            ),
            remedy=Text("请放宽户数上下限或规则", "widen the bounds or lift a rule"),
        )


def _must_stay(households: int) -> Text:
    return Text(
        f"至少有 {households} 户只能留在户数上下限之外（已证明）",
        f"at least {households} household{'' if households == 1 else 's'} must stay outside the bounds (proved)",
    )


def _lonely(units: tuple[str, ...], households: int) -> Violation:
    few = len(units) == 1
    who_zh = f"楼栋 {units[0]}（{households} 户）" if few else f"{len(units)} 栋楼（共 {households} 户）"
    who_en = (
        f"unit {units[0]} ({households} households) lies"
        if few
        else f"{len(units)} units ({households} households) lie"
    )
    return Violation(
        rule="size_min",
        grid=None,
        units=units,
        amount=households,
        message=Text(
            f"{who_zh}与任何相邻楼栋组合都不合户数上下限（已逐一列举证明）",
            f"{who_en} in no lawful grid at all (proved by listing every grid)",
        ),
        remedy=Text(
            "请放宽户数上下限、拆分邻近大楼，或与相邻区域连通",
            "widen the bounds, cut a large neighbour, or connect another area",
        ),
    )


_NO_LISTING = Listing(
    complete=False, start=np.zeros(1, dtype=np.int64), item=np.empty(0, dtype=np.int64), cost=np.empty(0)
)


def trivial_bound(piece: Piece) -> float:
    """Every group is touched once; the balance term of the best number of grids, walking for free."""
    case = piece.case
    total = piece.households
    counts = np.arange(max(1, case.count_low), max(case.count_low, min(case.count_high, len(case.households))) + 1)
    balance = case.balance * float(np.abs(total - counts * case.target).min())
    return case.split * piece.num_groups + balance - case.move * float(case.previous_households.sum())
