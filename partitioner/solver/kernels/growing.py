"""Connected sets, grown node by node, and where they are put.

Sets that hold a root are grown so that each is met exactly once (ESU, Wernicke 2006, doi:10.1109/TCBB.2006.51): a set
has a frontier of nodes that may join; a node that was tried is left out of all that grows from the set afterwards.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel


class Growth(NamedTuple):
    """A set on its way, one more node at each depth; `frontier` comes with it, since it may have to be longer."""

    chosen: np.ndarray  # (n,) nodes in the order in which they joined
    at: np.ndarray  # (n + 1,) the next place of each depth's frontier
    end: np.ndarray  # (n + 1,) where each depth's frontier ends
    fresh: np.ndarray  # (n + 1,) where the nodes begin that only this depth made visible
    load: np.ndarray  # (n + 1,) households
    seen: np.ndarray  # (n,) in the set, in its frontier, or left out
    inside: np.ndarray  # (n,)


@kernel
def new_growth(num):
    """Nothing yet, of `num` nodes; and a frontier."""
    growth = Growth(
        np.empty(num, dtype=np.int64),
        np.empty(num + 1, dtype=np.int64),
        np.empty(num + 1, dtype=np.int64),
        np.empty(num + 1, dtype=np.int64),
        np.empty(num + 1, dtype=np.int64),
        np.zeros(num, dtype=np.bool_),
        np.zeros(num, dtype=np.bool_),
    )
    return growth, np.empty(8 * num + 64, dtype=np.int64)


@kernel
def plant(case, start, neighbour, slot_of, root, growth, frontier):
    """Begin with `root` alone, at depth 0.

    Parameters
    ----------
    start, neighbour : CSR lists
        Nodes that each node makes visible.
    slot_of : int array, shape (n,)
        Below 0 where a node may not join.
    """
    growth.chosen[0] = root
    growth.load[0] = case.households[root]
    growth.seen[root] = True
    growth.inside[root] = True
    growth.at[0] = 0
    growth.fresh[0] = 0
    growth.end[0] = show(start, neighbour, slot_of, root, growth.seen, frontier, 0)


@kernel
def grow(case, start, neighbour, slot_of, growth, frontier, depth):
    """Let the next node join that can, or the last one that joined leave.

    Returns
    -------
    depth : int
        One more: `chosen[depth]` has joined. One less: `chosen[depth + 1]` has left, since nothing remains to be tried.
    frontier : int array
    """
    while growth.at[depth] < growth.end[depth]:
        node = frontier[growth.at[depth]]
        growth.at[depth] += 1
        heavier = growth.load[depth] + case.households[node]
        if heavier > case.high or clashes(case, node, growth.inside):
            continue
        # It sees what is left of this frontier, then the nodes that only `node` makes visible.
        base = growth.end[depth]
        left = base - growth.at[depth]
        frontier = with_room(frontier, base, base + left + len(growth.seen))
        for i in range(left):
            frontier[base + i] = frontier[growth.at[depth] + i]
        depth += 1
        growth.chosen[depth] = node
        growth.load[depth] = heavier
        growth.inside[node] = True
        growth.at[depth] = base
        growth.fresh[depth] = base + left
        growth.end[depth] = show(start, neighbour, slot_of, node, growth.seen, frontier, base + left)
        return depth, frontier
    for i in range(growth.fresh[depth], growth.end[depth]):
        growth.seen[frontier[i]] = False
    growth.inside[growth.chosen[depth]] = False
    if depth == 0:
        growth.seen[growth.chosen[0]] = False
    return depth - 1, frontier


@kernel
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
def give_up(growth, depth):
    """Nothing that grows from the set at this depth matters."""
    growth.at[depth] = growth.end[depth]


@kernel
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


@kernel
def num_items(basket):
    """Nodes of all sets together."""
    return basket.start[basket.filled[0]]


@kernel
def contents(basket):
    """Starts and items of what is in it."""
    return basket.start[: basket.filled[0] + 1], basket.item[: num_items(basket)]


@kernel
def with_room(array, filled, needed):
    """The array if it has `needed` entries, or one at least twice as long that begins with its first `filled` ones."""
    if needed <= len(array):
        return array
    longer = np.empty(max(2 * len(array), needed), dtype=array.dtype)
    longer[:filled] = array[:filled]
    return longer
