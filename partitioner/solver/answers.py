"""What remains of a piece when its matrices, lists and programmes are gone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from partitioner.model import IntArray, Violation

State = Literal["open", "optimal", "infeasible"]


@dataclass(frozen=True, kw_only=True, eq=False)
class PieceAnswer:
    """The best plan of one piece, and what is known of it.

    Parameters
    ----------
    position : int
        Of its task among all.
    slots : int array, shape (u,)
        Grid of each unit of the task, as any number.
    cost : float
        In the search's terms (`-move·retained`).
    lawful : bool
    misfit, broken : int
        Households outside the bounds; other rules broken.
    bound : float
        No lawful plan of the piece costs less.
    state : "open", "optimal" or "infeasible"
    reasons : tuple of Violation
        Why no lawful plan exists, proved.
    least_outside : int
        Any plan that keeps the other rules leaves at least so many households outside the bounds, proved.
    steps : int
        Candidates tried.
    settled : bool
        Nothing is left to prove.
    cut_short : bool
        Time ended before everything was tried.
    """

    position: int
    slots: IntArray
    cost: float
    lawful: bool
    misfit: int
    broken: int
    bound: float
    state: State
    reasons: tuple[Violation, ...]
    least_outside: int
    steps: int
    settled: bool
    cut_short: bool

    @property
    def rank(self) -> tuple[int, int, float]:
        """Less is better."""
        return self.broken, self.misfit, self.cost

    def after(self, before: PieceAnswer | None) -> PieceAnswer:
        """All that is known when `before` was known already."""
        if before is None:
            return self
        better = self if self.rank <= before.rank else before
        proved = self if self.state != "open" or before.state == "open" else before
        return replace(
            better,
            bound=max(self.bound, before.bound),
            state=proved.state,
            reasons=proved.reasons,
            least_outside=max(self.least_outside, before.least_outside),
            steps=self.steps + before.steps,
            settled=self.settled or before.settled,
            cut_short=self.cut_short,
        )
