"""The order in which areas are numbered."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from partitioner.model.arrays import FloatArray

ROW_HEIGHT = 0.6
"""How far south of a row's first area its other areas may lie, in typical spacings: rows of a regular pattern are one
spacing apart, so that each centroid may stray by a fifth of it and still falls into its row."""


def reading_order(x: FloatArray, y: FloatArray) -> list[int]:
    """Positions of the points in the order in which a reader meets them: rows from the north, each from the west.

    The northernmost point that is left opens a row; every point that is left and lies less than `ROW_HEIGHT` × s south
    of it joins; the row is read from west to east. s, the typical spacing, is the median distance from a point to its
    nearest other one. Ties are broken by y, then by position.

    Parameters
    ----------
    x, y : float arrays, shape (n,), metres, y to the north
    """
    num = len(x)
    if num < 2:
        return list(range(num))
    points = np.column_stack([x, y])
    height = ROW_HEIGHT * float(np.median(cKDTree(points).query(points, k=2)[0][:, 1]))
    order: list[int] = []
    row: list[int] = []
    for i in np.lexsort((np.arange(num), x, -y)).tolist():
        if row and y[row[0]] - y[i] >= height:
            order += sorted(row, key=lambda k: (x[k], -y[k], k))
            row = []
        row.append(i)
    return order + sorted(row, key=lambda k: (x[k], -y[k], k))
