"""Reduced costs of listed grids, cuts included."""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel


@kernel
def price_listed(start, item, cost, group_of, dual, touch, cuts, reduced):
    """Write the reduced cost of every grid into `reduced`.

    Parameters
    ----------
    start, item : int arrays
        Nodes of each grid, CSR.
    cost : float array, shape (grids,)
        Terms without `move`.
    group_of : int array, shape (n,)
        Group whose touching is priced; below 0 where none is.
    dual, touch : float arrays, shapes (n,) and (groups,)
        Prices of covering a node and of touching a group.
    cuts : relevant.Cuts
    """
    touched = np.full(max(1, len(touch)), -1, dtype=np.int64)
    held_by = np.full(len(cuts.penalty), -1, dtype=np.int64)
    held = np.zeros(len(cuts.penalty), dtype=np.int64)
    for j in range(len(cost)):
        value = cost[j]
        for i in range(start[j], start[j + 1]):
            node = item[i]
            value -= dual[node]
            group = group_of[node]
            if group >= 0 and touched[group] != j:
                touched[group] = j
                value -= touch[group]
            for k in range(cuts.start[node], cuts.start[node + 1]):
                cut = cuts.item[k]
                if held_by[cut] != j:
                    held_by[cut] = j
                    held[cut] = 0
                held[cut] += 1
                if held[cut] % cuts.divisor[cut] == 0:
                    value += cuts.penalty[cut]
        reduced[j] = value
