"""Every lawful grid that a plan with few moved households can hold, listed around one previous grid.

Let u_v be a price on covering node v, at most its households that had a grid. A grid S that carries on the previous
grid p and takes in(S, p) households from others has the reduced cost

    in(S, p) - Σ_{v in S} u_v  =  Σ_{v in S} in_price_v + Σ_{v not in S} out_price_v - const,

where in_price = max(0, in - u) and out_price = max(0, u - in), node by node: staying near p costs little, and what
costs more than the budget is cut off. Connected sets are decided node by node, in or out, from a first node; every set
is met exactly once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from partitioner.compiling import kernel, part
from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.growing import clashes, contents, in_order, new_basket, num_items, put, with_room
from partitioner.solver.kernels.listing import COMPLETE, STOPPED, TOO_MANY_GRIDS, TOO_MANY_VISITS, grid_cost

ByteArray = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]


class Wish(NamedTuple):
    """What is asked for, node by node; all of shape (n,) but `lines`."""

    own: np.ndarray  # households that p had
    strange: np.ndarray  # households that another previous grid had
    must: np.ndarray  # 1: inside every grid
    must_not: np.ndarray  # 1: inside none
    in_price: np.ndarray
    out_price: np.ndarray
    lines: np.ndarray


PRICE, REST_PRICE = range(2)
"""Columns of what decisions have cost, a row for each depth: all of them, and leaving out all that is not decided."""

(
    LOAD, REST_OWN, REST_FREE, STRANGE, LOST, NUM_INSIDE, FORCED, NEXT_NEAR, END_NEAR, NEXT_FAR, END_FAR, NODE, IS_IN,
) = range(13)  # fmt: skip
"""Columns of what holds after so many decisions, a row for each depth: households inside; of p, and without any grid,
that are not decided; from other grids inside; of p left out; nodes inside, and those that must be; the queue of nodes
that p had or that must be inside, decided first, and the queue of the others beside the set; the node decided last,
and whether it is inside."""


@kernel
def list_near(
    case: Case,
    own_label: int,
    inside_by_force: ByteArray,
    outside_by_force: ByteArray,
    in_price: FloatArray,
    out_price: FloatArray,
    lines: ByteArray,
    budget: float,
    most_moved: int,
    only_best: bool,
    roots: IntArray,
    max_visits: int,
    max_items: int,
    stop: BoolArray,
) -> tuple[int, int, IntArray, IntArray, FloatArray, IntArray, FloatArray]:
    """All lawful grids near one previous grid.

    Parameters
    ----------
    own_label : int
        The previous grid p that the grids carry on; -1 for grids that carry on none.
    inside_by_force, outside_by_force : arrays, shape (n,)
        Nodes that every, or no, listed grid holds.
    in_price, out_price : float arrays, shape (n,), at least 0
        Cost of a node inside, and outside.
    lines : array, shape (labels, labels) or (0, 0)
        1 where no grid may hold units of both previous grids.
    budget : float
        Most that a grid may cost.
    most_moved : int
        Most households from other grids and of p left out, together: these all move.
    only_best : bool
        List only the cheapest one (the last of the list).
    roots : int array
        Possible first nodes. Grids without any of them are not listed.
    max_visits, max_items : int
        Give up beyond this many steps, or this many entries of `item`.

    Returns
    -------
    outcome, visits : int
    start, item : CSR lists of nodes, ascending within each grid
    cost : float array
        Weighted terms without `move`.
    incoming : int array
        Households from other previous grids.
    price : float array
        Costs at these prices.
    """
    num = len(case.households)
    reach = case.far.shape[0] > 0
    own, strange = households_by(case, own_label)
    wish = Wish(own, strange, inside_by_force, outside_by_force, in_price, out_price, lines)
    paid, at = new_standing(case, wish)
    dearness, cheapness = rates(wish)
    forced = np.int64(0)
    for v in range(num):
        forced += wish.must[v]
    present = np.zeros(len(lines), dtype=np.int64)  # nodes of every previous grid inside
    if own_label >= 0 and len(lines) > 0:
        present[own_label] = 1
    grids = new_basket()
    cost = np.empty(1024)
    incoming = np.empty(1024, dtype=np.int64)
    price_of = np.empty(1024)
    near_queue = np.empty(num, dtype=np.int64)
    far_queue = np.empty(num, dtype=np.int64)
    chosen = np.empty(num, dtype=np.int64)
    ordered = np.empty(num, dtype=np.int64)
    seen = np.zeros(num, dtype=np.bool_)
    inside = np.zeros(num, dtype=np.bool_)
    visits = 0
    outcome = COMPLETE
    for r in range(len(roots)):
        if r > 0:
            before = roots[r - 1]
            seen[before] = True
            weigh_node(case, wish, paid, at, 0, before)
            leave_out(wish, paid, at, 0, before)
            if wish.must[before] == 1 or paid[0, PRICE] > budget:
                break
        near_queue[0] = roots[r]
        seen[roots[r]] = True
        depth = 0
        deeper = True
        while depth > 0 or deeper:
            if not deeper:
                node = at[depth, NODE]
                was_in = at[depth, IS_IN] == 1
                if was_in:
                    take_back(case, at, depth, node, near_queue, far_queue, seen, inside, present)
                if was_in and depth > 1 and wish.must[node] == 0:
                    decide_next(case, wish, paid, at, depth, near_queue, far_queue)
                    leave_out(wish, paid, at, depth, node)
                    deeper = True
                else:
                    depth -= 1
                continue
            visits += 1
            if visits > max_visits or (visits % 65536 == 0 and stop[0]):
                outcome = TOO_MANY_VISITS if visits > max_visits else STOPPED
                break
            if hopeless(case, paid, at, depth, dearness, cheapness, budget, most_moved):
                deeper = False
            elif at[depth, NEXT_NEAR] < at[depth, END_NEAR] or at[depth, NEXT_FAR] < at[depth, END_FAR]:
                depth += 1
                node = decide_next(case, wish, paid, at, depth, near_queue, far_queue)
                if may_join(case, wish, paid, at, depth, node, budget, most_moved, inside, present):
                    join(case, wish, paid, at, depth, node, near_queue, far_queue, chosen, seen, inside, present)
                elif depth == 1:  # no grid without its root
                    deeper = False
                else:
                    leave_out(wish, paid, at, depth, node)
                    deeper = wish.must[node] == 0
            else:
                # Everything beside the set is decided; what is left of p cannot be reached any more.
                deeper = False
                load = at[depth, LOAD]
                total = paid[depth, PRICE] + paid[depth, REST_PRICE]
                moved = at[depth, STRANGE] + at[depth, LOST] + at[depth, REST_OWN]
                lawful = case.low <= load <= case.high and at[depth, FORCED] == forced
                if not lawful or total > budget or moved > most_moved:
                    continue
                size = at[depth, NUM_INSIDE]
                value = grid_cost(case, chosen, size, load, reach)
                if value == np.inf:
                    continue
                if num_items(grids) + size > max_items:
                    outcome = TOO_MANY_GRIDS
                    break
                if only_best:
                    grids.filled[0] = 0
                    budget = total - 1e-9 * (1.0 + total)
                found = grids.filled[0]
                cost = with_room(cost, found, found + 1)
                cost[found] = value
                incoming = with_room(incoming, found, found + 1)
                incoming[found] = at[depth, STRANGE]
                price_of = with_room(price_of, found, found + 1)
                price_of[found] = total
                grids = put(grids, in_order(chosen, size, ordered))
        if outcome != COMPLETE:
            break
        seen[roots[r]] = False
    start, item = contents(grids)
    many = len(start) - 1
    return outcome, visits, start, item, cost[:many], incoming[:many], price_of[:many]


@kernel
def households_by(case, label):
    """Households of each node that this previous grid had, and that another had."""
    own = np.zeros(len(case.households), dtype=np.int64)
    strange = np.zeros(len(case.households), dtype=np.int64)
    for node in range(len(own)):
        for i in range(case.previous_start[node], case.previous_start[node + 1]):
            if case.previous_item[i] == label:
                own[node] += case.previous_households[i]
            else:
                strange[node] += case.previous_households[i]
    return own, strange


@kernel
def rates(wish):
    """The least price of a household of p that is left out, and of one taken from another grid."""
    dearness = np.inf
    cheapness = np.inf
    for node in range(len(wish.own)):
        if wish.own[node] > 0:
            dearness = min(dearness, wish.out_price[node] / wish.own[node])
        if wish.strange[node] > 0:
            cheapness = min(cheapness, wish.in_price[node] / wish.strange[node])
    return 0.0 if dearness == np.inf else dearness, cheapness


@kernel
def new_standing(case, wish):
    """Nothing is decided; the root alone is in a queue."""
    num = len(case.households)
    paid = np.zeros((num + 2, 2))
    at = np.zeros((num + 2, 13), dtype=np.int64)
    at[0, END_NEAR] = 1
    for node in range(num):
        paid[0, REST_PRICE] += wish.out_price[node]
        at[0, REST_OWN] += wish.own[node]
        at[0, REST_FREE] += case.households[node] - wish.own[node] - wish.strange[node]
    return paid, at


@part
def hopeless(case, paid, at, depth, dearness, cheapness, budget, most_moved):
    """Whether no listed grid follows from these decisions."""
    within_reach = at[depth, LOAD] + at[depth, REST_OWN]
    too_large = dearness * (within_reach - case.high)
    too_small = cheapness * (case.low - within_reach - at[depth, REST_FREE])
    moved = at[depth, STRANGE] + at[depth, LOST] + max(np.int64(0), within_reach - case.high)
    return paid[depth, PRICE] + max(too_large, too_small, 0.0) > budget or moved > most_moved


@part
def decide_next(case, wish, paid, at, depth, near_queue, far_queue):
    """Go from the standing before `depth` to the decision on the next node; returns the node."""
    for column in range(paid.shape[1]):
        paid[depth, column] = paid[depth - 1, column]
    for column in range(at.shape[1]):
        at[depth, column] = at[depth - 1, column]
    if at[depth, NEXT_NEAR] < at[depth, END_NEAR]:
        node = near_queue[at[depth, NEXT_NEAR]]
        at[depth, NEXT_NEAR] += 1
    else:
        node = far_queue[at[depth, NEXT_FAR]]
        at[depth, NEXT_FAR] += 1
    at[depth, NODE] = node
    at[depth, IS_IN] = 0
    weigh_node(case, wish, paid, at, depth, node)
    return node


@part
def weigh_node(case, wish, paid, at, depth, node):
    """The node is no longer among those to be decided."""
    paid[depth, REST_PRICE] -= wish.out_price[node]
    at[depth, REST_OWN] -= wish.own[node]
    at[depth, REST_FREE] -= case.households[node] - wish.own[node] - wish.strange[node]


@part
def leave_out(wish, paid, at, depth, node):
    """Decide that the node is outside."""
    paid[depth, PRICE] += wish.out_price[node]
    at[depth, LOST] += wish.own[node]


@part
def may_join(case, wish, paid, at, depth, node, budget, most_moved, inside, present):
    """Whether a listed grid may hold the node beside what is inside."""
    if wish.must_not[node] == 1 or at[depth, LOAD] + case.households[node] > case.high:
        return False
    if at[depth, STRANGE] + at[depth, LOST] + wish.strange[node] > most_moved:
        return False
    if paid[depth, PRICE] + wish.in_price[node] > budget or clashes(case, node, inside):
        return False
    for other in range(len(wish.lines)):
        if present[other] > 0:
            for i in range(case.previous_start[node], case.previous_start[node + 1]):
                if wish.lines[case.previous_item[i], other] == 1:
                    return False
    return True


@part
def join(case, wish, paid, at, depth, node, near_queue, far_queue, chosen, seen, inside, present):
    """Decide that the node is inside; what it makes visible is put into the queues."""
    at[depth, IS_IN] = 1
    paid[depth, PRICE] += wish.in_price[node]
    at[depth, LOAD] += case.households[node]
    at[depth, STRANGE] += wish.strange[node]
    at[depth, FORCED] += wish.must[node]
    chosen[at[depth, NUM_INSIDE]] = node
    at[depth, NUM_INSIDE] += 1
    inside[node] = True
    count_present(case, node, present, 1)
    for i in range(case.start[node], case.start[node + 1]):
        other = case.neighbour[i]
        if seen[other]:
            continue
        seen[other] = True
        if wish.own[other] > 0 or wish.must[other] == 1:
            near_queue[at[depth, END_NEAR]] = other
            at[depth, END_NEAR] += 1
        else:
            far_queue[at[depth, END_FAR]] = other
            at[depth, END_FAR] += 1


@part
def take_back(case, at, depth, node, near_queue, far_queue, seen, inside, present):
    """Undo what `join` did beyond the standing."""
    for i in range(at[depth - 1, END_NEAR], at[depth, END_NEAR]):
        seen[near_queue[i]] = False
    for i in range(at[depth - 1, END_FAR], at[depth, END_FAR]):
        seen[far_queue[i]] = False
    inside[node] = False
    count_present(case, node, present, -1)


@part
def count_present(case, node, present, change):
    """One node more or less of each previous grid that it belonged to; nothing where no lines are asked for."""
    if len(present) > 0:
        for i in range(case.previous_start[node], case.previous_start[node + 1]):
            present[case.previous_item[i]] += change
