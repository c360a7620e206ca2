"""Partitioners that give one answer per seed: ask again until the time is over, and keep the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import numpy as np

from benchmarks.peers.case import Case
from benchmarks.peers.found import Found
from benchmarks.peers.objective import GridCosts, misfit
from benchmarks.peers.repair import repaired

SLACKS = (1.0, 0.5, 0.2)
"""Shares of the imbalance that the bounds allow, in turn."""

ABOUT = (0, -1, 1)
"""The number of grids that was told, one fewer and one more, in turn."""


def restarted(
    case: Case, found: Found, draw: Callable[[int, int, float], np.ndarray], more: Sequence[int] = ABOUT
) -> None:
    """Call `draw(num_grids, seed, slack)` with the number told plus each of `more` in turn, and mend what it gives.

    `slack` is the share by which a part may exceed the mean: what the bounds allow, and tighter values. The best is
    that with the fewest households outside the bounds, then with the least objective.
    """
    costs, rng = GridCosts(case), Random(case.seed)
    best: tuple[int, float] | None = None
    total, asked = int(case.households.sum()), 0
    while found.left_s > 0:
        num = max(1, case.num_grids + more[asked % len(more)])
        most = max(0.03, case.max * num / total - 1)
        drawn = draw(num, case.seed + asked, most * SLACKS[asked // len(more) % len(SLACKS)])
        grid = repaired(case, drawn, rng, over=lambda: found.left_s <= 0)
        asked += 1
        value = (misfit(case, grid), costs.total(grid))
        if best is None or value < best:
            best = value
            found.plan(grid)
    found.say(f"{asked} starts")


def closeness(case: Case) -> np.ndarray:
    """Edge weights for partitioners that cut as little as they can: 1–100 by nearness, twice that within a group."""
    near = 100.0 * np.percentile(case.length_m, 10) / np.maximum(case.length_m, 1e-9)
    same = (case.group[case.u] == case.group[case.v]) & (case.group[case.u] >= 0)
    return np.maximum(1, np.minimum(near, 100) * np.where(same, 2, 1)).astype(np.int64)


def adjacency(case: Case) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`start`, `neighbour` and weights of the edges as METIS and KaHIP take them."""
    ends, others = np.concatenate([case.u, case.v]), np.concatenate([case.v, case.u])
    order = np.lexsort((others, ends))
    weights = np.concatenate([closeness(case)] * 2)[order]
    return np.searchsorted(ends[order], np.arange(len(case) + 1)), others[order], weights
