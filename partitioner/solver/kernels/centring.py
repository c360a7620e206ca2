"""Bounds of the centre-based model: for every possible centre a knapsack, relaxed to fractions of nodes.

A grid with centre c, contiguity left out, is a choice of nodes with low <= households <= high. Allowing fractions, the
best choice takes nodes by reduced cost per household until neither the bounds nor the balance term want more: sorting
instead of a table over households, so that the size of the numbers does not matter. The charge of a group is spread
over those of its nodes that pay; any way to spread it keeps the value a lower bound.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel


@kernel
def spread_charges(case, centre, own, allowed, dual, gain, charge):
    """Fill `charge` (n,) with each node's part of the charges of its groups; returns what the centre's node pays.

    `gain` (groups,) is scratch. Groups of the centre's own node are paid already.
    """
    num = len(case.households)
    for node in range(num):
        charge[node] = 0.0
    if case.split == 0.0:
        return 0.0
    gain[:] = 0.0
    for node in range(num):
        saved = dual[node] - case.walk[centre, node]
        if allowed[node] and saved > 0.0:
            for i in range(case.group_start[node], case.group_start[node + 1]):
                gain[case.group_item[i]] += saved
    for i in range(case.group_start[own], case.group_start[own + 1]):
        gain[case.group_item[i]] = np.inf
    for node in range(num):
        saved = dual[node] - case.walk[centre, node]
        if allowed[node] and saved > 0.0:
            for i in range(case.group_start[node], case.group_start[node + 1]):
                charge[node] += case.split * saved / gain[case.group_item[i]]
    charge[own] = 0.0
    return case.split * (case.group_start[own + 1] - case.group_start[own])


@kernel
def by_rate(case, centre, own, allowed, dual, charge, rate, order):
    """Write the allowed nodes beside `own` to `order`, cheapest per household first; returns how many.

    Nodes without households come first; their place does not matter.
    """
    num = 0
    for node in range(len(case.households)):
        if allowed[node] and node != own:
            size = case.households[node]
            cost = case.walk[centre, node] - dual[node] + charge[node]
            rate[num] = cost / size if size > 0 else -np.inf
            order[num] = node
            num += 1
    place = np.argsort(rate[:num], kind="mergesort")
    sorted_nodes = order[:num][place]
    order[:num] = sorted_nodes
    return num


@kernel
def fill_grid(case, centre, own, dual, charge, order, forced, share):
    """Least reduced cost of a fractional grid that holds `own` and `forced` (-1: none) whole; infinite if none can be.

    Parameters
    ----------
    order : int array
        From `by_rate`.
    share : float array, shape (n,) or (0,)
        Filled with the part of each node in the grid, unless it is empty.
    """
    note = len(share) > 0
    if note:
        share[:] = 0.0
        share[own] = 1.0
    held = case.households[own]
    value = case.walk[centre, own] - dual[own]
    if forced >= 0:
        held += case.households[forced]
        value += case.walk[centre, forced] - dual[forced] + charge[forced]
    if held > case.high:
        return np.inf
    reach = held
    for i in range(len(order)):
        if order[i] != forced:
            reach += case.households[order[i]]
    if reach < case.low:
        return np.inf
    full = np.float64(held)
    value += case.balance * abs(full - case.target)
    done = False
    for i in range(len(order)):
        node = order[i]
        if node == forced:
            continue
        size = case.households[node]
        cost = case.walk[centre, node] - dual[node] + charge[node]
        if size == 0:
            if cost < 0.0:
                value += cost
                if note:
                    share[node] = 1.0
            continue
        if done:
            continue
        left = np.float64(size)
        while left > 0.0:
            if full < case.target:
                slope = cost / size - case.balance
                room = min(case.target, np.float64(case.high)) - full
            else:
                slope = cost / size + case.balance
                room = case.high - full
            if room <= 0.0 or (slope >= 0.0 and full >= case.low):
                done = True
                break
            if slope >= 0.0:
                room = min(room, case.low - full)
            taken = min(left, room)
            value += slope * taken
            full += taken
            left -= taken
            if note:
                share[node] += taken / size
    return value


@kernel
def centre_values(case, node_of, allowed, dual, num_groups, value):
    """Least reduced cost of a fractional grid of every centre, written to `value` (units,).

    Parameters
    ----------
    allowed : bool array, shape (units, n)
        Whether a node may be in the grid of a centre; a centre whose own node may not is closed.
    """
    num = len(case.households)
    charge = np.empty(num)
    gain = np.empty(max(num_groups, 1))
    rate = np.empty(num)
    order = np.empty(num, dtype=np.int64)
    nothing = np.empty(0)
    for centre in range(len(node_of)):
        own = node_of[centre]
        value[centre] = np.inf
        if not allowed[centre, own]:
            continue
        paid = spread_charges(case, centre, own, allowed[centre], dual, gain, charge)
        some = by_rate(case, centre, own, allowed[centre], dual, charge, rate, order)
        value[centre] = paid + fill_grid(case, centre, own, dual, charge, order[:some], -1, nothing)


@kernel
def cover_shares(case, node_of, allowed, dual, num_groups, centres, times):
    """How often the fractional grids of `centres` cover each node, written to `times` (n,)."""
    num = len(case.households)
    charge = np.empty(num)
    gain = np.empty(max(num_groups, 1))
    rate = np.empty(num)
    order = np.empty(num, dtype=np.int64)
    share = np.empty(num)
    times[:] = 0.0
    for i in range(len(centres)):
        centre = centres[i]
        own = node_of[centre]
        spread_charges(case, centre, own, allowed[centre], dual, gain, charge)
        some = by_rate(case, centre, own, allowed[centre], dual, charge, rate, order)
        fill_grid(case, centre, own, dual, charge, order[:some], -1, share)
        for node in range(num):
            times[node] += share[node]


@kernel
def forbid_dear(case, node_of, allowed, dual, num_groups, limit, stop):
    """Forbid what no plan with a reduced cost within the limits can hold; returns how much was forbidden.

    Parameters
    ----------
    allowed : bool array, shape (units, n), changed
    limit : float array, shape (units,)
        Most that the grid of each centre may cost in reduced terms.
    """
    num = len(case.households)
    charge = np.empty(num)
    gain = np.empty(max(num_groups, 1))
    rate = np.empty(num)
    order = np.empty(num, dtype=np.int64)
    dear = np.zeros(num, dtype=np.bool_)
    nothing = np.empty(0)
    forbidden = 0
    for centre in range(len(node_of)):
        own = node_of[centre]
        if stop[0] or not allowed[centre, own]:
            continue
        paid = spread_charges(case, centre, own, allowed[centre], dual, gain, charge)
        some = by_rate(case, centre, own, allowed[centre], dual, charge, rate, order)
        if paid + fill_grid(case, centre, own, dual, charge, order[:some], -1, nothing) > limit[centre]:
            forbidden += some + 1
            allowed[centre, :] = False
            continue
        for i in range(some):
            least = paid + fill_grid(case, centre, own, dual, charge, order[:some], order[i], nothing)
            dear[order[i]] = least > limit[centre]
        for i in range(some):
            if dear[order[i]]:
                allowed[centre, order[i]] = False
                forbidden += 1
    return forbidden


@kernel
def forbid_unreachable(case, node_of, allowed):
    """Forbid nodes without an allowed path of at most `high` households to the centre, and centres that cannot reach
    `low`; returns how much was forbidden."""
    num = len(case.households)
    unseen = np.int64(1) << 60
    load = np.empty(num, dtype=np.int64)
    waiting = np.zeros(num, dtype=np.bool_)
    queue = np.empty(num, dtype=np.int64)
    forbidden = 0
    for centre in range(len(node_of)):
        own = node_of[centre]
        if not allowed[centre, own]:
            continue
        load[:] = unseen
        load[own] = case.households[own]
        queue[0] = own
        waiting[own] = True
        head = 0
        tail = 1
        in_queue = 1
        while in_queue > 0:
            node = queue[head]
            head = (head + 1) % num
            in_queue -= 1
            waiting[node] = False
            for i in range(case.start[node], case.start[node + 1]):
                other = case.neighbour[i]
                there = load[node] + case.households[other]
                if allowed[centre, other] and there <= case.high and there < load[other]:
                    load[other] = there
                    if not waiting[other]:
                        waiting[other] = True
                        queue[tail % num] = other
                        tail = (tail + 1) % num
                        in_queue += 1
        held = 0
        for node in range(num):
            if load[node] < unseen:
                held += case.households[node]
        closed = load[own] > case.high or held < case.low
        for node in range(num):
            if allowed[centre, node] and (closed or load[node] == unseen):
                allowed[centre, node] = False
                forbidden += 1
    return forbidden
