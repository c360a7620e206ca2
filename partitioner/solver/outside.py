"""How few households must stay outside the bounds of a piece, whatever its plan, as long as all other rules hold.

Three proofs, each valid on its own: counting households, places whose every grid breaks a bound, and choosing among all
grids that break the bounds by less than a known plan does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from partitioner.model import IntArray
from partitioner.solver.exact import MAX_CHOICES, choose, company, in_no_grid, list_all
from partitioner.solver.kernels.case import Case
from partitioner.solver.limits import StopSignal
from partitioner.solver.listings import Listing

MAX_COUNTED = 4_000
"""Where more grids are possible, limits on their number are left out of the counting."""

MAX_PLACES = 40
"""Nodes that are looked at one by one."""

MAX_TRIALS = 8
"""Numbers of households that are tried where there are too many grids to choose from."""

EFFORT = 6.0
"""What CP-SAT may spend on each, in its own measure (about seconds)."""

SMALLEST = 1e-9
"""Less than one household."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Outside:
    """What choosing among grids has shown.

    Parameters
    ----------
    least : int
        No plan leaves fewer households outside the bounds.
    grids : tuple of int arrays
        A plan that leaves fewer than the one known before; empty if none was found.
    """

    least: int
    grids: tuple[IntArray, ...] = ()


def misfit_of(households: IntArray, case: Case) -> IntArray:
    """Households below `low` or above `high`, grid by grid."""
    return np.maximum(0, np.maximum(case.low - households, households - case.high))


# --- counting ----------------------------------------------------------------------------------------------------


def by_counting(case: Case, components: Sequence[IntArray], counts: tuple[int, int]) -> int:
    """Fewest households outside the bounds that counting them allows.

    A node above `high` has its excess outside, and so has every household that joins it. What such nodes leave of a
    connected part falls into pockets: a pocket joins them as a whole or forms grids of its own (joining in part never
    pays: every household that joins costs one and saves at most one).

    Parameters
    ----------
    counts : (int, int)
        Fewest and most grids in all.
    """
    parts = [part for nodes in components for part in _parts_of(case, nodes)]
    least = sum(int(min(part)) for part in parts)
    num = len(case.households)
    if num > MAX_COUNTED or (counts[0] <= len(components) and counts[1] >= num):
        return least
    total = np.zeros(1)
    for part in parts:
        total = _both(total, part)[: counts[1] + 1]
    return int(least if not len(total[counts[0] :]) else max(least, _finite_least(total[counts[0] :], least)))


def _finite_least(values: np.ndarray, otherwise: int) -> float:
    least = float(values.min())
    return least if np.isfinite(least) else otherwise


def _parts_of(case: Case, nodes: IntArray) -> Iterator[np.ndarray]:
    """Of the large nodes of a connected part together, and of each pocket: households outside by number of grids."""
    households = case.households[nodes]
    large = households > case.high
    if large.any():
        grids = np.arange(int(large.sum()) + 1)
        held = households[large].sum() - grids * float(case.high)
        held[0] = np.inf
        yield held
    for pocket in _pieces_of(case, nodes[~large]):
        num = float(case.households[pocket].sum())
        grids = np.arange(len(pocket) + 1)
        outside = np.maximum(0.0, np.maximum(grids * case.low - num, num - grids * float(case.high)))
        outside[0] = num if large.any() else np.inf
        yield outside


def _pieces_of(case: Case, nodes: IntArray) -> list[IntArray]:
    num = len(case.households)
    graph = csr_array((case.length + 1.0, case.neighbour, case.start), shape=(num, num))[nodes][:, nodes]
    count, piece = connected_components(graph, directed=False)
    return [nodes[piece == i] for i in range(count)]


def _both(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Least sums by total number of grids."""
    result = np.full(len(first) + len(second) - 1, np.inf)
    for grids, value in enumerate(second.tolist()):
        if np.isfinite(value):
            stretch = result[grids : grids + len(first)]
            np.minimum(stretch, first + value, out=stretch)
    return result


# --- places ------------------------------------------------------------------------------------------------------


def by_places(case: Case, nodes: IntArray, most: int, signal: StopSignal) -> int:
    """A lower bound from nodes that every grid leaves some households outside for, far enough apart to share none.

    Parameters
    ----------
    nodes : int array
        Where to look; only nodes of grids outside the bounds of some plan can count.
    most : int
        Households outside the bounds in that plan: bounds above it say nothing.
    """
    needs = [(_need(case, node, most, signal), node) for node in nodes[:MAX_PLACES].tolist()]
    total, taken = 0, set[int]()
    for need, node in sorted(needs, key=lambda entry: (-entry[0], entry[1])):
        if need > 0 and node not in taken:
            total += need
            # A plan with fewer than `most` outside has no larger grid, so none that holds two nodes farther apart.
            taken.update(company(case._replace(high=case.high + most), node))
    return min(total, most)


def _need(case: Case, node: int, most: int, signal: StopSignal) -> int:
    """Households outside the bounds in every grid that holds `node`, at least; by halving."""
    known, beyond = 0, most
    step = 1
    while known < beyond and not signal():
        trial = min(known + step, beyond)  # is there any grid with fewer than `trial`?
        if in_no_grid(_widened(case, trial - 1), node, signal):
            known, step = trial, 2 * step
        elif step == 1:
            break
        else:
            beyond, step = trial - 1, max(1, (trial - 1 - known) // 2)
    return known


def _widened(case: Case, households: int) -> Case:
    return case._replace(low=max(0, case.low - households), high=case.high + households)


# --- choosing ----------------------------------------------------------------------------------------------------


def by_choosing(
    case: Case,
    counts: tuple[int, int],
    most: int,
    keeping: Callable[[Listing], Listing],
    signal: StopSignal,
    seconds: Callable[[], float | None],
) -> Outside:
    """What choosing among all grids that break the bounds by few households shows.

    Where grids that leave fewer than `most` outside are too many to choose from, smaller numbers are tried: if no plan
    leaves fewer than such a number, that many must stay outside.

    Parameters
    ----------
    counts : (int, int)
        Fewest and most grids in all.
    most : int
        Households outside the bounds in a known plan.
    keeping : callable
        Leaves out the listed grids that break rules which the case does not know.
    seconds : callable
        How long the next choice may take; None limits the work by counts alone.
    """
    known, beyond, trial = 0, most + 1, most
    for _ in range(MAX_TRIALS):
        listing = keeping(list_nearly(case, trial, signal))
        if not listing.complete or len(listing) > MAX_CHOICES:
            beyond = trial
        else:
            shown = by_listing(case, listing, counts, trial, signal, seconds())
            known = max(known, shown.least)
            if shown.grids or known < trial:
                return Outside(least=known, grids=shown.grids)
        trial = most if known == most else (known + beyond) // 2
        if signal() or not known < trial < beyond:
            break
    return Outside(least=known)


def list_nearly(case: Case, most: int, signal: StopSignal) -> Listing:
    """Every grid that keeps the other rules and leaves fewer than `most` households outside the bounds."""
    return list_all(_widened(case, most - 1), signal)


def by_listing(
    case: Case, listing: Listing, counts: tuple[int, int], most: int, signal: StopSignal, seconds: float | None
) -> Outside:
    """The fewest households outside the bounds in any choice of listed grids, or what is known about that.

    Parameters
    ----------
    listing : Listing
        Of `list_nearly` for the same `most`, complete.
    """
    load = np.zeros(0, dtype=np.int64)
    if len(listing):
        load = np.add.reduceat(case.households[listing.item], listing.start[:-1])
    judged = replace(listing, cost=misfit_of(load, case).astype(np.float64))
    asked = case._replace(count_low=counts[0], count_high=counts[1], move=0.0)
    # Costs are scaled by the largest of them: where all are 0 any positive cutoff says the same.
    cutoff = float(most) if judged.cost.any() else SMALLEST
    proof = choose(asked, judged, cutoff, signal, seconds=seconds, effort=EFFORT)
    if proof.outcome == "worse":
        return Outside(least=most)
    left = sum(int(misfit_of(case.households[grid].sum(), case)) for grid in proof.grids)
    known = 0 if proof.bound is None else max(0, int(np.ceil(proof.bound - 1e-6)))
    return Outside(least=left if proof.outcome == "optimal" else min(known, most), grids=proof.grids)
