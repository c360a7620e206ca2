"""Proof of one piece by column generation: rounds, plans from the grids that they meet, and a last choice among all."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace

from partitioner.solver.budget import Budget
from partitioner.solver.exact import MAX_CHOICES, ROUNDING, Proof, choose, sweep_choice
from partitioner.solver.generation import Generation
from partitioner.solver.lagrangian import Ascent
from partitioner.solver.listings import Listing, reduced_costs
from partitioner.solver.outlines import small_nodes
from partitioner.solver.record import TOLERANCE, Record
from partitioner.solver.settling import settle

TASTING_EFFORT = 1.0
LAST_EFFORT = 30.0
"""What CP-SAT may spend, in its own measure (about seconds), on a better plan from some grids, and on the last choice
among all."""

TASTING_SHARE = 0.7
LISTING_SHARE = 0.7
"""How much smaller than the last time the gap must be for another such attempt."""

STEPS_BESIDE = 2_000
BESIDE_FROM = 80
"""Candidates per node that the search tries between two rounds of column generation, in pieces of so many nodes: that
of smaller ones has found what it can before."""

FEW_CHOICES = 2_000
FEW_SWEPT = 3_000
FEW_VISITS = 3_000_000
LAST_VISITS = 40_000_000
OUTLINE_VISITS = 1_000_000
"""Grids that CP-SAT and a sweep are given along the way; sets that a listing may grow along the way, at last, and where
small nodes are left free."""

Seek = Callable[[int, Budget], None]
"""A turn of the search worth so many candidates."""


class GeneratedProof:
    """A proof on its way.

    Parameters
    ----------
    record : Record
        With a lawful plan.
    ascent : Ascent
        With a bound.
    generation : Generation
        From the prices of that bound.
    """

    def __init__(self, record: Record, ascent: Ascent, generation: Generation) -> None:
        self._record = record
        self._ascent = ascent
        self._generation = generation
        self._offer_best()

    def run(self, budget: Budget, seek: Seek) -> None:
        """Rounds until the piece is proved or they lead no further; the search has turns in between."""
        record, generation = self._record, self._generation
        tasted = listed = math.inf
        if self._settle(budget, patient=False):
            listed = self._gap
        while record.state == "open" and not generation.finished and not self._over(budget):
            if generation.grids is None and len(record.piece.case.households) >= BESIDE_FROM:
                self._seek_beside(budget, seek)
            generation.step(record.found.cost, budget.seconds(record.signal))
            record.bound = max(record.bound, generation.bound)
            if generation.plan is not None:
                record.offer(generation.plan)
            record.note()
            gap = self._gap
            if record.state == "open" and generation.converged and gap < TASTING_SHARE * tasted:
                self._taste(budget)
                tasted = self._gap
            few = generation.grids is None or len(generation.grids) <= FEW_SWEPT
            if record.state == "open" and few and gap < LISTING_SHARE * listed and not generation.finished:
                self._choose_last(budget, patient=False)
                listed = self._gap
        if record.state == "open" and not self._over(budget):
            self._choose_last(budget, patient=True)

    @property
    def _gap(self) -> float:
        return self._record.found.cost - self._generation.bound

    def _over(self, budget: Budget) -> bool:
        return budget.over(self._record.signal, self._record.search.steps)

    def _seek_beside(self, budget: Budget, seek: Seek) -> None:
        """A turn of the search: rounds that grow their grids take long, and a better plan makes them shorter."""
        before = self._record.found
        endless = replace(budget, patience=sys.maxsize)
        seek(STEPS_BESIDE * len(self._record.piece.case.households), endless)
        if self._record.found is not before:
            self._offer_best()

    def _offer_best(self) -> None:
        for nodes, cost in self._record.grids_of_best():
            self._generation.offer(nodes, cost)

    def _taste(self, budget: Budget) -> None:
        """A better plan from the grids that the linear programme knows."""
        record = self._record
        listing = record.keeping_together(self._generation.promising(record.found.cost))
        proof = choose(
            record.proof_piece.case, listing, record.found.cost, record.signal,
            seconds=budget.seconds(record.signal), effort=TASTING_EFFORT,
        )  # fmt: skip
        if proof.grids:
            record.offer(proof.grids)
            record.note()

    def _choose_last(self, budget: Budget, *, patient: bool) -> None:
        """List every grid that a better plan can hold, and choose the best plan from these."""
        if self._settle(budget, patient=patient) and not (patient and self._record.state == "open"):
            return
        visits = LAST_VISITS if patient else FEW_VISITS
        listing = self._generation.relevant(self._record.found.cost, visits=visits)
        if listing.complete:
            self._record.conclude(listing, self._chosen(listing, budget, patient=patient))

    def _settle(self, budget: Budget, *, patient: bool) -> bool:
        """Where some nodes are small: bound, list and choose with these left free at first. False where none is.

        Nor is that worth while where all grids are at hand.
        """
        record, generation, ascent = self._record, self._generation, self._ascent
        cutoff = record.found.cost
        free = small_nodes(record.proof_piece.case)
        if not len(free) or generation.grids is not None:
            return False
        settled = settle(
            ascent.pricing, free, generation.prices, generation.cuts, generation.slack(cutoff),
            ascent.best.prices.node, cutoff, record.signal, visits=OUTLINE_VISITS,
        )  # fmt: skip
        if settled.bound == math.inf:
            record.conclude(None, Proof(outcome="worse", bound=cutoff - ROUNDING * abs(cutoff)))
            return True
        record.bound = max(record.bound, settled.bound)
        record.note()
        if record.state == "open" and settled.listing is not None:
            record.conclude(settled.listing, self._chosen(settled.listing, budget, patient=patient))
        return True

    def _chosen(self, listing: Listing, budget: Budget, *, patient: bool) -> Proof:
        """The best plan below the best known one from grids over the nodes of the proof's piece."""
        record, pricing, prices = self._record, self._ascent.pricing, self._ascent.best.prices
        cutoff, signal = record.found.cost, record.signal
        slack = cutoff - self._ascent.best.value + self._ascent.dearest_grid() + TOLERANCE * abs(cutoff)
        if len(listing):
            listing = record.keeping_together(listing.where(reduced_costs(pricing, listing, prices) <= slack))
        proof = sweep_choice(pricing, listing, prices, cutoff, signal, patient=False)
        if proof.outcome == "open" and len(listing) <= (MAX_CHOICES if patient else FEW_CHOICES):
            effort, seconds = (LAST_EFFORT if patient else TASTING_EFFORT), budget.seconds(signal)
            proof = choose(record.proof_piece.case, listing, cutoff, signal, seconds=seconds, effort=effort)
        if proof.outcome == "open" and patient:
            proof = sweep_choice(pricing, listing, prices, cutoff, signal, patient=True)
        return proof
