"""Every connected grid that could still matter: those whose reduced cost stays within a slack.

For one centre after another, connected sets that contain it are grown (ESU, Wernicke 2006, doi:10.1109/TCBB.2006.51)
as long as some completion may stay within the slack. With the centre fixed, a grid costs a sum over its nodes, a
charge per group and the balance term, so a completion is bounded by a knapsack over households: the charge of a group
that is not touched yet is spread over its gainful nodes, capacity is priced by a multiplier. Both only lower the
bound.

Subset-row cuts (Jepsen, Petersen, Spoorendonk & Pisinger 2008, doi:10.1287/opre.1070.0449) make a grid pay for holding,
say, two of three nodes. A grid that grows pays as soon as it holds the second; while it holds one, each of the other
two is charged half of the payment in advance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.listing import (
    COMPLETE,
    STOPPED,
    TOO_MANY_GRIDS,
    TOO_MANY_VISITS,
    clashes,
    grid_cost,
)
from partitioner.solver.kernels.pricing import FREE

RUNGS = 16
MAX_STEPS = 3
"""Multipliers to choose from for a centre, and steps from one to the next per set."""


class Cuts(NamedTuple):
    """Subset-row cuts: a grid pays `penalty` for every `divisor` nodes that it holds of a cut's nodes."""

    start: np.ndarray  # (n + 1,) cuts of each node, CSR
    item: np.ndarray
    member_start: np.ndarray  # (cuts + 1,) nodes of each cut, CSR
    member: np.ndarray
    divisor: np.ndarray  # (cuts,) at least 2
    penalty: np.ndarray  # (cuts,) at least 0


def no_cuts(num: int) -> Cuts:
    """No cuts over `num` nodes."""
    return Cuts(
        start=np.zeros(num + 1, dtype=np.int64),
        item=np.empty(0, dtype=np.int64),
        member_start=np.zeros(1, dtype=np.int64),
        member=np.empty(0, dtype=np.int64),
        divisor=np.empty(0, dtype=np.int64),
        penalty=np.empty(0),
    )


@kernel
def list_relevant_grids(
    case, group_of, node_of, start, item, dual, charge, cuts, value, slack, most, centre_visits, max_visits, max_items,
    stop,
):  # fmt: skip
    """All lawful grids whose reduced cost is at most `slack`, each once, or the best ones of every centre.

    Parameters
    ----------
    group_of, node_of, start, item : arrays
        As for `pricing.candidates`.
    dual, charge : float arrays, shapes (n,) and (groups,)
        Prices of nodes; what touching a group still costs.
    cuts : Cuts
    value : float array, shape (units,)
        Lower bounds on the reduced cost per centre; centres above the slack are skipped.
    most : int
        Once a centre has so many grids, only better ones are looked for, and none that can be made better by one more
        node; the best grid with this centre, be it another grid's best or not, is never missed. 0: list all.
    centre_visits, max_visits : int
        Give up a centre, or everything, beyond so many sets.

    Returns
    -------
    outcome : int
        `COMPLETE`, or why the list is not complete (where `most` does not limit it).
    grid_start, grid_item : CSR lists of nodes, ascending within each grid
    cost : float array
        Weighted terms without `move`.
    reduced : float array
    least : float array, shape (units,)
        Lower bounds on the reduced cost of any lawful grid whose best centre this is.
    """
    num = len(case.households)
    reach = case.far.shape[0] > 0
    grid_start = np.zeros(1024, dtype=np.int64)
    cost = np.empty(1024)
    grid_item = np.empty(8192, dtype=np.int64)
    num_grids = 0
    num_items = 0
    visits = 0
    chosen = np.empty(num, dtype=np.int64)
    ordered = np.empty(num, dtype=np.int64)
    grid_reduced = np.empty(1024)
    least = value.copy()
    outcome = COMPLETE
    best_few = np.empty(max(1, most))
    times = np.zeros(len(cuts.penalty), dtype=np.int64)
    rounding = 1e-9 * (1.0 + abs(slack) + np.abs(dual).sum() + cuts.penalty.sum())
    frontier = np.empty(num * 8 + 64, dtype=np.int64)
    at = np.empty(num + 1, dtype=np.int64)
    end = np.empty(num + 1, dtype=np.int64)
    fresh = np.empty(num + 1, dtype=np.int64)
    load = np.empty(num + 1, dtype=np.int64)
    price = np.empty(num + 1)
    seen = np.zeros(num, dtype=np.bool_)  # in the grid, in its frontier, or left out
    waiting = np.zeros(num, dtype=np.bool_)  # scratch: in the frontier, not tried yet
    inside = np.zeros(num, dtype=np.bool_)
    possible = np.zeros(num, dtype=np.bool_)
    slot_of = np.full(num, -1, dtype=np.int64)  # place in `near`
    num_groups = 1
    for node in range(num):
        num_groups = max(num_groups, group_of[node] + 1)
    touched = np.zeros(num_groups, dtype=np.int64)
    ladder = np.empty(RUNGS)
    rung = np.zeros(num + 1, dtype=np.int64)
    for centre in range(len(node_of)):
        own = node_of[centre]
        if value[centre] > slack or case.households[own] > case.high:
            continue
        bar = slack
        num_best = 0
        visits_before = visits
        gave_up = False
        near = item[start[centre] : start[centre + 1]]
        worth = np.empty(len(near))
        for i in range(len(near)):
            worth[i] = case.walk[centre, near[i]] - dual[near[i]]
            possible[near[i]] = True
        times[:] = 0
        for i in range(len(near)):
            slot_of[near[i]] = i
        gainful = np.empty(len(near))
        if most > 0:
            surely_gainful(case, near, worth, reach, gainful)
        ladder_of(case, own, near, worth, ladder)
        rung[0] = len(ladder) // 2
        chosen[0] = own
        inside[own] = True
        seen[own] = True
        load[0] = case.households[own]
        price[0] = case.walk[centre, own] - dual[own]
        if group_of[own] != FREE:
            touched[group_of[own]] += 1
            price[0] += charge[group_of[own]]
        price[0] += entering_cuts(cuts, own, times, slot_of, worth)
        filled = 0
        for i in range(case.start[own], case.start[own + 1]):
            other = case.neighbour[i]
            if possible[other] and not seen[other]:
                frontier[filled] = other
                filled += 1
                seen[other] = True
        at[0] = 0
        end[0] = filled
        fresh[0] = 0
        depth = 0
        entering = True
        while depth >= 0:
            if entering:
                entering = False
                visits += 1
                if visits > max_visits or (visits % 16384 == 0 and stop[0]):
                    outcome = STOPPED if visits <= max_visits else TOO_MANY_VISITS
                    least[centre:] = value[centre:]
                    return (
                        outcome, grid_start[: num_grids + 1], grid_item[:num_items], cost[:num_grids],
                        grid_reduced[:num_grids], least,
                    )  # fmt: skip
                if visits - visits_before > centre_visits:
                    outcome = TOO_MANY_VISITS
                    gave_up = True
                households = load[depth]
                if households >= case.low:
                    reduced = price[depth] + case.balance * abs(households - case.target)
                    total = np.inf
                    if reduced <= bar + rounding:
                        # In one order, whatever way the grid was reached: equal sums must stay equal.
                        ordered[: depth + 1] = chosen[: depth + 1]
                        ordered[: depth + 1].sort()
                        if most > 0 or is_best_centre(case, ordered, depth + 1, centre):
                            total = grid_cost(case, ordered, depth + 1, households, reach)
                            reduced = total - prices_of(case, group_of, dual, charge, ordered, depth + 1)
                            for i in range(len(times)):
                                reduced += cuts.penalty[i] * (times[i] // cuts.divisor[i])
                    if total < np.inf and reduced <= bar and not gave_up:
                        if num_items + depth + 1 > max_items:
                            least[centre:] = value[centre:]
                            return (
                                TOO_MANY_GRIDS, grid_start[: num_grids + 1], grid_item[:num_items], cost[:num_grids],
                                grid_reduced[:num_grids], least,
                            )  # fmt: skip
                        while num_items + depth + 1 > len(grid_item):
                            longer = np.empty(2 * len(grid_item), dtype=np.int64)
                            longer[:num_items] = grid_item[:num_items]
                            grid_item = longer
                        if num_grids + 2 > len(grid_start):
                            more_start = np.zeros(2 * len(grid_start), dtype=np.int64)
                            more_start[: num_grids + 1] = grid_start[: num_grids + 1]
                            grid_start = more_start
                            more_cost = np.empty(2 * len(cost))
                            more_cost[:num_grids] = cost[:num_grids]
                            cost = more_cost
                            more_reduced = np.empty(2 * len(grid_reduced))
                            more_reduced[:num_grids] = grid_reduced[:num_grids]
                            grid_reduced = more_reduced
                        for i in range(depth + 1):
                            grid_item[num_items + i] = ordered[i]
                        cost[num_grids] = total
                        grid_reduced[num_grids] = reduced
                        num_best = remember(best_few, num_best, reduced)
                        if most > 0 and num_best == most:
                            bar = min(bar, best_few[most - 1])
                        num_grids += 1
                        num_items += depth + 1
                        grid_start[num_grids] = num_items
                for i in range(at[depth], end[depth]):
                    waiting[frontier[i]] = True
                fewest = max(households, case.low)
                if most > 0:
                    fewest = max(
                        fewest,
                        case.high
                        + 1
                        - least_gainful(
                            case, group_of, charge, near, gainful, cuts, times, seen, waiting, inside, touched
                        ),
                    )
                rest, rung[depth] = best_completion(
                    case, group_of, charge, near, worth, seen, waiting, touched, households, fewest, ladder,
                    rung[depth - 1] if depth > 0 else rung[0], bar + rounding - price[depth],
                )  # fmt: skip
                for i in range(at[depth], end[depth]):
                    waiting[frontier[i]] = False
                if gave_up or fewest > case.high or price[depth] + rest > bar + rounding:
                    at[depth] = end[depth]  # nothing that grows from here matters
            if at[depth] == end[depth]:
                for i in range(fresh[depth], end[depth]):
                    seen[frontier[i]] = False
                node = chosen[depth]
                inside[node] = False
                leaving_cuts(cuts, node, times, slot_of, worth)
                if group_of[node] != FREE:
                    touched[group_of[node]] -= 1
                depth -= 1
                continue
            node = frontier[at[depth]]
            at[depth] += 1
            heavier = load[depth] + case.households[node]
            if heavier > case.high or clashes(case, node, inside):
                continue
            base = end[depth]
            left = end[depth] - at[depth]
            if base + left + num > len(frontier):
                longer = np.empty(2 * len(frontier) + left + num, dtype=np.int64)
                longer[:base] = frontier[:base]
                frontier = longer
            for i in range(left):
                frontier[base + i] = frontier[at[depth] + i]
            filled = base + left
            depth += 1
            fresh[depth] = filled
            for i in range(case.start[node], case.start[node + 1]):
                other = case.neighbour[i]
                if possible[other] and not seen[other]:
                    seen[other] = True
                    frontier[filled] = other
                    filled += 1
            chosen[depth] = node
            inside[node] = True
            load[depth] = heavier
            price[depth] = price[depth - 1] + case.walk[centre, node] - dual[node]
            if group_of[node] != FREE:
                if touched[group_of[node]] == 0:
                    price[depth] += charge[group_of[node]]
                touched[group_of[node]] += 1
            price[depth] += entering_cuts(cuts, node, times, slot_of, worth)
            at[depth] = base
            end[depth] = filled
            entering = True
        if not gave_up:
            least[centre] = max(value[centre], best_few[0] if num_best > 0 else slack)
        seen[own] = False
        for i in range(len(near)):
            possible[near[i]] = False
            slot_of[near[i]] = -1
    return (
        outcome, grid_start[: num_grids + 1], grid_item[:num_items], cost[:num_grids], grid_reduced[:num_grids], least,
    )  # fmt: skip


@kernel
def remember(best, num, value):
    """Keep `value` among the least ones in `best`, ascending; returns how many there are now."""
    if num == len(best):
        if num == 0 or value >= best[num - 1]:
            return num
        num -= 1
    i = num
    while i > 0 and best[i - 1] > value:
        best[i] = best[i - 1]
        i -= 1
    best[i] = value
    return num + 1


@kernel
def entering_cuts(cuts, node, times, slot_of, worth):
    """What cuts charge for `node` entering the grid; other nodes of its cuts are charged in advance in `worth`."""
    paid = 0.0
    for i in range(cuts.start[node], cuts.start[node + 1]):
        cut = cuts.item[i]
        before = advance(cuts, cut, times[cut])
        times[cut] += 1
        if times[cut] % cuts.divisor[cut] == 0:
            paid += cuts.penalty[cut]
        charge_members(cuts, cut, slot_of, worth, before, advance(cuts, cut, times[cut]))
    return paid


@kernel
def leaving_cuts(cuts, node, times, slot_of, worth):
    """Undo `entering_cuts`."""
    for i in range(cuts.start[node], cuts.start[node + 1]):
        cut = cuts.item[i]
        before = advance(cuts, cut, times[cut])
        times[cut] -= 1
        charge_members(cuts, cut, slot_of, worth, before, advance(cuts, cut, times[cut]))


@kernel
def advance(cuts, cut, num):
    """Charged for each further node of a cut of which the grid holds `num`: never more than they will pay together."""
    divisor = cuts.divisor[cut]
    if num % divisor != divisor - 1:
        return 0.0
    left = cuts.member_start[cut + 1] - cuts.member_start[cut] - num
    return cuts.penalty[cut] / max(1, min(divisor, left))


@kernel
def charge_members(cuts, cut, slot_of, worth, before, now):
    """Change what is charged in advance: also to nodes inside, whose worth is not looked at."""
    if before == now:
        return
    for i in range(cuts.member_start[cut], cuts.member_start[cut + 1]):
        slot = slot_of[cuts.member[i]]
        if slot >= 0:
            worth[slot] += now - before


@kernel
def surely_gainful(case, near, worth, reach, gainful):
    """Fill `gainful`, shape (near,), with the most that adding a node beside it can cost a grid, group and cuts aside.

    Infinite where a rule may forbid it, or where the node lies in several groups: only the first one is charged here.
    """
    for i in range(len(near)):
        node = near[i]
        gainful[i] = worth[i] + case.balance * case.households[node]
        several = case.split > 0.0 and case.group_start[node + 1] - case.group_start[node] > 1
        if reach or several or case.apart_start[node + 1] > case.apart_start[node]:
            gainful[i] = np.inf


@kernel
def least_gainful(case, group_of, charge, near, gainful, cuts, times, seen, waiting, inside, touched):
    """Fewest households of a node that was left out though adding it would pay in any grid with room for it.

    A grid with room for it costs more than the same grid with it: only those without room are worth growing. More than
    `high` where there is no such node.
    """
    fewest = case.high + 1
    for i in range(len(near)):
        node = near[i]
        if not seen[node] or waiting[node] or inside[node] or case.households[node] >= fewest:
            continue
        group = group_of[node]
        extra = charge[group] if group != FREE and touched[group] == 0 else 0.0
        if gainful[i] + extra < 0.0:
            extra += most_of_cuts(cuts, node, times, seen, waiting, inside)
            if gainful[i] + extra < 0.0:
                fewest = case.households[node]
    return fewest


@kernel
def most_of_cuts(cuts, node, times, seen, waiting, inside):
    """The most that cuts can charge for adding `node` to a grid that grows from here."""
    total = 0.0
    for i in range(cuts.start[node], cuts.start[node + 1]):
        cut = cuts.item[i]
        still = 0
        for j in range(cuts.member_start[cut], cuts.member_start[cut + 1]):
            other = cuts.member[j]
            if other != node and not inside[other] and (waiting[other] or not seen[other]):
                still += 1
        divisor = cuts.divisor[cut]
        # The grid will hold from times to times + still of the cut's nodes; the next one pays before a full divisor.
        if (times[cut] % divisor) + still >= divisor - 1:
            total += cuts.penalty[cut]
    return total


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


@kernel
def prices_of(case, group_of, dual, charge, chosen, num):
    """What the prices pay for a grid: for its nodes, and for the groups that it touches."""
    paid = 0.0
    for a in range(num):
        paid += dual[chosen[a]]
        group = group_of[chosen[a]]
        if group == FREE:
            continue
        known = False
        for b in range(a):
            if group_of[chosen[b]] == group:
                known = True
                break
        if not known:
            paid += case.split - charge[group]
    return paid


@kernel
def is_best_centre(case, chosen, num, centre):
    """Whether `centre` is the best centre of the grid, the lowest of equals."""
    own = 0.0
    for b in range(num):
        own += case.walk[centre, chosen[b]]
    for a in range(num):
        for i in range(case.unit_start[chosen[a]], case.unit_start[chosen[a] + 1]):
            other = case.unit_item[i]
            total = 0.0
            for b in range(num):
                total += case.walk[other, chosen[b]]
            if total < own or (total == own and other < centre):
                return False
    return True
