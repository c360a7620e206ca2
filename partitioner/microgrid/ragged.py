"""Runs of different lengths in one array: what replaces a loop over buildings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from partitioner.model import FloatArray, IntArray


def position_in_run(num: IntArray) -> IntArray:
    """0 … num[k] - 1 for every run k, one after the other; shape (sum of `num`,)."""
    start = np.cumsum(num) - num
    return np.arange(int(num.sum()), dtype=np.int64) - np.repeat(start, num)


def even_shares(total: IntArray, num: IntArray) -> IntArray:
    """Each total in num[k] whole shares that differ by at most 1; shape (sum of `num`,).

    Larger shares are spread among the smaller ones, the first is a larger one: as many shares in a row add up to the
    same elsewhere, or to 1 more or less, so that floors of unequal shares can be cut as well as equal ones.
    """
    at = position_in_run(num)
    whole, parts = np.repeat(total, num), np.maximum(np.repeat(num, num), 1)
    return np.asarray(-(-(at + 1) * whole // parts) - -(-at * whole // parts), dtype=np.int64)


def proportional_shares(total: IntArray, weight: npt.ArrayLike, run: IntArray) -> IntArray:
    """Each total shared among the members of its run in proportion to `weight`, by largest remainder.

    Sums are exact; ties go to the earlier member; a run whose weights are all 0 shares evenly.

    Parameters
    ----------
    total : int array, shape (k,), at least 0
    weight : array, shape (n,), at least 0
    run : int array, shape (n,), ascending
        0 … k - 1; every run has a member.
    """
    share: FloatArray = np.array(weight, dtype=np.float64)
    whole = np.bincount(run, share, minlength=len(total))
    share[whole[run] == 0] = 1.0
    whole = np.bincount(run, share, minlength=len(total))
    quota = total[run] * (share / whole[run])
    given = np.floor(quota + 1e-9).astype(np.int64)
    missing = total - np.bincount(run, given, minlength=len(total)).astype(np.int64)
    order = np.lexsort((np.arange(len(run)), -(quota - given), run))
    rank = np.empty(len(run), dtype=np.int64)
    rank[order] = position_in_run(np.bincount(run, minlength=len(total)).astype(np.int64))
    return given + (rank < missing[run])
