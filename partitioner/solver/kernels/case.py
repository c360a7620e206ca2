"""What the kernels see: one piece of a problem as flat arrays, and the state of a search on it.

A *node* is what the search moves: one unit, or a set of units that must stay together. Rows of `walk` are units
(every unit may be a centre), columns are nodes. A *slot* is a place for one grid; a slot may be empty.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel

INFINITY = np.inf


class Case(NamedTuple):
    """Constants. CSR pairs are `x_start` (n + 1,) and `x_item`."""

    households: np.ndarray  # (n,) int64
    start: np.ndarray  # adjacency of nodes, CSR
    neighbour: np.ndarray
    length: np.ndarray  # metres of each entry of `neighbour`
    unit_start: np.ndarray  # units of each node, CSR
    unit_item: np.ndarray
    walk: np.ndarray  # (units, n) weighted walking of a whole node to a centre
    far: np.ndarray  # (units, n) 1 where some unit of the node is out of reach of the centre; (0, 0) without a limit
    group_start: np.ndarray  # groups of each node, CSR
    group_item: np.ndarray
    previous_start: np.ndarray  # previous grids of each node and the households from there, CSR
    previous_item: np.ndarray
    previous_households: np.ndarray
    apart_start: np.ndarray  # nodes that may not share a grid with each node, CSR
    apart_item: np.ndarray
    low: int
    high: int
    target: float
    split: float
    balance: float
    move: float
    count_low: int
    count_high: int


class State(NamedTuple):
    """Where a search stands. Arrays are changed in place."""

    label: np.ndarray  # (n,) slot of each node
    after: np.ndarray  # (n,) next node in the slot, -1 at the end
    before: np.ndarray  # (n,)
    head: np.ndarray  # (slots,) first node, -1 where empty
    size: np.ndarray  # (slots,) nodes
    households: np.ndarray  # (slots,)
    cost: np.ndarray  # (slots,) weighted terms
    misfit: np.ndarray  # (slots,) households outside the bounds
    broken: np.ndarray  # (slots,) other rules broken: units out of reach, pairs that should be apart
    centre_sum: np.ndarray  # (units,) walking of the unit's own grid to it
    far_sum: np.ndarray  # (units,) nodes of the unit's own grid out of its reach
    touches: np.ndarray  # (slots, groups) nodes of the group in the slot
    num_groups: np.ndarray  # (slots,) groups that the slot touches
    stay: np.ndarray  # (slots,) previous grid whose households count as retained, -1 none
    mark: np.ndarray  # (n,) scratch for graph search
    queue: np.ndarray  # (n,) scratch


def new_state(case: Case, num_slots: int, num_groups: int) -> State:
    """All slots empty; call `rebuild` after filling `label`."""
    num = len(case.households)
    units = case.walk.shape[0]
    return State(
        label=np.full(num, -1, dtype=np.int64),
        after=np.full(num, -1, dtype=np.int64),
        before=np.full(num, -1, dtype=np.int64),
        head=np.full(num_slots, -1, dtype=np.int64),
        size=np.zeros(num_slots, dtype=np.int64),
        households=np.zeros(num_slots, dtype=np.int64),
        cost=np.zeros(num_slots),
        misfit=np.zeros(num_slots, dtype=np.int64),
        broken=np.zeros(num_slots, dtype=np.int64),
        centre_sum=np.zeros(units),
        far_sum=np.zeros(units, dtype=np.int64),
        touches=np.zeros((num_slots, max(num_groups, 1)), dtype=np.int32),
        num_groups=np.zeros(num_slots, dtype=np.int64),
        stay=np.full(num_slots, -1, dtype=np.int64),
        mark=np.zeros(num, dtype=np.int64),
        queue=np.zeros(num, dtype=np.int64),
    )


@kernel
def link(case, state, node, slot):
    """Put `node` at the head of `slot`; sums are not touched."""
    first = state.head[slot]
    state.after[node] = first
    state.before[node] = -1
    if first >= 0:
        state.before[first] = node
    state.head[slot] = node
    state.label[node] = slot
    state.size[slot] += 1
    state.households[slot] += case.households[node]
    for i in range(case.group_start[node], case.group_start[node + 1]):
        group = case.group_item[i]
        if state.touches[slot, group] == 0:
            state.num_groups[slot] += 1
        state.touches[slot, group] += 1


@kernel
def unlink(case, state, node):
    """Take `node` out of its slot; sums are not touched."""
    slot = state.label[node]
    following = state.after[node]
    previous = state.before[node]
    if previous >= 0:
        state.after[previous] = following
    else:
        state.head[slot] = following
    if following >= 0:
        state.before[following] = previous
    state.label[node] = -1
    state.size[slot] -= 1
    state.households[slot] -= case.households[node]
    for i in range(case.group_start[node], case.group_start[node + 1]):
        group = case.group_item[i]
        state.touches[slot, group] -= 1
        if state.touches[slot, group] == 0:
            state.num_groups[slot] -= 1


@kernel
def slots_in_use(state):
    """How many slots hold a node."""
    num = 0
    for slot in range(len(state.head)):
        if state.size[slot] > 0:
            num += 1
    return num


@kernel
def resum(case, state, slot):
    """Recompute centre sums of `slot` from scratch, and its cost, misfit and broken rules."""
    reach = case.far.shape[0] > 0
    a = state.head[slot]
    while a >= 0:
        for i in range(case.unit_start[a], case.unit_start[a + 1]):
            centre = case.unit_item[i]
            total = 0.0
            num_far = 0
            b = state.head[slot]
            while b >= 0:
                total += case.walk[centre, b]
                if reach:
                    num_far += case.far[centre, b]
                b = state.after[b]
            state.centre_sum[centre] = total
            state.far_sum[centre] = num_far
        a = state.after[a]
    state.cost[slot], state.misfit[slot], state.broken[slot] = judge(case, state, slot, -1, -1)


@kernel
def retained(case, state, slot, node):
    """Households of `node` that come from the previous grid that `slot` carries on."""
    stay = state.stay[slot]
    if stay >= 0:
        for i in range(case.previous_start[node], case.previous_start[node + 1]):
            if case.previous_item[i] == stay:
                return case.previous_households[i]
    return 0


@kernel
def judge(case, state, slot, lost, gained):
    """Cost, misfit and broken rules of `slot` without node `lost` and with node `gained` (-1: none)."""
    num = state.size[slot]
    if lost >= 0:
        num -= 1
    if gained >= 0:
        num += 1
    if num == 0:
        return 0.0, 0, 0
    reach = case.far.shape[0] > 0
    best = INFINITY
    fewest_far = 1 << 60
    own = 0.0
    households = state.households[slot]
    kept = 0
    node = state.head[slot]
    while node >= 0:
        if node != lost:
            for i in range(case.unit_start[node], case.unit_start[node + 1]):
                centre = case.unit_item[i]
                total = state.centre_sum[centre]
                if lost >= 0:
                    total -= case.walk[centre, lost]
                if gained >= 0:
                    total += case.walk[centre, gained]
                if total < best:
                    best = total
                if reach:
                    num_far = state.far_sum[centre]
                    if lost >= 0:
                        num_far -= case.far[centre, lost]
                    if gained >= 0:
                        num_far += case.far[centre, gained]
                    if num_far < fewest_far:
                        fewest_far = num_far
            if case.move > 0.0:
                kept += retained(case, state, slot, node)
        node = state.after[node]
    num_groups = state.num_groups[slot]
    if lost >= 0:
        households -= case.households[lost]
        if case.split > 0.0:
            for i in range(case.group_start[lost], case.group_start[lost + 1]):
                if state.touches[slot, case.group_item[i]] == 1:
                    num_groups -= 1
    if gained >= 0:
        households += case.households[gained]
        if case.move > 0.0:
            kept += retained(case, state, slot, gained)
        for i in range(case.unit_start[gained], case.unit_start[gained + 1]):
            centre = case.unit_item[i]
            own = case.walk[centre, gained]
            num_far = 0
            if reach:
                num_far = np.int64(case.far[centre, gained])
            node = state.head[slot]
            while node >= 0:
                if node != lost:
                    own += case.walk[centre, node]
                    if reach:
                        num_far += case.far[centre, node]
                node = state.after[node]
            if own < best:
                best = own
            if num_far < fewest_far:
                fewest_far = num_far
        if case.split > 0.0:
            for i in range(case.group_start[gained], case.group_start[gained + 1]):
                group = case.group_item[i]
                there = state.touches[slot, group]
                if lost >= 0:
                    for j in range(case.group_start[lost], case.group_start[lost + 1]):
                        if case.group_item[j] == group:
                            there -= 1
                if there == 0:
                    num_groups += 1
    broken = 0
    if reach:
        broken += fewest_far
    broken += conflicts(case, state, slot, lost, gained)
    cost = best + case.split * num_groups + case.balance * abs(households - case.target) - case.move * kept
    misfit = max(0, households - case.high) + max(0, case.low - households)
    return cost, misfit, broken


@kernel
def conflicts(case, state, slot, lost, gained):
    """Pairs in `slot` (without `lost`, with `gained`) that should be apart."""
    if len(case.apart_item) == 0:
        return 0
    twice = 0
    node = state.head[slot]
    while node >= 0:
        if node != lost:
            for i in range(case.apart_start[node], case.apart_start[node + 1]):
                other = case.apart_item[i]
                if other == gained:
                    twice += 2
                elif other != lost and state.label[other] == slot:
                    twice += 1
        node = state.after[node]
    return twice // 2


@kernel
def rebuild(case, state):
    """Fill everything from `label` and `stay`."""
    state.head[:] = -1
    state.size[:] = 0
    state.households[:] = 0
    state.touches[:] = 0
    state.num_groups[:] = 0
    for node in range(len(state.label) - 1, -1, -1):
        link(case, state, node, state.label[node])
    for slot in range(len(state.head)):
        resum(case, state, slot)


@kernel
def transfer(case, state, node, slot):
    """Move `node` into `slot` and keep the sums of both slots up to date (not their cost)."""
    reach = case.far.shape[0] > 0
    source = state.label[node]
    unlink(case, state, node)
    other = state.head[source]
    while other >= 0:
        for i in range(case.unit_start[other], case.unit_start[other + 1]):
            centre = case.unit_item[i]
            state.centre_sum[centre] -= case.walk[centre, node]
            if reach:
                state.far_sum[centre] -= case.far[centre, node]
        other = state.after[other]
    link(case, state, node, slot)
    for i in range(case.unit_start[node], case.unit_start[node + 1]):
        state.centre_sum[case.unit_item[i]] = 0.0
        state.far_sum[case.unit_item[i]] = 0
    other = state.head[slot]
    while other >= 0:
        for i in range(case.unit_start[other], case.unit_start[other + 1]):
            centre = case.unit_item[i]
            if other != node:
                state.centre_sum[centre] += case.walk[centre, node]
                if reach:
                    state.far_sum[centre] += case.far[centre, node]
        for i in range(case.unit_start[node], case.unit_start[node + 1]):
            centre = case.unit_item[i]
            state.centre_sum[centre] += case.walk[centre, other]
            if reach:
                state.far_sum[centre] += case.far[centre, other]
        other = state.after[other]


@kernel
def stays_connected(case, state, slot, lost, gained):
    """Whether `slot`, connected now, is so without node `lost` and with node `gained` (-1: none). Empty is connected.

    It is enough that the neighbours that `lost` leaves behind, and `gained`, still reach one another.
    """
    goals = 0
    first = -1
    if lost >= 0:
        for i in range(case.start[lost], case.start[lost + 1]):
            other = case.neighbour[i]
            if state.label[other] == slot:
                state.mark[other] = 2
                goals += 1
                first = other
    if gained >= 0:
        state.mark[gained] = 2
        goals += 1
        first = gained
    if goals <= 1:
        if first >= 0:
            state.mark[first] = 0
        if gained < 0:
            return True
        # Only `gained` was marked: it is connected where nothing else remains.
        return state.size[slot] - (1 if lost >= 0 else 0) == 0 or (lost < 0 and touches_slot(case, state, gained, slot))
    queue = state.queue
    queue[0] = first
    state.mark[first] = 1
    goals -= 1
    seen = 1
    at = 0
    while at < seen and goals > 0:
        node = queue[at]
        at += 1
        for i in range(case.start[node], case.start[node + 1]):
            other = case.neighbour[i]
            if other == lost or not (state.label[other] == slot or other == gained):
                continue
            if state.mark[other] == 2:
                goals -= 1
            elif state.mark[other] == 1:
                continue
            state.mark[other] = 1
            queue[seen] = other
            seen += 1
    for i in range(seen):
        state.mark[queue[i]] = 0
    if lost >= 0:
        for i in range(case.start[lost], case.start[lost + 1]):
            state.mark[case.neighbour[i]] = 0
    if gained >= 0:
        state.mark[gained] = 0
    return goals == 0


@kernel
def touches_slot(case, state, node, slot):
    """Whether some neighbour of `node` lies in `slot`."""
    for i in range(case.start[node], case.start[node + 1]):
        if state.label[case.neighbour[i]] == slot:
            return True
    return False
