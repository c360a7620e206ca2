"""Annealing whose moves are windows: a few neighbouring grids are cut anew along a random tree and smoothed a little.

The chain of recombinations of DeFord, Duchin & Solomon 2021 (doi:10.1162/99608f92.eb30390f), steered by the objective.
Everything happens in place: on a city a window costs some ten microseconds.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.anneal import BLOCK, better, try_moves
from partitioner.solver.kernels.case import link, resum, slots_in_use, unlink
from partitioner.solver.kernels.chance import NUM_WAITS, WAITS, below, fraction
from partitioner.solver.kernels.picking import (
    find_trouble,
    nodes_of,
    pick_window,
    place,
    raised,
    room_for_slots,
    sums,
    with_spare,
)
from partitioner.solver.kernels.tree import cut_nodes, new_desk, outside

WINDOW_OF = np.array([1, 2, 2, 2, 3, 3, 4, 4])
"""Sizes of windows, drawn evenly."""

CUT_EFFORT = 12
"""What cutting and judging a window costs, in candidates per node."""


@kernel
def recombine(case, state, rng, num_windows, steps_per_node, price, temperature, chances, stop):
    """Cut random windows anew; a worse one is kept now and then, as in annealing, never one that breaks more.

    Parameters
    ----------
    steps_per_node : int
        Single moves and swaps tried in a window after it was cut.
    price : float
        Cost of one household outside the bounds while they are tried.
    temperature : float
        Cost by which a kept window is worse on average; 0 keeps only better ones.
    chances : float array, shape (slots,) or (0,)
        Running totals of how often each slot is drawn to begin a window; empty: all alike.

    Returns
    -------
    int
        Candidates tried.
    """
    num = len(state.label)
    desk = new_desk(num)
    order, fresh = np.empty(num, dtype=np.int64), np.empty(num, dtype=np.int64)
    nodes_room, old_room = np.empty(num, dtype=np.int64), np.empty(num, dtype=np.int64)
    inside = np.zeros(len(state.head), dtype=np.bool_)
    slots_room = room_for_slots()
    trouble = find_trouble(state)
    in_use = slots_in_use(state)
    tried = 0
    for _ in range(num_windows):
        if stop[0]:
            break
        first = drawn(rng, chances) if len(chances) > 0 else below(rng, len(state.head))
        if state.size[first] == 0:
            continue
        wanted = WINDOW_OF[below(rng, len(WINDOW_OF))]
        num_slots = pick_window(case, state, rng, slots_room, first, wanted, trouble)
        total, households, old_broken, old_misfit, old_cost = sums(state, slots_room[:num_slots])
        grids = draw_count(case, rng, num_slots, households, old_misfit)
        if grids < 1 or grids > total or (num_slots == 1 and grids == 1):
            continue
        if in_use + grids - num_slots < case.count_low or in_use + grids - num_slots > case.count_high:
            continue
        used = with_spare(state, slots_room, num_slots, grids)
        if used < 0:
            continue
        slots, nodes, old = slots_room[:used], nodes_room[:total], old_room[:total]
        nodes_of(state, slots[:num_slots], nodes)
        for j in range(total):
            old[j] = state.label[nodes[j]]
        if grids != num_slots or below(rng, 2) == 0:
            cut_anew(case, state, rng, nodes, slots, grids, order[:total], fresh, desk)
        heat = abs(old_cost) / total * 0.3 + 1e-9
        dear = raised(rng, price, old_broken, old_misfit)
        if grids > 1:
            smooth(case, state, rng, nodes, slots, steps_per_node * total, heat, heat * 0.02, dear, inside)
        tried += (steps_per_node + CUT_EFFORT) * total
        resum_all(case, state, slots)
        _, _, broken, misfit, cost = sums(state, slots)
        allowed = 0.0
        if broken == old_broken and misfit == old_misfit:
            allowed = temperature * WAITS[below(rng, NUM_WAITS)]
        if better(broken, misfit, cost - allowed, old_broken, old_misfit, old_cost):
            in_use += grids - num_slots
            if len(trouble) > 0:
                trouble = find_trouble(state)
        else:
            place(case, state, nodes, old)
            resum_all(case, state, slots)
    return tried


@kernel
def drawn(rng, chances):
    """A slot, by the running totals of its chances."""
    first = np.searchsorted(chances, fraction(rng) * chances[-1], side="right")
    return min(first, len(chances) - 1)


@kernel
def draw_count(case, rng, num_slots, households, misfit):
    """How many grids a window is cut into: as many as before, or one more or fewer where that can keep the bounds."""
    grids = num_slots + below(rng, 3) - 1
    if grids != num_slots and outside(case, households, grids) > misfit:
        return num_slots
    return grids


@kernel
def cut_anew(case, state, rng, nodes, slots, grids, order, fresh, desk):
    """Cut the connected `nodes` of `slots` into the first `grids` of these; `order` and `fresh` are scratch."""
    order[:] = nodes
    cut_nodes(case, rng, order, grids, 0.5, 2, True, fresh, desk)
    for node in nodes:
        unlink(case, state, node)
    for node in nodes:
        link(case, state, node, slots[fresh[node]])
    resum_all(case, state, slots)


@kernel
def smooth(case, state, rng, nodes, slots, steps, hot, cold, price, inside):
    """Anneal the `nodes` of `slots` by moves and swaps among these, emptying none; `inside` is scratch, all False."""
    for slot in slots:
        inside[slot] = True
    cooling = (cold / hot) ** (1.0 / max(1, steps // BLOCK))
    try_moves(case, state, rng, nodes, inside, steps, price, hot, cooling, 0, 0, 0, 0.0)
    for slot in slots:
        inside[slot] = False


@kernel
def resum_all(case, state, slots):
    """Recompute the sums of `slots`."""
    for slot in slots:
        resum(case, state, slot)
