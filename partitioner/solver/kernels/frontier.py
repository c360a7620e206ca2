"""Choosing a best exact cover by dynamic programming over covered sets.

Nodes stand in a fixed order that sweeps across the piece. The first node that is not covered yet must be covered
next, so every partial plan is met in one order only, and partial plans that cover the same nodes are compared at
once: the dearer one is dropped. A sum of reduced costs that leaves no room below the best known plan is dropped, too.
Where grids are compact only few covered sets arise; no linear program and no branching is needed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel

CHOSEN = 0
NOTHING_BETTER = 1
TOO_MANY_SETS = 2
STOPPED = 3

WORD = 64


class Touching(NamedTuple):
    """Prices on touching groups, for the groups that have one."""

    price: np.ndarray  # (groups,)
    start: np.ndarray  # nodes of each group, CSR, as places in the sweeping order
    place: np.ndarray
    load: np.ndarray  # (n,) households of each place
    of_start: np.ndarray  # groups that each grid touches, CSR
    of_group: np.ndarray
    of_load: np.ndarray  # households of the grid in that group
    of_large: np.ndarray  # nodes of the grid in that group that hold more than half of `high`
    of_nodes: np.ndarray  # nodes of the grid in that group


@kernel
def pack_grids(rank, start, item):
    """Bit masks of grids over nodes in sweeping order, shape (grids, words), and the first node of each grid."""
    words = (len(rank) + WORD - 1) // WORD
    num = len(start) - 1
    mask = np.zeros((num, words), dtype=np.uint64)
    first = np.empty(num, dtype=np.int64)
    for j in range(num):
        lowest = len(rank)
        for i in range(start[j], start[j + 1]):
            place = rank[item[i]]
            mask[j, place // WORD] |= np.uint64(1) << np.uint64(place % WORD)
            lowest = min(lowest, place)
        first[j] = lowest
    return mask, first


@kernel
def mixed(words, num_grids):
    """A hash of a covered set and a number of grids."""
    value = np.uint64(0x9E3779B97F4A7C15) + np.uint64(num_grids)
    for i in range(len(words)):
        value ^= words[i]
        value *= np.uint64(0xBF58476D1CE4E5B9)
        value ^= value >> np.uint64(29)
    return value


@kernel
def first_open(words, num):
    """The first node that is not covered; `num` where all are."""
    for i in range(len(words)):
        free = ~words[i]
        if free != np.uint64(0):
            place = i * WORD
            while free & np.uint64(1) == np.uint64(0):
                free >>= np.uint64(1)
                place += 1
            return min(place, num)
    return num


@kernel
def least_touches(remaining, large, nodes, high):
    """How many grids at least must touch a group of which so many households, large nodes and nodes remain."""
    if nodes == 0:
        return 0
    return max(1, large, (remaining + high - 1) // high)


@kernel
def remaining_touches(touching, covered, group, high, load, large, nodes):
    """`least_touches` of a group beside `covered`, and beside a grid with that part of it as well."""
    left = 0
    left_large = 0
    left_nodes = 0
    for i in range(touching.start[group], touching.start[group + 1]):
        place = touching.place[i]
        if (covered[place // WORD] >> np.uint64(place % WORD)) & np.uint64(1) == np.uint64(0):
            left += touching.load[place]
            left_large += 1 if 2 * touching.load[place] > high else 0
            left_nodes += 1
    before = least_touches(left, left_large, left_nodes, high)
    return before, least_touches(left - load, left_large - large, left_nodes - nodes, high)


@kernel
def unearned(touching, covered, grid, high):
    """Prices of the touches of `grid` that leave as many to come: it has not earned them.

    A grid holds at most `high` households and one large node, so it saves a group at most one touch to come.
    """
    lost = 0.0
    for i in range(touching.of_start[grid], touching.of_start[grid + 1]):
        group = touching.of_group[i]
        before, after = remaining_touches(
            touching, covered, group, high, touching.of_load[i], touching.of_large[i], touching.of_nodes[i]
        )
        lost += touching.price[group] * (1 - (before - after))
    return lost


@kernel
def all_touches(touching, covered, high):
    """Prices of the touches that must come when nothing is covered."""
    total = 0.0
    for group in range(len(touching.price)):
        before, _ = remaining_touches(touching, covered, group, high, 0, 0, 0)
        total += touching.price[group] * before
    return total


class Partial(NamedTuple):
    """Partial plans that arose, one per covered set; those with the same first open node are linked."""

    covered: np.ndarray  # (sets, words)
    value: np.ndarray  # least sum of reduced costs so far and of prices of touches to come
    parent: np.ndarray
    by: np.ndarray  # the grid added last
    following: np.ndarray  # next set with the same first open node
    grids: np.ndarray  # how many were added
    table: np.ndarray  # hash table of the sets
    head: np.ndarray  # (n + 1,) sets by first open node


@kernel
def place_of(merged, key, covered, grids, table, count_matters):
    """The slot of a covered set in the hash table, and its number; -1 where it is not known."""
    slot = np.int64(mixed(merged, key) % np.uint64(len(table)))
    while table[slot] >= 0:
        other = table[slot]
        if not count_matters or grids[other] == key:
            same = True
            for w in range(len(merged)):
                if covered[other, w] != merged[w]:
                    same = False
                    break
            if same:
                return slot, other
        slot += 1
        if slot == len(table):
            slot = 0
    return slot, np.int64(-1)


@kernel
def sweep(
    mask, first, reduced, load, touching, num, total, low, high, counts, count_matters, least, room, max_sets, stop
):
    """Cheapest exact cover whose reduced costs, touches charged in full, add up to less than `room`.

    The value of a partial plan is that sum so far and the prices of the touches that must still come. It depends on
    the way only through the sum, so partial plans over the same nodes can be compared.

    Parameters
    ----------
    mask : uint64 array, shape (grids, words)
    first, reduced, load : arrays, shape (grids,)
        First node, reduced cost (all touches earned) and households; grids sorted by first node, then by reduced cost.
    touching : Touching
    num, total : int
        Nodes and households of the piece.
    counts : (int, int)
        Fewest and most grids.
    count_matters : bool
        Whether partial plans with different numbers of grids must be kept apart.
    least : float
        The least reduced cost of any grid, at most 0.
    room : float
    max_sets : int
        Give up beyond this many covered sets.

    Returns
    -------
    outcome : int
    chosen : int array
        Positions of the chosen grids where outcome is `CHOSEN`.
    value : float
        Sum of their reduced costs.
    sets : int
        Covered sets that arose.
    """
    begin = np.searchsorted(first, np.arange(num + 1))
    outcome, sets, partial = spread(
        mask, begin, reduced, load, touching, num, total, low, high, counts, count_matters, least, room, max_sets, stop
    )
    if outcome != CHOSEN:
        return outcome, np.empty(0, dtype=np.int64), 0.0, sets
    best = -1
    at = partial.head[num]
    while at >= 0:
        lawful = not count_matters or counts[0] <= partial.grids[at] <= counts[1]
        if lawful and partial.value[at] < (room if best < 0 else partial.value[best]):
            best = at
        at = partial.following[at]
    if best < 0:
        return NOTHING_BETTER, np.empty(0, dtype=np.int64), 0.0, sets
    chosen = np.empty(partial.grids[best], dtype=np.int64)
    at = best
    filled = 0
    while partial.by[at] >= 0:
        chosen[filled] = partial.by[at]
        filled += 1
        at = partial.parent[at]
    return CHOSEN, chosen[:filled], partial.value[best], sets


@kernel
def sweep_through(
    mask, first, reduced, load, touching, num, total, low, high, counts, count_matters, least, room, max_sets, stop
):
    """The cheapest cover that holds each grid, as far as it is below `room`; parameters as for `sweep`.

    Returns
    -------
    outcome : int
        `CHOSEN` where the values are known.
    through : float array, shape (grids,)
        Infinite where no cover below `room` holds the grid.
    """
    begin = np.searchsorted(first, np.arange(num + 1))
    through = np.full(len(reduced), np.inf)
    outcome, sets, partial = spread(
        mask, begin, reduced, load, touching, num, total, low, high, counts, count_matters, least, room, max_sets, stop
    )
    if outcome != CHOSEN:
        return outcome, through
    words = mask.shape[1]
    rest = np.full(sets, np.inf)  # least that completes each set
    at = partial.head[num]
    while at >= 0:
        if not count_matters or counts[0] <= partial.grids[at] <= counts[1]:
            rest[at] = 0.0
        at = partial.following[at]
    merged = np.zeros(words, dtype=np.uint64)
    for node in range(num - 1, -1, -1):
        at = partial.head[node]
        while at >= 0:
            for j in range(begin[node], begin[node + 1]):
                clash = False
                for w in range(words):
                    if mask[j, w] & partial.covered[at, w] != np.uint64(0):
                        clash = True
                        break
                    merged[w] = mask[j, w] | partial.covered[at, w]
                if clash:
                    continue
                key = partial.grids[at] + 1 if count_matters else 0
                _, other = place_of(merged, key, partial.covered, partial.grids, partial.table, count_matters)
                if other < 0 or rest[other] == np.inf:
                    continue
                value = reduced[j] + unearned(touching, partial.covered[at], j, high) + rest[other]
                rest[at] = min(rest[at], value)
                through[j] = min(through[j], partial.value[at] + value)
            at = partial.following[at]
    return CHOSEN, through


@kernel
def spread(
    mask, begin, reduced, load, touching, num, total, low, high, counts, count_matters, least, room, max_sets, stop
):
    """All partial plans that `sweep` looks at; `begin` says where the grids of each first node begin."""
    words = mask.shape[1]
    capacity = 4096
    covered = np.zeros((capacity, words), dtype=np.uint64)
    value = np.zeros(capacity)
    parent = np.full(capacity, -1, dtype=np.int64)
    by = np.full(capacity, -1, dtype=np.int64)
    following = np.full(capacity, -1, dtype=np.int64)  # next set with the same first open node
    households = np.zeros(capacity, dtype=np.int64)
    grids = np.zeros(capacity, dtype=np.int64)
    table = np.full(4 * capacity, -1, dtype=np.int64)
    head = np.full(num + 1, -1, dtype=np.int64)
    sets = 1
    head[0] = 0
    value[0] = all_touches(touching, covered[0], high)
    merged = np.zeros(words, dtype=np.uint64)
    for node in range(num):
        at = head[node]
        while at >= 0:
            spent = value[at]
            for j in range(begin[node], begin[node + 1]):
                now = spent + reduced[j]
                left = total - households[at] - load[j]
                used = grids[at] + 1
                if now + least * counts[1] >= room:
                    break
                # The rest takes a whole number of grids, each of at least the least reduced cost.
                fewest = (left + high - 1) // high
                most = left // low if low > 0 else num
                if fewest > most or now + least * most >= room:
                    continue
                if count_matters and (used + most < counts[0] or used + fewest > counts[1]):
                    continue
                clash = False
                for w in range(words):
                    if mask[j, w] & covered[at, w] != np.uint64(0):
                        clash = True
                        break
                    merged[w] = mask[j, w] | covered[at, w]
                if clash:
                    continue
                now += unearned(touching, covered[at], j, high)
                if now + least * most >= room:
                    continue
                key = used if count_matters else 0
                slot, found = place_of(merged, key, covered, grids, table, count_matters)
                if found >= 0:
                    if now < value[found]:
                        value[found] = now
                        parent[found] = at
                        by[found] = j
                        grids[found] = used
                    continue
                if sets == max_sets:
                    return TOO_MANY_SETS, sets, Partial(covered, value, parent, by, following, grids, table, head)
                if sets == capacity:
                    if stop[0]:
                        return STOPPED, sets, Partial(covered, value, parent, by, following, grids, table, head)
                    capacity *= 2
                    covered = grown_words(covered, capacity)
                    value = grown_floats(value, capacity)
                    parent = grown(parent, capacity)
                    by = grown(by, capacity)
                    following = grown(following, capacity)
                    households = grown(households, capacity)
                    grids = grown(grids, capacity)
                    table = np.full(4 * capacity, -1, dtype=np.int64)
                    for old in range(sets):
                        slot = np.int64(mixed(covered[old], grids[old] if count_matters else 0) % np.uint64(len(table)))
                        while table[slot] >= 0:
                            slot += 1
                            if slot == len(table):
                                slot = 0
                        table[slot] = old
                    slot, _ = place_of(merged, key, covered, grids, table, count_matters)
                table[slot] = sets
                for w in range(words):
                    covered[sets, w] = merged[w]
                value[sets] = now
                parent[sets] = at
                by[sets] = j
                households[sets] = households[at] + load[j]
                grids[sets] = used
                place = first_open(merged, num)
                following[sets] = head[place]
                head[place] = sets
                sets += 1
            at = following[at]
        if stop[0]:
            return STOPPED, sets, Partial(covered, value, parent, by, following, grids, table, head)
    return CHOSEN, sets, Partial(covered, value, parent, by, following, grids, table, head)


@kernel
def grown(array, capacity):
    """The same entries with room for more."""
    longer = np.full(capacity, -1, dtype=np.int64)
    longer[: len(array)] = array
    return longer


@kernel
def grown_floats(array, capacity):
    """As `grown`."""
    longer = np.zeros(capacity)
    longer[: len(array)] = array
    return longer


@kernel
def grown_words(array, capacity):
    """As `grown`."""
    longer = np.zeros((capacity, array.shape[1]), dtype=np.uint64)
    longer[: len(array)] = array
    return longer
