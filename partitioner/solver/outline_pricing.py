"""Pricing of grids by their outlines, where many small nodes make too many grids that hardly differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.cut_payments import Cuts
from partitioner.solver.kernels.free_nodes import cheapest_choice
from partitioner.solver.kernels.growing import clashes
from partitioner.solver.kernels.listing import COMPLETE, grid_cost
from partitioner.solver.kernels.outlines import free_terms, list_outlines
from partitioner.solver.lagrangian import Prices, Pricing
from partitioner.solver.limits import StopSignal
from partitioner.solver.listings import Listing

MAX_ITEMS = 1_000_000
"""Entries of all outlines, beyond which nothing is known."""

FILLED = 6
"""Outlines of each centre that are made grids of."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outlined:
    """What outlines tell at some prices.

    Parameters
    ----------
    least : float array, shape (units,)
        Lower bounds on the reduced cost of any lawful grid with this best centre.
    grids : Listing
        Lawful grids with the least outlines: candidates, nothing more.
    """

    least: FloatArray
    grids: Listing


def price_outlines(
    pricing: Pricing, free: IntArray, prices: Prices, cuts: Cuts, slack: float, signal: StopSignal, *, visits: int
) -> Outlined | None:
    """Look for grids whose reduced cost is below `slack`; None where that would take too many sets, or is stopped.

    Parameters
    ----------
    free : int array
        Nodes that outlines leave out, those of one group side by side. In bounds they pay for no cut by themselves.
    slack : float
        Reduced costs from here on are not told apart.
    visits : int
        Sets that may be grown.
    """
    charge, value = pricing.charge(prices), pricing.values(prices)
    outcome, start, item, reduced, centre = list_outlines(
        pricing.original, pricing.group_of, pricing.node_of, pricing.start, pricing.item, prices.node, charge, cuts,
        free, value, slack, visits, MAX_ITEMS, signal.flag,
    )  # fmt: skip
    if outcome != COMPLETE or signal():
        return None
    least = np.maximum(value, slack)
    np.minimum.at(least, centre, np.maximum(reduced, value[centre]))
    order = np.lexsort((np.arange(len(centre)), reduced, centre))
    place = np.arange(len(order)) - np.searchsorted(centre[order], centre[order])
    chosen = np.zeros(len(order), dtype=np.bool_)
    chosen[order[(place < FILLED) & (reduced[order] < slack)]] = True
    outlines = Listing(complete=True, start=start, item=item, cost=reduced).where(chosen)
    return Outlined(least=least, grids=_filled(pricing, free, prices, outlines, centre[chosen]))


def _filled(pricing: Pricing, free: IntArray, prices: Prices, outlines: Listing, centre: IntArray) -> Listing:
    """The outlines, each at its centre, with the free nodes that pay most, where that gives lawful grids."""
    case, charge = pricing.original, pricing.charge(prices)
    _, own, load, extra, touched = free_terms(
        case, pricing.group_of, pricing.node_of, pricing.start, pricing.item, prices.node, charge, free,
        outlines.start, outlines.item, centre,
    )  # fmt: skip
    reach = case.far.shape[0] > 0
    grids: dict[tuple[int, ...], float] = {}
    for j in range(len(centre)):
        taken = cheapest_choice(
            case, pricing.group_of[free], charge, case.households[free], extra[j] - prices.node[free], touched[j],
            int(load[j]),
        )  # fmt: skip
        if own[j] >= 0:
            taken[own[j]] = True
        grid = _joined_to(pricing, np.concatenate([outlines.grid(j), free[taken]]), centre[j])
        households = int(case.households[grid].sum())
        if not case.low <= households <= case.high or _apart(pricing, grid) or tuple(grid.tolist()) in grids:
            continue
        cost = float(grid_cost(case, grid, len(grid), households, reach))
        if cost < np.inf:
            grids[tuple(grid.tolist())] = cost
    sizes = [len(grid) for grid in grids]
    return Listing(
        complete=False,
        start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        item=np.array([node for grid in grids for node in grid], dtype=np.int64),
        cost=np.array(list(grids.values())),
    )


def _apart(pricing: Pricing, grid: IntArray) -> bool:
    """Whether two of the nodes must not share a grid."""
    case = pricing.original
    inside = np.zeros(len(case.households), dtype=np.bool_)
    inside[grid] = True
    return any(bool(clashes(case, node, inside)) for node in grid.tolist())


def _joined_to(pricing: Pricing, nodes: IntArray, centre: int) -> IntArray:
    """Those of the nodes that are connected with the centre's among themselves, ascending."""
    case = pricing.original
    left = set(nodes.tolist())
    waiting = [int(pricing.node_of[centre])]
    found = set(waiting)
    while waiting:
        node = waiting.pop()
        for other in case.neighbour[case.start[node] : case.start[node + 1]].tolist():
            if other in left and other not in found:
                found.add(other)
                waiting.append(other)
    return np.array(sorted(found), dtype=np.int64)
