"""Shortest paths over the whole graph, one source after another."""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.heap import drop, push


def metres_between(
    start: IntArray, neighbour: IntArray, metres: FloatArray, sources: IntArray, wanted: IntArray, unreachable: float
) -> FloatArray:
    """Distances from every source to every wanted node, metres; `unreachable` where there is no path.

    Returns
    -------
    float array, shape (s, t), metres
    """
    result = np.zeros((len(sources), len(wanted)))
    fill_metres(result, start, neighbour, metres, sources, wanted, unreachable, len(start), np.zeros(1, dtype=np.bool_))
    return result


@kernel
def fill_metres(result, start, neighbour, metres, sources, wanted, unreachable, reach, stop):
    """Dijkstra from every source until every wanted node is settled.

    Parameters
    ----------
    result : float array, shape (s, t), metres
        Filled row by row. Rows that are not reached are not touched, so that their memory is never asked for.
    start, neighbour, metres : arrays
        The whole graph, CSR.
    sources, wanted : int arrays, shapes (s,), (t,)
    unreachable : float
        Stands where there is no path.
    reach : int
        After so many nodes around a source the wanted ones left get the distance of the last of these.
    stop : bool array, shape (1,)
        Set by another thread to end early.

    Returns
    -------
    int
        Rows filled.
    """
    num = len(start) - 1
    column = np.full(num, -1, dtype=np.int64)
    for j in range(len(wanted)):
        column[wanted[j]] = j
    distance = np.full(num, np.inf)
    settled = np.zeros(num, dtype=np.bool_)
    touched = np.empty(num, dtype=np.int64)
    key = np.empty(len(neighbour) + 1)
    item = np.empty(len(neighbour) + 1, dtype=np.int64)
    for row in range(len(sources)):
        if stop[0]:
            return row
        source = sources[row]
        result[row, :] = unreachable
        num_touched = 1
        touched[0] = source
        distance[source] = 0.0
        key[0] = 0.0
        item[0] = source
        filled = 1
        missing = len(wanted)
        left = reach
        while filled > 0 and missing > 0:
            if left == 0:
                for j in range(len(wanted)):
                    if not settled[wanted[j]]:
                        result[row, j] = key[0]
                break
            node = item[0]
            here = key[0]
            drop(key, item, filled)
            filled -= 1
            if settled[node]:
                continue
            settled[node] = True
            left -= 1
            if column[node] >= 0:
                result[row, column[node]] = here
                missing -= 1
            for i in range(start[node], start[node + 1]):
                other = neighbour[i]
                there = here + metres[i]
                if there < distance[other]:
                    if distance[other] == np.inf:
                        touched[num_touched] = other
                        num_touched += 1
                    distance[other] = there
                    push(key, item, filled, there, other)
                    filled += 1
        for i in range(num_touched):
            distance[touched[i]] = np.inf
            settled[touched[i]] = False
    return len(sources)
