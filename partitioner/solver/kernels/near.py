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

from partitioner.compiling import kernel
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


class Standing(NamedTuple):
    """What holds after so many decisions; all of shape (n + 2,)."""

    node: np.ndarray  # decided last
    is_in: np.ndarray  # whether it is inside
    price: np.ndarray  # of all decisions
    rest_price: np.ndarray  # of leaving out all that is not decided
    load: np.ndarray  # households inside
    rest_own: np.ndarray  # households of p not decided
    rest_free: np.ndarray  # households that had no grid, not decided
    strange: np.ndarray  # households from other grids inside
    lost: np.ndarray  # households of p left out
    num_inside: np.ndarray
    forced: np.ndarray  # nodes inside that must be
    next_near: np.ndarray  # the queue of nodes that p had, or that must be inside: these are decided first
    end_near: np.ndarray
    next_far: np.ndarray  # the queue of the others beside the set
    end_far: np.ndarray


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
    at = new_standing(case, wish)
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
    paid = np.empty(1024)
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
            weigh_node(case, wish, at, 0, before)
            leave_out(wish, at, 0, before)
            if wish.must[before] == 1 or at.price[0] > budget:
                break
        near_queue[0] = roots[r]
        seen[roots[r]] = True
        depth = 0
        deeper = True
        while depth > 0 or deeper:
            if not deeper:
                node = at.node[depth]
                was_in = at.is_in[depth]
                if was_in:
                    take_back(case, at, depth, node, near_queue, far_queue, seen, inside, present)
                if was_in and depth > 1 and wish.must[node] == 0:
                    decide_next(case, wish, at, depth, near_queue, far_queue)
                    leave_out(wish, at, depth, node)
                    deeper = True
                else:
                    depth -= 1
                continue
            visits += 1
            if visits > max_visits or (visits % 65536 == 0 and stop[0]):
                outcome = TOO_MANY_VISITS if visits > max_visits else STOPPED
                break
            if hopeless(case, at, depth, dearness, cheapness, budget, most_moved):
                deeper = False
            elif at.next_near[depth] < at.end_near[depth] or at.next_far[depth] < at.end_far[depth]:
                depth += 1
                node = decide_next(case, wish, at, depth, near_queue, far_queue)
                if may_join(case, wish, at, depth, node, budget, most_moved, inside, present):
                    join(case, wish, at, depth, node, near_queue, far_queue, chosen, seen, inside, present)
                elif depth == 1:  # no grid without its root
                    deeper = False
                else:
                    leave_out(wish, at, depth, node)
                    deeper = wish.must[node] == 0
            else:
                # Everything beside the set is decided; what is left of p cannot be reached any more.
                deeper = False
                load = at.load[depth]
                total = at.price[depth] + at.rest_price[depth]
                moved = at.strange[depth] + at.lost[depth] + at.rest_own[depth]
                lawful = case.low <= load <= case.high and at.forced[depth] == forced
                if not lawful or total > budget or moved > most_moved:
                    continue
                size = at.num_inside[depth]
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
                incoming[found] = at.strange[depth]
                paid = with_room(paid, found, found + 1)
                paid[found] = total
                grids = put(grids, in_order(chosen, size, ordered))
        if outcome != COMPLETE:
            break
        seen[roots[r]] = False
    start, item = contents(grids)
    many = len(start) - 1
    return outcome, visits, start, item, cost[:many], incoming[:many], paid[:many]


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
    at = Standing(
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.bool_),
        np.zeros(num + 2),
        np.zeros(num + 2),
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.int64),
        np.zeros(num + 2, dtype=np.int64),
    )
    at.end_near[0] = 1
    for node in range(num):
        at.rest_price[0] += wish.out_price[node]
        at.rest_own[0] += wish.own[node]
        at.rest_free[0] += case.households[node] - wish.own[node] - wish.strange[node]
    return at


@kernel
def hopeless(case, at, depth, dearness, cheapness, budget, most_moved):
    """Whether no listed grid follows from these decisions."""
    within_reach = at.load[depth] + at.rest_own[depth]
    too_large = dearness * (within_reach - case.high)
    too_small = cheapness * (case.low - within_reach - at.rest_free[depth])
    moved = at.strange[depth] + at.lost[depth] + max(np.int64(0), within_reach - case.high)
    return at.price[depth] + max(too_large, too_small, 0.0) > budget or moved > most_moved


@kernel
def decide_next(case, wish, at, depth, near_queue, far_queue):
    """Go from the standing before `depth` to the decision on the next node; returns the node."""
    last = depth - 1
    at.price[depth] = at.price[last]
    at.rest_price[depth] = at.rest_price[last]
    at.load[depth] = at.load[last]
    at.rest_own[depth] = at.rest_own[last]
    at.rest_free[depth] = at.rest_free[last]
    at.strange[depth] = at.strange[last]
    at.lost[depth] = at.lost[last]
    at.num_inside[depth] = at.num_inside[last]
    at.forced[depth] = at.forced[last]
    at.next_near[depth] = at.next_near[last]
    at.end_near[depth] = at.end_near[last]
    at.next_far[depth] = at.next_far[last]
    at.end_far[depth] = at.end_far[last]
    if at.next_near[depth] < at.end_near[depth]:
        node = near_queue[at.next_near[depth]]
        at.next_near[depth] += 1
    else:
        node = far_queue[at.next_far[depth]]
        at.next_far[depth] += 1
    at.node[depth] = node
    at.is_in[depth] = False
    weigh_node(case, wish, at, depth, node)
    return node


@kernel
def weigh_node(case, wish, at, depth, node):
    """The node is no longer among those to be decided."""
    at.rest_price[depth] -= wish.out_price[node]
    at.rest_own[depth] -= wish.own[node]
    at.rest_free[depth] -= case.households[node] - wish.own[node] - wish.strange[node]


@kernel
def leave_out(wish, at, depth, node):
    """Decide that the node is outside."""
    at.price[depth] += wish.out_price[node]
    at.lost[depth] += wish.own[node]


@kernel
def may_join(case, wish, at, depth, node, budget, most_moved, inside, present):
    """Whether a listed grid may hold the node beside what is inside."""
    if wish.must_not[node] == 1 or at.load[depth] + case.households[node] > case.high:
        return False
    if at.strange[depth] + at.lost[depth] + wish.strange[node] > most_moved:
        return False
    if at.price[depth] + wish.in_price[node] > budget or clashes(case, node, inside):
        return False
    for other in range(len(wish.lines)):
        if present[other] > 0:
            for i in range(case.previous_start[node], case.previous_start[node + 1]):
                if wish.lines[case.previous_item[i], other] == 1:
                    return False
    return True


@kernel
def join(case, wish, at, depth, node, near_queue, far_queue, chosen, seen, inside, present):
    """Decide that the node is inside; what it makes visible is put into the queues."""
    at.is_in[depth] = True
    at.price[depth] += wish.in_price[node]
    at.load[depth] += case.households[node]
    at.strange[depth] += wish.strange[node]
    at.forced[depth] += wish.must[node]
    chosen[at.num_inside[depth]] = node
    at.num_inside[depth] += 1
    inside[node] = True
    count_present(case, node, present, 1)
    for i in range(case.start[node], case.start[node + 1]):
        other = case.neighbour[i]
        if seen[other]:
            continue
        seen[other] = True
        if wish.own[other] > 0 or wish.must[other] == 1:
            near_queue[at.end_near[depth]] = other
            at.end_near[depth] += 1
        else:
            far_queue[at.end_far[depth]] = other
            at.end_far[depth] += 1


@kernel
def take_back(case, at, depth, node, near_queue, far_queue, seen, inside, present):
    """Undo what `join` did beyond the standing."""
    for i in range(at.end_near[depth - 1], at.end_near[depth]):
        seen[near_queue[i]] = False
    for i in range(at.end_far[depth - 1], at.end_far[depth]):
        seen[far_queue[i]] = False
    inside[node] = False
    count_present(case, node, present, -1)


@kernel
def count_present(case, node, present, change):
    """One node more or less of each previous grid that it belonged to; nothing where no lines are asked for."""
    if len(present) > 0:
        for i in range(case.previous_start[node], case.previous_start[node + 1]):
            present[case.previous_item[i]] += change
