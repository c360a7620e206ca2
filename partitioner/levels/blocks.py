"""Blocks: neighbouring units that nothing parts, joined as long as they hold few households."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from partitioner.model import FloatArray, IntArray

STICKY = 1e-9
"""Keeps the dearness of joining units without households in order."""


def blocks_of(
    u: IntArray, v: IntArray, households: IntArray, x: FloatArray, y: FloatArray, *, max_households: int
) -> IntArray:
    """Join units along edges into compact blocks.

    In every round each block looks for the neighbour that is cheapest to join, by Ward's criterion (what joining adds
    to the households' squared distances from the middle of their block) among those with which it stays within
    `max_households`; blocks that choose each other are joined. It ends when no two neighbours fit together.

    Parameters
    ----------
    u, v : int arrays, shape (m,)
        Edges along which units may be joined: those that cross no barrier and stay inside one class.
    households : int array, shape (n,)
    x, y : float arrays, shape (n,), metres
    max_households : int
        A unit that holds more stays alone.

    Returns
    -------
    int array, shape (n,)
        Block of each unit, numbered by its lowest unit. Every block is connected along the edges.

    References
    ----------
    F. Murtagh, A survey of recent advances in hierarchical clustering algorithms, The Computer Journal 26 (1983)
    354-359, doi:10.1093/comjnl/26.4.354 (reciprocal nearest neighbours); J. H. Ward, JASA 58 (1963) 236-244,
    doi:10.1080/01621459.1963.10500845.
    """
    num = len(households)
    block = np.arange(num, dtype=np.int64)
    size = households.astype(np.int64)
    weight = np.maximum(households, 1).astype(np.float64)
    at = np.column_stack([x, y]).astype(np.float64)
    low, high = np.minimum(u, v), np.maximum(u, v)
    while True:
        low, high = _distinct(low, high, num)
        fits = size[low] + size[high] <= max_households
        low, high = low[fits], high[fits]
        if not len(low):
            return np.unique(block, return_inverse=True)[1].astype(np.int64)
        gap = ((at[low] - at[high]) ** 2).sum(axis=1)
        cost = (weight[low] * weight[high] / (weight[low] + weight[high])) * (gap + STICKY)
        keep, gone = _mutual(low, high, cost, num)
        total = weight[keep] + weight[gone]
        at[keep] = (at[keep] * weight[keep, None] + at[gone] * weight[gone, None]) / total[:, None]
        weight[keep], size[keep] = total, size[keep] + size[gone]
        into = np.arange(num)
        into[gone] = keep
        block, low, high = into[block], into[low], into[high]


def _distinct(a: IntArray, b: IntArray, num: int) -> tuple[IntArray, IntArray]:
    """Pairs of different blocks, the lower first, each once, sorted."""
    low, high = np.minimum(a, b), np.maximum(a, b)
    key = np.unique(low[low < high] * num + high[low < high])
    return key // num, key % num


def _mutual(low: IntArray, high: IntArray, cost: FloatArray, num: int) -> tuple[IntArray, IntArray]:
    """Pairs that are each other's cheapest; of equally cheap ones the pair that comes first."""
    place = np.empty(len(low), dtype=np.int64)
    place[np.lexsort((high, low, cost))] = np.arange(len(low))
    best = np.full(num, len(low), dtype=np.int64)
    np.minimum.at(best, low, place)
    np.minimum.at(best, high, place)
    chosen: npt.NDArray[np.bool_] = (best[low] == place) & (best[high] == place)
    return low[chosen], high[chosen]
