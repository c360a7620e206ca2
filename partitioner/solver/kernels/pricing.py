"""The pricing problem of set partitioning over grids, and the Lagrangian bound that it gives.

A grid S with centre c costs walk(S, c) + split · |groups(S)| + balance · |h(S) - target|. With a price u_v on
covering node v, the cheapest grid with centre c, contiguity left out, is a knapsack over households with a fixed
charge per group (Garfinkel & Nemhauser 1970, doi:10.1287/mnsc.16.8.B495, and Mehrotra, Johnson & Nemhauser 1998,
doi:10.1287/mnsc.44.8.1100, price connected districts; leaving contiguity out keeps the bound valid and the problem
easy).

Every grid of a plan has a centre of its own, so for exactly k grids Σu + (sum of the k least values) is a lower bound
for any u. No linear program has to be solved exactly for that.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel

FREE = -1  # "group" of nodes that pay no fixed charge


@kernel
def candidates(case, group_of, node_of, stop):
    """For every possible centre the nodes that may share a grid with it.

    A node can only share a connected grid with a centre when some path between them holds at most `high` households.

    Parameters
    ----------
    group_of : int array, shape (n,)
        Group whose fixed charge a node pays, `FREE` for none.
    node_of : int array, shape (units,)
    stop : bool array, shape (1,)
        Once set, the centres left have no candidates.

    Returns
    -------
    start : int array, shape (units + 1,)
    item : int array
        Nodes without the centre's own, by group; those of the centre's own group and those of none come first.
    """
    num = len(case.households)
    units = len(node_of)
    start = np.zeros(units + 1, dtype=np.int64)
    capacity = units * 64 + 64
    item = np.empty(capacity, dtype=np.int64)
    filled = 0
    load = np.full(num, 1 << 60, dtype=np.int64)
    found = np.empty(num, dtype=np.int64)
    rank = np.empty(num, dtype=np.int64)
    waiting = np.zeros(num, dtype=np.bool_)
    queue = np.empty(num, dtype=np.int64)
    for centre in range(units):
        if stop[0]:
            start[centre + 1 :] = filled
            break
        own = node_of[centre]
        if centre > 0 and node_of[centre - 1] == own:
            num_found = start[centre] - start[centre - 1]
            for i in range(num_found):
                found[i] = item[start[centre - 1] + i]
        else:
            # Label-correcting search on node weights: pieces are small and weights positive, so it settles fast.
            num_found = 0
            load[own] = case.households[own]
            head = 0
            tail = 1
            in_queue = 1
            queue[0] = own
            waiting[own] = True
            while in_queue > 0:
                node = queue[head]
                head = (head + 1) % num
                in_queue -= 1
                waiting[node] = False
                for i in range(case.start[node], case.start[node + 1]):
                    other = case.neighbour[i]
                    there = load[node] + case.households[other]
                    if there <= case.high and there < load[other]:
                        if load[other] == 1 << 60:
                            found[num_found] = other
                            num_found += 1
                        load[other] = there
                        if not waiting[other]:
                            waiting[other] = True
                            queue[tail % num] = other
                            tail = (tail + 1) % num
                            in_queue += 1
            load[own] = 1 << 60
            for i in range(num_found):
                load[found[i]] = 1 << 60
        for i in range(num_found):
            group = group_of[found[i]]
            rank[i] = (0 if group == FREE or group == group_of[own] else group + 1) * num + found[i]
        order = np.argsort(rank[:num_found])
        if filled + num_found > capacity:
            capacity = max(2 * capacity, filled + num_found)
            longer = np.empty(capacity, dtype=np.int64)
            longer[:filled] = item[:filled]
            item = longer
        for i in range(num_found):
            item[filled + i] = found[order[i]]
        filled += num_found
        start[centre + 1] = filled
    return start, item[:filled].copy()


@kernel
def useful(case, centre, start, item, dual, rate, kept):
    """Fill `kept` with the candidates that can pay in a grid of any size; returns how many.

    Where the lower bound is left aside, a node whose reduced walking exceeds what its households can save in the
    balance term (at most `rate` each) is in no best grid: leaving it out costs less.
    """
    num = 0
    for at in range(start[centre], start[centre + 1]):
        node = item[at]
        if case.walk[centre, node] - dual[node] <= rate * case.households[node]:
            kept[num] = node
            num += 1
    return num


@kernel
def least_value(case, group_of, own, centre, item, dual, charge, low, cost_of, old, new, base):
    """Least reduced cost of a grid with this centre, contiguity left out, and its households.

    Parameters
    ----------
    item : int array
        Candidates beside `own`, in the order of `candidates`.
    cost_of : float array, shape (high + 1,)
        Balance term by households.
    old, new, base : float arrays, shape (high + 1,)
        Scratch.
    """
    high = len(cost_of) - 1
    if case.households[own] > high:
        return np.inf, -1
    own_group = group_of[own]
    old[:] = np.inf
    old[case.households[own]] = case.walk[centre, own] - dual[own] + (charge[own_group] if own_group != FREE else 0.0)
    open_group = FREE
    for at in range(len(item)):
        node = item[at]
        group = paying_group(group_of, own_group, node)
        if group != open_group:
            if open_group != FREE:
                for s in range(high + 1):
                    old[s] = min(old[s], base[s])
            if group != FREE:
                base[:] = old
                for s in range(high + 1):
                    old[s] = old[s] + charge[group]
            open_group = group
        size = case.households[node]
        value = case.walk[centre, node] - dual[node]
        if size == 0:
            if value < 0.0:
                for s in range(high + 1):
                    old[s] = old[s] + value
            continue
        if size > high:
            continue
        new[:size] = old[:size]
        for s in range(size, high + 1):
            taken = old[s - size] + value
            new[s] = taken if taken < old[s] else old[s]
        old, new = new, old
    if open_group != FREE:
        for s in range(high + 1):
            old[s] = min(old[s], base[s])
    best = np.inf
    households = -1
    for s in range(low, high + 1):
        if old[s] + cost_of[s] < best:
            best = old[s] + cost_of[s]
            households = s
    return best, households


@kernel
def fill_tables(case, group_of, own, centre, item, dual, charge, high, block, closed, table):
    """The same dynamic programme with every table kept.

    Parameters
    ----------
    block : int array, shape (items + 2,), filled
        Where each block of candidates begins; a block is the free nodes or one paying group.
    closed : float array, shape (blocks + 1, high + 1), filled
        ``closed[b]``: best values before block b.
    table : float array, shape (items + blocks, high + 1), filled
        ``table[block[b] + b + j]``: best values in block b, its charge paid, after its first j candidates.

    Returns
    -------
    num_blocks, first_is_free : int, bool
    """
    own_group = group_of[own]
    num_items = len(item)
    closed[0, :] = np.inf
    closed[0, case.households[own]] = (
        case.walk[centre, own] - dual[own] + (charge[own_group] if own_group != FREE else 0.0)
    )
    num_blocks = 0
    first_is_free = False
    i = 0
    while i < num_items:
        group = paying_group(group_of, own_group, item[i])
        b = num_blocks
        block[b] = i
        if b == 0:
            first_is_free = group == FREE
        paid = 0.0 if group == FREE else charge[group]
        row = i + b
        for s in range(high + 1):
            table[row, s] = closed[b, s] + paid
        while i < num_items and paying_group(group_of, own_group, item[i]) == group:
            node = item[i]
            size = case.households[node]
            value = case.walk[centre, node] - dual[node]
            for s in range(min(size, high + 1)):
                table[row + 1, s] = table[row, s]
            for s in range(size, high + 1):
                taken = table[row, s - size] + value
                table[row + 1, s] = taken if taken < table[row, s] else table[row, s]
            row += 1
            i += 1
        for s in range(high + 1):
            closed[b + 1, s] = table[row, s] if group == FREE else min(closed[b, s], table[row, s])
        num_blocks += 1
    block[num_blocks] = num_items
    return num_blocks, first_is_free


@kernel
def paying_group(group_of, own_group, node):
    """Group whose charge `node` causes in a grid that has already paid for `own_group`."""
    group = group_of[node]
    return FREE if group == own_group else group


@kernel
def best_grid(case, group_of, own, centre, item, dual, charge, low, cost_of, member):
    """The grid that attains `least_value`, marked in `member` (bool, shape (n,)); returns value and households."""
    high = len(cost_of) - 1
    num_items = len(item)
    block = np.empty(num_items + 2, dtype=np.int64)
    closed = np.empty((num_items + 2, high + 1))
    table = np.empty((2 * num_items + 2, high + 1))
    num_blocks, first_is_free = fill_tables(case, group_of, own, centre, item, dual, charge, high, block, closed, table)
    best = np.inf
    at = -1
    for s in range(low, high + 1):
        if closed[num_blocks, s] + cost_of[s] < best:
            best = closed[num_blocks, s] + cost_of[s]
            at = s
    households = at
    member[:] = False
    member[own] = True
    if at < 0:
        return best, households
    for b in range(num_blocks - 1, -1, -1):
        free = b == 0 and first_is_free
        if not free and closed[b, at] <= table[block[b + 1] + b, at]:
            continue
        for i in range(block[b + 1] - 1, block[b] - 1, -1):
            row = i + b
            if table[row + 1, at] < table[row, at]:
                node = item[i]
                member[node] = True
                at -= case.households[node]
    return best, households


@kernel
def price_centres(case, group_of, node_of, start, item, dual, charge, low, cost_of, rate, value, stop):
    """`least_value` of every centre, written to `value`; False if `stop` was set before the last one.

    First over the useful candidates with the lower bound left aside; only where that gives a grid that is too small,
    over all of them.
    """
    high = len(cost_of) - 1
    old = np.empty(high + 1)
    new = np.empty(high + 1)
    base = np.empty(high + 1)
    kept = np.empty(len(case.households), dtype=np.int64)
    for centre in range(len(node_of)):
        if stop[0]:
            return False
        own = node_of[centre]
        num = useful(case, centre, start, item, dual, rate, kept)
        least, households = least_value(
            case, group_of, own, centre, kept[:num], dual, charge, 0, cost_of, old, new, base
        )
        if households < low:
            every = item[start[centre] : start[centre + 1]]
            least, households = least_value(
                case, group_of, own, centre, every, dual, charge, low, cost_of, old, new, base
            )
        value[centre] = least
    return True


@kernel
def cover(case, group_of, node_of, start, item, dual, charge, low, cost_of, rate, centres, times, touches, stop):
    """How often the best grids of `centres` cover each node, written to `times` (n,); False if stopped."""
    member = np.zeros(len(case.households), dtype=np.bool_)
    kept = np.empty(len(case.households), dtype=np.int64)
    times[:] = 0
    touches[:] = 0
    last = np.full(len(touches), -1, dtype=np.int64)
    for i in range(len(centres)):
        if stop[0]:
            return False
        centre = centres[i]
        own = node_of[centre]
        num = useful(case, centre, start, item, dual, rate, kept)
        _, households = best_grid(case, group_of, own, centre, kept[:num], dual, charge, 0, cost_of, member)
        if households < low:
            every = item[start[centre] : start[centre + 1]]
            best_grid(case, group_of, own, centre, every, dual, charge, low, cost_of, member)
        for node in range(len(member)):
            if member[node]:
                times[node] += 1
                group = group_of[node]
                if group != FREE and last[group] != i:
                    last[group] = i
                    touches[group] += 1
    return True
