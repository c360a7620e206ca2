"""Every connected grid that could still matter: those whose reduced cost stays within a slack.

For one centre after another, connected sets that contain it are grown as long as some completion may stay within the
slack (`kernels.centre_growth`).
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.centre_growth import (
    best_completion,
    discharge,
    ladder_of,
    new_site,
    priced,
    worth_of,
)
from partitioner.solver.kernels.cut_payments import add_payments, most_of_cuts
from partitioner.solver.kernels.growing import (
    END,
    LOAD,
    NEXT,
    contents,
    give_up,
    grow,
    in_order,
    new_basket,
    new_growth,
    num_items,
    plant,
    put,
    with_room,
)
from partitioner.solver.kernels.listing import COMPLETE, STOPPED, TOO_MANY_GRIDS, TOO_MANY_VISITS, grid_cost
from partitioner.solver.kernels.pricing import FREE


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
    grids = new_basket()
    cost = np.empty(1024)
    reduced_of = np.empty(1024)
    chosen, stack, seen, inside, frontier = new_growth(num)
    price, slot_of, touched, times, waiting, ladder, rung = new_site(case, group_of, cuts)
    least = value.copy()
    best_few = np.empty(max(1, most))
    ordered = np.empty(num, dtype=np.int64)
    visits = 0
    outcome = COMPLETE
    rounding = 1e-9 * (1.0 + abs(slack) + np.abs(dual).sum() + cuts.penalty.sum())
    for centre in range(len(node_of)):
        own = node_of[centre]
        if value[centre] > slack or case.households[own] > case.high:
            continue
        bar = slack
        num_best = 0
        visits_before = visits
        gave_up = False
        ended = COMPLETE
        near = item[start[centre] : start[centre + 1]]
        worth = worth_of(case, centre, near, dual, slot_of)
        gainful = np.empty(len(near))
        if most > 0:
            surely_gainful(case, near, worth, reach, gainful)
        times[:] = 0
        ladder_of(case, own, near, worth, ladder)
        rung[0] = len(ladder) // 2
        plant(case, case.start, case.neighbour, slot_of, own, chosen, stack, seen, inside, frontier)
        price[0] = priced(0.0, case, group_of, dual, charge, cuts, centre, own, touched, times, slot_of, worth)
        depth = 0
        entering = True
        while depth >= 0:
            if entering:
                visits += 1
                if visits > max_visits or (visits % 16384 == 0 and stop[0]):
                    ended = STOPPED if visits <= max_visits else TOO_MANY_VISITS
                    break
                if visits - visits_before > centre_visits:
                    outcome = TOO_MANY_VISITS
                    gave_up = True
                households = stack[depth, LOAD]
                roughly = price[depth] + case.balance * abs(households - case.target)
                if households >= case.low and roughly <= bar + rounding and not gave_up:
                    # In one order, whatever way the grid was reached: equal sums must stay equal.
                    grid = in_order(chosen, depth + 1, ordered)
                    met_before = most == 0 and not is_best_centre(case, grid, len(grid), centre)
                    total = np.inf if met_before else grid_cost(case, grid, len(grid), households, reach)
                    reduced = total - prices_of(case, group_of, dual, charge, grid, len(grid))
                    reduced = add_payments(cuts, times, reduced)
                    if total < np.inf and reduced <= bar:
                        if num_items(grids) + len(grid) > max_items:
                            ended = TOO_MANY_GRIDS
                            break
                        found = grids.filled[0]
                        cost = with_room(cost, found, found + 1)
                        cost[found] = total
                        reduced_of = with_room(reduced_of, found, found + 1)
                        reduced_of[found] = reduced
                        grids = put(grids, grid)
                        num_best = remember(best_few, num_best, reduced)
                        if most > 0 and num_best == most:
                            bar = min(bar, best_few[most - 1])
                for i in range(stack[depth, NEXT], stack[depth, END]):
                    waiting[frontier[i]] = True
                fewest = max(households, case.low)
                if most > 0:
                    lightest = least_gainful(
                        case, group_of, charge, near, gainful, cuts, times, seen, waiting, inside, touched
                    )
                    fewest = max(fewest, case.high + 1 - lightest)
                rest, rung[depth] = best_completion(
                    case, group_of, charge, near, worth, seen, waiting, touched, households, fewest, ladder,
                    rung[max(0, depth - 1)], bar + rounding - price[depth],
                )  # fmt: skip
                for i in range(stack[depth, NEXT], stack[depth, END]):
                    waiting[frontier[i]] = False
                if gave_up or fewest > case.high or price[depth] + rest > bar + rounding:
                    give_up(stack, depth)
            before = depth
            depth, frontier = grow(
                case, case.start, case.neighbour, slot_of, chosen, stack, seen, inside, frontier, depth
            )
            entering = depth > before
            if entering:
                price[depth] = priced(
                    price[before], case, group_of, dual, charge, cuts, centre, chosen[depth], touched, times, slot_of,
                    worth,
                )  # fmt: skip
            else:
                discharge(group_of, cuts, chosen[before], touched, times, slot_of, worth)
        if ended != COMPLETE:  # of this centre and those after it nothing is known
            outcome = ended
            least[centre:] = value[centre:]
            break
        if not gave_up:
            least[centre] = max(value[centre], best_few[0] if num_best > 0 else slack)
        slot_of[near] = -1
    grid_start, grid_item = contents(grids)
    return outcome, grid_start, grid_item, cost[: len(grid_start) - 1], reduced_of[: len(grid_start) - 1], least


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
