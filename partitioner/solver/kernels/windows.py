"""Large neighbourhoods: a few neighbouring grids are cut anew, with one more or fewer where bounds allow it."""

from __future__ import annotations

import numpy as np
from numba import njit

from partitioner.solver.kernels.anneal import anneal, better
from partitioner.solver.kernels.case import Case, State, link, rebuild, resum, unlink
from partitioner.solver.kernels.chance import below
from partitioner.solver.kernels.tree import cut_into

MAX_WINDOW = 4
MAX_TROUBLED_WINDOW = 8


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def pick_window(case, state, rng, slots, first, wanted):
    """Fill `slots` with up to `wanted` neighbouring slots, grown from slot `first`; returns how many."""
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


@njit(cache=True, nogil=True)
def find_trouble(state, trouble):
    """Fill `trouble` with the slots that break a bound or a rule; returns how many."""
    num = 0
    for slot in range(len(state.head)):
        if state.misfit[slot] > 0 or state.broken[slot] > 0:
            trouble[num] = slot
            num += 1
    return num


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def recut_windows(case, state, rng, num_windows, steps_per_node, price, stop):
    """Re-solve random windows of neighbouring grids and keep the better ones; returns the candidates tried."""
    num = len(state.label)
    place = np.full(num, -1, dtype=np.int64)
    most = case.walk.shape[0] + len(case.group_item) + len(case.previous_item) + 1
    for i in range(len(case.group_item)):
        most = max(most, case.group_item[i] + 1)
    for i in range(len(case.previous_item)):
        most = max(most, case.previous_item[i] + 1)
    identity = np.arange(most)
    slots = np.empty(MAX_TROUBLED_WINDOW + 1, dtype=np.int64)
    in_use = 0
    for slot in range(len(state.head)):
        if state.size[slot] > 0:
            in_use += 1
    tried = 0
    trouble = np.empty(len(state.head), dtype=np.int64)
    troubled = find_trouble(state, trouble)
    for _ in range(num_windows):
        if stop[0]:
            break
        first = state.label[below(rng, num)]
        wanted = 1 + below(rng, MAX_WINDOW)
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
        grids = num_slots + below(rng, 3) - 1
        if grids < 1 or grids > total:
            continue
        if in_use + grids - num_slots < case.count_low or in_use + grids - num_slots > case.count_high:
            continue
        if old_misfit == 0 and (households < grids * case.low or households > grids * case.high):
            continue
        if num_slots == 1 and grids == 1:
            continue
        spare = -1
        if grids > num_slots:
            for slot in range(len(state.head)):
                if state.size[slot] == 0:
                    spare = slot
                    break
            if spare < 0:
                continue
            slots[num_slots] = spare
        nodes = np.empty(total, dtype=np.int64)
        filled = 0
        for i in range(num_slots):
            node = state.head[slots[i]]
            while node >= 0:
                nodes[filled] = node
                filled += 1
                node = state.after[node]
        nodes.sort()
        small, num_groups = sub_case(case, nodes, grids, place, identity)
        trial = fresh_state(small, grids, num_groups)
        stays = np.empty(num_slots, dtype=np.int64)
        num_stays = 0
        for i in range(num_slots):
            if state.stay[slots[i]] >= 0:
                stays[num_stays] = state.stay[slots[i]]
                num_stays += 1
        if grids == num_slots and below(rng, 2) == 0:
            for j in range(total):
                for i in range(num_slots):
                    if state.label[nodes[j]] == slots[i]:
                        trial.label[j] = i
        else:
            trial.label[:] = cut_into(small, rng, grids, 0.5, 2)
        carry_on(small, trial, stays[:num_stays])
        rebuild(small, trial)
        # Retained households make costs negative; heat is measured without them.
        heat = abs(old_cost + case.move * households) / total * 0.5
        steps = steps_per_node * total
        tried += steps
        # Where a bound is broken, one household may have to outweigh the longest way: try several prices.
        dear = price
        if old_misfit > 0 or old_broken > 0:
            dear = price * 10.0 ** below(rng, 5)
        broken, misfit, cost = anneal(small, trial, rng, steps, heat + 1e-9, heat * 0.01 + 1e-12, dear, stop)
        if num_stays > 0:
            carry_on(small, trial, stays[:num_stays])
            rebuild(small, trial)
            broken, misfit, cost = 0, 0, 0.0
            for slot in range(grids):
                broken += trial.broken[slot]
                misfit += trial.misfit[slot]
                cost += trial.cost[slot]
        if not better(broken, misfit, cost, old_broken, old_misfit, old_cost):
            continue
        used = 0
        for j in range(total):
            unlink(case, state, nodes[j])
        for j in range(total - 1, -1, -1):
            link(case, state, nodes[j], slots[trial.label[j]])
        for i in range(max(num_slots, grids)):
            state.stay[slots[i]] = trial.stay[i] if i < grids else -1
            resum(case, state, slots[i])
            used += 1 if state.size[slots[i]] > 0 else 0
        in_use += used - num_slots
        if troubled > 0:
            troubled = find_trouble(state, trouble)
    return tried
