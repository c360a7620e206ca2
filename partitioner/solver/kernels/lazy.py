"""Pricing all centres, looking closely only at those that count in the Lagrangian bound."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.capacity import OPEN, SHUT, block_cost, climb, load_items, new_items, rounding
from partitioner.solver.kernels.pricing import FREE
from partitioner.solver.kernels.sharpen import new_core, sharpen


class Lists(NamedTuple):
    """Candidates of every centre, CSR: all of them, and the promising ones (see `capacity.promising`)."""

    start: np.ndarray  # (units + 1,)
    item: np.ndarray
    kept_start: np.ndarray  # (units + 1,)
    kept: np.ndarray
    steepest: np.ndarray  # (units,) multiplier up to which the promising ones suffice
    reach: np.ndarray  # (1,) cost up to which they do
    households: np.ndarray  # (units,) of all candidates
    walking: np.ndarray  # (units,) of all candidates


@kernel
def load(case, group_of, charge, own, centre, lists, dual, prices, whole, items):
    """Fill `items` with the promising candidates of a centre, or all; returns how many, and the number of blocks."""
    heavy = lists.walking[centre] + prices
    if whole:
        item = lists.item[lists.start[centre] : lists.start[centre + 1]]
        steepest = np.inf
    else:
        item = lists.kept[lists.kept_start[centre] : lists.kept_start[centre + 1]]
        steepest = lists.steepest[centre]
    num_blocks = load_items(
        case, group_of, charge, centre, own, item, dual, steepest, lists.households[centre], heavy, items
    )
    return len(item), num_blocks


@kernel
def keep_least(least, filled, value):
    """Insert `value` into the ascending `least[:filled]`, dropping the last where it is full; returns the new fill."""
    at = filled
    if filled == len(least):
        if filled == 0 or value >= least[filled - 1]:
            return filled
        at -= 1
    else:
        filled += 1
    while at > 0 and least[at - 1] > value:
        least[at] = least[at - 1]
        at -= 1
    least[at] = value
    return filled


@kernel
def price_lazily(
    case,
    group_of,
    charge,
    node_of,
    lists,
    dual,
    cost_of,
    fewest,
    most,
    exact,
    tolerance,
    price,
    value,
    sharp,
    spent,
    stop,
):
    """A lower bound on `pricing.least_value` of every centre, sharp for those that count; False if stopped.

    The Lagrangian bound adds up the least values: those below zero, but at least `fewest` and at most `most`. Centres
    are looked at in the order of a first bound, until no other can be among these.

    Parameters
    ----------
    lists : Lists
    cost_of : float array, shape (high + 1,)
        Balance term by households.
    exact : bool
        Whether values are sharpened at all.
    tolerance : float
        How far below its maximum L may stay.
    price : float array, shape (units,)
        Multipliers to start from; filled with the best ones.
    value : float array, shape (units,), filled
    sharp : bool array, shape (units,), filled
        Where `value` is that of the table.
    spent : int array, shape (1,)
        Table entries and looks at a candidate are added.
    """
    num = len(case.households)
    prices = np.abs(dual).sum()
    items = new_items(num)
    core = new_core(num if exact else 0, len(cost_of) if exact else 0)
    member = np.zeros(0, dtype=np.bool_)
    found = np.empty(6)
    least = np.empty(min(most, len(node_of)))
    filled = 0
    step = 0.05 * case.balance + 1e-6
    sharp[:] = False
    for centre in range(len(node_of)):
        if stop[0]:
            return False
        own = node_of[centre]
        if case.households[own] > case.high or lists.households[centre] + case.households[own] < case.low:
            value[centre] = np.inf
            continue
        # One look, at the multiplier of the round before.
        num_items, num_blocks = load(case, group_of, charge, own, centre, lists, dual, prices, False, items)
        at = min(price[centre], items.facts[3])
        bound = climb(case, items, num_blocks, case.households[own], at, step, -np.inf, tolerance, found)
        spent[0] += num_items
        value[centre] = bound - rounding(case, num_items, at, items)
    order = np.argsort(value, kind="mergesort")
    for rank in range(len(order)):
        if stop[0]:
            return False
        centre = order[rank]
        cutoff = np.inf
        if filled >= fewest:
            cutoff = max(0.0, least[fewest - 1]) if fewest > 0 else 0.0
        if filled == len(least):
            cutoff = min(cutoff, least[filled - 1] if filled > 0 else -np.inf)
        if value[centre] >= cutoff:
            break
        own = node_of[centre]
        steep = max(step, 0.05 * abs(price[centre]))
        for whole in (False, True):
            num_items, num_blocks = load(case, group_of, charge, own, centre, lists, dual, prices, whole, items)
            bound = climb(case, items, num_blocks, case.households[own], price[centre], steep, cutoff, tolerance, found)
            spent[0] += num_items * (1 + int(found[5]))
            price[centre] = found[0]
            value[centre] = max(value[centre], bound - rounding(case, num_items, found[0], items))
            if value[centre] >= cutoff:
                break
            if found[0] >= items.facts[3]:
                continue  # it rises beyond what the shorter list is good for
            if not exact:
                break
            reach = np.inf if whole else lists.reach[0]
            better, sharp[centre] = sharpen(
                case, own, items, num_blocks, price[centre], steep, cutoff, reach, tolerance, cost_of, core, found,
                member, False, spent,
            )  # fmt: skip
            value[centre] = max(value[centre], better)
            if sharp[centre] or value[centre] >= cutoff:
                break
        filled = keep_least(least, filled, value[centre])
    return True


@kernel
def cover_shares(
    case,
    group_of,
    charge,
    node_of,
    lists,
    dual,
    cost_of,
    tolerance,
    price,
    value,
    sharp,
    centres,
    shares,
    touches,
    spent,
    stop,
):
    """How much the best sets of `centres` cover each node, written to `shares` (n,), and touch each group (`touches`).

    False if stopped.

    Where only L is known, the two best sets at its maximum are mixed so that their households fit: that mixture, not
    one of them, tells how the maximum changes with the prices.
    """
    num = len(case.households)
    prices = np.abs(dual).sum()
    exact = sharp.any()
    items = new_items(num)
    core = new_core(num if exact else 0, len(cost_of) if exact else 0)
    member = np.zeros(num, dtype=np.bool_)
    found = np.empty(6)
    step = 0.05 * case.balance + 1e-6
    shares[:] = 0.0
    touches[:] = 0.0
    counted = np.zeros(len(touches), dtype=np.bool_)
    for centre in centres:
        if stop[0]:
            return False
        own = node_of[centre]
        steep = max(step, 0.05 * abs(price[centre]))
        known = False
        for whole in (False, True):
            num_items, num_blocks = load(case, group_of, charge, own, centre, lists, dual, prices, whole, items)
            if sharp[centre]:
                # A little above the value: rounding must not hide the set that attains it.
                cutoff = value[centre] + 1e-3 * tolerance
                reach = np.inf if whole else lists.reach[0]
                _, known = sharpen(
                    case, own, items, num_blocks, price[centre], steep, cutoff, reach, tolerance, cost_of, core, found,
                    member, True, spent,
                )  # fmt: skip
            if known or (not sharp[centre] and price[centre] < items.facts[3]):
                break
        if known:
            counted[:] = False
            for node in range(num):
                if member[node]:
                    shares[node] += 1.0
                    group = group_of[node]
                    if group != FREE and not counted[group]:
                        counted[group] = True
                        touches[group] += 1.0
            continue
        climb(case, items, num_blocks, case.households[own], price[centre], steep, np.inf, tolerance, found)
        spent[0] += num_items * (1 + int(found[5]))
        weight = 1.0
        if found[1] < found[2] and found[3] > found[4]:
            weight = -found[4] / (found[3] - found[4])
        shares[own] += 1.0
        if group_of[own] != FREE:
            touches[group_of[own]] += 1.0
        add_set(group_of, items, num_blocks, found[1], weight, shares, touches)
        if weight < 1.0:
            add_set(group_of, items, num_blocks, found[2], 1.0 - weight, shares, touches)
    return True


@kernel
def add_set(group_of, items, num_blocks, price, weight, shares, touches):
    """Add `weight` to the nodes of the best set at this multiplier, and to the groups that it opens."""
    for b in range(num_blocks):
        cost, _ = block_cost(items, b, price)
        if items.state[b] == SHUT or (cost >= 0.0 and items.state[b] != OPEN):
            continue
        if b > 0:
            touches[group_of[items.node[items.block[b]]]] += weight
        for i in range(items.block[b], items.block[b + 1]):
            if items.red[i] - price * items.size[i] < 0.0:
                shares[items.node[i]] += weight
