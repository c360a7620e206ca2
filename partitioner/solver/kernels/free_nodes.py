"""What small nodes that are left free add to an outline: a knapsack over their households.

Those of one group stand side by side, so that its charge is paid once, by the first of them that is taken.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.growing import with_room
from partitioner.solver.kernels.listing import COMPLETE, STOPPED, TOO_MANY_GRIDS, TOO_MANY_VISITS
from partitioner.solver.kernels.pricing import FREE


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
                    outline = with_room(outline, num_found, num_found + 1)
                    if num_found == len(added):
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
