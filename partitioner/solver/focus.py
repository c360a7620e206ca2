"""Where a search should look: at the grids that cost more than the prices of the bound pay for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.case import Case, State
from partitioner.solver.lagrangian import Prices

SPREAD = 8
"""How often what a node costs too much is shared with its neighbours: a misfit is mended from some grids away."""

EVERYWHERE = 0.3
"""Share, in the mean of all, that every grid gets in any case."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Focus:
    """Chances of grids at some prices.

    In a plan of a city nine grids in ten cost next to nothing above what the prices of a good bound pay for them. The
    others make up the gap, and windows drawn evenly hardly ever meet them.

    Parameters
    ----------
    case : Case
    group_of : int array, shape (n,)
        The group of each node whose touching is priced; below 0 where none is.
    prices : Prices
    """

    case: Case
    group_of: IntArray
    prices: Prices

    def weights(self, state: State) -> FloatArray:
        """How much each slot of a partition is worth looking at, 0 for empty ones; shape (slots,)."""
        num, slots = len(state.label), len(state.head)
        used = state.size > 0
        excess = np.where(used, np.maximum(state.cost - self._paid(state), 0.0), 0.0)
        of_node = (excess / np.maximum(state.size, 1))[state.label]
        case = self.case
        links = csr_array((np.ones(len(case.neighbour)), case.neighbour, case.start), shape=(num, num))
        degree = np.maximum(np.diff(case.start), 1)
        for _ in range(SPREAD):
            of_node = 0.5 * of_node + 0.5 * (links @ of_node) / degree
        spread = np.bincount(state.label, weights=of_node, minlength=slots)
        least = EVERYWHERE * spread.sum() / max(1, int(used.sum()))
        return np.where(used, spread + max(least, 1e-9), 0.0)

    def _paid(self, state: State) -> FloatArray:
        """What the prices pay for each slot."""
        slots, many = len(state.head), max(1, len(self.prices.touch))
        paid = np.bincount(state.label, weights=self.prices.node, minlength=slots)
        inside = self.group_of >= 0
        touched = np.unique(state.label[inside] * many + self.group_of[inside])
        paid += np.bincount(touched // many, weights=self.prices.touch[touched % many], minlength=slots)
        return np.asarray(paid, dtype=np.float64)
