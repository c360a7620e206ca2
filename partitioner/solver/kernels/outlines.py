"""Outlines of connected grids: which of the larger nodes they hold, whatever they do with the small ones.

Many small nodes side by side make exponentially many grids that hardly differ. Here some nodes are *free*: a grid may
hold any of them, other grids notwithstanding, and may pass through all of them. Sets of the other nodes are grown as in
`kernels.relevant`; the cheapest choice of free nodes, a knapsack over their households, is added to each.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.listing import COMPLETE, STOPPED, TOO_MANY_GRIDS, TOO_MANY_VISITS, clashes
from partitioner.solver.kernels.pricing import FREE
from partitioner.solver.kernels.relevant import RUNGS, best_completion, entering_cuts, ladder_of, leaving_cuts


@kernel
def links_past(case, free):
    """For every node the nodes that are not free and that a path leads to on which all others are free; CSR.

    Returns
    -------
    start : int array, shape (n + 1,)
    item : int array
    """
    num = len(case.households)
    start = np.zeros(num + 1, dtype=np.int64)
    item = np.empty(64 + 8 * num, dtype=np.int64)
    met = np.full(num, -1, dtype=np.int64)
    queue = np.empty(num, dtype=np.int64)
    filled = 0
    for node in range(num):
        if filled + num > len(item):
            longer = np.empty(2 * len(item) + num, dtype=np.int64)
            longer[:filled] = item[:filled]
            item = longer
        met[node] = node
        queue[0] = node
        tail = 1
        head = 0
        while head < tail:
            at = queue[head]
            head += 1
            for i in range(case.start[at], case.start[at + 1]):
                other = case.neighbour[i]
                if met[other] == node:
                    continue
                met[other] = node
                if free[other]:
                    queue[tail] = other
                    tail += 1
                else:
                    item[filled] = other
                    filled += 1
        start[node + 1] = filled
    return start, item[:filled].copy()


@kernel
def mark_beside(case, free, nodes, num, beside, queue):
    """Mark in `beside` the free nodes that a path of free nodes joins to the first `num` of `nodes`; unmark others.

    `queue` is scratch, shape (n,).
    """
    beside[:] = False
    tail = 0
    for j in range(num):
        beside[nodes[j]] = True
    for j in range(num):
        for i in range(case.start[nodes[j]], case.start[nodes[j] + 1]):
            other = case.neighbour[i]
            if free[other] and not beside[other]:
                beside[other] = True
                queue[tail] = other
                tail += 1
    head = 0
    while head < tail:
        at = queue[head]
        head += 1
        for i in range(case.start[at], case.start[at + 1]):
            other = case.neighbour[i]
            if free[other] and not beside[other]:
                beside[other] = True
                queue[tail] = other
                tail += 1
    for j in range(num):
        beside[nodes[j]] = False


@kernel
def add_to_knapsack(table, top, size, value):
    """One more node that may be taken once; one without households is taken if it pays."""
    if size == 0:
        if value < 0.0:
            for s in range(top + 1):
                table[s] += value
        return
    for s in range(top, size - 1, -1):
        table[s] = min(table[s], table[s - size] + value)


@kernel
def list_outlines(
    case, group_of, node_of, start, item, dual, charge, cuts, frees, value, slack, max_visits, max_items, stop
):
    """Outlines of all lawful grids whose reduced cost is at most `slack`, once for every centre.

    Parameters
    ----------
    frees : int array, shape (f,)
        Nodes that are left out of outlines, those of one group side by side. A centre may be free: its own grid
        holds it.
    The others : as for `relevant.list_relevant_grids`.

    Returns
    -------
    outcome : int
        `COMPLETE`, or why the list is not complete.
    outline_start, outline_item : CSR lists of nodes
    reduced : float array
        At most the reduced cost of any lawful grid with this outline and centre.
    centre_of : int array
    """
    num = len(case.households)
    outline_start = np.zeros(1024, dtype=np.int64)
    reduced = np.empty(1024)
    centre_of = np.empty(1024, dtype=np.int64)
    outline_item = np.empty(8192, dtype=np.int64)
    num_found = 0
    num_items = 0
    visits = 0
    outcome = COMPLETE
    rounding = 1e-9 * (1.0 + abs(slack) + np.abs(dual).sum() + cuts.penalty.sum())
    many = len(frees)
    free = np.zeros(num, dtype=np.bool_)
    size = np.empty(many, dtype=np.int64)
    group = np.empty(many, dtype=np.int64)
    for k in range(many):
        free[frees[k]] = True
        size[k] = case.households[frees[k]]
        group[k] = group_of[frees[k]]
    link_start, link_item = links_past(case, free)
    num_groups = 1
    for node in range(num):
        num_groups = max(num_groups, group_of[node] + 1)
    table = np.empty(size.sum() + 1)
    opened = np.empty(size.sum() + 1)
    gain = np.empty(many)
    usable = np.empty(many, dtype=np.bool_)
    paid = np.empty(many, dtype=np.bool_)
    beside = np.zeros(num, dtype=np.bool_)
    queue = np.empty(num, dtype=np.int64)
    times = np.zeros(len(cuts.penalty), dtype=np.int64)
    chosen = np.empty(num, dtype=np.int64)
    frontier = np.empty(num * 8 + 64, dtype=np.int64)
    at = np.empty(num + 1, dtype=np.int64)
    end = np.empty(num + 1, dtype=np.int64)
    fresh = np.empty(num + 1, dtype=np.int64)
    load = np.empty(num + 1, dtype=np.int64)
    price = np.empty(num + 1)
    seen = np.zeros(num, dtype=np.bool_)
    waiting = np.zeros(num, dtype=np.bool_)
    inside = np.zeros(num, dtype=np.bool_)
    possible = np.zeros(num, dtype=np.bool_)
    slot_of = np.full(num, -1, dtype=np.int64)
    touched = np.zeros(num_groups, dtype=np.int64)
    ladder = np.empty(RUNGS)
    rung = np.zeros(num + 1, dtype=np.int64)
    for centre in range(len(node_of)):
        own = node_of[centre]
        if value[centre] > slack or case.households[own] > case.high:
            continue
        near = item[start[centre] : start[centre + 1]]
        worth = np.empty(len(near))
        for i in range(len(near)):
            worth[i] = case.walk[centre, near[i]] - dual[near[i]]
            possible[near[i]] = True
            slot_of[near[i]] = i
        times[:] = 0
        ladder_of(case, own, near, worth, ladder)
        rung[0] = len(ladder) // 2
        chosen[0] = own
        inside[own] = True
        seen[own] = True
        load[0] = case.households[own]
        price[0] = case.walk[centre, own] - dual[own]
        if group_of[own] != FREE:
            touched[group_of[own]] += 1
            price[0] += charge[group_of[own]]
        price[0] += entering_cuts(cuts, own, times, slot_of, worth)
        filled = 0
        for i in range(link_start[own], link_start[own + 1]):
            other = link_item[i]
            if possible[other] and not seen[other]:
                frontier[filled] = other
                filled += 1
                seen[other] = True
        at[0] = 0
        end[0] = filled
        fresh[0] = 0
        depth = 0
        entering = True
        while depth >= 0:
            if entering:
                entering = False
                visits += 1
                if visits > max_visits or (visits % 16384 == 0 and stop[0]):
                    outcome = STOPPED if visits <= max_visits else TOO_MANY_VISITS
                    return (
                        outcome, outline_start[: num_found + 1], outline_item[:num_items], reduced[:num_found],
                        centre_of[:num_found],
                    )  # fmt: skip
                households = load[depth]
                for i in range(at[depth], end[depth]):
                    waiting[frontier[i]] = True
                rest, rung[depth] = best_completion(
                    case, group_of, charge, near, worth, seen, waiting, touched, households,
                    max(households, case.low), ladder, rung[depth - 1] if depth > 0 else rung[0],
                    slack + rounding - price[depth],
                )  # fmt: skip
                for i in range(at[depth], end[depth]):
                    waiting[frontier[i]] = False
                if price[depth] + rest > slack + rounding:
                    at[depth] = end[depth]  # neither this set nor what grows from it matters
                else:
                    mark_beside(case, free, chosen, depth + 1, beside, queue)
                    for k in range(many):
                        slot = slot_of[frees[k]]
                        usable[k] = slot >= 0 and beside[frees[k]]
                        gain[k] = worth[slot] if slot >= 0 else 0.0
                        paid[k] = group[k] == FREE or touched[group[k]] > 0
                    top = fill_knapsack(case, group, charge, size, gain, usable, paid, households, table, opened)
                    found = price[depth] + cheapest(case, households, table, top)
                    if found <= slack + rounding:
                        first = 1 if free[own] else 0
                        length = depth + 1 - first
                        if num_items + length > max_items:
                            return (
                                TOO_MANY_GRIDS, outline_start[: num_found + 1], outline_item[:num_items],
                                reduced[:num_found], centre_of[:num_found],
                            )  # fmt: skip
                        while num_items + length > len(outline_item):
                            longer = np.empty(2 * len(outline_item), dtype=np.int64)
                            longer[:num_items] = outline_item[:num_items]
                            outline_item = longer
                        if num_found + 2 > len(outline_start):
                            more_start = np.zeros(2 * len(outline_start), dtype=np.int64)
                            more_start[: num_found + 1] = outline_start[: num_found + 1]
                            outline_start = more_start
                            more_reduced = np.empty(2 * len(reduced))
                            more_reduced[:num_found] = reduced[:num_found]
                            reduced = more_reduced
                            more_centres = np.empty(2 * len(centre_of), dtype=np.int64)
                            more_centres[:num_found] = centre_of[:num_found]
                            centre_of = more_centres
                        for i in range(length):
                            outline_item[num_items + i] = chosen[first + i]
                        reduced[num_found] = found
                        centre_of[num_found] = centre
                        num_found += 1
                        num_items += length
                        outline_start[num_found] = num_items
            if at[depth] == end[depth]:
                for i in range(fresh[depth], end[depth]):
                    seen[frontier[i]] = False
                node = chosen[depth]
                inside[node] = False
                leaving_cuts(cuts, node, times, slot_of, worth)
                if group_of[node] != FREE:
                    touched[group_of[node]] -= 1
                depth -= 1
                continue
            node = frontier[at[depth]]
            at[depth] += 1
            heavier = load[depth] + case.households[node]
            if heavier > case.high or clashes(case, node, inside):
                continue
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
            for i in range(link_start[node], link_start[node + 1]):
                other = link_item[i]
                if possible[other] and not seen[other]:
                    seen[other] = True
                    frontier[filled] = other
                    filled += 1
            chosen[depth] = node
            inside[node] = True
            load[depth] = heavier
            price[depth] = price[depth - 1] + case.walk[centre, node] - dual[node]
            if group_of[node] != FREE:
                if touched[group_of[node]] == 0:
                    price[depth] += charge[group_of[node]]
                touched[group_of[node]] += 1
            price[depth] += entering_cuts(cuts, node, times, slot_of, worth)
            at[depth] = base
            end[depth] = filled
            entering = True
        seen[own] = False
        for i in range(len(near)):
            possible[near[i]] = False
            slot_of[near[i]] = -1
    return (
        outcome, outline_start[: num_found + 1], outline_item[:num_items], reduced[:num_found], centre_of[:num_found],
    )  # fmt: skip


@kernel
def free_terms(case, group_of, node_of, start, item, dual, charge, frees, outline_start, outline_item, centre_of):
    """What outlines cost at each centre, and what each free node would add.

    Parameters
    ----------
    frees : int array, shape (f,)
        Free nodes, those of one group side by side.

    Returns
    -------
    base : float array, shape (outlines,)
        Walking and group charges of the outline and the centre's own node, less what the prices pay for the outline.
    own : int array, shape (outlines,)
        Place in `frees` of the centre's own node, -1 where it is not free.
    load : int array, shape (outlines,)
        Households, the centre's own node included.
    extra : float array, shape (outlines, f)
        Walking of a free node; infinite where it cannot be added.
    touched : bool array, shape (outlines, f)
        Whether its group is charged already.
    """
    num = len(outline_start) - 1
    many = len(frees)
    base = np.empty(num)
    own = np.full(num, -1, dtype=np.int64)
    load = np.zeros(num, dtype=np.int64)
    extra = np.full((num, many), np.inf)
    touched = np.zeros((num, many), dtype=np.bool_)
    place = np.full(len(dual), -1, dtype=np.int64)
    num_groups = 1
    for node in range(len(dual)):
        num_groups = max(num_groups, group_of[node] + 1)
    for k in range(many):
        place[frees[k]] = k
    charged = np.full(num_groups, -1, dtype=np.int64)
    inside = np.zeros(len(dual), dtype=np.bool_)
    free = np.zeros(len(dual), dtype=np.bool_)
    free[frees] = True
    beside = np.zeros(len(dual), dtype=np.bool_)
    held = np.empty(len(dual), dtype=np.int64)
    queue = np.empty(len(dual), dtype=np.int64)
    for j in range(num):
        centre = centre_of[j]
        num_held = 0
        node = node_of[centre]
        own[j] = place[node]
        total = case.walk[centre, node] if own[j] >= 0 else 0.0
        if own[j] >= 0:
            load[j] += case.households[node]
            inside[node] = True
            held[0] = node
            num_held = 1
            if group_of[node] != FREE:
                charged[group_of[node]] = j
                total += charge[group_of[node]]
        for i in range(outline_start[j], outline_start[j + 1]):
            other = outline_item[i]
            inside[other] = True
            held[num_held] = other
            num_held += 1
            load[j] += case.households[other]
            total += case.walk[centre, other] - dual[other]
            group = group_of[other]
            if group != FREE and charged[group] != j:
                charged[group] = j
                total += charge[group]
        base[j] = total
        mark_beside(case, free, held, num_held, beside, queue)
        for i in range(start[centre], start[centre + 1]):
            k = place[item[i]]
            if k >= 0 and beside[item[i]] and not clashes(case, item[i], inside):
                extra[j, k] = case.walk[centre, item[i]]
                group = group_of[item[i]]
                touched[j, k] = group == FREE or charged[group] == j
        for i in range(num_held):
            inside[held[i]] = False
    return base, own, load, extra, touched


@kernel
def fill_knapsack(case, group, charge, size, worth, usable, touched, households, table, opened):
    """Fill `table` with the least that free nodes of so many households in all can add to a set of `households`.

    Parameters
    ----------
    group, size, worth : arrays, shape (f,)
        Group, households and reduced walking of each free node; those of one group stand side by side.
    charge : float array, shape (groups,)
    usable, touched : bool arrays, shape (f,)
        Whether a node can be added, and whether its group is charged already.
    table, opened : float arrays
        `opened` is scratch; both are as long as all free nodes have households, and one longer.

    Returns
    -------
    top : int
        Last entry of `table` that is filled.
    """
    top = min(len(table) - 1, case.high - households)
    table[0] = 0.0
    table[1 : top + 1] = np.inf
    current = FREE
    for k in range(len(worth)):
        if not usable[k]:
            continue
        mine = FREE if touched[k] else group[k]
        if mine != current:
            if current != FREE:
                for s in range(top + 1):
                    table[s] = min(table[s], opened[s])
            current = mine
            if current != FREE:
                for s in range(top + 1):
                    opened[s] = table[s] + charge[mine]
        add_to_knapsack(table if mine == FREE else opened, top, size[k], worth[k])
    if current != FREE:
        for s in range(top + 1):
            table[s] = min(table[s], opened[s])
    return top


@kernel
def cheapest(case, households, table, top):
    """The least of a table with the balance term."""
    best = np.inf
    for s in range(max(0, case.low - households), top + 1):
        best = min(best, table[s] + case.balance * abs(households + s - case.target))
    return best


@kernel
def outline_values(case, group, charge, size, price, base, own, load, extra, touched):
    """Least reduced cost of every outline with its centre at these prices of the free nodes.

    Parameters
    ----------
    group, size, price : arrays, shape (f,)
        Group, households and price of each free node.
    charge : float array, shape (groups,)
    base, own, load, extra, touched : arrays
        From `free_terms`.
    """
    num, many = extra.shape
    value = np.empty(num)
    table = np.empty(size.sum() + 1)
    opened = np.empty(size.sum() + 1)
    worth = np.empty(many)
    usable = np.empty(many, dtype=np.bool_)
    for j in range(num):
        for k in range(many):
            worth[k] = extra[j, k] - price[k]
            usable[k] = extra[j, k] < np.inf
        top = fill_knapsack(case, group, charge, size, worth, usable, touched[j], load[j], table, opened)
        value[j] = base[j] + cheapest(case, load[j], table, top)
        if own[j] >= 0:
            value[j] -= price[own[j]]
    return value


@kernel
def extend_outlines(
    case, group, charge, size, price, base, own, load, extra, touched, decided, limit, max_found, max_visits, stop
):
    """Every choice of the free nodes that are `decided` now, for every outline, whose value stays within its limit.

    Parameters
    ----------
    decided : bool array, shape (f,)
    limit : float array, shape (outlines,)

    Returns
    -------
    outcome : int
    outline : int array, shape (found,)
        Which outline was extended.
    added : bool array, shape (found, f)
        The decided nodes that it holds, the centre's own node among them.
    """
    num, many = extra.shape
    outline = np.empty(1024, dtype=np.int64)
    added = np.zeros((1024, many), dtype=np.bool_)
    num_found = 0
    visits = 0
    table = np.empty(size.sum() + 1)
    opened = np.empty(size.sum() + 1)
    worth = np.empty(many)
    usable = np.empty(many, dtype=np.bool_)
    reached = np.empty(many, dtype=np.bool_)
    taken = np.zeros(many, dtype=np.bool_)
    tried = np.zeros(many + 1, dtype=np.int64)
    held = np.zeros(len(charge), dtype=np.int64)
    spent = np.empty(many + 1)
    households = np.empty(many + 1, dtype=np.int64)
    order = np.flatnonzero(decided)
    for j in range(num):
        for k in range(many):
            worth[k] = extra[j, k] - price[k]
            usable[k] = extra[j, k] < np.inf
            reached[k] = touched[j, k]
            taken[k] = False
        households[0] = load[j]
        spent[0] = base[j]
        if own[j] >= 0:
            spent[0] -= price[own[j]]
            taken[own[j]] = decided[own[j]]
        depth = 0
        tried[0] = 0  # choices of the node at this depth: none, left out, taken as well
        while depth >= 0:
            if tried[depth] == 0:
                visits += 1
                if visits > max_visits or (visits % 4096 == 0 and stop[0]):
                    return (
                        STOPPED if visits <= max_visits else TOO_MANY_VISITS, outline[:num_found], added[:num_found]
                    )  # fmt: skip
                top = fill_knapsack(case, group, charge, size, worth, usable, reached, households[depth], table, opened)
                if not spent[depth] + cheapest(case, households[depth], table, top) <= limit[j]:
                    depth -= 1
                    continue
                if depth == len(order):
                    if num_found == max_found:
                        return TOO_MANY_GRIDS, outline[:num_found], added[:num_found]
                    if num_found == len(outline):
                        longer = np.empty(2 * num_found, dtype=np.int64)
                        longer[:num_found] = outline
                        outline = longer
                        more = np.zeros((2 * num_found, many), dtype=np.bool_)
                        more[:num_found] = added
                        added = more
                    outline[num_found] = j
                    added[num_found] = taken
                    num_found += 1
                    depth -= 1
                    continue
            k = order[depth]
            tried[depth] += 1
            if tried[depth] == 1:
                usable[k] = False
                spent[depth + 1] = spent[depth]
                households[depth + 1] = households[depth]
            elif tried[depth] == 2 and extra[j, k] < np.inf and households[depth] + size[k] <= case.high:
                taken[k] = True
                spent[depth + 1] = spent[depth] + worth[k]
                households[depth + 1] = households[depth] + size[k]
                if not touched[j, k]:
                    held[group[k]] += 1
                    if held[group[k]] == 1:
                        spent[depth + 1] += charge[group[k]]
                        mark_group(group, group[k], reached)
            else:
                if taken[k] and k != own[j]:
                    taken[k] = False
                    if not touched[j, k]:
                        held[group[k]] -= 1
                        if held[group[k]] == 0:
                            unmark_group(group, group[k], reached, touched[j])
                usable[k] = extra[j, k] < np.inf
                depth -= 1
                continue
            depth += 1
            tried[depth] = 0
    return COMPLETE, outline[:num_found], added[:num_found]


@kernel
def mark_group(group, number, reached):
    """The charge of this group is paid."""
    for k in range(len(group)):
        if group[k] == number:
            reached[k] = True


@kernel
def unmark_group(group, number, reached, before):
    """Undo `mark_group`."""
    for k in range(len(group)):
        if group[k] == number:
            reached[k] = before[k]


@kernel
def joined(case, free, node_of, start, item, centre_of):
    """Whether each outline may share a grid with its centre; shape (outlines,).

    They must be connected, where paths may pass through free nodes, and hold no two nodes that must be apart.
    """
    num = len(start) - 1
    found = np.zeros(num, dtype=np.bool_)
    mark = np.zeros(len(free), dtype=np.int64)  # 1: of the set, 2: reached
    queue = np.empty(len(free), dtype=np.int64)
    for j in range(num):
        mark[:] = 0
        mark[node_of[centre_of[j]]] = 1
        for i in range(start[j], start[j + 1]):
            mark[item[i]] = 1
        missing = mark.sum() - 1
        apart = clashes(case, node_of[centre_of[j]], mark)
        for i in range(start[j], start[j + 1]):
            apart = apart or clashes(case, item[i], mark)
        queue[0] = node_of[centre_of[j]]
        mark[queue[0]] = 2
        head = 0
        tail = 1
        while head < tail and missing > 0:
            at = queue[head]
            head += 1
            for i in range(case.start[at], case.start[at + 1]):
                other = case.neighbour[i]
                if mark[other] == 2 or (mark[other] == 0 and not free[other]):
                    continue
                if mark[other] == 1:
                    missing -= 1
                mark[other] = 2
                queue[tail] = other
                tail += 1
        found[j] = missing == 0 and not apart
    return found


@kernel
def cheapest_choice(case, group, charge, size, worth, touched, households):
    """Free nodes that add least to one set; bool array, shape (f,).

    Parameters
    ----------
    worth : float array, shape (f,)
        Infinite where a node cannot be added.
    households : int
        Of the set.
    """
    many = len(worth)
    taken = np.zeros(many, dtype=np.bool_)
    table = np.empty(size.sum() + 1)
    opened = np.empty(size.sum() + 1)
    usable = worth < np.inf
    reached = touched.copy()
    held = households
    top = fill_knapsack(case, group, charge, size, worth, usable, reached, held, table, opened)
    best = cheapest(case, held, table, top)
    spent = 0.0
    # A node is taken where the others can then still reach the best value.
    for k in range(many):
        if not usable[k]:
            continue
        usable[k] = False
        top = fill_knapsack(case, group, charge, size, worth, usable, reached, held, table, opened)
        if spent + cheapest(case, held, table, top) <= best + 1e-9 * (1.0 + abs(best)):
            continue
        taken[k] = True
        held += size[k]
        spent += worth[k]
        if not reached[k]:
            spent += charge[group[k]]
            mark_group(group, group[k], reached)
    return taken
