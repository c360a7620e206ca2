"""A plan, what it is worth, and how it came about."""

from __future__ import annotations

from dataclasses import dataclass, field

from partitioner.model.arrays import Labels
from partitioner.model.piece_result import PieceResult
from partitioner.model.status import Status, StopReason
from partitioner.model.violation import Violation


@dataclass(frozen=True, kw_only=True)
class Objective:
    """Raw terms, and the weighted total in household-metres."""

    walk: float
    split: int
    balance: float
    move: int
    total: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One label per unit, in the problem's order; a null label is a unit left out."""

    grid: Labels

    def __len__(self) -> int:
        return len(self.grid)


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a run ends with.

    Parameters
    ----------
    bound : float or None
        No lawful plan has a smaller total. None: not known; always None when infeasible.
    gap : float or None
        (total - bound) / total; 0 where both are 0; None without a bound.
    reasons : tuple of Violation
        Why no lawful plan exists, proved. Empty unless infeasible.
    notes : tuple of Violation
        Where no lawful plan was found: what is known about the households outside the bounds, part by part. `amount` is
        the proved least number where the part is proved infeasible, else what the plan leaves outside.
    pieces : tuple of PieceResult
        The same, piece by piece, by their first units; locked grids lie in none. Empty where nobody kept account. Not
        part of plan.json.
    """

    plan: Plan
    status: Status
    stop_reason: StopReason
    objective: Objective
    bound: float | None
    gap: float | None
    violations: tuple[Violation, ...] = ()
    warnings: tuple[Violation, ...] = ()
    reasons: tuple[Violation, ...] = ()
    notes: tuple[Violation, ...] = ()
    seconds: float = 0.0
    seed: int = 0
    engine: str = ""
    problem: str = ""
    pieces: tuple[PieceResult, ...] = field(default=(), compare=False)
