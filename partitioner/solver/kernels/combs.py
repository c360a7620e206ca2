"""Grids of a comb: chains of nodes that hang off a core by their roots.

A grid of a comb is an interval of one chain above its root, or lies on a connected set of roots and holds the lowest
nodes of each of their chains. Both kinds are priced exactly here; households outside the bounds cost `fine` each, as
long as no more than `most` of them are outside.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.listing import COMPLETE, STOPPED, TOO_MANY_GRIDS, TOO_MANY_VISITS, grid_cost

DEEPEST = 64
"""Roots that one grid may lie on; sets of so many are far too many to list."""


@kernel
def misfit(case, households):
    """Households of a grid outside the bounds."""
    return max(0, case.low - households, households - case.high)


@kernel
def cut_tops(case, chain_start, node, most, fine):
    """The least cost of cutting what lies above a place of a chain into intervals.

    Parameters
    ----------
    chain_start, node : CSR lists of the nodes of each chain, its root first
    most : int
        Households that may stay outside the bounds.
    fine : float
        Cost of each of them, above the cost of any plan.

    Returns
    -------
    top : float array, shape (n,)
        At each place of `node`: least cost of all nodes of its chain above it, infinite where there is none.
    outside : int array, shape (n,)
        Households of these outside the bounds.
    end : int array, shape (n,)
        Where the first interval above the place ends (exclusive).
    """
    num = len(node)
    top = np.full(num, np.inf)
    outside = np.zeros(num, dtype=np.int64)
    end = np.full(num, -1, dtype=np.int64)
    for chain in range(len(chain_start) - 1):
        last = chain_start[chain + 1] - 1
        top[last] = 0.0
        end[last] = last + 1
        for place in range(last - 1, chain_start[chain] - 1, -1):
            load = 0
            for upper in range(place + 1, last + 1):
                load += case.households[node[upper]]
                if load > case.high + most:
                    break
                if top[upper] == np.inf:
                    continue
                over = misfit(case, load)
                if over + outside[upper] > most:
                    continue
                size = upper - place
                cost = grid_cost(case, node[place + 1 : upper + 1], size, load, False)
                value = cost + fine * over + top[upper]
                if value < top[place]:
                    top[place] = value
                    outside[place] = over + outside[upper]
                    end[place] = upper + 1
    return top, outside, end


@kernel
def join_chain(values, sizes, limit, before, after):
    """Sums of one entry of `before` and one choice for a chain, by households; True if there is any.

    Parameters
    ----------
    values, sizes : arrays, shape (choices,)
        Cost and households of each choice.
    limit : float
        Sums from here on are left out.
    before, after : float arrays, shape (states,)
    """
    after[:] = np.inf
    found = False
    for choice in range(len(sizes)):
        value = values[choice]
        size = sizes[choice]
        for households in range(len(before) - size):
            total = before[households] + value
            if total < limit and total < after[households + size]:
                after[households + size] = total
                found = True
    return found


@kernel
def complete_at_best(choice_start, size, cheapest, price, root, fit, gain, rest):
    """For a set of so many households: the least that chains after `root` and the final size add, less their prices.

    Connections and centres are left out. `rest` (states,) is filled, `gain` (2, states) is scratch.
    """
    states = len(rest)
    gain[0] = np.inf
    gain[0, 0] = 0.0
    for other in range(root + 1, len(price)):
        for households in range(states - 1, -1, -1):
            best = gain[0, households]
            for choice in range(choice_start[other], choice_start[other + 1]):
                if size[choice] <= households:
                    best = min(best, gain[0, households - size[choice]] + cheapest[choice] - price[other])
            gain[1, households] = best
        gain[0] = gain[1]
    for households in range(states):
        rest[households] = np.inf
        for more in range(states - households):
            rest[households] = min(rest[households], fit[households + more] + gain[0, more])


@kernel
def list_root_sets(
    case, start, neighbour, choice_start, size, over, value, first_choice, centre_start, group_start, group_item,
    num_groups, most, fine, price, slack, max_visits, max_items, stop,
):  # fmt: skip
    """Every connected set of roots that a grid can lie on, with the least cost of such a grid and of all above it.

    Only sets whose cost exceeds the prices of their roots by at most `slack`.

    Parameters
    ----------
    start, neighbour : CSR graph of the roots
    choice_start : int array, shape (chains + 1,)
        Choices of each chain: how many of its lowest nodes the grid takes.
    size, over : int arrays, shape (choices,)
        Households of these nodes, and households outside the bounds above them.
    value : float array, shape (centres, choices)
        Walking of these nodes to a centre, their groups but those of the root, and the cost of what is above them.
    first_choice : int array, shape (centres,)
        The first choice of its own chain that holds the centre.
    centre_start : int array, shape (chains + 1,)
        Centres of each chain.
    group_start, group_item : CSR lists of the groups of each root
    most, fine
        As for `cut_tops`.
    price : float array, shape (chains,)
    slack : float
        Infinite to list all.
    max_visits, max_items : int
        Give up beyond this many sets, or this many entries of `item`.

    Returns
    -------
    outcome : int
        `COMPLETE`, or why the list is not complete.
    at, item : CSR lists of roots, ascending within each set
    cost : float array
    """
    num = len(start) - 1
    states = case.high + most + 1
    at = np.zeros(1024, dtype=np.int64)
    cost = np.empty(1024)
    item = np.empty(8192, dtype=np.int64)
    num_sets = 0
    num_items = 0
    visits = 0
    lightest = np.empty(num, dtype=np.int64)
    fewest = np.empty(num, dtype=np.int64)
    for root in range(num):
        lightest[root] = 1 << 40
        fewest[root] = 1 << 40
        for choice in range(choice_start[root], choice_start[root + 1]):
            lightest[root] = min(lightest[root], size[choice])
            fewest[root] = min(fewest[root], over[choice])
    chosen = np.empty(DEEPEST, dtype=np.int64)
    frontier = np.empty(num * (DEEPEST + 1) + 64, dtype=np.int64)
    next_at = np.empty(DEEPEST + 1, dtype=np.int64)
    end = np.empty(DEEPEST + 1, dtype=np.int64)
    fresh = np.empty(DEEPEST + 1, dtype=np.int64)
    load = np.empty(DEEPEST + 1, dtype=np.int64)
    outside = np.empty(DEEPEST + 1, dtype=np.int64)
    touched = np.zeros(max(num_groups, 1), dtype=np.int64)
    num_touched = 0
    seen = np.zeros(num, dtype=np.bool_)
    # Of each depth: the centres of the set, and for each the least cost by households.
    room = np.int64(256)
    centre = np.empty((DEEPEST, room), dtype=np.int64)
    table = np.empty((DEEPEST, room, states))
    num_centres = np.zeros(DEEPEST, dtype=np.int64)
    scratch = np.empty((2, states))
    fit = np.empty(states)
    for households in range(states):
        fit[households] = case.balance * abs(households - case.target) + fine * misfit(case, households)
        if misfit(case, households) > most:
            fit[households] = np.inf
    limit = fine * (most + 1)
    # Whatever the centre, each choice costs at least this.
    cheapest = np.full(len(size), np.inf)
    if slack < np.inf:
        for c in range(value.shape[0]):
            for choice in range(len(size)):
                cheapest[choice] = min(cheapest[choice], value[c, choice])
    free = np.empty((DEEPEST, states))
    gain = np.empty((2, states))
    rest = np.zeros(states)
    nothing = np.full(states, np.inf)
    nothing[0] = 0.0
    paid = np.zeros(DEEPEST)
    for root in range(num):
        if slack < np.inf:
            complete_at_best(choice_start, size, cheapest, price, root, fit, gain, rest)
        if lightest[root] >= states or fewest[root] > most:
            continue
        depth = -1
        adding = root
        frontier_base = 0
        filled = 0
        while True:
            if adding >= 0:
                depth += 1
                chosen[depth] = adding
                heavier = lightest[adding]
                more = fewest[adding]
                if depth > 0:
                    heavier += load[depth - 1]
                    more += outside[depth - 1]
                load[depth] = heavier
                outside[depth] = more
                seen[adding] = True
                for i in range(group_start[adding], group_start[adding + 1]):
                    if touched[group_item[i]] == 0:
                        num_touched += 1
                    touched[group_item[i]] += 1
                # What is left of the frontier, then the roots that only this one makes visible.
                if depth == 0:
                    frontier_base = 0
                    filled = 0
                else:
                    frontier_base = end[depth - 1]
                    left = end[depth - 1] - next_at[depth - 1]
                    for i in range(left):
                        frontier[frontier_base + i] = frontier[next_at[depth - 1] + i]
                    filled = frontier_base + left
                fresh[depth] = filled
                for i in range(start[adding], start[adding + 1]):
                    other = neighbour[i]
                    if other > root and not seen[other]:
                        seen[other] = True
                        frontier[filled] = other
                        filled += 1
                next_at[depth] = frontier_base
                end[depth] = filled
                visits += 1
                if visits > max_visits or depth + 1 >= DEEPEST:
                    return TOO_MANY_VISITS, at[: num_sets + 1], item[:num_items], cost[:num_sets]
                if visits % 1024 == 0 and stop[0]:
                    return STOPPED, at[: num_sets + 1], item[:num_items], cost[:num_sets]
                kept = 0
                a, b = choice_start[adding], choice_start[adding + 1]
                paid[depth] = price[adding] + (paid[depth - 1] if depth > 0 else 0.0)
                worth = True
                if slack < np.inf:
                    before = free[depth - 1] if depth > 0 else nothing
                    join_chain(cheapest[a:b], size[a:b], limit, before, free[depth])
                    least = np.inf
                    for households in range(states):
                        least = min(least, free[depth, households] + rest[households])
                    worth = least + case.split * num_touched - paid[depth] <= slack
                if worth and depth > 0:
                    for i in range(num_centres[depth - 1]):
                        c = centre[depth - 1, i]
                        if join_chain(value[c, a:b], size[a:b], limit, table[depth - 1, i], table[depth, kept]):
                            centre[depth, kept] = c
                            kept += 1
                for c in range(centre_start[adding], centre_start[adding + 1] if worth else 0):
                    if kept + 1 >= room:
                        return TOO_MANY_VISITS, at[: num_sets + 1], item[:num_items], cost[:num_sets]
                    scratch[0] = np.inf
                    scratch[0, 0] = 0.0
                    now = 0
                    own = first_choice[c]
                    possible = join_chain(value[c, own:b], size[own:b], limit, scratch[0], scratch[1])
                    now = 1
                    for i in range(depth):
                        if not possible:
                            break
                        lower, upper = choice_start[chosen[i]], choice_start[chosen[i] + 1]
                        possible = join_chain(
                            value[c, lower:upper], size[lower:upper], limit, scratch[now], scratch[1 - now]
                        )
                        now = 1 - now
                    if possible:
                        table[depth, kept] = scratch[now]
                        centre[depth, kept] = c
                        kept += 1
                num_centres[depth] = kept
                if kept == 0:  # nor is any larger set worth while, or leaves so few outside
                    next_at[depth] = end[depth]
                best = np.inf
                for i in range(kept):
                    for households in range(states):
                        best = min(best, table[depth, i, households] + fit[households])
                best += case.split * num_touched
                if best < limit and best - paid[depth] <= slack:
                    if num_items + depth + 1 > max_items:
                        return TOO_MANY_GRIDS, at[: num_sets + 1], item[:num_items], cost[:num_sets]
                    if num_items + depth + 1 > len(item):
                        longer = np.empty(2 * len(item), dtype=np.int64)
                        longer[:num_items] = item[:num_items]
                        item = longer
                    if num_sets + 2 > len(at):
                        more_at = np.zeros(2 * len(at), dtype=np.int64)
                        more_at[: num_sets + 1] = at[: num_sets + 1]
                        at = more_at
                        more_cost = np.empty(2 * len(cost))
                        more_cost[:num_sets] = cost[:num_sets]
                        cost = more_cost
                    item[num_items : num_items + depth + 1] = chosen[: depth + 1]
                    item[num_items : num_items + depth + 1].sort()
                    cost[num_sets] = best
                    num_sets += 1
                    num_items += depth + 1
                    at[num_sets] = num_items
                adding = -1
            if next_at[depth] == end[depth]:
                for i in range(fresh[depth], end[depth]):
                    seen[frontier[i]] = False
                leaving = chosen[depth]
                for i in range(group_start[leaving], group_start[leaving + 1]):
                    touched[group_item[i]] -= 1
                    if touched[group_item[i]] == 0:
                        num_touched -= 1
                depth -= 1
                if depth < 0:
                    break
                continue
            other = frontier[next_at[depth]]
            next_at[depth] += 1
            if load[depth] + lightest[other] < states and outside[depth] + fewest[other] <= most:
                adding = other
        seen[root] = False
    return COMPLETE, at[: num_sets + 1], item[:num_items], cost[:num_sets]


@kernel
def best_choices(case, roots, choice_start, size, value, first_choice, centre_start, most, fine):
    """The choice of each chain in the cheapest grid on these roots: how much of it the grid takes."""
    states = case.high + most + 1
    best = np.inf
    result = np.full(len(roots), -1, dtype=np.int64)
    table = np.empty((len(roots) + 1, states))
    for own in range(len(roots)):
        for c in range(centre_start[roots[own]], centre_start[roots[own] + 1]):
            table[0] = np.inf
            table[0, 0] = 0.0
            for i in range(len(roots)):
                a, b = choice_start[roots[i]], choice_start[roots[i] + 1]
                if i == own:
                    a = first_choice[c]
                join_chain(value[c, a:b], size[a:b], np.inf, table[i], table[i + 1])
            for households in range(states):
                over = misfit(case, households)
                total = table[len(roots), households] + case.balance * abs(households - case.target) + fine * over
                if over > most or not total < best:
                    continue
                best = total
                left = households
                for i in range(len(roots) - 1, -1, -1):
                    a, b = choice_start[roots[i]], choice_start[roots[i] + 1]
                    if i == own:
                        a = first_choice[c]
                    for choice in range(a, b):
                        if size[choice] <= left and (
                            table[i, left - size[choice]] + value[c, choice] == table[i + 1, left]
                        ):
                            result[i] = choice
                            left -= size[choice]
                            break
    return result
