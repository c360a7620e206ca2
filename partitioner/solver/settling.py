"""Closing the gap of a piece with many small nodes: these are left free at first, and decided where that matters.

The bound over outlines is a concave function of the free nodes' prices; a bundle method maximises it, at a sweep a
step. Outlines in no cover below the cutoff drop out. Then all free nodes are decided at once where that yields few
grids, else those that the cheapest covers held twice or not at all, and so on: decremental state space relaxation
(Righini & Salani 2008, doi:10.1002/net.20212).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partitioner.model import FloatArray, IntArray
from partitioner.solver.bundle import Bundle
from partitioner.solver.kernels.cut_payments import Cuts
from partitioner.solver.kernels.listing import COMPLETE
from partitioner.solver.kernels.outlines import list_outlines
from partitioner.solver.lagrangian import Prices, Pricing
from partitioner.solver.limits import StopSignal
from partitioner.solver.listings import Listing
from partitioner.solver.outlines import Cover, Listed, Outlines, side_by_side

MAX_ITEMS = 4_000_000
MAX_OUTLINES = 60_000
"""Entries of a list of outlines, and outlines with centres, beyond which nothing is tried."""

MAX_SETS = 100_000
MAX_STEPS = 60
"""Covered sets that one sweep may meet; steps of the bundle method for the same free nodes."""

HOPELESS = 0.02
"""The bundle method ends when it can hope for less than this share of the gap."""

MAX_GRIDS = 40_000
MAX_VISITS = 400_000
"""Grids that are worth deciding all free nodes at once, and choices looked at for that."""

DECIDED_SHARE = 4
"""Of the disputed nodes of a group one in so many is decided at a time: the others mostly follow."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Settled:
    """What was proved about plans cheaper than the cutoff.

    Parameters
    ----------
    bound : float
        No such plan costs less; infinite where there is none, -inf where nothing was proved.
    listing : Listing or None
        All grids that such a plan can hold, if they are few.
    """

    bound: float
    listing: Listing | None = None


def settle(
    pricing: Pricing,
    free: IntArray,
    prices: Prices,
    cuts: Cuts,
    slack: float,
    start: FloatArray,
    cutoff: float,
    signal: StopSignal,
    *,
    visits: int,
) -> Settled:
    """Bound, and list, plans cheaper than `cutoff`.

    Parameters
    ----------
    free : int array
        Nodes that are left free at first, ascending; no lawful grid holds these alone.
    prices, cuts, slack
        No grid of such a plan has a reduced cost above `slack` at these prices and cuts.
    start : float array, shape (n,)
        Prices of nodes to begin with, without cuts.
    visits : int
        Sets that the list of outlines may grow.
    """
    outcome, at, item, _, centre = list_outlines(
        pricing.original, pricing.group_of, pricing.node_of, pricing.start, pricing.item, prices.node,
        pricing.charge(prices), cuts, side_by_side(pricing, free), pricing.values(prices), slack, visits, MAX_ITEMS,
        signal.flag,
    )  # fmt: skip
    if outcome != COMPLETE or len(centre) > MAX_OUTLINES or signal():
        return Settled(bound=-np.inf)
    outlines = Outlines(pricing, free, start, Listed(start=at, item=item, centre=centre), signal)
    bound = -np.inf
    while not signal():
        if not len(outlines):
            return Settled(bound=np.inf)
        disputes = Disputes(outlines)
        price, found = best_prices(outlines, cutoff, disputes, signal)
        bound = max(bound, found)
        if bound == np.inf or found == -np.inf:
            return Settled(bound=bound)
        if not len(outlines.free):
            return Settled(bound=bound, listing=outlines.listing())
        limit = outlines.limits(price, cutoff, MAX_SETS)
        if limit is None:
            break
        everything = np.ones(len(outlines.free), dtype=np.bool_)
        following = outlines.extended(price, limit, everything, MAX_GRIDS, MAX_VISITS)
        if following is not None:
            return Settled(bound=bound, listing=following.listing())
        following = outlines.extended(price, limit, disputes.worst(), MAX_OUTLINES, MAX_VISITS)
        if following is None:
            break
        outlines = following
    return Settled(bound=bound)


class Disputes:
    """How often the cheapest covers held each free node too often or not at all."""

    def __init__(self, outlines: Outlines) -> None:
        self._outlines = outlines
        self._size = outlines.case.households[outlines.free]
        self._times = np.zeros(len(outlines.free))

    def missing(self, cover: Cover) -> FloatArray:
        """1 for each free node in no grid of the cover, less than 0 for those in several; shape (free,)."""
        held = np.zeros(len(self._outlines.dual))
        for grid in cover.grids:
            held[grid] += 1.0
        missing = np.asarray(1.0 - held[self._outlines.free])
        self._times += np.abs(missing)
        return missing

    def worst(self) -> npt.NDArray[np.bool_]:
        """Some of the disputed nodes of every group; the largest ones where none is disputed."""
        order = np.lexsort((-self._size, -self._times))
        group = self._outlines.group
        worst = np.zeros(len(order), dtype=np.bool_)
        for number in np.unique(group[self._times > 0]).tolist():
            mine = order[(group[order] == number) & (self._times[order] > 0)]
            worst[mine[: -(-len(mine) // DECIDED_SHARE)]] = True
        if not worst.any():
            worst[order[: -(-len(order) // DECIDED_SHARE)]] = True
        return worst


def best_prices(outlines: Outlines, cutoff: float, disputes: Disputes, signal: StopSignal) -> tuple[FloatArray, float]:
    """Prices of the free nodes with the best bound found: -inf where there is none, infinite where no plan is left."""
    price = outlines.dual[outlines.free]
    cover = outlines.cover(price, cutoff, MAX_SETS)
    if cover is None or cover.bound == np.inf:
        return price, -np.inf if cover is None else np.inf
    missing = disputes.missing(cover)
    if not missing.any():
        return price, cover.bound
    length = max(cutoff - cover.bound, 0.0) / float((missing * missing).sum())
    bundle = Bundle(price, cover.bound, missing, length)
    for _ in range(MAX_STEPS):
        point = bundle.next_point()
        if bundle.hope <= HOPELESS * (cutoff - bundle.value):
            break
        cover = outlines.cover(point, cutoff, MAX_SETS)
        if cover is None or signal():
            break
        if cover.bound == np.inf:
            return point, np.inf
        bundle.learn(point, cover.bound, disputes.missing(cover))
    return bundle.best, bundle.value
