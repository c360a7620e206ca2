"""Grids of a comb: chains of nodes that hang off a core by their roots.

A grid of a comb is an interval of one chain above its root, or lies on a connected set of roots and holds the lowest
nodes of each of their chains. Both kinds are priced exactly here; households outside the bounds cost `fine` each, as
long as no more than `most` of them are outside.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.growing import (
    contents,
    give_up,
    grow,
    in_order,
    new_basket,
    new_growth,
    num_items,
    plant,
    put,
    with_room,
)
from partitioner.solver.kernels.listing import COMPLETE, STOPPED, TOO_MANY_GRIDS, TOO_MANY_VISITS, grid_cost

DEEPEST = 64
"""Roots that one grid may lie on; sets of so many are far too many to list."""

ROOM = 256
"""Centres of such a set; no set of more is tried."""


class Roots(NamedTuple):
    """Roots as nodes that sets are grown of (see `growing`): the least that a grid may take of each chain."""

    households: np.ndarray
    high: int
    apart_start: np.ndarray
    apart_item: np.ndarray


class Tables(NamedTuple):
    """Of each depth: the centres of the set, and for each the least cost by households."""

    centre: np.ndarray  # (DEEPEST, ROOM)
    cost: np.ndarray  # (DEEPEST, ROOM, states)
    filled: np.ndarray  # (DEEPEST,) how many


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
    limit = fine * (most + 1)
    bounded = slack < np.inf
    fit = final_costs(case, most, fine, states)
    lightest, fewest = least_taken(choice_start, size, over)
    none = np.zeros(num + 1, dtype=np.int64)
    roots = Roots(lightest, states - 1, none, none[:0])
    cheapest = least_over_centres(value) if bounded else np.empty(len(size))
    sets = new_basket()
    cost = np.empty(1024)
    chosen, stack, seen, inside, frontier = new_growth(num)
    slot_of = np.zeros(num, dtype=np.int64)
    touched = np.zeros(max(num_groups, 1), dtype=np.int64)
    tables = Tables(
        np.empty((DEEPEST, ROOM), dtype=np.int64),
        np.empty((DEEPEST, ROOM, states)),
        np.zeros(DEEPEST, dtype=np.int64),
    )
    free = np.empty((DEEPEST, states))
    scratch = np.empty((2, states))
    rest = np.zeros(states)
    nothing = np.full(states, np.inf)
    nothing[0] = 0.0
    ordered = np.empty(num, dtype=np.int64)
    outside = np.zeros(DEEPEST, dtype=np.int64)
    paid = np.zeros(DEEPEST)
    visits = 0
    outcome = COMPLETE
    for root in range(num):
        slot_of[root] = -1  # sets with it have been met before the next root's turn
        if bounded:
            complete_at_best(choice_start, size, cheapest, price, root, fit, scratch, rest)
        if lightest[root] >= states or fewest[root] > most:
            continue
        plant(roots, start, neighbour, slot_of, root, chosen, stack, seen, inside, frontier)
        depth = 0
        entering = True
        num_touched = 0
        while depth >= 0:
            if entering:
                added = chosen[depth]
                visits += 1
                if visits > max_visits or depth + 1 >= DEEPEST:
                    outcome = TOO_MANY_VISITS
                    break
                if visits % 1024 == 0 and stop[0]:
                    outcome = STOPPED
                    break
                num_touched += touch_groups(group_start, group_item, added, touched, 1)
                outside[depth] = fewest[added] + (outside[depth - 1] if depth > 0 else 0)
                paid[depth] = price[added] + (paid[depth - 1] if depth > 0 else 0.0)
                worth = outside[depth] <= most
                if worth and bounded:
                    a, b = choice_start[added], choice_start[added + 1]
                    join_chain(cheapest[a:b], size[a:b], limit, free[depth - 1] if depth > 0 else nothing, free[depth])
                    worth = least_sum(free[depth], rest) + case.split * num_touched - paid[depth] <= slack
                kept = 0
                if worth:
                    kept = extend_tables(
                        choice_start, size, value, first_choice, centre_start, chosen, depth, limit, tables,
                        scratch,
                    )  # fmt: skip
                    if kept == ROOM:
                        outcome = TOO_MANY_VISITS
                        break
                tables.filled[depth] = kept
                if kept == 0:  # nor is any larger set worth while, or leaves so few outside
                    give_up(stack, depth)
                best = np.inf
                for i in range(kept):
                    best = min(best, least_sum(tables.cost[depth, i], fit))
                best += case.split * num_touched
                if best < limit and best - paid[depth] <= slack:
                    if num_items(sets) + depth + 1 > max_items:
                        outcome = TOO_MANY_GRIDS
                        break
                    found = sets.filled[0]
                    cost = with_room(cost, found, found + 1)
                    cost[found] = best
                    sets = put(sets, in_order(chosen, depth + 1, ordered))
            before = depth
            depth, frontier = grow(roots, start, neighbour, slot_of, chosen, stack, seen, inside, frontier, depth)
            entering = depth > before
            if not entering:
                num_touched -= touch_groups(group_start, group_item, chosen[before], touched, -1)
        if outcome != COMPLETE:
            break
    at, item = contents(sets)
    return outcome, at, item, cost[: len(at) - 1]


@kernel
def final_costs(case, most, fine, states):
    """Balance and fine of a grid by its households; infinite where more than `most` are outside the bounds."""
    fit = np.empty(states)
    for households in range(states):
        over = misfit(case, households)
        fit[households] = case.balance * abs(households - case.target) + fine * over if over <= most else np.inf
    return fit


@kernel
def least_taken(choice_start, size, over):
    """Households that a grid takes of each chain at least, and that stay outside the bounds above it at least."""
    num = len(choice_start) - 1
    lightest = np.full(num, 1 << 40, dtype=np.int64)
    fewest = np.full(num, 1 << 40, dtype=np.int64)
    for root in range(num):
        for choice in range(choice_start[root], choice_start[root + 1]):
            lightest[root] = min(lightest[root], size[choice])
            fewest[root] = min(fewest[root], over[choice])
    return lightest, fewest


@kernel
def least_sum(one, other):
    """The least sum of entries at the same place."""
    least = np.inf
    for i in range(len(one)):
        least = min(least, one[i] + other[i])
    return least


@kernel
def least_over_centres(value):
    """What each choice costs at least, whatever the centre."""
    cheapest = np.full(value.shape[1], np.inf)
    for centre in range(value.shape[0]):
        for choice in range(value.shape[1]):
            cheapest[choice] = min(cheapest[choice], value[centre, choice])
    return cheapest


@kernel
def touch_groups(group_start, group_item, root, touched, change):
    """One root more or less in its groups; how many groups that concerns first or last."""
    num = 0
    for i in range(group_start[root], group_start[root + 1]):
        group = group_item[i]
        if min(touched[group], touched[group] + change) == 0:
            num += 1
        touched[group] += change
    return num


@kernel
def extend_tables(
    choice_start, size, value, first_choice, centre_start, chosen, depth, limit, tables, scratch,
):  # fmt: skip
    """Fill the tables of a depth for the set `chosen[:depth + 1]`; returns how many centres it has, at most `ROOM`."""
    added = chosen[depth]
    a, b = choice_start[added], choice_start[added + 1]
    kept = 0
    for i in range(tables.filled[depth - 1] if depth > 0 else 0):
        centre = tables.centre[depth - 1, i]
        before = tables.cost[depth - 1, i]
        if join_chain(value[centre, a:b], size[a:b], limit, before, tables.cost[depth, kept]):
            tables.centre[depth, kept] = centre
            kept += 1
    for centre in range(centre_start[added], centre_start[added + 1]):
        if kept + 1 >= ROOM:
            return ROOM
        scratch[0] = np.inf
        scratch[0, 0] = 0.0
        own = first_choice[centre]
        possible = join_chain(value[centre, own:b], size[own:b], limit, scratch[0], scratch[1])
        now = 1
        for i in range(depth):
            if not possible:
                break
            lower, upper = choice_start[chosen[i]], choice_start[chosen[i] + 1]
            possible = join_chain(value[centre, lower:upper], size[lower:upper], limit, scratch[now], scratch[1 - now])
            now = 1 - now
        if possible:
            tables.cost[depth, kept] = scratch[now]
            tables.centre[depth, kept] = centre
            kept += 1
    return kept


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
