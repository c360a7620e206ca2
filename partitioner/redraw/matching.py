"""One-to-one matchings of greatest weight, family by family: a county has many grids, but few that overlap."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from partitioner.model import IntArray


def summed_pairs(row: IntArray, column: IntArray, weight: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Every pair once, ordered, with the sum of its weights."""
    pairs, at = np.unique(np.stack([row, column], axis=1), axis=0, return_inverse=True)
    sums = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(sums, at.reshape(-1), weight)
    return pairs[:, 0], pairs[:, 1], sums


def best_matching(row: IntArray, column: IntArray, weight: IntArray) -> dict[int, int]:
    """From row to column, each at most once, by pairs of weight above 0.

    Parameters
    ----------
    row, column, weight : int arrays, shape (pairs,)
        Every pair once; numbers from 0.
    """
    good = weight > 0
    row, column, weight = row[good], column[good], weight[good]
    if not len(row):
        return {}
    rows = int(row.max()) + 1
    size = rows + int(column.max()) + 1
    links = csr_array((np.ones(len(row)), (row, rows + column)), shape=(size, size))
    family = connected_components(links, directed=False)[1][row]
    order = np.argsort(family, kind="stable")
    found: dict[int, int] = {}
    for some in np.split(order, np.flatnonzero(np.diff(family[order])) + 1):
        of_row, r = np.unique(row[some], return_inverse=True)
        of_column, c = np.unique(column[some], return_inverse=True)
        table = np.zeros((len(of_row), len(of_column)), dtype=np.int64)
        table[r, c] = weight[some]
        for i, j in zip(*linear_sum_assignment(table, maximize=True), strict=True):
            if table[i, j] > 0:
                found[int(of_row[i])] = int(of_column[j])
    return found
