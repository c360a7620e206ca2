"""Which new grid carries on which previous one."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from partitioner.model import IntArray


def carried_on(new: IntArray, previous: IntArray, households: IntArray) -> list[tuple[int, int, int]]:
    """A one-to-one matching of new to previous grids that retains most households, by new grid.

    Grids that share households with one another, directly or through others, are matched among themselves: a county has
    tens of thousands of grids, but few that overlap.

    Parameters
    ----------
    new, previous, households : int arrays, shape (n,)
        Grids of each unit, -1 for none, and its households.

    Returns
    -------
    list of (new grid, previous grid, households that stay)
        Only pairs that retain some.
    """
    both = (new >= 0) & (previous >= 0) & (households > 0)
    if not both.any():
        return []
    pairs, at = np.unique(np.column_stack([new[both], previous[both]]), axis=0, return_inverse=True)
    shared = np.bincount(at.reshape(-1), weights=households[both]).astype(np.int64)
    rows, columns = int(pairs[:, 0].max()) + 1, int(pairs[:, 1].max()) + 1
    ends = (pairs[:, 0], rows + pairs[:, 1])
    links = csr_array((np.ones(len(pairs)), ends), shape=(rows + columns, rows + columns))
    part = connected_components(links, directed=False)[1][pairs[:, 0]]
    order = np.argsort(part, kind="stable")
    matched = []
    for some in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        row, r = np.unique(pairs[some, 0], return_inverse=True)
        column, c = np.unique(pairs[some, 1], return_inverse=True)
        overlap = np.zeros((len(row), len(column)), dtype=np.int64)
        overlap[r, c] = shared[some]
        matched += [
            (int(row[i]), int(column[j]), int(overlap[i, j]))
            for i, j in zip(*linear_sum_assignment(overlap, maximize=True), strict=True)
            if overlap[i, j] > 0
        ]
    return sorted(matched)
