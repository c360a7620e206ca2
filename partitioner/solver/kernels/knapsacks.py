"""Generalised assignment: prices on targets, a knapsack per person by dynamic programming, and search below a value.

Everybody picks the targets that are worth most at their prices and fit into the person's room; the prices and what the
knapsacks cost are a bound (Jörnsten & Näsberg 1986, doi:10.1016/0377-2217(86)90243-2). The search fixes whatever costs
too much against it (Posta, Ferland & Michelon 2012, doi:10.1007/s10589-011-9432-0). All numbers are whole, so no bound
is rounded.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel

FAR = 1 << 60
"""More than any sum of costs."""


@kernel
def _filled(load, room, allowed, reduced, choice, best, listed):
    """Fill one person's room; the least sum of `reduced`, and how many of `listed` were looked at."""
    num = 0
    best[: room + 1] = 0
    for t in range(len(load)):
        worth, weight = reduced[t], load[t]
        if not allowed[t] or worth >= 0 or weight > room:
            continue
        choice[num, :weight] = False
        for w in range(room, weight - 1, -1):
            value = best[w - weight] + worth
            choice[num, w] = value < best[w]
            if choice[num, w]:
                best[w] = value
        listed[num] = t
        num += 1
    return best[room], num


@kernel
def _look(load, cost, room, allowed, price, choice, best, taken, cover):
    """The bound at these prices without the targets of which no pair is allowed; what the knapsacks hold.

    `taken` and `cover` are written: shape (people, targets), and how many people hold each target.
    """
    people, targets = load.shape
    reduced = np.empty(targets, dtype=np.int64)
    listed = np.empty(targets, dtype=np.int64)
    taken[:] = False
    cover[:] = 0
    total = 0
    cells = 0
    for p in range(people):
        for t in range(targets):
            reduced[t] = cost[p, t] - price[t]
        value, num = _filled(load[p], room[p], allowed[p], reduced, choice, best, listed)
        total += value
        cells += num * (room[p] + 1)
        w = room[p]
        for k in range(num - 1, -1, -1):
            if choice[k, w]:
                t = listed[k]
                taken[p, t] = True
                cover[t] += 1
                w -= load[p, t]
    return total, cells


@kernel
def _climb(
    load,
    cost,
    room,
    allowed,
    open_,
    price,
    base,
    most,
    stride,
    step,
    patience,
    rounds,
    slopes,
    choice,
    best,
    taken,
    cover,
):
    """Subgradient steps from `price`, which becomes the best; its bound, and the cells that were filled."""
    targets = len(price)
    now = price.astype(np.float64)
    tried = price.copy()
    heading = np.zeros(targets)
    value = -FAR
    quiet = 0
    cells = 0
    for _ in range(rounds):
        own = base
        for t in range(targets):
            tried[t] = np.int64(np.round(now[t]))
            if open_[t]:
                own += tried[t]
        found, filled = _look(load, cost, room, allowed, tried, choice, best, taken, cover)
        own += found
        cells += filled
        if own > value:
            value = own
            price[:] = tried
            quiet = 0
            if value > most:
                break
        else:
            quiet += 1
            if quiet == patience:
                quiet = 0
                step *= 0.65
                now[:] = price
                heading[:] = 0.0
                continue
        norm = 0.0
        for t in range(targets):
            if open_[t]:
                heading[t] = 1 - cover[t] + slopes * heading[t]
                norm += heading[t] * heading[t]
        if norm == 0.0:
            break
        length = step * (max(most - own, 0) + stride) / norm
        for t in range(targets):
            if open_[t]:
                now[t] += length * heading[t]
    return value, cells


@kernel
def knapsack_prices(load, cost, room, allowed, price, upper, rounds):
    """Prices with a high bound, and the bound.

    Parameters
    ----------
    load, cost : int arrays, shape (people, targets)
        Loads are not negative; costs come in fractions of what the bound is to be exact in.
    room : int array, shape (people,)
    allowed : bool array, shape (people, targets)
    price : int array, shape (targets,)
        Where to begin.
    upper : int
        A value that can be reached.
    """
    targets = len(price)
    top = int(room.max())
    price = price.copy()
    choice = np.empty((targets, top + 1), dtype=np.bool_)
    best = np.empty(top + 1, dtype=np.int64)
    taken = np.empty(load.shape, dtype=np.bool_)
    cover = np.empty(targets, dtype=np.int64)
    open_ = np.ones(targets, dtype=np.bool_)
    value, cells = _climb(
        load, cost, room, allowed, open_, price, 0, upper, 0.0, 1.0, 15, rounds, 0.7, choice, best, taken, cover
    )
    return price, value, cells


@kernel
def knapsack_regrets(load, cost, room, allowed, price):
    """What the bound rises by if a pair is taken, and if it is left; `FAR` where it cannot be taken."""
    people, targets = load.shape
    top = int(room.max())
    taking = np.full((people, targets), FAR)
    leaving = np.zeros((people, targets), dtype=np.int64)
    before = np.empty((targets + 1, top + 1), dtype=np.int64)
    behind = np.empty((targets + 1, top + 1), dtype=np.int64)
    _regret(load, cost, room, allowed, price, taking, leaving, before, behind)
    return taking, leaving


@kernel
def _regret(load, cost, room, allowed, price, taking, leaving, before, behind):
    people, targets = load.shape
    cells = 0
    for p in range(people):
        full = room[p] + 1
        cells += 4 * targets * full
        before[0, :full] = 0
        for t in range(targets):
            _with(before[t], before[t + 1], load[p, t], cost[p, t] - price[t], full, allowed[p, t])
        behind[targets, :full] = 0
        least = before[targets, full - 1]
        for t in range(targets - 1, -1, -1):
            worth, weight = cost[p, t] - price[t], load[p, t]
            _with(behind[t + 1], behind[t], weight, worth, full, allowed[p, t])
            taking[p, t] = FAR
            leaving[p, t] = 0
            if not allowed[p, t] or weight >= full:
                continue
            taking[p, t] = worth - least + _joined(before[t], behind[t + 1], full - weight)
            if worth < 0:
                leaving[p, t] = _joined(before[t], behind[t + 1], full) - least
    return cells


@kernel
def _with(one, more, weight, worth, full, allowed):
    """The least sums of one target more, by room."""
    more[:full] = one[:full]
    if allowed and worth < 0:
        for w in range(weight, full):
            more[w] = min(more[w], one[w - weight] + worth)


@kernel
def _joined(before, behind, full):
    """The least sum of both within one room."""
    least = FAR
    for w in range(full):
        least = min(least, before[w] + behind[full - 1 - w])
    return least


@kernel
def _shut(load, room, allowed, open_, given, base, cost, taking, leaving, slack):
    """Shut pairs that cost more than `slack`, give targets that have one way left.

    Returns whether there is any way left, how many targets were given, and the new `base`.
    """
    people, targets = load.shape
    num = 0
    for t in range(targets):
        if not open_[t]:
            continue
        ways, must = 0, -1
        for p in range(people):
            if not allowed[p, t]:
                continue
            if taking[p, t] > slack or load[p, t] > room[p]:
                allowed[p, t] = False
                continue
            ways += 1
            if must < 0 or leaving[p, t] > leaving[must, t]:
                must = p
        if ways == 0:
            return False, num, base
        if ways == 1 or leaving[must, t] > slack:
            _give(load, room, allowed, open_, given, must, t)
            base += cost[must, t]
            num += 1
    return True, num, base


@kernel
def _give(load, room, allowed, open_, given, person, target):
    given[target] = person
    open_[target] = False
    allowed[:, target] = False
    room[person] -= load[person, target]


@kernel
def _branch(allowed, open_, taken, cover, taking, leaving, noise):
    """The pair to decide next: one that the knapsacks hold and that is missed most."""
    best, person, target = -np.inf, -1, -1
    for t in range(len(cover)):
        if not open_[t]:
            continue
        for p in range(len(allowed)):
            if not allowed[p, t]:
                continue
            if taken[p, t]:
                score = (leaving[p, t] + 0.001 * taking[p, t]) * noise[p, t]
                if cover[t] > 1:
                    score *= 0.5
            else:
                score = -1e18 - taking[p, t]
            if score > best:
                best, person, target = score, p, t
    return person, target


@kernel
def _held_once(open_, cover):
    for t in range(len(cover)):
        if open_[t] and cover[t] != 1:
            return False
    return True


@kernel
def search_below(load, cost, room, allowed, price, most, unit, max_cells, rounds, noise, flag):
    """The cheapest assignment of every target to one person that costs no more than `most`, by branch and bound.

    Parameters
    ----------
    cost : int array, shape (people, targets)
        In multiples of `unit`.
    price : int array, shape (targets,)
        Where to begin, in the same money.
    most, unit : int
        Of two different values the difference is at least `unit`.
    max_cells, rounds : int
        Work in all, and steps of the bound in each node.
    noise : float array, shape (people, targets)
        Weights of the pairs when one is picked to branch on.
    flag : bool array, shape (1,)
        Stop when it is set.

    Returns
    -------
    person : int array, shape (targets,)
        Who holds each target; -1 where nothing was found.
    complete : bool
        Nothing cheaper than what was found, or than `most`, was left out.
    cells : int
        Work that was done.
    """
    people, targets = load.shape
    top = int(room.max())
    depth = targets + 2
    allowed_at = np.empty((depth, people, targets), dtype=np.bool_)
    open_at = np.empty((depth, targets), dtype=np.bool_)
    room_at = np.empty((depth, people), dtype=np.int64)
    price_at = np.empty((depth, targets), dtype=np.int64)
    given_at = np.full((depth, targets), -1)
    base_at = np.zeros(depth, dtype=np.int64)
    pair_at = np.full((depth, 2), -1)
    choice = np.empty((targets, top + 1), dtype=np.bool_)
    best = np.empty(top + 1, dtype=np.int64)
    taken = np.empty((people, targets), dtype=np.bool_)
    cover = np.empty(targets, dtype=np.int64)
    taking = np.empty((people, targets), dtype=np.int64)
    leaving = np.empty((people, targets), dtype=np.int64)
    before = np.empty((targets + 1, top + 1), dtype=np.int64)
    behind = np.empty((targets + 1, top + 1), dtype=np.int64)
    found = np.full(targets, -1)
    allowed_at[0] = allowed
    open_at[0] = True
    room_at[0] = room
    price_at[0] = price
    cells = 0
    d = 0
    while d >= 0:
        if pair_at[d, 0] >= 0:  # the way with this pair is done: now without it
            allowed_at[d, pair_at[d, 0], pair_at[d, 1]] = False
            pair_at[d, 0] = -1
        if cells > max_cells or flag[0]:
            return found, False, cells
        ways, more = True, 1
        while ways and more > 0:
            value, filled = _climb(
                load,
                cost,
                room_at[d],
                allowed_at[d],
                open_at[d],
                price_at[d],
                base_at[d],
                most,
                0.5 * unit,
                0.5,
                5,
                rounds,
                0.5,
                choice,
                best,
                taken,
                cover,
            )
            cells += filled
            ways = value <= most
            if not ways:
                break
            cells += _look(load, cost, room_at[d], allowed_at[d], price_at[d], choice, best, taken, cover)[1]
            if _held_once(open_at[d], cover):
                found[:] = given_at[d]
                total = 0
                for t in range(targets):
                    for p in range(people):
                        if open_at[d, t] and taken[p, t]:
                            found[t] = p
                    total += cost[found[t], t]
                most = total - unit
                ways = False
                break
            cells += _regret(load, cost, room_at[d], allowed_at[d], price_at[d], taking, leaving, before, behind)
            ways, more, base_at[d] = _shut(
                load,
                room_at[d],
                allowed_at[d],
                open_at[d],
                given_at[d],
                base_at[d],
                cost,
                taking,
                leaving,
                most - value,
            )
        if not ways:
            d -= 1
            continue
        p, t = _branch(allowed_at[d], open_at[d], taken, cover, taking, leaving, noise)
        pair_at[d, 0], pair_at[d, 1] = p, t
        allowed_at[d + 1] = allowed_at[d]
        open_at[d + 1] = open_at[d]
        room_at[d + 1] = room_at[d]
        price_at[d + 1] = price_at[d]
        given_at[d + 1] = given_at[d]
        base_at[d + 1] = base_at[d] + cost[p, t]
        pair_at[d + 1, 0] = -1
        d += 1
        _give(load, room_at[d], allowed_at[d], open_at[d], given_at[d], p, t)
    return found, True, cells
