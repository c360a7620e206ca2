"""Every connected grid within bounds, one after another.

Connected subsets are grown from their lowest node so that each is met exactly once (ESU, Wernicke 2006,
doi:10.1109/TCBB.2006.51).
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel

COMPLETE = 0
TOO_MANY_VISITS = 1
TOO_MANY_GRIDS = 2
STOPPED = 3


@kernel
def list_grids(case, dual, most_reduced, roots, max_visits, max_items, stop):
    """All lawful grids whose reduced cost is at most `most_reduced`.

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
    start = np.zeros(1024, dtype=np.int64)
    cost = np.empty(1024)
    item = np.empty(8192, dtype=np.int64)
    num_grids = 0
    num_items = 0
    visits = 0
    chosen = np.empty(num, dtype=np.int64)
    frontier = np.empty(num * 8 + 64, dtype=np.int64)
    at = np.empty(num + 1, dtype=np.int64)
    end = np.empty(num + 1, dtype=np.int64)
    fresh = np.empty(num + 1, dtype=np.int64)  # where the nodes that this depth made visible begin
    load = np.empty(num + 1, dtype=np.int64)
    price = np.empty(num + 1)
    seen = np.zeros(num, dtype=np.bool_)
    inside = np.zeros(num, dtype=np.bool_)
    for root in range(min(roots, num)):
        if case.households[root] > case.high:
            continue
        depth = 0
        chosen[0] = root
        inside[root] = True
        seen[root] = True
        load[0] = case.households[root]
        price[0] = dual[root]
        filled = 0
        for i in range(case.start[root], case.start[root + 1]):
            other = case.neighbour[i]
            if other > root:
                frontier[filled] = other
                filled += 1
                seen[other] = True
        at[0] = 0
        end[0] = filled
        fresh[0] = 0
        entering = True
        while depth >= 0:
            if entering:
                visits += 1
                if visits > max_visits:
                    return TOO_MANY_VISITS, start[: num_grids + 1], item[:num_items], cost[:num_grids]
                if visits % 65536 == 0 and stop[0]:
                    return STOPPED, start[: num_grids + 1], item[:num_items], cost[:num_grids]
                if load[depth] >= case.low:
                    value = grid_cost(case, chosen, depth + 1, load[depth], reach)
                    if value < np.inf and value - price[depth] <= most_reduced:
                        if num_items + depth + 1 > max_items:
                            return TOO_MANY_GRIDS, start[: num_grids + 1], item[:num_items], cost[:num_grids]
                        if num_items + depth + 1 > len(item):
                            longer = np.empty(2 * len(item) + num, dtype=np.int64)
                            longer[:num_items] = item[:num_items]
                            item = longer
                        if num_grids + 2 > len(start):
                            more_start = np.zeros(2 * len(start), dtype=np.int64)
                            more_start[: num_grids + 1] = start[: num_grids + 1]
                            start = more_start
                            more_cost = np.empty(2 * len(cost))
                            more_cost[:num_grids] = cost[:num_grids]
                            cost = more_cost
                        for i in range(depth + 1):
                            item[num_items + i] = chosen[i]
                        item[num_items : num_items + depth + 1].sort()
                        cost[num_grids] = value
                        num_grids += 1
                        num_items += depth + 1
                        start[num_grids] = num_items
                entering = False
            if at[depth] == end[depth]:
                for i in range(fresh[depth], end[depth]):
                    seen[frontier[i]] = False
                inside[chosen[depth]] = False
                depth -= 1
                continue
            node = frontier[at[depth]]
            at[depth] += 1
            heavier = load[depth] + case.households[node]
            if heavier > case.high or clashes(case, node, inside):
                continue
            # The child sees what is left of this frontier, then the nodes that only `node` makes visible.
            base = end[depth]
            left = end[depth] - at[depth]
            if base + left + num > len(frontier):
                longer = np.empty(2 * len(frontier) + left + num, dtype=np.int64)
                longer[:base] = frontier[:base]
                frontier = longer
            for i in range(left):
                frontier[base + i] = frontier[at[depth] + i]
            filled = base + left
            depth += 1
            fresh[depth] = filled
            for i in range(case.start[node], case.start[node + 1]):
                other = case.neighbour[i]
                if other > root and not seen[other]:
                    seen[other] = True
                    frontier[filled] = other
                    filled += 1
            chosen[depth] = node
            inside[node] = True
            load[depth] = heavier
            price[depth] = price[depth - 1] + dual[node]
            at[depth] = base
            end[depth] = filled
            entering = True
        seen[root] = False
    return COMPLETE, start[: num_grids + 1], item[:num_items], cost[:num_grids]


@kernel
def clashes(case, node, inside):
    """Whether `node` must be apart from a node inside."""
    for i in range(case.apart_start[node], case.apart_start[node + 1]):
        if inside[case.apart_item[i]]:
            return True
    return False


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
