"""Cutting nodes into connected grids along random spanning trees.

Recursive bisection: a random minimum spanning tree, then the edge whose two sides can best hold whole numbers of grids
(the recombination idea of DeFord, Duchin & Solomon 2021, doi:10.1162/99608f92.eb30390f, with exact shares per side).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.chance import below, fraction
from partitioner.solver.kernels.heap import drop, push

NO_MISFIT = 1 << 60
"""More households than there are: no cut was found."""

LOW_BITS = (1 << 32) - 1


class Desk(NamedTuple):
    """Room to cut on: by node, but for `walk`, shape (n,)."""

    part: np.ndarray  # the stretch of nodes that a node is in; -1 outside all of them, also before and after a cut
    parent: np.ndarray  # in the tree; -1 at its root
    walk: np.ndarray  # nodes, parents before children
    under: np.ndarray  # households of the node and all below it
    size: np.ndarray  # nodes, likewise
    side: np.ndarray  # 1 on the lower side of the cut


@kernel
def new_desk(num):
    """Room for cutting among `num` nodes."""
    return Desk(
        np.full(num, -1, dtype=np.int64),
        np.empty(num, dtype=np.int64),
        np.empty(num, dtype=np.int64),
        np.empty(num, dtype=np.int64),
        np.empty(num, dtype=np.int64),
        np.empty(num, dtype=np.int64),
    )


@kernel
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
    label = np.zeros(num, dtype=np.int64)
    cut_nodes(case, rng, np.arange(num), num_grids, spread, tries, False, label, new_desk(num))
    return label


@kernel
def cut_nodes(case, rng, order, num_grids, spread, tries, hasty, label, desk):
    """As `cut_into`, for the connected nodes in `order`, which is shuffled; the labels of others stay.

    Hasty cuts come from the first tree that has a lawful one, drawn evenly: the objective decides later. Where no tree
    has one, the last tree counts.
    """
    stack = np.empty((num_grids + 2, 4), dtype=np.int64)  # from, to, grids, first label
    stack[0] = (0, len(order), num_grids, 0)
    for node in order:
        desk.part[node] = 0
    depth, num_parts = 1, 1
    while depth > 0:
        depth -= 1
        a, b, grids, first = stack[depth]
        share = 0
        if grids > 1 and b - a > 1:
            share = best_cut(case, rng, order, a, b, grids, spread, tries, hasty, desk)
        if share == 0:
            for i in range(a, b):
                label[order[i]] = first
            continue
        middle = part_sides(order, a, b, num_parts, desk)
        num_parts += 1
        stack[depth] = (a, middle, share, first)
        stack[depth + 1] = (middle, b, grids - share, first + share)
        depth += 2
    for node in order:
        desk.part[node] = -1


@kernel
def best_cut(case, rng, order, a, b, grids, spread, tries, hasty, desk):
    """Mark one side of the best cut through order[a:b]; returns how many of the `grids` it gets, 0 if nothing fits."""
    best_misfit, best_score, best_share = NO_MISFIT, np.inf, 0
    for _ in range(tries):
        if hasty and best_misfit == 0:
            break
        span(case, rng, order, a, b, desk.part, spread, desk.parent, desk.walk)
        total = sum_up(case, a, b, desk)
        misfit, score, share, node = best_edge(case, rng, a, b, grids, total, hasty, desk)
        if hasty or misfit < best_misfit or (misfit == best_misfit and score < best_score):
            best_misfit, best_score, best_share = misfit, score, share
            if share > 0:
                mark_below(a, b, node, desk)
    return best_share


@kernel
def sum_up(case, a, b, desk):
    """Households and nodes below each node of the tree walk[a:b]; returns all its households."""
    for i in range(a, b):
        node = desk.walk[i]
        desk.under[node] = case.households[node]
        desk.size[node] = 1
    for i in range(b - 1, a, -1):
        node = desk.walk[i]
        desk.under[desk.parent[node]] += desk.under[node]
        desk.size[desk.parent[node]] += desk.size[node]
    return desk.under[desk.walk[a]]


@kernel
def best_edge(case, rng, a, b, grids, total, hasty, desk):
    """The best edge of the tree walk[a:b] to cut: its misfit, score, grids below (0: none will do) and node below."""
    best_misfit, best_score, best_share, best_node = NO_MISFIT, np.inf, 0, -1
    for i in range(a + 1, b):
        node = desk.walk[i]
        under = desk.under[node]
        exact = grids * under / max(total, 1)
        for share in range(max(1, int(exact)), min(grids - 1, int(exact) + 1) + 1):
            if share > desk.size[node] or grids - share > b - a - desk.size[node]:
                continue
            misfit = outside(case, under, share) + outside(case, total - under, grids - share)
            score = 0.1 * fraction(rng)
            if not hasty:
                uneven = abs(under / share - (total - under) / (grids - share)) / max(case.target, 1.0)
                score += abs(2 * share - grids) / grids + uneven
            if misfit < best_misfit or (misfit == best_misfit and score < best_score):
                best_misfit, best_score, best_share, best_node = misfit, score, share, node
    return best_misfit, best_score, best_share, best_node


@kernel
def mark_below(a, b, top, desk):
    """Mark the side of `top` and all below it in the tree walk[a:b]."""
    for i in range(a, b):
        desk.side[desk.walk[i]] = 0
    desk.side[top] = 1
    for i in range(a + 1, b):
        node = desk.walk[i]
        if desk.side[desk.parent[node]] == 1:
            desk.side[node] = 1


@kernel
def part_sides(order, a, b, new_part, desk):
    """Bring the marked nodes of order[a:b] to its front and give them a stretch of their own; returns where it ends."""
    middle = a
    for i in range(a, b):
        node = order[i]
        if desk.side[node] == 1:
            order[i] = order[middle]
            order[middle] = node
            desk.part[node] = new_part
            middle += 1
    return middle


@kernel
def outside(case, households, grids):
    """Households by which `grids` grids cannot lawfully share `households`."""
    return max(0, grids * case.low - households) + max(0, households - grids * case.high)


@kernel
def span(case, rng, order, a, b, part, spread, parent, walk):
    """A random minimum spanning tree of the nodes order[a:b] by Prim's method.

    Fills `parent` and `walk[a:b]` (parents before children).
    """
    root = order[a + below(rng, b - a)]
    mine = part[root]
    key = np.empty(16)
    item = np.empty(16, dtype=np.int64)  # the node that another is reached from in the high bits, that other in the low
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
            if filled == len(key):
                key = np.concatenate((key, np.empty(filled)))
                item = np.concatenate((item, np.empty(filled, dtype=np.int64)))
            push(key, item, filled, (case.length[i] + 1.0) * (1.0 + spread * fraction(rng) * 4.0), node << 32 | other)
            filled += 1
        found = -1
        while filled > 0 and found < 0:
            top = item[0]
            drop(key, item, filled)
            filled -= 1
            if parent[top & LOW_BITS] == -2:
                found = top & LOW_BITS
                parent[found] = top >> 32
        if found < 0:
            break
        walk[reached] = found
        reached += 1
        node = found
