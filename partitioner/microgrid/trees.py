"""The least deviation of a part whose ways branch but never close: floors in stairwells around one landing.

A dynamic programme over the tree. For every unit v and every s let best[s] be the fewest households outside the bounds
in the finished grids below v, where the grid that holds v has s households so far. A child either finishes its grid or
joins that of v.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from partitioner.model import Bounds, FloatArray, IntArray


def deviation(households: FloatArray | IntArray, bounds: Bounds) -> FloatArray:
    """Households that each grid lacks or has too many."""
    sizes = np.asarray(households, dtype=np.float64)
    return np.maximum(np.maximum(bounds.min - sizes, sizes - bounds.max), 0.0)


def least_deviation(households: IntArray, u: IntArray, v: IntArray, bounds: Bounds) -> int:
    """Fewest households outside the bounds over all ways to cut a tree into connected grids.

    Parameters
    ----------
    households : int array, shape (n,)
    u, v : int arrays, shape (n - 1,)
        Edges of a tree on 0 … n - 1.
    """
    num = len(households)
    graph = csr_array((np.ones(len(u)), (u, v)), shape=(num, num))
    order, above = breadth_first_order(graph, 0, directed=False)
    best: list[FloatArray] = [_alone(int(h)) for h in households]
    for child in order[:0:-1].tolist():
        parent = int(above[child])
        finished = float((best[child] + deviation(np.arange(len(best[child])), bounds)).min())
        best[parent] = _combined(best[parent], best[child], finished)
        best[child] = np.empty(0)
    root = best[0]
    return int((root + deviation(np.arange(len(root)), bounds)).min())


def _alone(households: int) -> FloatArray:
    best = np.full(households + 1, np.inf)
    best[households] = 0.0
    return best


def _combined(own: FloatArray, child: FloatArray, finished: float) -> FloatArray:
    """`own` after a child finished its grid, or joined."""
    best = np.full(len(own) + len(child) - 1, np.inf)
    best[: len(own)] = own + finished
    for size in np.flatnonzero(np.isfinite(child)).tolist():
        here = best[size : size + len(own)]
        np.minimum(here, own + child[size], out=here)
    return best
