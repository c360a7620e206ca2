"""Connected pieces of a graph, and the shortest links that would join them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from partitioner.model import FloatArray, IntArray


def components(num: int, a: IntArray, b: IntArray) -> IntArray:
    """The piece that each of 0 … num - 1 belongs to; pieces are numbered by their first member."""
    links = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(num, num))
    label = connected_components(links, directed=False)[1]
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return np.asarray(rank[inverse], dtype=np.int64)


def shortest_links(piece: IntArray, a: IntArray, b: IntArray, length_m: FloatArray) -> npt.NDArray[np.bool_]:
    """Which of the possible links (a, b) join the pieces with the least metres (Kruskal); ties by (a, b)."""
    chosen = np.zeros(len(a), dtype=bool)
    root = list(range(int(piece.max()) + 1 if len(piece) else 0))

    def find(k: int) -> int:
        while root[k] != k:
            root[k] = root[root[k]]
            k = root[k]
        return k

    for link in np.lexsort((b, a, length_m)).tolist():
        one, other = find(int(piece[a[link]])), find(int(piece[b[link]]))
        if one != other:
            root[max(one, other)] = min(one, other)
            chosen[link] = True
    return chosen
