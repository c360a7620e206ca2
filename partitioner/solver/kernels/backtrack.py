"""Relevant grids by backtracking the pricing programme: its tables bound every completion exactly, contiguity left out.

Better than growing connected sets where the slack is small: hardly a branch leads nowhere. Where it is large, most sets
found are not connected and the list explodes.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from partitioner.solver.kernels.listing import COMPLETE, STOPPED, TOO_MANY_GRIDS, TOO_MANY_VISITS, clashes, grid_cost
from partitioner.solver.kernels.pricing import fill_tables
from partitioner.solver.kernels.relevant import is_best_centre, prices_of


@njit(cache=True, nogil=True)
def backtrack_grids(
    case, group_of, node_of, start, item, dual, charge, value, low, cost_of, slack, max_visits, max_items, stop
):
    """As `relevant.list_relevant_grids`, with `low` and `cost_of` as for `pricing.least_value`."""
    num = len(case.households)
    high = len(cost_of) - 1
    reach = case.far.shape[0] > 0
    grid_start = np.zeros(1024, dtype=np.int64)
    cost = np.empty(1024)
    grid_item = np.empty(8192, dtype=np.int64)
    num_grids = 0
    num_items = 0
    visits = 0
    rounding = 1e-9 * (1.0 + abs(slack) + np.abs(dual).sum())
    chosen = np.empty(num + 1, dtype=np.int64)
    ordered = np.empty(num + 1, dtype=np.int64)
    inside = np.zeros(num, dtype=np.bool_)
    queue = np.empty(num, dtype=np.int64)
    room = 4 * num + high + 8
    # Block, candidates left in it (-1: before it), households, whether any was taken, grid size, node taken last.
    frame = np.empty((room, 6), dtype=np.int64)
    spent = np.empty(room)
    for centre in range(len(node_of)):
        own = node_of[centre]
        if value[centre] > slack or case.households[own] > case.high:
            continue
        near = item[start[centre] : start[centre + 1]]
        block = np.empty(len(near) + 2, dtype=np.int64)
        closed = np.empty((len(near) + 2, high + 1))
        table = np.empty((2 * len(near) + 2, high + 1))
        num_blocks, first_is_free = fill_tables(
            case, group_of, own, centre, near, dual, charge, high, block, closed, table
        )
        filled = 0
        for s in range(low, high + 1):
            if closed[num_blocks, s] + cost_of[s] <= slack + rounding:
                frame[filled] = (num_blocks, -1, s, 0, 0, -1)
                spent[filled] = cost_of[s]
                filled += 1
        chosen[0] = own
        while filled > 0:
            filled -= 1
            b, left, s, taken, size, node = frame[filled]
            so_far = spent[filled]
            visits += 1
            if visits > max_visits:
                return TOO_MANY_VISITS, grid_start[: num_grids + 1], grid_item[:num_items], cost[:num_grids]
            if visits % 65536 == 0 and stop[0]:
                return STOPPED, grid_start[: num_grids + 1], grid_item[:num_items], cost[:num_grids]
            if node >= 0:
                chosen[size] = node
            if left < 0 and b == 0:
                total = np.inf
                ordered[: size + 1] = chosen[: size + 1]
                ordered[: size + 1].sort()
                lawful = lawful_set(case, ordered, size + 1, inside, queue)
                if lawful and is_best_centre(case, ordered, size + 1, centre):
                    households = 0
                    for i in range(size + 1):
                        households += case.households[ordered[i]]
                    total = grid_cost(case, ordered, size + 1, households, reach)
                reduced = total - prices_of(case, group_of, dual, charge, ordered, size + 1)
                if total < np.inf and reduced <= slack:
                    if num_items + size + 1 > max_items:
                        return TOO_MANY_GRIDS, grid_start[: num_grids + 1], grid_item[:num_items], cost[:num_grids]
                    while num_items + size + 1 > len(grid_item):
                        longer = np.empty(2 * len(grid_item), dtype=np.int64)
                        longer[:num_items] = grid_item[:num_items]
                        grid_item = longer
                    if num_grids + 2 > len(grid_start):
                        more_start = np.zeros(2 * len(grid_start), dtype=np.int64)
                        more_start[: num_grids + 1] = grid_start[: num_grids + 1]
                        grid_start = more_start
                        more_cost = np.empty(2 * len(cost))
                        more_cost[:num_grids] = cost[:num_grids]
                        cost = more_cost
                    for i in range(size + 1):
                        grid_item[num_items + i] = ordered[i]
                    cost[num_grids] = total
                    num_grids += 1
                    num_items += size + 1
                    grid_start[num_grids] = num_items
                continue
            if left < 0:
                # Before block b: its last block is left out, or entered with all its candidates open.
                inner = b - 1
                free = inner == 0 and first_is_free
                if not free and so_far + closed[inner, s] <= slack + rounding:
                    frame[filled] = (inner, -1, s, 0, size, -1)
                    spent[filled] = so_far
                    filled += 1
                last = block[b] - block[inner]
                if so_far + table[block[b] + inner, s] <= slack + rounding:
                    frame[filled] = (inner, last, s, 0, size, -1)
                    spent[filled] = so_far
                    filled += 1
                continue
            free = b == 0 and first_is_free
            if left == 0:
                if free or taken > 0:  # a charge is paid for nothing otherwise: leaving the block out says the same
                    frame[filled] = (b, -1, s, 0, size, -1)
                    spent[filled] = so_far + (0.0 if free else charge[group_of[near[block[b]]]])
                    filled += 1
                continue
            row = block[b] + b + left - 1
            other = near[block[b] + left - 1]
            if so_far + table[row, s] <= slack + rounding:
                frame[filled] = (b, left - 1, s, taken, size, -1)
                spent[filled] = so_far
                filled += 1
            households = case.households[other]
            if s >= households:
                more = so_far + case.walk[centre, other] - dual[other]
                if more + table[row, s - households] <= slack + rounding:
                    frame[filled] = (b, left - 1, s - households, 1, size + 1, other)
                    spent[filled] = more
                    filled += 1
    return COMPLETE, grid_start[: num_grids + 1], grid_item[:num_items], cost[:num_grids]


@njit(cache=True, nogil=True)
def lawful_set(case, nodes, num, inside, queue):
    """Whether the nodes are connected and none of them must be apart; `inside` (n,) and `queue` (n,) are scratch."""
    for i in range(num):
        inside[nodes[i]] = True
    apart = False
    for i in range(num):
        if clashes(case, nodes[i], inside):
            apart = True
    seen = 1
    queue[0] = nodes[0]
    inside[nodes[0]] = False
    at = 0
    while at < seen:
        node = queue[at]
        at += 1
        for i in range(case.start[node], case.start[node + 1]):
            other = case.neighbour[i]
            if inside[other]:
                inside[other] = False
                queue[seen] = other
                seen += 1
    for i in range(num):
        inside[nodes[i]] = False
    return seen == num and not apart
