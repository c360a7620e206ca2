"""A start plan: the best of some METIS partitions, mended, as a user would hand in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.peers.case import Case
from benchmarks.peers.centres import candidates
from benchmarks.peers.found import Found
from benchmarks.peers.objective import misfit

START_SHARE = 0.1
"""Of an exact model's time, spent on its start."""


def best_start(case: Case, seconds: float, more: Sequence[int] = (0, -1, 1)) -> np.ndarray | None:
    """The best partition, lawful or not; None without pymetis, or where there was no time for one."""
    try:
        from benchmarks.peers import metis
    except ImportError:
        return None
    with TemporaryDirectory() as folder:
        kept = _Kept(Path(folder) / "start", seconds)
        metis.run(case, kept, more)
        kept.end()
    return kept.best


def lawful(case: Case, grid: np.ndarray | None) -> np.ndarray | None:
    """The plan if it is within the bounds, else None."""
    return grid if grid is not None and misfit(case, grid) == 0 else None


def opening(case: Case, found: Found, max_arcs: int) -> tuple[np.ndarray | None, list[list[int]], bool] | None:
    """What exact models begin with: a lawful plan, handed in, and possible centres (see `candidates`).

    None where edges, both ways, times centres per unit are more than `max_arcs`: then only the plan was tried.
    """
    partition = best_start(case, START_SHARE * case.seconds)
    start = lawful(case, partition)
    if start is not None:
        found.plan(start)
    allowed, complete = candidates(case, partition)
    if 2 * len(case.u) * max(map(len, allowed)) > max_arcs:
        found.say("the model is too large: only the start was tried")
        return None
    return start, allowed, complete


class _Kept(Found):
    """Remembers the best plan instead of only writing it down."""

    best: np.ndarray | None = None

    def plan(self, grid: object) -> None:
        self.best = np.asarray(grid, dtype=np.int64)
