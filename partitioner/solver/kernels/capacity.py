"""A bound on the pricing problem with a multiplier on households in place of a table over them.

The problem of `kernels.pricing` asks for the cheapest set with a centre whose households s lie in the bounds. With a
multiplier λ on “households of the set = s” the set and s separate:

    L(λ) = Σ_groups min(0, charge + Σ_v min(0, r_v - λ h_v)) + min_s (balance |s - target| + λ s)

is at most the value of the table for every λ, concave and piecewise linear, and costs one look at the candidates. Its
maximum falls short by what the last node costs at most – and by a share of what a group costs where half a group would
fit best; `kernels.sharpen` closes both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.pricing import FREE, paying_group

MAX_EVALUATIONS = 60
WIDENING = 4.0
EPSILON = 2.220446049250313e-16

UNDECIDED = 0
OPEN = 1
SHUT = 2


class Items(NamedTuple):
    """The candidates of one centre: blocks by paying group, block 0 pays nothing. Filled anew for every centre."""

    red: np.ndarray  # (n,) walking less price
    size: np.ndarray  # (n,) households
    node: np.ndarray  # (n,)
    block: np.ndarray  # (n + 3,) where each block begins
    charge: np.ndarray  # (n + 3,) what opening each block costs
    state: np.ndarray  # (n + 3,) whether a block is undecided, open or shut
    facts: np.ndarray  # (4,) cost of the centre's own node, its charge included; magnitudes; households; steepest λ


@kernel
def new_items(num):
    """Room for the candidates of any centre of a case of `num` nodes."""
    return Items(
        np.empty(num),
        np.empty(num, dtype=np.int64),
        np.empty(num, dtype=np.int64),
        np.empty(num + 3, dtype=np.int64),
        np.zeros(num + 3),
        np.zeros(num + 3, dtype=np.int64),
        np.empty(4),
    )


@kernel
def load_items(case, group_of, charge, centre, own, item, dual, steepest, whole, heavy, items):
    """Fill `items` with the candidates of a centre, all blocks undecided; returns the number of blocks.

    Where `item` leaves candidates out, each must cost more than `reach` at every multiplier up to `steepest`: it is in
    no best set there, and in none that is less than `reach` worse.

    Parameters
    ----------
    whole : float
        Households of all candidates.
    heavy : float
        At least the sum of the magnitudes of all walking and prices.
    """
    own_group = group_of[own]
    num = 0
    num_blocks = 1
    items.block[0] = 0
    items.state[0] = OPEN
    items.charge[0] = 0.0
    current = FREE
    for i in range(len(item)):
        v = item[i]
        group = paying_group(group_of, own_group, v)
        if group != current:
            items.block[num_blocks] = num
            items.state[num_blocks] = UNDECIDED
            items.charge[num_blocks] = charge[group]
            num_blocks += 1
            current = group
        items.red[num] = case.walk[centre, v] - dual[v]
        items.size[num] = case.households[v]
        items.node[num] = v
        num += 1
    items.block[num_blocks] = num
    items.facts[0] = case.walk[centre, own] - dual[own] + (charge[own_group] if own_group != FREE else 0.0)
    items.facts[1] = heavy + case.split
    items.facts[2] = whole + case.households[own]
    items.facts[3] = steepest
    return num_blocks


@kernel
def promising(case, start, item, dual, steepest, reach, drift, stop):
    """The candidates that may pay at a multiplier up to `steepest`, also after prices have risen.

    Left out is what costs more than `reach` there, as long as no price has risen by more than `drift` per household
    (a node without households counts as one). Once `stop` is set, the centres left get no candidates.

    Returns
    -------
    kept_start : int array, shape (units + 1,)
    kept : int array
        In the order of `item`.
    """
    units = len(start) - 1
    kept_start = np.zeros(units + 1, dtype=np.int64)
    kept = np.empty(len(item), dtype=np.int64)
    num = 0
    for centre in range(units):
        if stop[0]:
            kept_start[centre + 1 :] = num
            break
        for i in range(start[centre], start[centre + 1]):
            v = item[i]
            size = case.households[v]
            if case.walk[centre, v] - dual[v] <= steepest[centre] * size + reach + drift * max(size, 1):
                kept[num] = v
                num += 1
        kept_start[centre + 1] = num
    return kept_start, kept[:num].copy()


@kernel
def all_of_centres(case, start, item, stop):
    """Households of all candidates of each centre, and their walking in all; 0 for those left once `stop` is set."""
    units = len(start) - 1
    households = np.zeros(units)
    walking = np.zeros(units)
    for centre in range(units):
        if stop[0]:
            break
        for i in range(start[centre], start[centre + 1]):
            households[centre] += case.households[item[i]]
            walking[centre] += case.walk[centre, item[i]]
    return households, walking


@kernel
def block_cost(items, b, price):
    """What opening block `b` costs at this multiplier, and the households that it then brings."""
    cost = items.charge[b]
    households = 0
    for i in range(items.block[b], items.block[b + 1]):
        reduced = items.red[i] - price * items.size[i]
        cost += min(reduced, 0.0)
        households += items.size[i] if reduced < 0.0 else 0
    return cost, households


@kernel
def best_set(items, num_blocks, price):
    """Least reduced cost at this multiplier over all sets, and the households of the one that attains it."""
    total = 0.0
    households = 0
    for b in range(num_blocks):
        if items.state[b] == SHUT:
            continue
        cost, inside = block_cost(items, b, price)
        if cost < 0.0 or items.state[b] == OPEN:
            total += cost
            households += inside
    return total, households


@kernel
def best_size(low, high, target, balance, price):
    """Least balance |s - target| + price s for low ≤ s ≤ high, and the s that attains it."""
    best = balance * abs(low - target) + price * low
    at = float(low)
    for s in (min(max(target, float(low)), float(high)), float(high)):
        value = balance * abs(s - target) + price * s
        if value < best:
            best = value
            at = s
    return best, at


@kernel
def climb(case, items, num_blocks, own_size, price, step, cutoff, tolerance, found):
    """Maximise L by tangents from both sides of the maximum, starting at `price`.

    Parameters
    ----------
    step : float
        First step while only one side is known; it grows.
    cutoff : float
        Enough: the first value at or above it is returned.
    tolerance : float
        How far below the maximum the value may stay.
    found : float array, shape (6,), filled
        Multiplier of the best value; multipliers to the left and right of the maximum and the slopes there (the same
        where one side was not met); number of evaluations.

    Returns
    -------
    float
        The best value. It lies at the steepest multiplier of `items` where it rises up to there.
    """
    best = -np.inf
    has_left = False
    has_right = False
    left, left_value, left_slope = price, 0.0, 0.0
    right, right_value, right_slope = price, 0.0, 0.0
    steepest = items.facts[3]
    price = min(price, steepest)
    evaluations = 0
    while evaluations < MAX_EVALUATIONS:
        total, households = best_set(items, num_blocks, price)
        least, at = best_size(case.low, case.high, case.target, case.balance, price)
        value = items.facts[0] + total + least - price * own_size
        slope = at - households - own_size
        evaluations += 1
        if value > best:
            best = value
            found[0] = price
        if slope >= 0.0:
            left, left_value, left_slope, has_left = price, value, slope, True
        if slope <= 0.0:
            right, right_value, right_slope, has_right = price, value, slope, True
        if slope == 0.0 or best >= cutoff:
            break
        if has_left and has_right:
            price = (right_value - left_value + left_slope * left - right_slope * right) / (left_slope - right_slope)
            if not left < price < right or left_value + left_slope * (price - left) - best <= tolerance:
                break
        elif has_left:
            if price >= steepest:
                break
            price = min(price + step, steepest)
            step *= WIDENING
        else:
            price -= step
            step *= WIDENING
    found[1] = left if has_left else found[0]
    found[2] = right if has_right else found[0]
    found[3] = left_slope if has_left else 0.0
    found[4] = right_slope if has_right else 0.0
    found[5] = evaluations
    return best


@kernel
def rounding(case, num, price, items):
    """More than rounding can add to L at `price`: half an epsilon of all magnitudes for every addition."""
    sizes = items.facts[2] + 2.0 * case.high + abs(case.target)
    magnitudes = items.facts[1] + case.split * (num + 2) + (abs(price) + case.balance) * sizes
    return EPSILON * (2 * num + 16) * magnitudes
