"""Every lawful grid that a plan with few moved households can hold, listed around one previous grid.

Let u_v be a price on covering node v, at most its households that had a grid. A grid S that carries on the previous
grid p and takes in(S, p) households from others has the reduced cost

    in(S, p) - Σ_{v in S} u_v  =  Σ_{v in S} in_price_v + Σ_{v not in S} out_price_v - const,

where in_price = max(0, in - u) and out_price = max(0, u - in), node by node: staying near p costs little, and what
costs more than the budget is cut off. Connected sets are decided node by node, in or out, from a first node; every set
is met exactly once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from partitioner.compiling import kernel
from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.listing import clashes, grid_cost

ByteArray = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]

COMPLETE = 0
TOO_MANY_VISITS = 1
TOO_MANY_GRIDS = 2
STOPPED = 3


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
    own = np.zeros(num, dtype=np.int64)
    strange = np.zeros(num, dtype=np.int64)
    for v in range(num):
        for i in range(case.previous_start[v], case.previous_start[v + 1]):
            if case.previous_item[i] == own_label:
                own[v] += case.previous_households[i]
            else:
                strange[v] += case.previous_households[i]
    start = np.zeros(1024, dtype=np.int64)
    cost = np.empty(1024)
    incoming = np.empty(1024, dtype=np.int64)
    paid = np.empty(1024)
    item = np.empty(8192, dtype=np.int64)
    num_grids = 0
    num_items = 0
    visits = 0
    num_lines = len(lines)
    present = np.zeros(num_lines, dtype=np.int64)  # nodes of every previous grid inside
    if own_label >= 0 and num_lines > 0:
        present[own_label] = 1
    forced = np.int64(0)
    rest_own = np.int64(0)
    rest_free = np.int64(0)
    rest_price = 0.0
    dearness = np.inf  # price of a household of p left out, at least
    cheapness = np.inf  # price of a household taken from another grid, at least
    for v in range(num):
        forced += inside_by_force[v]
        rest_own += own[v]
        rest_free += case.households[v] - own[v] - strange[v]
        rest_price += out_price[v]
        if own[v] > 0:
            dearness = min(dearness, out_price[v] / own[v])
        if strange[v] > 0:
            cheapness = min(cheapness, in_price[v] / strange[v])
    if dearness == np.inf:
        dearness = 0.0
    near_queue = np.empty(num, dtype=np.int64)  # frontier nodes of p, decided first
    far_queue = np.empty(num, dtype=np.int64)
    chosen = np.empty(num, dtype=np.int64)
    seen = np.zeros(num, dtype=np.bool_)
    inside = np.zeros(num, dtype=np.bool_)
    node_at = np.empty(num + 1, dtype=np.int64)
    is_in = np.zeros(num + 1, dtype=np.bool_)
    # What held before the decision at each depth.
    price_at = np.zeros(num + 1)
    rest_price_at = np.zeros(num + 1)
    load_at = np.zeros(num + 1, dtype=np.int64)
    own_at = np.zeros(num + 1, dtype=np.int64)
    free_at = np.zeros(num + 1, dtype=np.int64)
    strange_at = np.zeros(num + 1, dtype=np.int64)
    lost_at = np.zeros(num + 1, dtype=np.int64)
    next_near_at = np.zeros(num + 1, dtype=np.int64)
    next_far_at = np.zeros(num + 1, dtype=np.int64)
    near_end_at = np.zeros(num + 1, dtype=np.int64)
    far_end_at = np.zeros(num + 1, dtype=np.int64)
    price = 0.0
    lost_before = np.int64(0)
    for r in range(len(roots)):
        root = roots[r]
        if r > 0:
            before = roots[r - 1]
            seen[before] = True
            price += out_price[before]
            lost_before += own[before]
            rest_price -= out_price[before]
            rest_own -= own[before]
            rest_free -= case.households[before] - own[before] - strange[before]
            if inside_by_force[before] == 1 or price > budget:
                break
        depth = 0
        load = np.int64(0)
        from_others = np.int64(0)
        lost = lost_before
        num_inside = 0
        forced_inside = np.int64(0)
        near_end, far_end, next_near, next_far = 1, 0, 0, 0
        near_queue[0] = root
        seen[root] = True
        descending = True
        while True:
            if descending:
                visits += 1
                if visits > max_visits:
                    return (
                        TOO_MANY_VISITS, visits, start[: num_grids + 1], item[:num_items], cost[:num_grids],
                        incoming[:num_grids], paid[:num_grids],
                    )  # fmt: skip
                if visits % 65536 == 0 and stop[0]:
                    return (
                        STOPPED, visits, start[: num_grids + 1], item[:num_items], cost[:num_grids],
                        incoming[:num_grids], paid[:num_grids],
                    )  # fmt: skip
                too_large = dearness * (load + rest_own - case.high)
                too_small = cheapness * (case.low - load - rest_own - rest_free)
                moved = from_others + lost + max(np.int64(0), load + rest_own - case.high)
                if price + max(too_large, too_small, 0.0) > budget or moved > most_moved:
                    descending = False
                    continue
                if next_near == near_end and next_far == far_end:
                    # Everything beside the set is decided; what is left of p cannot be reached any more.
                    total = price + rest_price
                    fits = total <= budget and from_others + lost + rest_own <= most_moved
                    if fits and case.low <= load <= case.high and forced_inside == forced:
                        value = grid_cost(case, chosen, num_inside, load, reach)
                        if value < np.inf:
                            if num_items + num_inside > max_items:
                                return (
                                    TOO_MANY_GRIDS, visits, start[: num_grids + 1], item[:num_items],
                                    cost[:num_grids], incoming[:num_grids], paid[:num_grids],
                                )  # fmt: skip
                            if num_items + num_inside > len(item):
                                item = np.append(item, np.empty(len(item) + num, dtype=np.int64))
                            if num_grids + 2 > len(start):
                                more = len(start)
                                start = np.append(start, np.empty(more, dtype=np.int64))
                                cost = np.append(cost, np.empty(more))
                                incoming = np.append(incoming, np.empty(more, dtype=np.int64))
                                paid = np.append(paid, np.empty(more))
                            if only_best:
                                num_grids = 0
                                num_items = 0
                                budget = total - 1e-9 * (1.0 + total)
                            for i in range(num_inside):
                                item[num_items + i] = chosen[i]
                            item[num_items : num_items + num_inside].sort()
                            cost[num_grids] = value
                            incoming[num_grids] = from_others
                            paid[num_grids] = total
                            num_grids += 1
                            num_items += num_inside
                            start[num_grids] = num_items
                    descending = False
                    continue
                depth += 1
                price_at[depth], load_at[depth], own_at[depth] = price, load, rest_own
                free_at[depth], rest_price_at[depth], strange_at[depth] = rest_free, rest_price, from_others
                lost_at[depth] = lost
                next_near_at[depth], next_far_at[depth] = next_near, next_far
                near_end_at[depth], far_end_at[depth] = near_end, far_end
                if next_near < near_end:
                    node = near_queue[next_near]
                    next_near += 1
                else:
                    node = far_queue[next_far]
                    next_far += 1
                node_at[depth] = node
                rest_own -= own[node]
                rest_free -= case.households[node] - own[node] - strange[node]
                fits = outside_by_force[node] == 0 and load + case.households[node] <= case.high
                rest_price -= out_price[node]
                fits = fits and from_others + lost + strange[node] <= most_moved
                fits = fits and not clashes(case, node, inside) and price + in_price[node] <= budget
                if fits and num_lines > 0:
                    for i in range(case.previous_start[node], case.previous_start[node + 1]):
                        for t in range(num_lines):
                            if lines[case.previous_item[i], t] == 1 and present[t] > 0:
                                fits = False
                if fits:
                    price += in_price[node]
                    if num_lines > 0:
                        for i in range(case.previous_start[node], case.previous_start[node + 1]):
                            present[case.previous_item[i]] += 1
                    load += case.households[node]
                    from_others += strange[node]
                    inside[node] = True
                    chosen[num_inside] = node
                    num_inside += 1
                    forced_inside += inside_by_force[node]
                    is_in[depth] = True
                    for i in range(case.start[node], case.start[node + 1]):
                        other = case.neighbour[i]
                        if not seen[other]:
                            seen[other] = True
                            if own[other] > 0 or inside_by_force[other] == 1:
                                near_queue[near_end] = other
                                near_end += 1
                            else:
                                far_queue[far_end] = other
                                far_end += 1
                else:
                    is_in[depth] = False
                    if node == root and depth == 1:
                        descending = False
                        continue
                    price += out_price[node]
                    lost += own[node]
                    descending = inside_by_force[node] == 0
            else:
                if depth == 0:
                    break
                node = node_at[depth]
                was_in = is_in[depth]
                if was_in:
                    for i in range(near_end_at[depth], near_end):
                        seen[near_queue[i]] = False
                    for i in range(far_end_at[depth], far_end):
                        seen[far_queue[i]] = False
                    inside[node] = False
                    num_inside -= 1
                    forced_inside -= inside_by_force[node]
                    if num_lines > 0:
                        for i in range(case.previous_start[node], case.previous_start[node + 1]):
                            present[case.previous_item[i]] -= 1
                price, load, rest_own = price_at[depth], load_at[depth], own_at[depth]
                rest_free, rest_price, from_others = free_at[depth], rest_price_at[depth], strange_at[depth]
                lost = lost_at[depth]
                next_near, next_far = next_near_at[depth], next_far_at[depth]
                near_end, far_end = near_end_at[depth], far_end_at[depth]
                if was_in and depth > 1 and inside_by_force[node] == 0:
                    # The same node again, outside.
                    if next_near < near_end:
                        next_near += 1
                    else:
                        next_far += 1
                    is_in[depth] = False
                    rest_own -= own[node]
                    rest_free -= case.households[node] - own[node] - strange[node]
                    rest_price -= out_price[node]
                    price += out_price[node]
                    lost += own[node]
                    descending = True
                else:
                    depth -= 1
        seen[root] = False
    return (
        COMPLETE, visits, start[: num_grids + 1], item[:num_items], cost[:num_grids], incoming[:num_grids],
        paid[:num_grids],
    )  # fmt: skip
