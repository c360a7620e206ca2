"""Simulated annealing by single moves and swaps that keep every grid in one piece.

Bounds may be broken on the way, at a price that rises while they are (strategic oscillation); contiguity never is. Each
candidate is judged in O(|grid|) from running sums per possible centre.
"""

from __future__ import annotations

from numba import njit

from partitioner.solver.kernels.case import judge, rebuild, stays_connected, transfer
from partitioner.solver.kernels.chance import NUM_WAITS, WAITS, below

RULE_PRICE = 50.0  # price of one broken rule, in prices of one household outside the bounds


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def better(broken, misfit, cost, than_broken, than_misfit, than_cost):
    """Lexicographic comparison; costs closer than rounding do not count as better."""
    if broken != than_broken:
        return broken < than_broken
    if misfit != than_misfit:
        return misfit < than_misfit
    return cost < than_cost - 1e-9 * (1.0 + abs(than_cost))


@njit(cache=True, nogil=True)
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
    in_use = 0
    for slot in range(len(state.head)):
        if state.size[slot] > 0:
            in_use += 1
    best_label = state.label.copy()
    best_broken, best_misfit, best_cost = totals(state)
    broken, misfit, cost = best_broken, best_misfit, best_cost
    if num == 0 or steps <= 0 or len(case.neighbour) == 0:
        return best_broken, best_misfit, best_cost
    check_every = max(num, 256)
    num_checks = max(steps // check_every, 1)
    cooling = (cold / hot) ** (1.0 / num_checks)
    temperature = hot
    moved = 0
    done = 0
    fresh = False
    for _ in range(num_checks * check_every):
        done += 1
        if done == check_every:
            done = 0
            temperature *= cooling
            if moved > 64 * num:
                moved = 0
                rebuild(case, state)
                broken, misfit, cost = totals(state)
            if misfit > 0 or broken > 0:
                price *= 1.05
            elif price > 1.0:
                price *= 0.97
            if fresh and better(broken, misfit, cost, best_broken, best_misfit, best_cost):
                best_broken, best_misfit, best_cost = broken, misfit, cost
                best_label[:] = state.label
            fresh = False
            if stop[0]:
                break
        node = below(rng, num)
        source = state.label[node]
        degree = case.start[node + 1] - case.start[node]
        if degree == 0:
            continue
        slot = state.label[case.neighbour[case.start[node] + below(rng, degree)]]
        if slot == source:
            continue
        back = -1
        if below(rng, 2) == 0:
            back = swap_partner(case, state, rng, node, source, slot)
            if back < 0:
                continue
        elif state.size[source] == 1 and in_use <= case.count_low:
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
            in_use -= 1
        state.cost[source], state.misfit[source], state.broken[source] = new_a
        state.cost[slot], state.misfit[slot], state.broken[slot] = new_b
        cost += cost_change
        misfit += misfit_change
        broken += broken_change
        moved += 1
        fresh = True
    broken, misfit, cost = totals(state)
    if better(broken, misfit, cost, best_broken, best_misfit, best_cost):
        best_label[:] = state.label
    else:
        state.label[:] = best_label
    rebuild(case, state)
    return totals(state)


@njit(cache=True, nogil=True)
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
