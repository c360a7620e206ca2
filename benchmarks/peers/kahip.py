"""KaHIP (Sanders & Schulz 2013), kaffpa: mode STRONG up to 500 units, ECO above.

Its limit is an upper one (imbalance), parts may be torn. Weights and restarts as for METIS, and the same mending.
"""

from __future__ import annotations

import kahip
import numpy as np

from benchmarks.peers.case import Case
from benchmarks.peers.found import Found
from benchmarks.peers.restarts import adjacency, restarted

STRONG_UNITS = 500


def run(case: Case, found: Found) -> None:
    start, neighbour, closeness = (part.tolist() for part in adjacency(case))
    households = np.maximum(case.households, 1).tolist()
    mode = kahip.STRONG if len(case) <= STRONG_UNITS else kahip.ECO

    def draw(num_grids: int, seed: int, slack: float) -> np.ndarray:
        if num_grids == 1:
            return np.zeros(len(case), dtype=np.int64)
        _, grid = kahip.kaffpa(households, start, closeness, neighbour, num_grids, slack, True, seed, mode)
        return np.asarray(grid)

    restarted(case, found, draw)
