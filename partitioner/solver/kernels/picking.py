"""Which neighbouring grids make a window, and what they hold."""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.case import link, unlink
from partitioner.solver.kernels.chance import below

MAX_TROUBLED_WINDOW = 8


@kernel
def room_for_slots():
    """Room for the slots of any window, and one more."""
    return np.empty(MAX_TROUBLED_WINDOW + 1, dtype=np.int64)


@kernel
def find_trouble(state):
    """The slots that break a bound or a rule."""
    return np.flatnonzero((state.misfit > 0) | (state.broken > 0))


@kernel
def pick_window(case, state, rng, slots, first, wanted, trouble):
    """Fill `slots` with up to `wanted` neighbouring slots, grown from slot `first`; returns how many.

    While there is trouble, three windows in four are grown from there instead, and larger.
    """
    if len(trouble) > 0 and below(rng, 4) > 0:
        first = trouble[below(rng, len(trouble))]
        wanted = 2 + below(rng, MAX_TROUBLED_WINDOW - 1)
    slots[0] = first
    num = 1
    for _ in range(12 * wanted):
        if num == wanted:
            break
        slot = slots[below(rng, num)]
        node = state.head[slot]
        for _ in range(below(rng, state.size[slot])):
            node = state.after[node]
        degree = case.start[node + 1] - case.start[node]
        if degree == 0:
            continue
        other = state.label[case.neighbour[case.start[node] + below(rng, degree)]]
        known = False
        for i in range(num):
            if slots[i] == other:
                known = True
        if not known:
            slots[num] = other
            num += 1
    return num


@kernel
def sums(state, slots):
    """(nodes, households, broken rules, households outside bounds, cost) of `slots`."""
    num, households, broken, misfit, cost = 0, 0, 0, 0, 0.0
    for slot in slots:
        num += state.size[slot]
        households += state.households[slot]
        broken += state.broken[slot]
        misfit += state.misfit[slot]
        cost += state.cost[slot]
    return num, households, broken, misfit, cost


@kernel
def with_spare(state, slots, num_slots, grids):
    """Put an empty slot behind slots[:num_slots] where `grids` are more; returns how many there are, -1 if none is."""
    if grids <= num_slots:
        return num_slots
    for slot in range(len(state.head)):
        if state.size[slot] == 0:
            slots[num_slots] = slot
            return num_slots + 1
    return -1


@kernel
def nodes_of(state, slots, nodes):
    """Fill `nodes` with those of `slots`."""
    filled = 0
    for slot in slots:
        node = state.head[slot]
        while node >= 0:
            nodes[filled] = node
            filled += 1
            node = state.after[node]


@kernel
def raised(rng, price, broken, misfit):
    """The price of a household outside the bounds: one may have to outweigh the longest way, so several are tried."""
    if misfit > 0 or broken > 0:
        return price * 10.0 ** below(rng, 5)
    return price


@kernel
def place(case, state, nodes, slots):
    """Move `nodes` into the slot of each; sums are not touched."""
    for node in nodes:
        unlink(case, state, node)
    for j in range(len(nodes) - 1, -1, -1):
        link(case, state, nodes[j], slots[j])
