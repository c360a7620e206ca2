"""What is known of one piece: its best plan, its bound, and why it has no lawful one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from partitioner.model import IntArray, Problem, Violation
from partitioner.solver.answers import PieceAnswer, State
from partitioner.solver.exact import Proof
from partitioner.solver.kernels.listing import grid_cost
from partitioner.solver.known import Known
from partitioner.solver.limits import StopSignal, Turn
from partitioner.solver.listings import Listing
from partitioner.solver.pieces import Piece, connected_start, make_piece
from partitioner.solver.reasons import no_cover
from partitioner.solver.search import Found, Search, judged
from partitioner.solver.tasks import Task

TOLERANCE = 1e-6
"""A plan is proved optimal when its bound reaches (1 - TOLERANCE) of its total."""

LISTED_NODES = 400
"""Pieces of more nodes are never listed grid by grid."""

BLOCK_REACH = 1_500
"""Units around each unit of a block to which distances are known."""


class Record:
    """One piece, the search on it, and what is known.

    Parameters
    ----------
    problem : Problem
    task : Task
    seed, stream : int
        Of the search.
    signal : StopSignal
        Of the whole run.
    start : int array, shape (u,), or None
        A plan: any number for each unit of the task.
    known : Known or None
        What was proved before, by a run that ended with `start`.

    Attributes
    ----------
    piece, proof_piece : Piece
        As the search sees it, and as proofs do: a search may keep together what proofs may part.
    search : Search
        On `piece`; both are replaced where a proof finds what the search cannot.
    state : "open", "optimal" or "infeasible"
    bound : float
        No lawful plan costs less, in the search's terms (`-move·retained`).
    reasons : list of Violation
        Why no lawful plan exists.
    least_outside : int
        Households outside the bounds in any plan that keeps the other rules, proved.
    fewest_found : bool
        The best plan leaves just so many.
    """

    def __init__(
        self,
        problem: Problem,
        task: Task,
        *,
        seed: int,
        stream: int,
        signal: StopSignal,
        start: IntArray | None,
        known: Known | None,
    ) -> None:
        self.problem = problem
        self.task = task
        self.stream = stream
        self.signal = Turn(signal)
        reach = None if task.floor is None else BLOCK_REACH
        self.piece = make_piece(problem, task.units, task.bridged, task.counts, self.signal.flag, reach=reach)
        same = task.together == task.bridged or self.is_block
        self.proof_piece = (
            self.piece if same else make_piece(problem, task.units, task.together, task.counts, self.signal.flag)
        )
        self.search = Search(self.piece, seed, stream, self.signal.flag)
        if start is not None:
            self.search.offer(judged(self.piece, connected_start(self.piece, start)))
        self.state: State = "infeasible" if task.reasons else "open"
        self.reasons: list[Violation] = list(task.reasons)
        self.bound = trivial_bound(self.proof_piece) if task.floor is None else task.floor
        self.least_outside = 0
        self.fewest_found = False
        self.on_change: Callable[[], None] = lambda: None
        if known is not None:
            self._take_over(known)

    def _take_over(self, known: Known) -> None:
        self.bound = max(self.bound, known.bound)
        self.least_outside = known.least_outside
        if known.reasons and not self.reasons:
            self.rule_out(*known.reasons)
            self.allow_all_counts()

    def close(self) -> None:
        """Let go of everything that refers to the piece, so that its memory is free at once."""
        self.search.close()
        self.signal.close()

    # --- what is known -----------------------------------------------------------------------------------------------

    @property
    def found(self) -> Found:
        """The best plan; there is one after the first round of the search."""
        assert self.search.best is not None
        return self.search.best

    @property
    def settled(self) -> bool:
        """Nothing is left to prove."""
        return self.state == "optimal" or self.fewest_found

    @property
    def is_block(self) -> bool:
        """What holds for this part alone says nothing about the piece that it is a block of."""
        return self.task.floor is not None

    @property
    def may_prove(self) -> bool:
        """Whether a proof is still possible."""
        return self.state == "open" and not self.is_block

    @property
    def listable(self) -> bool:
        """Whether grids may be listed one by one."""
        return len(self.proof_piece.case.households) <= LISTED_NODES

    @property
    def moving(self) -> bool:
        """Whether `move` ties far grids together."""
        case = self.proof_piece.case
        return case.move > 0 and len(case.previous_item) > 0

    @property
    def retainable(self) -> float:
        """What `move` could take off at most: the pricing problem leaves that term out."""
        case = self.proof_piece.case
        return case.move * float(case.previous_households.sum())

    def slots(self) -> IntArray:
        """Grid of each unit of the piece, as any number."""
        return self.found.label[self.piece.node_of]

    def load(self) -> IntArray:
        """Households of each of these grids."""
        weights = self.problem.units.households[self.piece.units]
        return np.bincount(self.slots(), weights=weights).astype(np.int64)

    def answer(self, *, cut_short: bool) -> PieceAnswer:
        """All of it, without what it took to find out."""
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
            cut_short=cut_short,
        )

    def cost_of(self, nodes: IntArray) -> float:
        """Terms of a grid over the proof's nodes."""
        case = self.proof_piece.case
        households = int(case.households[nodes].sum())
        return float(grid_cost(case, nodes, len(nodes), households, case.far.shape[0] > 0))

    def grids_of_best(self) -> list[tuple[IntArray, float]]:
        """Grids of the best plan as nodes of the proof's piece, with their terms."""
        if self.piece is not self.proof_piece:
            return []
        label = self.found.label
        grids = [np.flatnonzero(label == slot) for slot in np.unique(label).tolist()]
        return [(grid, self.cost_of(grid)) for grid in grids]

    def keeping_together(self, listing: Listing) -> Listing:
        """Without the grids that hold only part of a loose set: the proof's nodes know only connected sets."""
        for nodes in self._loose_nodes():
            listing = listing.holding_whole(np.unique(nodes))
        return listing

    def _loose_nodes(self) -> list[IntArray]:
        """The proof's nodes of each set whose members need not be connected."""
        piece = self.proof_piece
        return [piece.node_of[np.searchsorted(piece.units, members)] for members in self.task.loose]

    # --- what is learnt ----------------------------------------------------------------------------------------------

    def note(self) -> None:
        """Draw conclusions from the best plan and the bound."""
        if self.state == "open" and self.found.lawful and self._reached(self.found.cost):
            self.state = "optimal"
        self.on_change()

    def rule_out(self, *reasons: Violation) -> None:
        """No lawful plan exists."""
        self.reasons += reasons
        self.state = "infeasible"

    def conclude(self, listing: Listing | None, proof: Proof) -> None:
        """Take over what a choice has shown, where one was made among the listing."""
        if proof.outcome == "infeasible":
            assert listing is not None
            self.rule_out(no_cover(self.problem, self.proof_piece, listing))
            return
        if proof.grids:
            self.offer(proof.grids)
        if proof.outcome == "worse":
            self.bound = max(self.bound, self.found.cost if proof.bound is None else proof.bound)
        elif proof.outcome == "optimal" and proof.bound is not None:
            self.bound = max(self.bound, proof.bound)
        self.note()

    def offer(self, grids: tuple[IntArray, ...]) -> None:
        """Take over a plan over the proof's nodes if it is better and keeps sets in several parts together."""
        piece = self.proof_piece
        label = np.empty(len(piece.case.households), dtype=np.int64)
        for slot, nodes in enumerate(grids):
            label[nodes] = slot
        if any(len(np.unique(label[nodes])) > 1 for nodes in self._loose_nodes()):
            return
        found = judged(piece, label)
        if self.piece is not piece:
            if not found.beats(self.found):
                return
            # A proof may part what the search keeps together: go on with units as the proof sees them.
            self.piece = piece
            self._search_anew()
        self.search.offer(found)

    def allow_all_counts(self) -> None:
        """Numbers of grids that only the bounds rule out are no longer a broken rule."""
        same = self.piece is self.proof_piece
        label = self.found.label
        self.piece = self._with_counts(self.piece)
        self.proof_piece = self.piece if same else self._with_counts(self.proof_piece)
        self._search_anew()
        self.search.offer(judged(self.piece, label))

    def _with_counts(self, piece: Piece) -> Piece:
        low, high = self.task.ruled
        return replace(piece, case=piece.case._replace(count_low=low, count_high=high))

    def _search_anew(self) -> None:
        """On the piece as it is now; the steps of before count on."""
        steps = self.search.steps
        self.search.close()
        self.search = Search(self.piece, 0, 0, self.signal.flag)
        self.search.begin_at(steps)

    def _reached(self, cost: float) -> bool:
        """Whether the bound does; the cost without what is constant (groups once, retained households), so that the
        tolerance is relative to what a plan's total can show."""
        case = self.piece.case
        constant = case.split * self.piece.num_groups - case.move * float(case.previous_households.sum())
        return self.bound >= cost - TOLERANCE * 0.1 * abs(cost - constant)


def trivial_bound(piece: Piece) -> float:
    """Every group is touched once; the balance term of the best number of grids, walking for free."""
    case = piece.case
    total = piece.households
    counts = np.arange(max(1, case.count_low), max(case.count_low, min(case.count_high, len(case.households))) + 1)
    balance = case.balance * float(np.abs(total - counts * case.target).min())
    return case.split * piece.num_groups + balance - case.move * float(case.previous_households.sum())
