"""The knapsack of one centre with whole nodes, households counted in buckets: slower than centring.py, and tighter.

Households are divided by the bucket and rounded down; what rounding can hide widens the lower bound, so that every
lawful grid stays allowed. The table has a fixed number of columns however large the households are.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.centring import spread_charges


@kernel
def weigh(case, centre, own, allowed, dual, charge, bucket, item, size, cost):
    """List the allowed nodes beside `own` with size in buckets and reduced cost; returns their number, the least
    buckets that a lawful grid can show, and the sum of what zero-size nodes gain."""
    num = 0
    hidden = case.households[own] % bucket
    free = 0.0
    for node in range(len(case.households)):
        if allowed[node] and node != own:
            value = case.walk[centre, node] - dual[node] + charge[node]
            hidden += case.households[node] % bucket
            if case.households[node] // bucket == 0:
                free += min(0.0, value)
            item[num] = node
            size[num] = case.households[node] // bucket
            cost[num] = value
            num += 1
    return num, max(0, -((hidden - case.low) // bucket)), free


@kernel
def whole_values(case, node_of, allowed, dual, num_groups, bucket, ends, value, times, centres, stop):
    """Least reduced cost of a grid of whole nodes of every centre, written to `value` (units,); False if stopped.

    Parameters
    ----------
    ends : float array, shape (states,)
        Balance term by buckets held.
    centres : int array
        If any, only these are looked at, and how often their grids cover each node is written to `times` (n,).
    """
    num_nodes = len(case.households)
    states = len(ends)
    charge = np.empty(num_nodes)
    gain = np.empty(max(num_groups, 1))
    item = np.empty(num_nodes, dtype=np.int64)
    size = np.empty(num_nodes, dtype=np.int64)
    cost = np.empty(num_nodes)
    best = np.empty(states)
    longer = np.empty(states)
    covering = len(centres) > 0
    taken = np.zeros((num_nodes if covering else 1, states), dtype=np.bool_)
    times[:] = 0.0
    for position in range(len(centres) if covering else len(node_of)):
        if stop[0]:
            return False
        centre = centres[position] if covering else position
        own = node_of[centre]
        value[centre] = np.inf
        first = case.households[own] // bucket
        if not allowed[centre, own] or first >= states:
            continue
        paid = spread_charges(case, centre, own, allowed[centre], dual, gain, charge)
        num, least, free = weigh(case, centre, own, allowed[centre], dual, charge, bucket, item, size, cost)
        best[:] = np.inf
        best[first] = paid + case.walk[centre, own] - dual[own] + free
        top = first
        for i in range(num):
            here = size[i]
            if here == 0 or here >= states:
                if covering:
                    taken[i, :] = False
                continue
            top = min(top + here, states - 1)
            longer[:here] = best[:here]
            longer[top + 1 :] = np.inf
            for s in range(here, top + 1):
                with_it = best[s - here] + cost[i]
                longer[s] = with_it if with_it < best[s] else best[s]
            if covering:
                for s in range(states):
                    taken[i, s] = longer[s] < best[s]
            best, longer = longer, best
        at = -1
        for s in range(least, states):
            if best[s] + ends[s] < value[centre]:
                value[centre] = best[s] + ends[s]
                at = s
        if covering and at >= 0:
            times[own] += 1.0
            for i in range(num - 1, -1, -1):
                if size[i] == 0:
                    if cost[i] < 0.0:
                        times[item[i]] += 1.0
                elif size[i] < states and taken[i, at]:
                    times[item[i]] += 1.0
                    at -= size[i]
    return True


@kernel
def forbid_dear_whole(case, node_of, allowed, dual, num_groups, bucket, ends, limit, stop):
    """As `forbid_dear`, with whole nodes; returns how much was forbidden.

    A table from the front and one from the back give the best grid with any one node forced in. The balance term then
    counts with the least that it can be.
    """
    num_nodes = len(case.households)
    states = len(ends)
    charge = np.empty(num_nodes)
    gain = np.empty(max(num_groups, 1))
    item = np.empty(num_nodes, dtype=np.int64)
    size = np.empty(num_nodes, dtype=np.int64)
    cost = np.empty(num_nodes)
    most = 0
    for centre in range(len(node_of)):
        most = max(most, allowed[centre].sum())
    front = np.empty((most + 1, states))
    back = np.empty((most + 1, states))
    queue = np.empty(states, dtype=np.int64)
    forbidden = 0
    for centre in range(len(node_of)):
        own = node_of[centre]
        first = case.households[own] // bucket
        if stop[0]:
            return forbidden
        if not allowed[centre, own]:
            continue
        paid = spread_charges(case, centre, own, allowed[centre], dual, gain, charge)
        num, least, free = weigh(case, centre, own, allowed[centre], dual, charge, bucket, item, size, cost)
        end = np.inf
        for s in range(least, states):
            end = min(end, ends[s])
        front[0, :] = np.inf
        if first < states:
            front[0, first] = paid + case.walk[centre, own] - dual[own] + free
        back[num, :] = np.inf
        back[num, 0] = 0.0
        for i in range(num):
            here = size[i]
            front[i + 1, :] = front[i, :]
            if 0 < here < states:
                for s in range(here, states):
                    with_it = front[i, s - here] + cost[i]
                    front[i + 1, s] = with_it if with_it < front[i, s] else front[i, s]
        for i in range(num - 1, -1, -1):
            here = size[i]
            back[i, :] = back[i + 1, :]
            if 0 < here < states:
                for s in range(here, states):
                    with_it = back[i + 1, s - here] + cost[i]
                    back[i, s] = with_it if with_it < back[i + 1, s] else back[i + 1, s]
        value = np.inf
        for s in range(least, states):
            value = min(value, front[num, s] + ends[s])
        if value > limit[centre]:
            forbidden += num + 1
            allowed[centre, :] = False
            continue
        for i in range(num):
            here = size[i]
            forced = np.inf
            if here == 0:
                forced = value + max(0.0, cost[i])
            else:
                forced = end + cost[i] + least_pair(front[i], back[i + 1], least - here, states - 1 - here, queue)
            if forced > limit[centre]:
                allowed[centre, item[i]] = False
                forbidden += 1
    return forbidden


@kernel
def least_pair(front, back, low, high, queue):
    """Least front[s] + back[t] with low <= s + t <= high; infinite if there is none. `queue` is scratch."""
    best = np.inf
    if high < 0:
        return best
    head = 0
    tail = 0
    seen = -1  # back[0 … seen] have been in the queue, whose entries have falling positions from the front on
    # As s falls, the window of t moves up: a queue of rising values keeps its least.
    for s in range(min(high, len(front) - 1), -1, -1):
        while seen < min(high - s, len(back) - 1):
            seen += 1
            while tail > head and back[queue[tail - 1]] >= back[seen]:
                tail -= 1
            queue[tail] = seen
            tail += 1
        while head < tail and queue[head] < low - s:
            head += 1
        if head < tail and front[s] + back[queue[head]] < best:
            best = front[s] + back[queue[head]]
    return best
