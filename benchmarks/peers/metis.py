"""METIS (Karypis & Kumar 1998) through pymetis: k-way, contiguous parts, as little closeness cut as possible.

Its limit is an upper one (`ufactor`); there is no lower one. Vertex weights are households, edge weights closeness
(twice as much within a compound). Asked again with other seeds, imbalances and one grid fewer or more until the time is
over; every answer is mended by single moves, and the best by our objective is kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pymetis

from benchmarks.peers.case import Case
from benchmarks.peers.found import Found
from benchmarks.peers.restarts import ABOUT, adjacency, restarted


def run(case: Case, found: Found, more: Sequence[int] = ABOUT) -> None:
    start, neighbour, closeness = (part.tolist() for part in adjacency(case))
    households = np.maximum(case.households, 1).tolist()

    def draw(num_grids: int, seed: int, slack: float) -> np.ndarray:
        if num_grids == 1:
            return np.zeros(len(case), dtype=np.int64)
        options = pymetis.Options(seed=seed, ufactor=max(1, round(1000 * slack)), contig=1, ncuts=3)
        _, grid = pymetis.part_graph(
            num_grids,
            xadj=start,
            adjncy=neighbour,
            vweights=households,
            eweights=closeness,
            recursive=False,
            options=options,
        )
        return np.asarray(grid)

    restarted(case, found, draw, more)
