"""Whole numbers shared out: the method of the largest remainder."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from partitioner.model import IntArray


def largest_remainder(total: int, weights: npt.ArrayLike) -> IntArray:
    """`total` split in proportion to `weights`; the sum is exact and ties go to the earlier entry.

    Parameters
    ----------
    total : int, at least 0
    weights : float array, shape (k,), k >= 1, finite and at least 0; all zero counts as all equal
    """
    weight = np.asarray(weights, dtype=np.float64).reshape(-1)
    if not weight.any():
        weight = np.ones(len(weight))
    quota = total * (weight / weight.sum())
    share: IntArray = np.floor(quota).astype(np.int64)
    order = np.lexsort((np.arange(len(weight)), -(quota - share)))
    # Floating point may leave the floors one too high in sum; then the smallest remainders give back.
    missing = total - int(share.sum())
    if missing >= 0:
        share[order[:missing]] += 1
    else:
        share[order[missing:]] -= 1
    return share
