"""The adjacency graph of units, with metres on its edges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from partitioner.model.arrays import FloatArray, IntArray, Rebuilt, frozen_floats, frozen_ints


@dataclass(frozen=True, kw_only=True, eq=False)
class Graph(Rebuilt):
    """An undirected graph on positions 0 … num_units - 1.

    Parameters
    ----------
    num_units : int
    u, v : int arrays, shape (m,)
        Ends of each edge. Parallel edges are merged, the shortest counts; after construction u < v, sorted.
    length_m : float array, shape (m,), metres, at least 0

    Raises
    ------
    ValueError
        An end outside the range, a loop, a negative or non-finite length.
    """

    num_units: int
    u: IntArray
    v: IntArray
    length_m: FloatArray

    def __post_init__(self) -> None:
        u, v, length_m = frozen_ints(self.u), frozen_ints(self.v), frozen_floats(self.length_m)
        if not len(u) == len(v) == len(length_m):
            raise ValueError(f"u, v and length_m differ in length: {len(u)}, {len(v)}, {len(length_m)}")
        if len(u):
            if min(u.min(), v.min()) < 0 or max(u.max(), v.max()) >= self.num_units:
                raise ValueError(f"edge ends must lie in 0 … {self.num_units - 1}")
            if (u == v).any():
                raise ValueError("an edge may not join a unit to itself")
            if not np.isfinite(length_m).all() or length_m.min() < 0:
                raise ValueError("edge lengths must be finite and at least 0")
        low, high = np.minimum(u, v), np.maximum(u, v)
        order = np.lexsort((length_m, high, low))
        low, high, length_m = low[order], high[order], length_m[order]
        first = np.ones(len(low), dtype=bool)
        first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
        object.__setattr__(self, "u", frozen_ints(low[first]))
        object.__setattr__(self, "v", frozen_ints(high[first]))
        object.__setattr__(self, "length_m", frozen_floats(length_m[first]))

    def __len__(self) -> int:
        return len(self.u)

    @cached_property
    def csr(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Compressed neighbour lists: `start` (n + 1,), `neighbour` (2m,) ascending per unit, `metres` (2m,)."""
        ends = np.concatenate([self.u, self.v])
        others = np.concatenate([self.v, self.u])
        metres = np.concatenate([self.length_m, self.length_m])
        order = np.lexsort((others, ends))
        start = np.searchsorted(ends[order], np.arange(self.num_units + 1))
        return frozen_ints(start), frozen_ints(others[order]), frozen_floats(metres[order])

    @cached_property
    def sparse(self) -> csr_array:
        """Symmetric scipy matrix of metres, shape (n, n); an edge of 0 m stays a stored entry."""
        start, neighbour, metres = self.csr
        shape = (self.num_units, self.num_units)
        return csr_array((metres, neighbour.astype(np.int32), start.astype(np.int32)), shape=shape)

    def neighbours(self, unit: int) -> IntArray:
        """Positions next to `unit`, ascending."""
        start, neighbour, _ = self.csr
        return neighbour[start[unit] : start[unit + 1]]
