"""Bound and proof of one piece."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from partitioner.solver.budget import Budget
from partitioner.solver.centred import centred_choice
from partitioner.solver.combs import settle_comb
from partitioner.solver.exact import MAX_VISITS, ROUNDING, Proof, choose, list_all, list_relevant, sweep_choice
from partitioner.solver.focus import Focus
from partitioner.solver.generated_proof import FEW_CHOICES, FEW_SWEPT, GeneratedProof, Seek
from partitioner.solver.generation import Generation
from partitioner.solver.lagrangian import MAX_STATES, Ascent, Prices, Pricing
from partitioner.solver.listings import Listing, reduced_costs
from partitioner.solver.outside import by_counting
from partitioner.solver.reasons import no_plan
from partitioner.solver.record import TOLERANCE, Record
from partitioner.solver.search import PATIENCE, Found

FEWEST_VISITS = 20_000
FIRST_VISITS = 300_000
"""Sets that a listing may grow before any search, and at first."""

PROVING_PATIENCE = 2_000
"""Candidates without a better plan before a proof is tried where every grid is at hand."""


class Proving:
    """Bound and proof of one piece, turn by turn.

    Parameters
    ----------
    record : Record
        Where everything that is found out goes.
    brief : bool
        Nothing is tried that may take more than about a second for a hundred nodes.
    """

    def __init__(self, record: Record, *, brief: bool) -> None:
        self._record = record
        self._brief = brief
        self._tried_on: Found | None = None
        self._grids: Listing | None = None
        self._generated: GeneratedProof | None = None
        self.ascent: Ascent | None = None

    def rest(self) -> None:
        """Let go of lists that can be made again."""
        self._grids = None
        self._generated = None

    def forget(self) -> None:
        """What was tried on the best plan was cut short."""
        self._tried_on = None

    @property
    def untried(self) -> bool:
        """Whether a proof is possible, and none was tried on the best plan."""
        return self._record.may_prove and self._tried_on is not self._record.found

    @property
    def bounding(self) -> bool:
        """Whether the bound may rise by itself."""
        return self._record.may_prove and self._record.found.lawful and not (self.ascent and self.ascent.finished)

    # --- bound -------------------------------------------------------------------------------------------------------

    def ascend(self, effort: int, best: Found) -> None:
        """Bound steps worth `effort` candidates, towards the cost of `best`."""
        record = self._record
        ascent = self.ascent or self._first_ascent(best)
        spent = 0
        while ascent is not None and not (ascent.finished or record.signal()):
            ascent.step(best.cost + record.retainable)
            record.bound = max(record.bound, ascent.best.value - record.retainable)
            spent += ascent.effort
            if spent >= effort:
                return

    def _first_ascent(self, best: Found) -> Ascent | None:
        """None where the run was over before all candidates were known: bounds from the others would be wrong."""
        case, signal = self._record.proof_piece.case, self._record.signal
        counts = (case.count_low, min(case.count_high, len(case.households)))
        pricing = Pricing.of(case, signal.flag)
        ascent = Ascent(pricing, pricing.fair_prices(best.cost), counts)
        if not signal():
            self.ascent = ascent
        return self.ascent

    def focus(self) -> Focus | None:
        """Where the prices of the bound say that the plan is dear, if they say anything."""
        record, ascent = self._record, self.ascent
        if ascent is None or record.piece is not record.proof_piece or not np.isfinite(ascent.best.value):
            return None
        return Focus(case=record.piece.case, group_of=ascent.pricing.group_of, prices=ascent.best.prices)

    # --- proof -------------------------------------------------------------------------------------------------------

    def settle_comb(self) -> bool:
        """Where chains of nodes hang off a small core: the best plan, or the one that breaks least, with its proof.

        True if it is proved that no plan is lawful.
        """
        record = self._record
        if record.is_block or record.task.loose or record.signal():
            return False
        case, (low, high) = record.proof_piece.case, record.task.ruled
        least = by_counting(case, record.proof_piece.components, (low, high))
        known = settle_comb(case, record.signal, least)
        if known is None or record.signal():
            return False
        record.least_outside = max(least, known.least_outside)
        lawful = bool(known.grids) and known.outside == 0
        if lawful or low <= len(known.grids) <= high:
            record.offer(known.grids)
        if lawful and known.best:
            cost = float(sum(record.cost_of(grid) for grid in known.grids))
            record.bound = max(record.bound, cost - ROUNDING * abs(cost))
        elif record.least_outside > 0 and record.search.best is not None:
            record.rule_out()
            record.allow_all_counts()
            record.fewest_found = record.found.broken == 0 and record.found.misfit == record.least_outside
            return True
        return False

    def choose_among_few(self, budget: Budget) -> None:
        """Settle a piece of few lawful grids at once, be it by a plan or by the proof that there is none."""
        record = self._record
        if record.may_prove and record.listable:
            listing = self._listed(visits=FEWEST_VISITS)
            if listing.complete and len(listing) <= FEW_CHOICES:
                record.conclude(listing, self._choice(listing, math.inf, budget))

    def try_on_best(self, budget: Budget, seek: Seek) -> bool:
        """List every grid that could matter and choose among them; True if that changed anything.

        `seek` gives the search a turn in between, where that helps.
        """
        record = self._record
        self._tried_on = record.found
        before = (record.found.cost, record.bound, record.state)
        if record.state == "open" and record.listable:
            if record.proof_piece.case.high > MAX_STATES:
                self._centre(budget)
            if record.state != "open":
                return True
            if not record.found.lawful:
                listing = self._listed(visits=MAX_VISITS)
                record.conclude(listing, self._choice(listing, math.inf, budget))
            elif self.ascent is not None and np.isfinite(self.ascent.best.value):
                self._choose_and_generate(self.ascent, budget, seek)
        return before != (record.found.cost, record.bound, record.state)

    def patience(self) -> float:
        """Candidates without a better plan before a proof is tried: few where all grids are at hand."""
        record = self._record
        if record.state != "open" or not record.found.lawful or not record.listable:
            return math.inf
        return PATIENCE if self._all_grids() is None else PROVING_PATIENCE

    def _listed(self, *, visits: int) -> Listing:
        """Every lawful grid, or as many as so many visits meet."""
        record = self._record
        return record.keeping_together(list_all(record.proof_piece.case, record.signal, visits=visits))

    def _all_grids(self) -> Listing | None:
        """Every lawful grid, if these are few enough."""
        signal = self._record.signal
        if self._grids is None and not signal():
            listing = self._listed(visits=FIRST_VISITS if self._brief else MAX_VISITS)
            if not signal():
                # Of a list that is not complete only that is worth remembering: it may be tens of megabytes.
                self._grids = listing if listing.complete else Listing.unknown()
        return self._grids if self._grids is not None and self._grids.complete else None

    def _choose_and_generate(self, ascent: Ascent, budget: Budget, seek: Seek) -> None:
        """The best plan from all grids that a better one can hold: at the ascent's prices if few, else at others."""
        record, prices = self._record, ascent.best.prices
        slack = record.found.cost + record.retainable - ascent.best.value
        slack += ascent.dearest_grid() + TOLERANCE * abs(record.found.cost)
        if record.signal():  # the prices of the last grids may not have been computed any more
            return
        grids = self._all_grids()
        if grids is not None and len(grids):
            listing = grids.where(reduced_costs(ascent.pricing, grids, prices) <= slack)
        else:
            visits = MAX_VISITS if record.moving else FIRST_VISITS
            listing = list_relevant(ascent.pricing, prices, slack, record.signal, visits=visits)
            listing = record.keeping_together(listing)
        if listing.complete and (record.moving or len(listing) <= FEW_SWEPT):
            record.conclude(listing, self._best_of(listing, ascent.pricing, prices, budget))
        if record.state == "open" and not (record.moving or self._brief or record.signal()):
            self._generate(ascent, budget, grids, seek)

    def _generate(self, ascent: Ascent, budget: Budget, grids: Listing | None, seek: Seek) -> None:
        record = self._record
        if self._generated is None:
            begun = Generation(ascent.pricing, ascent.best, ascent.counts, record.signal, grids)
            if record.signal():  # what it knows of its first prices may not have been computed any more
                return
            self._generated = GeneratedProof(record, ascent, begun)
        self._generated.run(budget, seek)

    def _best_of(self, listing: Listing, pricing: Pricing, prices: Prices, budget: Budget) -> Proof:
        """The best plan below the best known one."""
        cutoff = self._record.found.cost
        if self._record.moving:
            return self._choice(listing, cutoff, budget)
        return sweep_choice(pricing, listing, prices, cutoff, self._record.signal, patient=False)

    def _choice(self, listing: Listing, cutoff: float, budget: Budget) -> Proof:
        """CP-SAT's choice."""
        case, signal = self._record.proof_piece.case, self._record.signal
        return choose(case, listing, cutoff, signal, seconds=budget.seconds(signal))

    def _centre(self, budget: Budget) -> None:
        """Where households are large numbers: the model whose size does not depend on them."""
        record = self._record
        cutoff = record.found.cost if record.found.lawful else math.inf
        seconds = budget.seconds(record.signal)
        proof = centred_choice(record.proof_piece.case, cutoff, record.signal, seconds=seconds)
        if record.task.loose and proof.grids:  # the model does not know sets in several parts
            proof = replace(proof, outcome="open", grids=())
        if proof.outcome == "infeasible":
            record.rule_out(no_plan(record.problem, record.proof_piece))
            return
        if proof.outcome == "open" and proof.bound is not None and record.found.lawful:
            record.bound = max(record.bound, proof.bound)
        record.conclude(None, proof)
