"""Cutting a piece into connected grids along random spanning trees.

Recursive bisection: a random minimum spanning tree, then the edge whose two sides can best hold whole numbers of grids
(the recombination idea of DeFord, Duchin & Solomon 2021, doi:10.1162/99608f92.eb30390f, with exact shares per side).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from partitioner.solver.kernels.chance import below, fraction


@njit(cache=True, nogil=True)
def cut_into(case, rng, num_grids, spread, tries):
    """Labels 0 … num_grids - 1 of connected grids; the case's graph must be connected.

    Parameters
    ----------
    spread : float
        How random the trees are: 0 always keeps short edges together, 1 and more is nearly uniform.
    tries : int
        Trees per cut, of which the best cut counts.

    Returns
    -------
    int array, shape (n,)
        Grids may break the bounds where no tree offered a better cut.
    """
    num = len(case.households)
    order = np.arange(num)
    part = np.zeros(num, dtype=np.int64)  # id of the stretch of `order` that a node is in
    label = np.zeros(num, dtype=np.int64)
    stack = np.zeros((num_grids + 2, 4), dtype=np.int64)  # from, to, grids, first label
    stack[0] = (0, num, num_grids, 0)
    depth = 1
    num_parts = 1
    parent = np.zeros(num, dtype=np.int64)
    walk = np.zeros(num, dtype=np.int64)
    below_it = np.zeros(num, dtype=np.int64)
    size = np.zeros(num, dtype=np.int64)
    side = np.zeros(num, dtype=np.int64)
    while depth > 0:
        depth -= 1
        a, b, grids, first = stack[depth]
        if grids == 1 or b - a <= 1:
            for i in range(a, b):
                label[order[i]] = first
            continue
        best_misfit = 1 << 60
        best_score = np.inf
        best_grids = 0
        for _ in range(tries):
            span(case, rng, order, a, b, part, spread, parent, walk)
            total = 0
            for i in range(a, b):
                node = walk[i]
                below_it[node] = case.households[node]
                size[node] = 1
                total += case.households[node]
            for i in range(b - 1, a, -1):
                below_it[parent[walk[i]]] += below_it[walk[i]]
                size[parent[walk[i]]] += size[walk[i]]
            chosen = -1
            for i in range(a + 1, b):
                node = walk[i]
                inside = below_it[node]
                share = grids * inside / max(total, 1)
                for here in range(max(1, int(share)), min(grids - 1, int(share) + 1) + 1):
                    if here > size[node] or grids - here > b - a - size[node]:
                        continue
                    misfit = outside(case, inside, here) + outside(case, total - inside, grids - here)
                    uneven = abs(inside / here - (total - inside) / (grids - here)) / max(case.target, 1.0)
                    score = abs(2 * here - grids) / grids + uneven + 0.1 * fraction(rng)
                    if misfit < best_misfit or (misfit == best_misfit and score < best_score):
                        best_misfit = misfit
                        best_score = score
                        best_grids = here
                        chosen = node
            if chosen >= 0:
                for i in range(a, b):
                    side[walk[i]] = 0
                side[chosen] = 1
                for i in range(a + 1, b):
                    node = walk[i]
                    if side[parent[node]] == 1:
                        side[node] = 1
        if best_grids == 0:
            for i in range(a, b):
                label[order[i]] = first
            continue
        middle = a
        for i in range(a, b):
            node = order[i]
            if side[node] == 1:
                order[i] = order[middle]
                order[middle] = node
                middle += 1
        for i in range(a, middle):
            part[order[i]] = num_parts
        num_parts += 1
        stack[depth] = (a, middle, best_grids, first)
        stack[depth + 1] = (middle, b, grids - best_grids, first + best_grids)
        depth += 2
    return label


@njit(cache=True, nogil=True)
def outside(case, households, grids):
    """Households by which `grids` grids cannot lawfully share `households`."""
    return max(0, grids * case.low - households) + max(0, households - grids * case.high)


@njit(cache=True, nogil=True)
def span(case, rng, order, a, b, part, spread, parent, walk):
    """A random minimum spanning tree of the nodes order[a:b] by Prim's method.

    Fills `parent` and `walk[a:b]` (parents before children). The heap is a plain array of (weight, node, from).
    """
    root = order[a + below(rng, b - a)]
    mine = part[root]
    capacity = 16
    weight = np.empty(capacity)
    entry = np.empty((capacity, 2), dtype=np.int64)
    filled = 0
    reached = a
    for i in range(a, b):
        parent[order[i]] = -2  # not reached yet
    parent[root] = -1
    walk[reached] = root
    reached += 1
    node = root
    while reached < b:
        for i in range(case.start[node], case.start[node + 1]):
            other = case.neighbour[i]
            if part[other] != mine or parent[other] != -2:
                continue
            if filled == capacity:
                bigger = np.empty(2 * capacity)
                bigger[:capacity] = weight
                weight = bigger
                longer = np.empty((2 * capacity, 2), dtype=np.int64)
                longer[:capacity] = entry
                entry = longer
                capacity *= 2
            key = (case.length[i] + 1.0) * (1.0 + spread * fraction(rng) * 4.0)
            at = filled
            filled += 1
            while at > 0:
                up = (at - 1) // 2
                if weight[up] <= key:
                    break
                weight[at] = weight[up]
                entry[at, 0] = entry[up, 0]
                entry[at, 1] = entry[up, 1]
                at = up
            weight[at] = key
            entry[at, 0] = other
            entry[at, 1] = node
        found = -1
        while filled > 0 and found < 0:
            top = entry[0, 0]
            origin = entry[0, 1]
            filled -= 1
            key = weight[filled]
            last0 = entry[filled, 0]
            last1 = entry[filled, 1]
            at = 0
            while True:
                child = 2 * at + 1
                if child >= filled:
                    break
                if child + 1 < filled and weight[child + 1] < weight[child]:
                    child += 1
                if weight[child] >= key:
                    break
                weight[at] = weight[child]
                entry[at, 0] = entry[child, 0]
                entry[at, 1] = entry[child, 1]
                at = child
            weight[at] = key
            entry[at, 0] = last0
            entry[at, 1] = last1
            if parent[top] == -2:
                parent[top] = origin
                found = top
        if found < 0:
            break
        walk[reached] = found
        reached += 1
        node = found
