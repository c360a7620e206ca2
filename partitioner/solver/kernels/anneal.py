"""Simulated annealing by single moves and swaps that keep every grid in one piece.

Bounds may be broken on the way, at a price that rises while they are (strategic oscillation); contiguity never is. Each
candidate is judged in O(|grid|) from running sums per possible centre.
"""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.case import judge, rebuild, slots_in_use, stays_connected, transfer
from partitioner.solver.kernels.chance import NUM_WAITS, WAITS, below

BLOCK = 32  # candidates between two steps of cooling
RULE_PRICE = 50.0  # price of one broken rule, in prices of one household outside the bounds


@kernel
def totals(state):
    """(broken rules, households outside bounds, cost) over all slots."""
    broken = 0
    misfit = 0
    cost = 0.0
    for slot in range(len(state.head)):
        broken += state.broken[slot]
        misfit += state.misfit[slot]
        cost += state.cost[slot]
    return broken, misfit, cost


@kernel
def better(broken, misfit, cost, than_broken, than_misfit, than_cost):
    """Lexicographic comparison; costs closer than rounding do not count as better."""
    if broken != than_broken:
        return broken < than_broken
    if misfit != than_misfit:
        return misfit < than_misfit
    return cost < than_cost - 1e-9 * (1.0 + abs(than_cost))


@kernel
def anneal(case, state, rng, steps, hot, cold, price, stop):
    """Improve `state` in place; it ends as the best that was seen.

    Parameters
    ----------
    steps : int
        Candidates to try.
    hot, cold : float
        First and last temperature, in units of cost.
    price : float
        Cost of one household outside the bounds at the start.
    stop : bool array, shape (1,)
        Set by another thread to end the search early.

    Returns
    -------
    (broken, misfit, cost) of the best state.
    """
    num = len(state.label)
    best_label = state.label.copy()
    best_broken, best_misfit, best_cost = totals(state)
    broken, misfit, cost = best_broken, best_misfit, best_cost
    if num == 0 or steps <= 0 or len(case.neighbour) == 0:
        return best_broken, best_misfit, best_cost
    nodes = np.arange(num)
    inside = np.ones(len(state.head), dtype=np.bool_)
    spare = slots_in_use(state) - case.count_low
    check_every = max(num, 256)
    num_checks = max(steps // check_every, 1)
    cooling = (cold / hot) ** (1.0 / num_checks)
    temperature = hot
    since_rebuilt = 0
    left = num_checks * check_every
    block = check_every - 1
    while True:
        moved, spare, broken, misfit, cost = try_moves(
            case, state, rng, nodes, inside, block, price, temperature, 1.0, spare, broken, misfit, cost
        )
        left -= block
        if left == 0:
            break
        block = min(check_every, left)
        temperature *= cooling
        since_rebuilt += moved
        if since_rebuilt > 64 * num:
            since_rebuilt = 0
            rebuild(case, state)
            broken, misfit, cost = totals(state)
        if misfit > 0 or broken > 0:
            price *= 1.05
        elif price > 1.0:
            price *= 0.97
        if moved > 0 and better(broken, misfit, cost, best_broken, best_misfit, best_cost):
            best_broken, best_misfit, best_cost = broken, misfit, cost
            best_label[:] = state.label
        if stop[0]:
            break
    broken, misfit, cost = totals(state)
    if better(broken, misfit, cost, best_broken, best_misfit, best_cost):
        best_label[:] = state.label
    else:
        state.label[:] = best_label
    rebuild(case, state)
    return totals(state)


@kernel
def try_moves(case, state, rng, nodes, inside, steps, price, temperature, cooling, spare, broken, misfit, cost):
    """Try to move random `nodes`, alone or in exchange for another, into a slot beside them that is `inside`.

    A loop of its own, since handing over a case and a state takes about as long as one candidate.

    Parameters
    ----------
    steps : int
        Candidates to try.
    cooling : float
        What the temperature is multiplied by once per `BLOCK` candidates.
    spare : int
        Slots that may still be emptied.
    broken, misfit, cost
        Running totals.

    Returns
    -------
    Moves made, and what is then spare, broken, misfit and cost.
    """
    moved = 0
    for step in range(steps):
        if step % BLOCK == BLOCK - 1:
            temperature *= cooling
        node = nodes[below(rng, len(nodes))]
        source = state.label[node]
        degree = case.start[node + 1] - case.start[node]
        if degree == 0:
            continue
        slot = state.label[case.neighbour[case.start[node] + below(rng, degree)]]
        if slot == source or not inside[slot]:
            continue
        back = -1
        if below(rng, 2) == 0:
            back = swap_partner(case, state, rng, node, source, slot)
            if back < 0:
                continue
        elif state.size[source] == 1 and spare <= 0:
            continue
        new_a = judge(case, state, source, node, back)
        new_b = judge(case, state, slot, back, node)
        cost_change = new_a[0] + new_b[0] - state.cost[source] - state.cost[slot]
        misfit_change = new_a[1] + new_b[1] - state.misfit[source] - state.misfit[slot]
        broken_change = new_a[2] + new_b[2] - state.broken[source] - state.broken[slot]
        change = cost_change + price * (misfit_change + RULE_PRICE * broken_change)
        if change > temperature * WAITS[below(rng, NUM_WAITS)]:
            continue
        if not stays_connected(case, state, source, node, back):
            continue
        if back >= 0 and not stays_connected(case, state, slot, back, node):
            continue
        transfer(case, state, node, slot)
        if back >= 0:
            transfer(case, state, back, source)
        if state.size[source] == 0:
            spare -= 1
        state.cost[source], state.misfit[source], state.broken[source] = new_a
        state.cost[slot], state.misfit[slot], state.broken[slot] = new_b
        cost += cost_change
        misfit += misfit_change
        broken += broken_change
        moved += 1
    return moved, spare, broken, misfit, cost


@kernel
def swap_partner(case, state, rng, node, source, slot):
    """A random node of `slot` that borders `source`, found by a short walk inside `source`; -1 if the walk fails."""
    here = node
    for _ in range(1 + below(rng, 4)):
        degree = case.start[here + 1] - case.start[here]
        other = case.neighbour[case.start[here] + below(rng, degree)]
        if state.label[other] == source:
            here = other
    for _ in range(3):
        degree = case.start[here + 1] - case.start[here]
        other = case.neighbour[case.start[here] + below(rng, degree)]
        if state.label[other] == slot:
            return other
    return -1
