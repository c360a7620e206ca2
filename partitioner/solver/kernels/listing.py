"""Every connected grid within bounds, one after another."""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.growing import (
    LOAD,
    contents,
    grow,
    in_order,
    new_basket,
    new_growth,
    num_items,
    plant,
    put,
    with_room,
)

COMPLETE = 0
TOO_MANY_VISITS = 1
TOO_MANY_GRIDS = 2
STOPPED = 3


@kernel
def list_grids(case, dual, most_reduced, roots, max_visits, max_items, stop):
    """All lawful grids whose reduced cost is at most `most_reduced`, grown from their lowest nodes.

    Parameters
    ----------
    dual : float array, shape (n,)
    most_reduced : float
        Infinite to list all.
    roots : int
        Only grids whose lowest node is below this.
    max_visits, max_items : int
        Give up beyond this many subsets seen, or this many entries of `item`.

    Returns
    -------
    outcome : int
        `COMPLETE`, or why the list is not complete.
    start, item : CSR lists of nodes, ascending within each grid
    cost : float array
        Weighted terms without `move`.
    """
    num = len(case.households)
    reach = case.far.shape[0] > 0
    grids = new_basket()
    cost = np.empty(1024)
    chosen, stack, seen, inside, frontier = new_growth(num)
    ordered = np.empty(num, dtype=np.int64)
    price = np.empty(num + 1)
    slot_of = np.zeros(num, dtype=np.int64)
    visits = 0
    outcome = COMPLETE
    for root in range(min(roots, num)):
        slot_of[root] = -1  # grids with it have been met before the next root's turn
        if case.households[root] > case.high:
            continue
        plant(case, case.start, case.neighbour, slot_of, root, chosen, stack, seen, inside, frontier)
        price[0] = dual[root]
        depth = 0
        entering = True
        while depth >= 0:
            if entering:
                visits += 1
                if visits > max_visits or (visits % 65536 == 0 and stop[0]):
                    outcome = TOO_MANY_VISITS if visits > max_visits else STOPPED
                    break
                households = stack[depth, LOAD]
                if households >= case.low:
                    value = grid_cost(case, chosen, depth + 1, households, reach)
                    if value < np.inf and value - price[depth] <= most_reduced:
                        if num_items(grids) + depth + 1 > max_items:
                            outcome = TOO_MANY_GRIDS
                            break
                        found = grids.filled[0]
                        cost = with_room(cost, found, found + 1)
                        cost[found] = value
                        grids = put(grids, in_order(chosen, depth + 1, ordered))
            before = depth
            depth, frontier = grow(
                case, case.start, case.neighbour, slot_of, chosen, stack, seen, inside, frontier, depth
            )
            entering = depth > before
            if entering:
                price[depth] = price[before] + dual[chosen[depth]]
        if outcome != COMPLETE:
            break
    start, item = contents(grids)
    return outcome, start, item, cost[: len(start) - 1]


@kernel
def grid_cost(case, chosen, num, households, reach):
    """Weighted terms of one grid without `move`; infinite where no unit of it reaches all others."""
    best = np.inf
    reachable = not reach
    for a in range(num):
        for i in range(case.unit_start[chosen[a]], case.unit_start[chosen[a] + 1]):
            centre = case.unit_item[i]
            total = 0.0
            num_far = 0
            for b in range(num):
                total += case.walk[centre, chosen[b]]
                if reach:
                    num_far += case.far[centre, chosen[b]]
            best = min(best, total)
            if num_far == 0:
                reachable = True
    if not reachable:
        return np.inf
    num_groups = 0
    for a in range(num):
        for i in range(case.group_start[chosen[a]], case.group_start[chosen[a] + 1]):
            group = case.group_item[i]
            known = False
            for b in range(a):
                for j in range(case.group_start[chosen[b]], case.group_start[chosen[b] + 1]):
                    if case.group_item[j] == group:
                        known = True
                        break
                if known:
                    break
            if not known:
                num_groups += 1
    return best + case.split * num_groups + case.balance * abs(households - case.target)
