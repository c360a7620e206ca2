"""What is known of each piece of a plan, and of each parent: whether it is the best, or breaks least."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from partitioner.model.arrays import IntArray
from partitioner.model.status import Status
from partitioner.model.violation import Violation


@dataclass(frozen=True, kw_only=True, eq=False)
class PieceBound:
    """What holds of a piece whatever its plan. A piece is a closed part of one parent that is solved on its own.

    Parameters
    ----------
    parent : str or None
    units : int array, shape (u,)
        Ascending positions in the problem.
    bound : float
        No lawful plan of the piece has a smaller value.
    least_outside : int
        Any plan that keeps the other rules leaves at least so many households outside the bounds.
    reasons : tuple of Violation
        Why there is no lawful plan, proved; empty where there may be one.
    """

    parent: str | None
    units: IntArray
    bound: float
    least_outside: int
    reasons: tuple[Violation, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class PieceResult(PieceBound):
    """A piece with its plan; or a parent, which is all of its pieces together.

    Parameters
    ----------
    households, num_grids : int
    status : Status
        As of a whole result.
    value : float
        Weighted terms of the objective; a compound that lies in several pieces counts once in each.
    outside : int
        Households outside the bounds.
    proved : bool
        No plan is better: of the least value, or, where none is lawful, with the fewest households outside the bounds.
    """

    households: int
    num_grids: int
    status: Status
    value: float
    outside: int
    proved: bool

    @property
    def lawful(self) -> bool:
        """Whether no rule is broken."""
        return self.status in ("optimal", "feasible")

    @property
    def gap(self) -> float | None:
        """(value - bound) / value; 0 where both are 0; None where the plan is not lawful."""
        if not self.lawful:
            return None
        return (self.value - self.bound) / self.value if self.value > self.bound else 0.0

    @property
    def least_violation(self) -> bool:
        """Whether as few households are outside the bounds as can be, proved."""
        return self.outside <= self.least_outside


def by_parent(pieces: Iterable[PieceResult]) -> tuple[PieceResult, ...]:
    """One for each parent, in the order of their first pieces."""
    found: dict[str | None, list[PieceResult]] = {}
    for piece in pieces:
        found.setdefault(piece.parent, []).append(piece)
    return tuple(_together(several) if len(several) > 1 else several[0] for several in found.values())


def _together(pieces: Sequence[PieceResult]) -> PieceResult:
    return PieceResult(
        parent=pieces[0].parent,
        units=np.sort(np.concatenate([piece.units for piece in pieces])),
        bound=sum(piece.bound for piece in pieces),
        least_outside=sum(piece.least_outside for piece in pieces),
        reasons=tuple(reason for piece in pieces for reason in piece.reasons),
        households=sum(piece.households for piece in pieces),
        num_grids=sum(piece.num_grids for piece in pieces),
        status=_status([piece.status for piece in pieces]),
        value=sum(piece.value for piece in pieces),
        outside=sum(piece.outside for piece in pieces),
        proved=all(piece.proved for piece in pieces),
    )


def _status(statuses: Sequence[Status]) -> Status:
    """The worst of several; a proof that there is no lawful plan settles the whole."""
    order: tuple[Status, ...] = ("infeasible", "unknown", "feasible", "optimal")
    return min(statuses, key=order.index)
