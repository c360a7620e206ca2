"""The grids of one centre on their way: what they cost so far, and the least that completing them can add.

With the centre fixed, a grid costs a sum over its nodes, a charge per group and the balance term, so a completion is
bounded by a knapsack over households: the charge of a group that is not touched yet is spread over its gainful nodes,
capacity is priced by a multiplier. Both only lower the bound.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel, part
from partitioner.solver.kernels.cut_payments import entering_cuts, leaving_cuts
from partitioner.solver.kernels.pricing import FREE

RUNGS = 16
MAX_STEPS = 3
"""Multipliers to choose from for a centre, and steps from one to the next per set."""


@kernel
def new_site(case, group_of, cuts):
    """Room for one centre after another.

    Returns
    -------
    price : float array, shape (n + 1,)
        Of the set at each depth: walking, groups and cuts, less what the prices pay.
    slot_of : int array, shape (n,)
        Place among the centre's candidates, -1 elsewhere.
    touched, times : int arrays, shapes (groups,) and (cuts,)
        Nodes of the set in each group and cut.
    waiting : bool array, shape (n,)
        In the frontier, not tried yet; only while a completion is bounded.
    ladder : float array
        Multipliers, ascending.
    rung : int array, shape (n + 1,)
        The one that was best at each depth.
    """
    num = len(case.households)
    num_groups = 1
    for node in range(num):
        num_groups = max(num_groups, group_of[node] + 1)
    return (
        np.empty(num + 1),
        np.full(num, -1, dtype=np.int64),
        np.zeros(num_groups, dtype=np.int64),
        np.zeros(len(cuts.penalty), dtype=np.int64),
        np.zeros(num, dtype=np.bool_),
        np.empty(RUNGS),
        np.zeros(num + 1, dtype=np.int64),
    )


@kernel
def worth_of(case, centre, near, dual, slot_of):
    """What each of the candidates `near` costs beside a centre, less its price; their slots are filled in."""
    worth = np.empty(len(near))
    for i in range(len(near)):
        worth[i] = case.walk[centre, near[i]] - dual[near[i]]
        slot_of[near[i]] = i
    return worth


@part
def priced(price, case, group_of, dual, charge, cuts, centre, node, touched, times, slot_of, worth):
    """The price of a set, and of `node` which has joined it."""
    price += case.walk[centre, node]
    price -= dual[node]
    group = group_of[node]
    if group != FREE:
        if touched[group] == 0:
            price += charge[group]
        touched[group] += 1
    return price + entering_cuts(cuts, node, times, slot_of, worth)


@part
def discharge(group_of, cuts, node, touched, times, slot_of, worth):
    """The node has left the set."""
    leaving_cuts(cuts, node, times, slot_of, worth)
    if group_of[node] != FREE:
        touched[group_of[node]] -= 1


@kernel
def ladder_of(case, own, near, worth, ladder):
    """Fill `ladder` with ascending multipliers on households: what a household is worth when so much room is filled.

    Where the best nodes per household fill the room, the worst of them has the multiplier that bounds best; on the way
    down from the centre the room shrinks, so several shares of the room are looked at.
    """
    rate = np.empty(len(near))
    for i in range(len(near)):
        rate[i] = worth[i] / max(case.households[near[i]], 1)
    order = np.argsort(rate)
    room = max(case.high - case.households[own], 1)
    steps = len(ladder) - 1
    filled = 0
    step = 0
    for j in range(len(order)):
        filled += case.households[near[order[j]]]
        while step < steps and filled * steps >= room * 2 * step:
            ladder[step] = rate[order[j]]
            step += 1
    highest = rate[order[-1]] if len(order) > 0 else 0.0
    while step < steps:
        ladder[step] = max(highest, 0.0)
        step += 1
    ladder[steps] = 0.0
    ladder.sort()


@kernel
def completion(case, group_of, charge, near, worth, seen, waiting, touched, households, fewest, multiplier):
    """Lower bound on what adding nodes not seen yet, or waiting, and the balance term can change.

    As `kernels.capacity`: with a multiplier on households, nodes, groups and the number of households separate.

    Returns
    -------
    bound : float
    slope : float
        How the bound changes with the multiplier.
    """
    total = 0.0
    taken = 0
    block = 0.0
    block_taken = 0
    current = FREE
    for i in range(len(near)):
        node = near[i]
        if seen[node] and not waiting[node]:
            continue
        reduced = worth[i] - multiplier * case.households[node]
        if reduced >= 0.0:
            continue
        group = group_of[node]
        if group == FREE or touched[group] > 0:
            total += reduced
            taken += case.households[node]
            continue
        if group != current:
            if current != FREE and block + charge[current] < 0.0:
                total += block + charge[current]
                taken += block_taken
            current = group
            block = 0.0
            block_taken = 0
        block += reduced
        block_taken += case.households[node]
    if current != FREE and block + charge[current] < 0.0:
        total += block + charge[current]
        taken += block_taken
    best = case.balance * abs(fewest - case.target) + multiplier * (fewest - households)
    at = float(fewest)
    for size in (min(max(case.target, float(fewest)), float(case.high)), float(case.high)):
        value = case.balance * abs(size - case.target) + multiplier * (size - households)
        if value < best:
            best = value
            at = size
    return total + best, at - households - taken


@kernel
def best_completion(
    case, group_of, charge, near, worth, seen, waiting, touched, households, fewest, ladder, step, enough
):
    """The best `completion` near a step of the ladder, and the step; any value above `enough` will do."""
    best, slope = completion(
        case, group_of, charge, near, worth, seen, waiting, touched, households, fewest, ladder[step]
    )
    way = 1 if slope > 0.0 else -1
    for _ in range(MAX_STEPS):
        other = step + way
        if best > enough or slope == 0.0 or other < 0 or other >= len(ladder):
            break
        value, slope = completion(
            case, group_of, charge, near, worth, seen, waiting, touched, households, fewest, ladder[other]
        )
        if value <= best:
            break
        best = value
        step = other
        if (slope > 0.0) != (way > 0):
            break
    return best, step
