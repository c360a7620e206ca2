"""Connected sets, grown node by node, and where they are put.

Sets that hold a root are grown so that each is met exactly once (ESU, Wernicke 2006, doi:10.1109/TCBB.2006.51): a set
has a frontier of nodes that may join; a node that was tried is left out of all that grows from the set afterwards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel, part

NEXT, END, FRESH, LOAD = range(4)
"""Columns of a stack, which has a row for each depth: the next place of its frontier, where that ends, where the nodes
begin that only this depth made visible; households of the set."""


@kernel
def new_growth(num):
    """Room for growing sets of `num` nodes.

    Returns
    -------
    chosen : int array, shape (num,)
        Nodes in the order in which they joined, one more at each depth.
    stack : int array, shape (num + 1, 4)
    seen : bool array, shape (num,)
        In the set, in its frontier, or left out.
    inside : bool array, shape (num,)
    frontier : int array
        Of all depths, one after another; as long as it has to be.
    """
    return (
        np.empty(num, dtype=np.int64),
        np.empty((num + 1, 4), dtype=np.int64),
        np.zeros(num, dtype=np.bool_),
        np.zeros(num, dtype=np.bool_),
        np.empty(8 * num + 64, dtype=np.int64),
    )


@kernel
def plant(case, start, neighbour, slot_of, root, chosen, stack, seen, inside, frontier):
    """Begin with `root` alone, at depth 0.

    Parameters
    ----------
    start, neighbour : CSR lists
        Nodes that each node makes visible.
    slot_of : int array, shape (n,)
        Below 0 where a node may not join.
    """
    chosen[0] = root
    seen[root] = True
    inside[root] = True
    stack[0, NEXT] = 0
    stack[0, FRESH] = 0
    stack[0, END] = show(start, neighbour, slot_of, root, seen, frontier, 0)
    stack[0, LOAD] = case.households[root]


@part
def grow(case, start, neighbour, slot_of, chosen, stack, seen, inside, frontier, depth):
    """Let the next node join that can, or the last one that joined leave.

    Returns
    -------
    depth : int
        One more: `chosen[depth]` has joined. One less: `chosen[depth + 1]` has left, since nothing remains to be tried.
    frontier : int array
    """
    base = stack[depth, END]
    while stack[depth, NEXT] < base:
        node = frontier[stack[depth, NEXT]]
        stack[depth, NEXT] += 1
        heavier = stack[depth, LOAD] + case.households[node]
        if heavier > case.high or clashes(case, node, inside):
            continue
        # It sees what is left of this frontier, then the nodes that only `node` makes visible.
        left = base - stack[depth, NEXT]
        frontier = with_room(frontier, base, base + left + len(seen))
        for i in range(left):
            frontier[base + i] = frontier[stack[depth, NEXT] + i]
        depth += 1
        chosen[depth] = node
        inside[node] = True
        stack[depth, NEXT] = base
        stack[depth, FRESH] = base + left
        stack[depth, END] = show(start, neighbour, slot_of, node, seen, frontier, base + left)
        stack[depth, LOAD] = heavier
        return depth, frontier
    for i in range(stack[depth, FRESH], base):
        seen[frontier[i]] = False
    inside[chosen[depth]] = False
    if depth == 0:
        seen[chosen[0]] = False
    return depth - 1, frontier


@part
def show(start, neighbour, slot_of, node, seen, frontier, filled):
    """Add what `node` makes visible to the frontier; returns how long that is then."""
    for i in range(start[node], start[node + 1]):
        other = neighbour[i]
        if slot_of[other] >= 0 and not seen[other]:
            seen[other] = True
            frontier[filled] = other
            filled += 1
    return filled


@kernel
def give_up(stack, depth):
    """Nothing that grows from the set at this depth matters."""
    stack[depth, NEXT] = stack[depth, END]


@part
def clashes(case, node, inside):
    """Whether `node` must be apart from a node inside."""
    for i in range(case.apart_start[node], case.apart_start[node + 1]):
        if inside[case.apart_item[i]]:
            return True
    return False


class Basket(NamedTuple):
    """Sets of nodes as CSR lists, with room for more."""

    start: np.ndarray
    item: np.ndarray
    filled: np.ndarray  # (1,) how many there are


@kernel
def new_basket():
    """An empty one."""
    return Basket(np.zeros(1024, dtype=np.int64), np.empty(8192, dtype=np.int64), np.zeros(1, dtype=np.int64))


@kernel
def in_order(chosen, size, ordered):
    """The first `size` nodes in ascending order; a part of `ordered`, which is filled."""
    ordered[:size] = chosen[:size]
    ordered[:size].sort()
    return ordered[:size]


@part
def put(basket, nodes):
    """The basket, or a roomier one, with one more set."""
    num = basket.filled[0]
    begin = basket.start[num]
    end = begin + len(nodes)
    start = with_room(basket.start, num + 1, num + 2)
    item = with_room(basket.item, begin, end)
    item[begin:end] = nodes
    start[num + 1] = end
    basket.filled[0] = num + 1
    return Basket(start, item, basket.filled)


@part
def num_items(basket):
    """Nodes of all sets together."""
    return basket.start[basket.filled[0]]


@kernel
def contents(basket):
    """Starts and items of what is in it."""
    return basket.start[: basket.filled[0] + 1], basket.item[: num_items(basket)]


@part
def with_room(array, filled, needed):
    """The array if it has `needed` entries, or one at least twice as long that begins with its first `filled` ones."""
    if needed <= len(array):
        return array
    longer = np.empty(max(2 * len(array), needed), dtype=array.dtype)
    longer[:filled] = array[:filled]
    return longer
