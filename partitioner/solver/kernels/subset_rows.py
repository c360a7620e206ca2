"""Finding violated subset-row cuts.

No node is in two grids, so for any set of nodes and any divisor d, Σ_grids ⌊nodes of the set in the grid / d⌋ is at
most ⌊nodes of the set / d⌋ in a plan (rank-1 Chvátal-Gomory cuts). A fractional plan may hold more.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel


@kernel
def violated_cuts(num, start, item, weight, least_violation, most):
    """Triples of nodes whose cut is violated, in lexicographic order.

    Parameters
    ----------
    num : int
        Nodes.
    start, item : int arrays
        CSR lists of the nodes of the grids in use.
    weight : float array, shape (grids,)
        How much of each grid a fractional plan uses.
    least_violation : float
    most : int
        Stop after so many.

    Returns
    -------
    triple : int array, shape (cuts, 3)
    violation : float array, shape (cuts,)
    """
    shared = np.zeros((num, num))
    member = np.zeros((len(weight), num), dtype=np.bool_)
    for j in range(len(weight)):
        for a in range(start[j], start[j + 1]):
            member[j, item[a]] = True
            for b in range(a + 1, start[j + 1]):
                shared[item[a], item[b]] += weight[j]
                shared[item[b], item[a]] += weight[j]
    triple = np.empty((most, 3), dtype=np.int64)
    violation = np.empty(most)
    found = 0
    for i in range(num):
        for j in range(i + 1, num):
            for k in range(j + 1, num):
                pairs = shared[i, j] + shared[i, k] + shared[j, k]
                if pairs <= 1.0 + least_violation:
                    continue
                whole = 0.0
                for g in range(len(weight)):
                    if member[g, i] and member[g, j] and member[g, k]:
                        whole += weight[g]
                beyond = pairs - 2.0 * whole - 1.0
                if beyond > least_violation:
                    if found == most:
                        return triple, violation
                    triple[found] = (i, j, k)
                    violation[found] = beyond
                    found += 1
    return triple[:found].copy(), violation[:found].copy()


@kernel
def violated_sets(member, weight, size, divisor, least_violation, most, max_visits):
    """Sets of `size` classes of nodes whose cut with `divisor` is violated, in lexicographic order.

    Parameters
    ----------
    member : bool array, shape (classes, grids)
        Nodes of one class lie in the same grids in use.
    weight : float array, shape (grids,)
    size, divisor : int
    max_visits : int
        Sets looked at before the search gives up.

    Returns
    -------
    chosen : int array, shape (cuts, size)
    violation : float array, shape (cuts,)
    """
    num, grids = member.shape
    found = np.empty((most, size), dtype=np.int64)
    violation = np.empty(most)
    num_found = 0
    held = np.zeros(grids, dtype=np.int64)
    stack = np.full(size, -1, dtype=np.int64)
    depth = 0
    visits = 0
    limit = size // divisor + least_violation
    while depth >= 0:
        at = stack[depth]
        if at >= 0:
            for g in range(grids):
                if member[at, g]:
                    held[g] -= 1
        at = at + 1 if at >= 0 else (stack[depth - 1] + 1 if depth > 0 else 0)
        if at > num - (size - depth):
            stack[depth] = -1
            depth -= 1
            continue
        stack[depth] = at
        for g in range(grids):
            if member[at, g]:
                held[g] += 1
        if depth < size - 1:
            depth += 1
            continue
        visits += 1
        if visits > max_visits:
            break
        total = 0.0
        for g in range(grids):
            total += weight[g] * (held[g] // divisor)
        if total > limit:
            found[num_found] = stack
            violation[num_found] = total - size // divisor
            num_found += 1
            if num_found == most:
                break
    return found[:num_found].copy(), violation[:num_found].copy()
