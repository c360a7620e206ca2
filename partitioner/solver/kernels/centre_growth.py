"""The grids of one centre on their way: what they cost so far, and the least that completing them can add.

With the centre fixed, a grid costs a sum over its nodes, a charge per group and the balance term, so a completion is
bounded by a knapsack over households: the charge of a group that is not touched yet is spread over its gainful nodes,
capacity is priced by a multiplier. Both only lower the bound.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.cut_payments import entering_cuts, leaving_cuts
from partitioner.solver.kernels.pricing import FREE

RUNGS = 16
MAX_STEPS = 3
"""Multipliers to choose from for a centre, and steps from one to the next per set."""


class Site(NamedTuple):
    """Room for one centre after another."""

    price: np.ndarray  # (n + 1,) per depth: walking, groups and cuts, less what the prices pay
    slot_of: np.ndarray  # (n,) place among the centre's candidates, -1 elsewhere
    touched: np.ndarray  # (groups,) nodes of the set in each group
    times: np.ndarray  # (cuts,) nodes of the set in each cut
    waiting: np.ndarray  # (n,) in the frontier, not tried yet; only while a completion is bounded
    ladder: np.ndarray  # (RUNGS,) multipliers, ascending
    rung: np.ndarray  # (n + 1,) per depth, the one that was best


@kernel
def new_site(case, group_of, cuts):
    """Before the first centre."""
    num = len(case.households)
    num_groups = 1
    for node in range(num):
        num_groups = max(num_groups, group_of[node] + 1)
    return Site(
        np.empty(num + 1),
        np.full(num, -1, dtype=np.int64),
        np.zeros(num_groups, dtype=np.int64),
        np.zeros(len(cuts.penalty), dtype=np.int64),
        np.zeros(num, dtype=np.bool_),
        np.empty(RUNGS),
        np.zeros(num + 1, dtype=np.int64),
    )


@kernel
def open_site(case, centre, own, near, dual, site):
    """Turn to a centre at the node `own` with the candidates `near`; returns what each of these is worth."""
    worth = np.empty(len(near))
    for i in range(len(near)):
        worth[i] = case.walk[centre, near[i]] - dual[near[i]]
        site.slot_of[near[i]] = i
    site.times[:] = 0
    ladder_of(case, own, near, worth, site.ladder)
    site.rung[0] = len(site.ladder) // 2
    return worth


@kernel
def close_site(near, site):
    """Done with a centre."""
    for i in range(len(near)):
        site.slot_of[near[i]] = -1


@kernel
def charge_joining(case, group_of, dual, charge, cuts, centre, node, depth, worth, site):
    """What the set costs with `node`, which has joined it at this depth."""
    price = site.price[depth - 1] if depth > 0 else 0.0
    price += case.walk[centre, node]
    price -= dual[node]
    group = group_of[node]
    if group != FREE:
        if site.touched[group] == 0:
            price += charge[group]
        site.touched[group] += 1
    site.price[depth] = price + entering_cuts(cuts, node, site.times, site.slot_of, worth)


@kernel
def discharge_leaving(group_of, cuts, node, worth, site):
    """Undo `charge_joining`."""
    leaving_cuts(cuts, node, site.times, site.slot_of, worth)
    if group_of[node] != FREE:
        site.touched[group_of[node]] -= 1


@kernel
def mark_waiting(growth, frontier, depth, site, value):
    """Tell which nodes of the frontier are still to be tried, or forget it."""
    for i in range(growth.at[depth], growth.end[depth]):
        site.waiting[frontier[i]] = value


@kernel
def least_rest(case, group_of, charge, near, worth, growth, depth, fewest, enough, site):
    """A lower bound on what completing the set can add, while `waiting` is marked; any value above `enough` will do.

    `fewest` : households of the complete grid at least.
    """
    rest, site.rung[depth] = best_completion(
        case, group_of, charge, near, worth, growth.seen, site.waiting, site.touched, growth.load[depth], fewest,
        site.ladder, site.rung[max(0, depth - 1)], enough,
    )  # fmt: skip
    return rest


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
