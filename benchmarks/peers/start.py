"""A start plan: the best of some METIS partitions, mended, as a user would hand in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.peers.case import Case
from benchmarks.peers.found import Found
from benchmarks.peers.objective import misfit


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


class _Kept(Found):
    """Remembers the best plan instead of only writing it down."""

    best: np.ndarray | None = None

    def plan(self, grid: object) -> None:
        self.best = np.asarray(grid, dtype=np.int64)
