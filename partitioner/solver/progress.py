"""Watching a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from partitioner.model import IntArray, Problem

Phase = Literal["prepare", "search", "bound", "prove", "moves", "finish"]
"""While `moves` lasts, `best` and `bound` are households that a redraw moves; the total comes after it."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Where a run stands.

    Parameters
    ----------
    best : float or None
        Total of the best lawful plan so far; None while some part has none.
    bound : float or None
        Valid lower bound on the total of any lawful plan; None while unknown.
    done, pieces : int
        Independent pieces that are finished, and all of them.
    misfit : int
        Households outside the bounds in the best plan so far.
    """

    phase: Phase
    best: float | None
    bound: float | None
    done: int
    pieces: int
    misfit: int = 0

    @property
    def gap(self) -> float | None:
        """(best - bound) / best, or None while one is unknown."""
        if self.best is None or self.bound is None:
            return None
        return 0.0 if self.best == 0 else max(0.0, (self.best - self.bound) / self.best)


class Observer:
    """Does nothing; override what you want to see. Called from worker threads, one call at a time."""

    def on_start(self, problem: Problem, best: Callable[[], IntArray]) -> None:
        """A run over `problem` begins.

        While it lasts `best` may be called from any thread: the grid of every unit in the best plan so far, as any
        number; -1 where there is none yet.
        """

    def on_progress(self, snapshot: Snapshot) -> None:
        """Something became better or another phase began."""
