"""Subset-row cuts: what a grid pays for holding several of a cut's nodes.

With subset-row cuts (Jepsen, Petersen, Spoorendonk & Pisinger 2008, doi:10.1287/opre.1070.0449) a grid pays for
holding, say, two of three nodes. A grid that grows pays as soon as it holds the second; while it holds one, each of
the other two is charged half of the payment in advance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from partitioner.compiling import kernel


class Cuts(NamedTuple):
    """Subset-row cuts: a grid pays `penalty` for every `divisor` nodes that it holds of a cut's nodes."""

    start: np.ndarray  # (n + 1,) cuts of each node, CSR
    item: np.ndarray
    member_start: np.ndarray  # (cuts + 1,) nodes of each cut, CSR
    member: np.ndarray
    divisor: np.ndarray  # (cuts,) at least 2
    penalty: np.ndarray  # (cuts,) at least 0


def no_cuts(num: int) -> Cuts:
    """No cuts over `num` nodes."""
    return Cuts(
        start=np.zeros(num + 1, dtype=np.int64),
        item=np.empty(0, dtype=np.int64),
        member_start=np.zeros(1, dtype=np.int64),
        member=np.empty(0, dtype=np.int64),
        divisor=np.empty(0, dtype=np.int64),
        penalty=np.empty(0),
    )


@kernel
def entering_cuts(cuts, node, times, slot_of, worth):
    """What cuts charge for `node` entering the grid; other nodes of its cuts are charged in advance in `worth`."""
    paid = 0.0
    for i in range(cuts.start[node], cuts.start[node + 1]):
        cut = cuts.item[i]
        before = advance(cuts, cut, times[cut])
        times[cut] += 1
        if times[cut] % cuts.divisor[cut] == 0:
            paid += cuts.penalty[cut]
        charge_members(cuts, cut, slot_of, worth, before, advance(cuts, cut, times[cut]))
    return paid


@kernel
def leaving_cuts(cuts, node, times, slot_of, worth):
    """Undo `entering_cuts`."""
    for i in range(cuts.start[node], cuts.start[node + 1]):
        cut = cuts.item[i]
        before = advance(cuts, cut, times[cut])
        times[cut] -= 1
        charge_members(cuts, cut, slot_of, worth, before, advance(cuts, cut, times[cut]))


@kernel
def advance(cuts, cut, num):
    """Charged for each further node of a cut of which the grid holds `num`: never more than they will pay together."""
    divisor = cuts.divisor[cut]
    if num % divisor != divisor - 1:
        return 0.0
    left = cuts.member_start[cut + 1] - cuts.member_start[cut] - num
    return cuts.penalty[cut] / max(1, min(divisor, left))


@kernel
def charge_members(cuts, cut, slot_of, worth, before, now):
    """Change what is charged in advance: also to nodes inside, whose worth is not looked at."""
    if before == now:
        return
    for i in range(cuts.member_start[cut], cuts.member_start[cut + 1]):
        slot = slot_of[cuts.member[i]]
        if slot >= 0:
            worth[slot] += now - before


@kernel
def most_of_cuts(cuts, node, times, seen, waiting, inside):
    """The most that cuts can charge for adding `node` to a grid that grows from here."""
    total = 0.0
    for i in range(cuts.start[node], cuts.start[node + 1]):
        cut = cuts.item[i]
        still = 0
        for j in range(cuts.member_start[cut], cuts.member_start[cut + 1]):
            other = cuts.member[j]
            if other != node and not inside[other] and (waiting[other] or not seen[other]):
                still += 1
        divisor = cuts.divisor[cut]
        # The grid will hold from times to times + still of the cut's nodes; the next one pays before a full divisor.
        if (times[cut] % divisor) + still >= divisor - 1:
            total += cuts.penalty[cut]
    return total


@kernel
def add_payments(cuts, times, cost):
    """The cost with what a complete grid pays that holds so many nodes of each cut."""
    for cut in range(len(times)):
        cost += cuts.penalty[cut] * (times[cut] // cuts.divisor[cut])
    return cost
