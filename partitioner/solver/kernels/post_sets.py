"""Pricing of sets of posts, and the ascent of a Lagrangian bound over their prices."""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel


@kernel
def cheapest(cost, member, price, num):
    """The sets of least reduced cost of every person.

    Parameters
    ----------
    cost : float array, shape (people, sets)
        Infinite where the person cannot hold the set.
    member : int array, shape (sets, most posts)
        Targets; filled up with the number of targets.
    price : float array, shape (targets + 1,)
        What a target pays to whoever serves it; 0 at the end.
    num : int
        How many sets per person.

    Returns
    -------
    top : int array, shape (people, num)
        Sets, the cheapest first; -1 where there are no more.
    reduced : float array, shape (people, num)
    """
    people, sets = cost.shape
    worth = np.zeros(sets)
    for s in range(sets):
        for k in range(member.shape[1]):
            worth[s] += price[member[s, k]]
    top = np.full((people, num), -1, dtype=np.int64)
    reduced = np.full((people, num), np.inf)
    for p in range(people):
        last = np.inf
        for s in range(sets):
            value = cost[p, s] - worth[s]
            if value < last:
                at = num - 1
                while at > 0 and reduced[p, at - 1] > value:
                    reduced[p, at] = reduced[p, at - 1]
                    top[p, at] = top[p, at - 1]
                    at -= 1
                reduced[p, at] = value
                top[p, at] = s
                last = reduced[p, num - 1]
    return top, reduced


@kernel
def ascend(cost, member, low, high, price, upper, rounds, flag):
    """Subgradient steps (Held, Wolfe & Crowder 1974) from `price`; the best price, and its bound.

    Parameters
    ----------
    low, high : int arrays, shape (targets,)
        Fewest and most people.
    upper : float
        A value that can be reached.
    flag : bool array, shape (1,)
        Stop when it is set.
    """
    people, sets = cost.shape
    targets = len(low)
    best = -np.inf
    best_price = price.copy()
    now = price.copy()
    worth = np.empty(sets)
    cover = np.empty(targets + 1, dtype=np.int64)
    step = 1.0
    quiet = 0
    for _ in range(rounds):
        if flag[0]:
            break
        for s in range(sets):
            worth[s] = 0.0
            for k in range(member.shape[1]):
                worth[s] += now[member[s, k]]
        cover[:] = 0
        value = 0.0
        for t in range(targets):
            value += now[t] * (low[t] if now[t] > 0 else high[t])
        for p in range(people):
            least = np.inf
            chosen = 0
            for s in range(sets):
                reduced = cost[p, s] - worth[s]
                if reduced < least:
                    least = reduced
                    chosen = s
            value += least
            for k in range(member.shape[1]):
                cover[member[chosen, k]] += 1
        if value > best:
            best = value
            best_price[:] = now
            quiet = 0
        else:
            quiet += 1
            if quiet == 10:
                quiet = 0
                step *= 0.5
                now[:] = best_price
                continue
        norm = 0.0
        for t in range(targets):
            slope = _slope(now[t], low[t], high[t], cover[t])
            norm += slope * slope
        if norm == 0.0 or upper <= value:
            break
        length = step * (upper - value) / norm
        for t in range(targets):
            now[t] += length * _slope(now[t], low[t], high[t], cover[t])
    return best_price, best


@kernel
def _slope(price, low, high, cover):
    """How the bound changes with the price of a target that `cover` people serve."""
    if price > 0:
        return low - cover
    if price < 0:
        return high - cover
    return low - cover if cover < low else min(high - cover, 0)
