"""Large neighbourhoods: a few neighbouring grids are cut anew, with one more or fewer where bounds allow it."""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.anneal import anneal, better, totals
from partitioner.solver.kernels.case import Case, State, rebuild, resum, slots_in_use
from partitioner.solver.kernels.chance import below
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
from partitioner.solver.kernels.tree import cut_into

MAX_WINDOW = 4


@kernel
def sub_lists(start, item, nodes, place):
    """The CSR lists of `nodes`; entries are renumbered by `place`, those with a negative place are left out."""
    total = 0
    for node in nodes:
        for i in range(start[node], start[node + 1]):
            if place[item[i]] >= 0:
                total += 1
    new_start = np.zeros(len(nodes) + 1, dtype=np.int64)
    origin = np.empty(total, dtype=np.int64)
    filled = 0
    for j in range(len(nodes)):
        for i in range(start[nodes[j]], start[nodes[j] + 1]):
            if place[item[i]] >= 0:
                origin[filled] = i
                filled += 1
        new_start[j + 1] = filled
    return new_start, origin


@kernel
def sub_case(case, nodes, num_grids, place, identity):
    """The case of `nodes` alone, for exactly `num_grids` grids.

    `place` (n,) is scratch, all -1 before and after; `identity` is 0, 1, 2, … as long as the largest id of any list.
    """
    num = len(nodes)
    for j in range(num):
        place[nodes[j]] = j
    start, origin = sub_lists(case.start, case.neighbour, nodes, place)
    neighbour = np.empty(len(origin), dtype=np.int64)
    length = np.empty(len(origin))
    for i in range(len(origin)):
        neighbour[i] = place[case.neighbour[origin[i]]]
        length[i] = case.length[origin[i]]
    apart_start, origin = sub_lists(case.apart_start, case.apart_item, nodes, place)
    apart_item = np.empty(len(origin), dtype=np.int64)
    for i in range(len(origin)):
        apart_item[i] = place[case.apart_item[origin[i]]]
    unit_start, unit_origin = sub_lists(case.unit_start, case.unit_item, nodes, identity)
    group_start, group_origin = sub_lists(case.group_start, case.group_item, nodes, identity)
    previous_start, previous_origin = sub_lists(case.previous_start, case.previous_item, nodes, identity)
    units = len(unit_origin)
    reach = case.far.shape[0] > 0
    walk = np.empty((units, num))
    far = np.empty((units if reach else 0, num if reach else 0), dtype=np.uint8)
    for i in range(units):
        centre = case.unit_item[unit_origin[i]]
        for j in range(num):
            walk[i, j] = case.walk[centre, nodes[j]]
            if reach:
                far[i, j] = case.far[centre, nodes[j]]
    # Groups are renumbered 0, 1, … so that tables of them stay small.
    seen = np.unique(case.group_item[group_origin])
    group_item = np.searchsorted(seen, case.group_item[group_origin])
    for j in range(num):
        place[nodes[j]] = -1
    return (
        Case(
            case.households[nodes],
            start,
            neighbour,
            length,
            unit_start,
            np.arange(units),
            walk,
            far,
            group_start,
            group_item,
            previous_start,
            case.previous_item[previous_origin],
            case.previous_households[previous_origin],
            apart_start,
            apart_item,
            case.low,
            case.high,
            case.target,
            case.split,
            case.balance,
            case.move,
            num_grids,
            num_grids,
        ),
        len(seen),
    )


@kernel
def fresh_state(case, num_slots, num_groups):
    """As `new_state`, inside compiled code."""
    num = len(case.households)
    units = case.walk.shape[0]
    return State(
        np.full(num, -1, dtype=np.int64),
        np.full(num, -1, dtype=np.int64),
        np.full(num, -1, dtype=np.int64),
        np.full(num_slots, -1, dtype=np.int64),
        np.zeros(num_slots, dtype=np.int64),
        np.zeros(num_slots, dtype=np.int64),
        np.zeros(num_slots),
        np.zeros(num_slots, dtype=np.int64),
        np.zeros(num_slots, dtype=np.int64),
        np.zeros(units),
        np.zeros(units, dtype=np.int64),
        np.zeros((num_slots, max(num_groups, 1)), dtype=np.int32),
        np.zeros(num_slots, dtype=np.int64),
        np.full(num_slots, -1, dtype=np.int64),
        np.zeros(num, dtype=np.int64),
        np.zeros(num, dtype=np.int64),
    )


@kernel
def carry_on(case, state, candidates):
    """Give every slot the previous grid, out of `candidates`, that it holds most households of; one slot each."""
    num_slots = len(state.head)
    overlap = np.zeros((num_slots, len(candidates)), dtype=np.int64)
    for node in range(len(state.label)):
        for i in range(case.previous_start[node], case.previous_start[node + 1]):
            for j in range(len(candidates)):
                if candidates[j] == case.previous_item[i]:
                    overlap[state.label[node], j] += case.previous_households[i]
    state.stay[:] = -1
    for _ in range(min(num_slots, len(candidates))):
        best = 0
        best_slot = -1
        best_candidate = -1
        for slot in range(num_slots):
            for j in range(len(candidates)):
                if overlap[slot, j] > best:
                    best = overlap[slot, j]
                    best_slot = slot
                    best_candidate = j
        if best == 0:
            break
        state.stay[best_slot] = candidates[best_candidate]
        overlap[best_slot, :] = 0
        overlap[:, best_candidate] = 0


@kernel
def recut_windows(case, state, rng, num_windows, steps_per_node, price, stop):
    """Re-solve random windows of neighbouring grids and keep the better ones; returns the candidates tried."""
    num = len(state.label)
    place_of = np.full(num, -1, dtype=np.int64)
    most = case.walk.shape[0] + len(case.group_item) + len(case.previous_item) + 1
    for i in range(len(case.group_item)):
        most = max(most, case.group_item[i] + 1)
    for i in range(len(case.previous_item)):
        most = max(most, case.previous_item[i] + 1)
    identity = np.arange(most)
    slots = room_for_slots()
    in_use = slots_in_use(state)
    trouble = find_trouble(state)
    tried = 0
    for _ in range(num_windows):
        if stop[0]:
            break
        first = state.label[below(rng, num)]
        num_slots = pick_window(case, state, rng, slots, first, 1 + below(rng, MAX_WINDOW), trouble)
        total, households, old_broken, old_misfit, old_cost = sums(state, slots[:num_slots])
        grids = num_slots + below(rng, 3) - 1
        if grids < 1 or grids > total or (num_slots == 1 and grids == 1):
            continue
        if in_use + grids - num_slots < case.count_low or in_use + grids - num_slots > case.count_high:
            continue
        if old_misfit == 0 and (households < grids * case.low or households > grids * case.high):
            continue
        used = with_spare(state, slots, num_slots, grids)
        if used < 0:
            continue
        nodes = np.empty(total, dtype=np.int64)
        nodes_of(state, slots[:num_slots], nodes)
        nodes.sort()
        small, num_groups = sub_case(case, nodes, grids, place_of, identity)
        trial = fresh_state(small, grids, num_groups)
        stays = state.stay[slots[:num_slots]]
        stays = stays[stays >= 0]
        if grids == num_slots and below(rng, 2) == 0:
            trial.label[:] = ranks_in(slots[:num_slots], state.label[nodes])
        else:
            trial.label[:] = cut_into(small, rng, grids, 0.5, 2)
        carry_on(small, trial, stays)
        rebuild(small, trial)
        # Retained households make costs negative; heat is measured without them.
        heat = abs(old_cost + case.move * households) / total * 0.5
        steps = steps_per_node * total
        tried += steps
        dear = raised(rng, price, old_broken, old_misfit)
        broken, misfit, cost = anneal(small, trial, rng, steps, heat + 1e-9, heat * 0.01 + 1e-12, dear, stop)
        if len(stays) > 0:
            carry_on(small, trial, stays)
            rebuild(small, trial)
            broken, misfit, cost = totals(trial)
        if not better(broken, misfit, cost, old_broken, old_misfit, old_cost):
            continue
        place(case, state, nodes, slots[trial.label])
        for i in range(used):
            state.stay[slots[i]] = trial.stay[i] if i < grids else -1
            resum(case, state, slots[i])
            in_use += 1 if state.size[slots[i]] > 0 else 0
        in_use -= num_slots
        if len(trouble) > 0:
            trouble = find_trouble(state)
    return tried


@kernel
def ranks_in(slots, labels):
    """The place in `slots` of each of `labels`."""
    rank = np.empty(len(labels), dtype=np.int64)
    for j in range(len(labels)):
        for i in range(len(slots)):
            if labels[j] == slots[i]:
                rank[j] = i
    return rank
