"""Outlines of connected grids: which of the larger nodes they hold, whatever they do with the small ones.

Many small nodes side by side make exponentially many grids that hardly differ. Here some nodes are *free*: a grid may
hold any of them, other grids notwithstanding, and may pass through all of them. Sets of the other nodes are grown as in
`kernels.relevant`; the cheapest choice of free nodes, a knapsack over their households, is added to each.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.centre_growth import (
    best_completion,
    discharge,
    ladder_of,
    new_site,
    priced,
    worth_of,
)
from partitioner.solver.kernels.free_nodes import cheapest, fill_knapsack
from partitioner.solver.kernels.growing import (
    END,
    LOAD,
    NEXT,
    clashes,
    contents,
    give_up,
    grow,
    new_basket,
    new_growth,
    num_items,
    plant,
    put,
    with_room,
)
from partitioner.solver.kernels.listing import COMPLETE, STOPPED, TOO_MANY_GRIDS, TOO_MANY_VISITS
from partitioner.solver.kernels.pricing import FREE


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
        item = with_room(item, filled, filled + num)
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
    many = len(frees)
    free = np.zeros(len(case.households), dtype=np.bool_)
    free[frees] = True
    size = case.households[frees]
    group = group_of[frees]
    link_start, link_item = links_past(case, free)
    outlines = new_basket()
    reduced_of = np.empty(1024)
    centre_of = np.empty(1024, dtype=np.int64)
    chosen, stack, seen, inside, frontier = new_growth(len(free))
    price, slot_of, touched, times, waiting, ladder, rung = new_site(case, group_of, cuts)
    table = np.empty(size.sum() + 1)
    opened = np.empty(size.sum() + 1)
    gain = np.empty(many)
    usable = np.empty(many, dtype=np.bool_)
    paid = np.empty(many, dtype=np.bool_)
    beside = np.zeros(len(free), dtype=np.bool_)
    queue = np.empty(len(free), dtype=np.int64)
    visits = 0
    outcome = COMPLETE
    rounding = 1e-9 * (1.0 + abs(slack) + np.abs(dual).sum() + cuts.penalty.sum())
    for centre in range(len(node_of)):
        own = node_of[centre]
        if value[centre] > slack or case.households[own] > case.high:
            continue
        near = item[start[centre] : start[centre + 1]]
        worth = worth_of(case, centre, near, dual, slot_of)
        times[:] = 0
        ladder_of(case, own, near, worth, ladder)
        rung[0] = len(ladder) // 2
        plant(case, link_start, link_item, slot_of, own, chosen, stack, seen, inside, frontier)
        price[0] = priced(0.0, case, group_of, dual, charge, cuts, centre, own, touched, times, slot_of, worth)
        first = 1 if free[own] else 0
        depth = 0
        entering = True
        while depth >= 0:
            if entering:
                visits += 1
                if visits > max_visits or (visits % 16384 == 0 and stop[0]):
                    outcome = STOPPED if visits <= max_visits else TOO_MANY_VISITS
                    break
                households = stack[depth, LOAD]
                for i in range(stack[depth, NEXT], stack[depth, END]):
                    waiting[frontier[i]] = True
                rest, rung[depth] = best_completion(
                    case, group_of, charge, near, worth, seen, waiting, touched, households,
                    max(households, case.low), ladder, rung[max(0, depth - 1)], slack + rounding - price[depth],
                )  # fmt: skip
                for i in range(stack[depth, NEXT], stack[depth, END]):
                    waiting[frontier[i]] = False
                if price[depth] + rest > slack + rounding:
                    give_up(stack, depth)  # neither this set nor what grows from it matters
                else:
                    mark_beside(case, free, chosen, depth + 1, beside, queue)
                    for k in range(many):
                        slot = slot_of[frees[k]]
                        usable[k] = slot >= 0 and beside[frees[k]]
                        gain[k] = worth[slot] if slot >= 0 else 0.0
                        paid[k] = group[k] == FREE or touched[group[k]] > 0
                    top = fill_knapsack(case, group, charge, size, gain, usable, paid, households, table, opened)
                    reduced = price[depth] + cheapest(case, households, table, top)
                    if reduced <= slack + rounding:
                        if num_items(outlines) + depth + 1 - first > max_items:
                            outcome = TOO_MANY_GRIDS
                            break
                        found = outlines.filled[0]
                        reduced_of = with_room(reduced_of, found, found + 1)
                        reduced_of[found] = reduced
                        centre_of = with_room(centre_of, found, found + 1)
                        centre_of[found] = centre
                        outlines = put(outlines, chosen[first : depth + 1])
            before = depth
            depth, frontier = grow(case, link_start, link_item, slot_of, chosen, stack, seen, inside, frontier, depth)
            entering = depth > before
            if entering:
                price[depth] = priced(
                    price[before], case, group_of, dual, charge, cuts, centre, chosen[depth], touched, times, slot_of,
                    worth,
                )  # fmt: skip
            else:
                discharge(group_of, cuts, chosen[before], touched, times, slot_of, worth)
        if outcome != COMPLETE:
            break
        slot_of[near] = -1
    outline_start, outline_item = contents(outlines)
    num_found = len(outline_start) - 1
    return outcome, outline_start, outline_item, reduced_of[:num_found], centre_of[:num_found]


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
