"""The exact value of one centre without a table over all candidates.

Where the bound of `kernels.capacity` would open a part of a group, both cases are looked at: the group open, or shut.
What remains is short by what single nodes cost. A set within `room` of the bound then holds all nodes that it would
be dearer to leave out, and none that it would be dearer to take in; the table of `kernels.pricing` is filled for the
few others, the core (Dantzig's bound with variable fixing, as in Martello & Toth 1990, Knapsack Problems, chapter 2).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.capacity import OPEN, SHUT, UNDECIDED, block_cost, climb, rounding

MAX_CASES = 400
FIRST_ROOM = 1_000.0
ROOM_GROWTH = 8.0
ATTEMPTS = 4
"""Rooms that are tried one after another, the first in tolerances, the last up to the cutoff."""


class Core(NamedTuple):
    """Scratch for `sharpen`."""

    red: np.ndarray  # (n,)
    size: np.ndarray  # (n,)
    node: np.ndarray  # (n,)
    block: np.ndarray  # (n + 3,)
    charge: np.ndarray  # (n + 3,)
    inside: np.ndarray  # (n,) nodes that are surely in the set
    old: np.ndarray  # (high + 1,) tables
    new: np.ndarray
    base: np.ndarray
    taken: np.ndarray  # (n, high + 1) choices of the tables
    opened: np.ndarray  # (n + 3, high + 1)
    decided: np.ndarray  # (cases,) blocks decided on the way to the present case, and whether the other way is tried
    tried: np.ndarray


@kernel
def new_core(num, states):
    """Room for the core of any centre; `states` is the length of the tables."""
    return Core(
        np.empty(num),
        np.empty(num, dtype=np.int64),
        np.empty(num, dtype=np.int64),
        np.empty(num + 3, dtype=np.int64),
        np.empty(num + 3),
        np.empty(num, dtype=np.int64),
        np.empty(states),
        np.empty(states),
        np.empty(states),
        np.empty((num, states), dtype=np.bool_),
        np.empty((num + 3, states), dtype=np.bool_),
        np.empty(num + 3, dtype=np.int64),
        np.empty(num + 3, dtype=np.bool_),
    )


@kernel
def parted_block(items, num_blocks, found):
    """The undecided block that is open on one side of the maximum only, the one of most households; -1 if none is."""
    chosen = -1
    most = -1
    for b in range(1, num_blocks):
        if items.state[b] != UNDECIDED:
            continue
        left, _ = block_cost(items, b, found[1])
        right, households = block_cost(items, b, found[2])
        if (left < 0.0) != (right < 0.0) and households > most:
            most = households
            chosen = b
    return chosen


@kernel
def unsettled(items, num_blocks, price, room, core):
    """Settle every candidate that a set within `room` of the bound must or must not hold; the others are the core.

    Block 0 of the core pays no charge, be it that its group is surely open.

    Returns
    -------
    num, num_blocks, num_inside : int
    cost : float
        Reduced cost of what is surely in the set, charges included.
    households : int
    """
    num = 0
    num_inside = 0
    cost = 0.0
    households = 0
    core.block[0] = 0
    for b in range(num_blocks):
        if items.state[b] == SHUT:
            continue
        total, _ = block_cost(items, b, price)
        if items.state[b] != OPEN and not -total > room:
            continue
        if b > 0:
            cost += items.charge[b]
        for i in range(items.block[b], items.block[b + 1]):
            reduced = items.red[i] - price * items.size[i]
            if reduced > room:
                continue
            if -reduced > room:
                cost += items.red[i]
                households += items.size[i]
                core.inside[num_inside] = items.node[i]
                num_inside += 1
            else:
                core.red[num], core.size[num], core.node[num] = items.red[i], items.size[i], items.node[i]
                num += 1
    core_blocks = 1
    for b in range(1, num_blocks):
        if items.state[b] != UNDECIDED:
            continue
        total, _ = block_cost(items, b, price)
        if abs(total) > room:
            continue
        core.block[core_blocks] = num
        core.charge[core_blocks] = items.charge[b]
        core_blocks += 1
        for i in range(items.block[b], items.block[b + 1]):
            if max(total, 0.0) + max(items.red[i] - price * items.size[i], 0.0) <= room:
                core.red[num], core.size[num], core.node[num] = items.red[i], items.size[i], items.node[i]
                num += 1
    core.block[core_blocks] = num
    return num, core_blocks, num_inside, cost, households


@kernel
def least_core(core, num_blocks, cost, households, low, cost_of):
    """The table of `kernels.pricing.least_value` over the core; its choices are kept in `core`.

    Returns
    -------
    value : float
        Infinite where no choice keeps the bounds.
    at : int
        Households of the best set, -1 without one.
    """
    high = len(cost_of) - 1
    if households > high:
        return np.inf, -1
    old, new, base = core.old, core.new, core.base
    # Beyond `top`, the most that a set can hold so far, both tables say that there is none.
    old[:] = np.inf
    new[:] = np.inf
    old[households] = cost
    top = households
    for b in range(num_blocks):
        before = top
        if b > 0:
            for s in range(households, top + 1):
                base[s] = old[s]
                old[s] += core.charge[b]
        for i in range(core.block[b], core.block[b + 1]):
            more = core.size[i]
            value = core.red[i]
            if households + more > high or (more == 0 and value >= 0.0):
                core.taken[i, :] = False
                continue
            top = min(high, top + more)
            for s in range(households, households + more):
                new[s] = old[s]
                core.taken[i, s] = False
            for s in range(households + more, top + 1):
                with_it = old[s - more] + value
                better = with_it < old[s]
                core.taken[i, s] = better
                new[s] = with_it if better else old[s]
            old, new = new, old
        if b > 0:
            for s in range(households, top + 1):
                shut = base[s] if s <= before else np.inf
                core.opened[b, s] = old[s] < shut
                old[s] = min(old[s], shut)
    best = np.inf
    at = -1
    for s in range(max(low, households), top + 1):
        if old[s] + cost_of[s] < best:
            best = old[s] + cost_of[s]
            at = s
    return best, at


@kernel
def add_core(core, num_blocks, num_inside, at, member):
    """Mark the nodes of the set with `at` households that `least_core` has found."""
    for i in range(num_inside):
        member[core.inside[i]] = True
    for b in range(num_blocks - 1, -1, -1):
        if b > 0 and not core.opened[b, at]:
            continue
        for i in range(core.block[b + 1] - 1, core.block[b] - 1, -1):
            if core.taken[i, at]:
                member[core.node[i]] = True
                at -= core.size[i]


@kernel
def sharpen(
    case, own, items, num_blocks, price, step, cutoff, reach, tolerance, cost_of, core, found, member, wanted, spent
):
    """The value of a centre, or a lower bound on it that is at least `cutoff`.

    Parameters
    ----------
    items : Items
        Loaded, blocks undecided.
    reach : float
        What `load_items` says of candidates that were left out; infinite where none were.
    wanted : bool
        Whether `member` (bool, shape (n,)) is to be filled with the best set.
    spent : int array, shape (1,)
        Looks at a candidate and table entries are added.

    Returns
    -------
    value : float
    sharp : bool
        Whether it is the value itself.
    """
    own_size = case.households[own]
    num = items.block[num_blocks]
    incumbent = cutoff
    loose = np.inf
    sharp = False
    depth = 0
    cases = 0
    while True:
        bound = climb(case, items, num_blocks, own_size, price, step, incumbent, tolerance, found)
        cases += 1
        spent[0] += num * int(found[5])
        slack = rounding(case, num, found[0], items)
        deeper = False
        if bound - slack < incumbent:
            parted = parted_block(items, num_blocks, found)
            if parted >= 0 and cases < MAX_CASES:
                # The side of the better value first: it gives the cutoff for the other.
                items.state[parted] = OPEN if found[0] == found[2] else SHUT
                core.decided[depth] = parted
                core.tried[depth] = False
                depth += 1
                deeper = True
            elif parted >= 0:
                loose = min(loose, bound - slack)
            else:
                room = FIRST_ROOM * tolerance
                if found[0] >= items.facts[3]:
                    loose = min(loose, bound - slack)  # it rises beyond the multipliers that the items are good for
                    room = 0.0
                for attempt in range(ATTEMPTS):
                    if room == 0.0:
                        break
                    limit = min(incumbent, bound + room) if attempt < ATTEMPTS - 1 else incumbent
                    if limit - bound + 4.0 * slack > reach:
                        loose = min(loose, bound - slack)
                        break
                    num_core, core_blocks, num_inside, cost, households = unsettled(
                        items, num_blocks, found[0], limit - bound + 4.0 * slack, core
                    )
                    value, at = least_core(
                        core, core_blocks, items.facts[0] + cost, own_size + households, case.low, cost_of
                    )
                    spent[0] += num + num_core * len(cost_of) // 2
                    if value < limit:
                        incumbent = value
                        sharp = True
                        if wanted:
                            member[:] = False
                            member[own] = True
                            add_core(core, core_blocks, num_inside, at, member)
                        break
                    if limit == incumbent:
                        break
                    room *= ROOM_GROWTH
        if deeper:
            continue
        while depth > 0 and core.tried[depth - 1]:
            depth -= 1
            items.state[core.decided[depth]] = UNDECIDED
        if depth == 0:
            break
        block = core.decided[depth - 1]
        items.state[block] = SHUT if items.state[block] == OPEN else OPEN
        core.tried[depth - 1] = True
    if loose < incumbent:
        return loose, False
    return incumbent, sharp
