"""Annealing whose moves are windows: a few neighbouring grids are cut anew along a random tree and smoothed a little.

The chain of recombinations of DeFord, Duchin & Solomon 2021 (doi:10.1162/99608f92.eb30390f), steered by the objective.
Everything happens in place: on a city a window costs some ten microseconds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from partitioner.solver.kernels.anneal import RULE_PRICE, better, swap_partner
from partitioner.solver.kernels.case import judge, link, resum, stays_connected, transfer, unlink
from partitioner.solver.kernels.chance import NUM_WAITS, WAITS, below, fraction
from partitioner.solver.kernels.tree import outside, span
from partitioner.solver.kernels.windows import MAX_TROUBLED_WINDOW, find_trouble, pick_window

WINDOW_OF = np.array([1, 2, 2, 2, 3, 3, 4, 4])
"""Sizes of windows, drawn evenly."""

CUT_EFFORT = 12
"""What cutting and judging a window costs, in candidates per node."""


@njit(cache=True, nogil=True)
def recombine(case, state, rng, num_windows, steps_per_node, price, temperature, stop):
    """Cut random windows anew; a worse one is kept now and then, as in annealing, never one that breaks more.

    Parameters
    ----------
    steps_per_node : int
        Single moves and swaps tried in a window after it was cut.
    price : float
        Cost of one household outside the bounds while they are tried.
    temperature : float
        Cost by which a kept window is worse on average; 0 keeps only better ones.

    Returns
    -------
    int
        Candidates tried.
    """
    num = len(state.label)
    num_slots_all = len(state.head)
    order = np.empty(num, dtype=np.int64)
    part = np.full(num, -1, dtype=np.int64)
    parent = np.empty(num, dtype=np.int64)
    walk = np.empty(num, dtype=np.int64)
    below_it = np.empty(num, dtype=np.int64)
    size = np.empty(num, dtype=np.int64)
    side = np.empty(num, dtype=np.int64)
    scratch = (order, part, parent, walk, below_it, size, side)
    fresh = np.empty(num, dtype=np.int64)
    old = np.empty(num, dtype=np.int64)
    nodes = np.empty(num, dtype=np.int64)
    inside = np.zeros(num_slots_all, dtype=np.bool_)
    slots = np.empty(MAX_TROUBLED_WINDOW + 1, dtype=np.int64)
    trouble = np.empty(num_slots_all, dtype=np.int64)
    troubled = find_trouble(state, trouble)
    in_use = 0
    for slot in range(num_slots_all):
        if state.size[slot] > 0:
            in_use += 1
    tried = 0
    for _ in range(num_windows):
        if stop[0]:
            break
        first = below(rng, num_slots_all)
        if state.size[first] == 0:
            continue
        wanted = WINDOW_OF[below(rng, len(WINDOW_OF))]
        if troubled > 0 and below(rng, 4) > 0:
            first = trouble[below(rng, troubled)]
            wanted = 2 + below(rng, MAX_TROUBLED_WINDOW - 1)
        num_slots = pick_window(case, state, rng, slots, first, wanted)
        total = 0
        households = 0
        old_broken, old_misfit, old_cost = 0, 0, 0.0
        for i in range(num_slots):
            total += state.size[slots[i]]
            households += state.households[slots[i]]
            old_broken += state.broken[slots[i]]
            old_misfit += state.misfit[slots[i]]
            old_cost += state.cost[slots[i]]
        grids = num_slots
        pick = below(rng, 3) - 1
        if pick != 0 and outside(case, households, num_slots + pick) <= old_misfit:
            grids += pick
        if grids < 1 or grids > total or (num_slots == 1 and grids == 1):
            continue
        if in_use + grids - num_slots < case.count_low or in_use + grids - num_slots > case.count_high:
            continue
        used = num_slots
        if grids > num_slots:
            spare = -1
            for slot in range(num_slots_all):
                if state.size[slot] == 0:
                    spare = slot
                    break
            if spare < 0:
                continue
            slots[num_slots] = spare
            used += 1
        filled = 0
        for i in range(num_slots):
            node = state.head[slots[i]]
            while node >= 0:
                nodes[filled] = node
                old[filled] = slots[i]
                filled += 1
                node = state.after[node]
        for i in range(used):
            inside[slots[i]] = True
        if grids != num_slots or below(rng, 2) == 0:
            cut_window(case, rng, nodes, total, grids, fresh, scratch)
            for j in range(total):
                unlink(case, state, nodes[j])
            for j in range(total):
                link(case, state, nodes[j], slots[fresh[j]])
            for i in range(used):
                resum(case, state, slots[i])
        heat = abs(old_cost) / total * 0.3 + 1e-9
        dear = price
        if old_misfit > 0 or old_broken > 0:
            dear = price * 10.0 ** below(rng, 5)
        steps = steps_per_node * total
        tried += steps + CUT_EFFORT * total
        if grids > 1:
            smooth(case, state, rng, nodes, total, inside, steps, heat, heat * 0.02, dear)
        broken, misfit, cost = 0, 0, 0.0
        for i in range(used):
            inside[slots[i]] = False
            resum(case, state, slots[i])
            broken += state.broken[slots[i]]
            misfit += state.misfit[slots[i]]
            cost += state.cost[slots[i]]
        allowed = 0.0
        if broken == old_broken and misfit == old_misfit:
            allowed = temperature * WAITS[below(rng, NUM_WAITS)]
        if better(broken, misfit, cost - allowed, old_broken, old_misfit, old_cost):
            in_use += grids - num_slots
            if troubled > 0:
                troubled = find_trouble(state, trouble)
            continue
        for j in range(total):
            unlink(case, state, nodes[j])
        for j in range(total - 1, -1, -1):
            link(case, state, nodes[j], old[j])
        for i in range(used):
            resum(case, state, slots[i])
    return tried


@njit(cache=True, nogil=True)
def cut_window(case, rng, nodes, total, grids, fresh, scratch):
    """Fill `fresh` with a number from 0 to grids - 1 for each of the connected `nodes[:total]`."""
    order, part, parent, walk, below_it, size, side = scratch
    stack = np.empty((grids + 2, 4), dtype=np.int64)
    for j in range(total):
        order[j] = nodes[j]
        part[nodes[j]] = 0
    stack[0] = (0, total, grids, 0)
    depth = 1
    parts = 1
    while depth > 0:
        depth -= 1
        a, b, share, first = stack[depth]
        if share == 1 or b - a <= 1:
            for i in range(a, b):
                below_it[order[i]] = first
                part[order[i]] = -2 - first
            continue
        best_misfit = 1 << 60
        best_score = np.inf
        best_share = 0
        best_node = -1
        households = 0
        for _ in range(2):
            if best_node >= 0 and best_misfit == 0:
                break
            span(case, rng, order, a, b, part, 0.5, parent, walk)
            households = 0
            for i in range(a, b):
                node = walk[i]
                below_it[node] = case.households[node]
                size[node] = 1
                households += case.households[node]
            for i in range(b - 1, a, -1):
                below_it[parent[walk[i]]] += below_it[walk[i]]
                size[parent[walk[i]]] += size[walk[i]]
            best_node = -1
            best_misfit = 1 << 60
            best_score = np.inf
            for i in range(a + 1, b):
                node = walk[i]
                under = below_it[node]
                exact = share * under / max(households, 1)
                for here in range(max(1, int(exact)), min(share - 1, int(exact) + 1) + 1):
                    if here > size[node] or share - here > b - a - size[node]:
                        continue
                    misfit = outside(case, under, here) + outside(case, households - under, share - here)
                    score = fraction(rng)  # any lawful cut will do: the objective decides
                    if misfit < best_misfit or (misfit == best_misfit and score < best_score):
                        best_misfit = misfit
                        best_score = score
                        best_share = here
                        best_node = node
        if best_node < 0:
            for i in range(a, b):
                below_it[order[i]] = first
                part[order[i]] = -2 - first
            continue
        for i in range(a, b):
            side[walk[i]] = 0
        side[best_node] = 1
        for i in range(a + 1, b):
            if side[parent[walk[i]]] == 1:
                side[walk[i]] = 1
        middle = a
        for i in range(a, b):
            node = order[i]
            if side[node] == 1:
                order[i] = order[middle]
                order[middle] = node
                middle += 1
        for i in range(a, middle):
            part[order[i]] = parts
        parts += 1
        stack[depth] = (a, middle, best_share, first)
        stack[depth + 1] = (middle, b, share - best_share, first + best_share)
        depth += 2
    for j in range(total):
        fresh[j] = -2 - part[nodes[j]]
        part[nodes[j]] = -1


@njit(cache=True, nogil=True)
def smooth(case, state, rng, nodes, total, inside, steps, hot, cold, price):
    """Anneal `nodes[:total]` by single moves and swaps among the slots that are `inside`; none is emptied."""
    blocks = max(1, steps // 32)
    cooling = (cold / hot) ** (1.0 / blocks)
    temperature = hot
    for step in range(steps):
        if step % 32 == 31:
            temperature *= cooling
        node = nodes[below(rng, total)]
        source = state.label[node]
        degree = case.start[node + 1] - case.start[node]
        if degree == 0:
            continue
        slot = state.label[case.neighbour[case.start[node] + below(rng, degree)]]
        if slot == source or not inside[slot]:
            continue
        back = -1
        if below(rng, 2) == 0:
            back = swap_partner(case, state, rng, node, source, slot)
            if back < 0:
                continue
        elif state.size[source] == 1:
            continue
        new_a = judge(case, state, source, node, back)
        new_b = judge(case, state, slot, back, node)
        cost_change = new_a[0] + new_b[0] - state.cost[source] - state.cost[slot]
        misfit_change = new_a[1] + new_b[1] - state.misfit[source] - state.misfit[slot]
        broken_change = new_a[2] + new_b[2] - state.broken[source] - state.broken[slot]
        change = cost_change + price * (misfit_change + RULE_PRICE * broken_change)
        if change > temperature * WAITS[below(rng, NUM_WAITS)]:
            continue
        if not stays_connected(case, state, source, node, back):
            continue
        if back >= 0 and not stays_connected(case, state, slot, back, node):
            continue
        transfer(case, state, node, slot)
        if back >= 0:
            transfer(case, state, back, source)
        state.cost[source], state.misfit[source], state.broken[source] = new_a
        state.cost[slot], state.misfit[slot], state.broken[slot] = new_b
