"""Shortest paths between the units of one grid."""

from __future__ import annotations

import numpy as np
from scipy.sparse.csgraph import dijkstra

from partitioner.model import FloatArray, Graph, IntArray


def distances_within(graph: Graph, members: IntArray) -> FloatArray:
    """Shortest paths over the *whole* graph between `members`.

    Parameters
    ----------
    members : int array, shape (m,)

    Returns
    -------
    float array, shape (m, m), metres
        ``[i, j]`` from member i to member j; infinite where there is no path.
    """
    inside = dijkstra(graph.sparse[members][:, members])
    # No path over the whole graph is longer than the one inside the grid, so the search may end there.
    reach = float(inside.max(initial=0.0)) * (1 + 1e-9) + 1e-9
    return np.asarray(dijkstra(graph.sparse, indices=members, limit=reach)[:, members], dtype=np.float64)
