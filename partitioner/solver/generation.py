"""Closing the gap of a piece by column generation with subset-row cuts.

The linear programme over connected grids, strengthened by cuts, is far above the Lagrangian bound and often integral.
Its prices are kept in a trust region around the best ones known (du Merle, Villeneuve, Desrosiers & Hansen 1999,
doi:10.1016/S0012-365X(98)00213-1): within it only few grids have negative reduced cost, and all of them can be found
by growing connected sets, cuts included. Every round gives a valid bound.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.cut_payments import Cuts, no_cuts
from partitioner.solver.kernels.listing import COMPLETE
from partitioner.solver.kernels.priced import price_listed
from partitioner.solver.kernels.relevant import list_relevant_grids
from partitioner.solver.kernels.subset_rows import violated_cuts, violated_sets
from partitioner.solver.lagrangian import Bound, Prices, Pricing, bound_of_values, dearest_grid, lagrangian_value
from partitioner.solver.limits import StopSignal
from partitioner.solver.listings import Listing, reduced_costs
from partitioner.solver.master import Cut, Master, Solution
from partitioner.solver.outline_pricing import Outlined, price_outlines
from partitioner.solver.outlines import side_by_side, small_nodes

FIRST_GRIDS = 30
BEST_GRIDS = 10
"""Grids per centre to begin with, and per round; further ones are only looked for where they are better."""

CENTRE_VISITS = 1_000_000
ROUND_VISITS = 10_000_000
"""Sets that a round may grow from one centre and in all."""

QUICK_CENTRE_VISITS = 20_000
QUICK_VISITS = 500_000
QUICK_GRIDS = 4
"""The same for a look that will do if it finds one better grid for so many nodes; and for the grids to begin with."""

GROWING = ((QUICK_VISITS, QUICK_CENTRE_VISITS), (ROUND_VISITS, CENTRE_VISITS))
GROWING_AFTER_OUTLINES = ((100_000, 4_000), (500_000, 50_000))
"""Sets that the looks of a round may grow, in all and from one centre; the later ones only where the others found
few grids. Outlines have told most before."""

MAX_ITEMS = 4_000_000
LEAST_VIOLATION = 0.03
MAX_VIOLATED = 400_000
CUTS_PER_ROUND = 60
CUTS_PER_NODE = 5
"""In one round no node gets more cuts than this: cuts that hit one another help little."""

LARGER_CUTS = ((5, 2), (4, 3), (5, 3), (7, 3), (7, 2), (8, 3))
MAX_LARGER = 2_000
MAX_SETS = 200_000
"""Nodes and divisors of the cuts that are tried where none over three nodes is violated; how many are kept and how many
sets are looked at for each kind."""

FIRST_TRUST = 0.3
WIDER, NARROWER = 1.3, 0.7
"""Width of the trust region as a share of the prices; after a better bound, and after many grids outside."""

MANY = 4
"""A round that finds more than so many grids per node went too far."""

MAX_ROUNDS = 300


class Generation:
    """Rounds of linear programme, pricing and cuts.

    Where all grids of the piece are at hand, `grids`, complete, are priced one by one; else they are grown anew in each
    round.

    `bound` is the best bound so far, `value` the one that `prices` and `cuts` prove by the `least` values; `plan` holds
    the grids of a plan that some round found, None before. `finished` says that nothing more can be gained here,
    `converged` that the last linear programme knew every grid that could improve it.
    """

    def __init__(
        self,
        pricing: Pricing,
        start: Bound,
        counts: tuple[int, int],
        signal: StopSignal,
        grids: Listing | None = None,
    ) -> None:
        self.pricing = pricing
        self.grids = grids
        self.counts = counts
        self.signal = signal
        self.bound = start.value
        self.prices = start.prices
        self.cuts = no_cuts(len(start.prices.node))
        self.least, self.value = self._start_values(start)
        self.plan: tuple[IntArray, ...] | None = None
        self.finished = False
        self.converged = False
        self.rounds = 0
        self._begun = False
        self._free = side_by_side(pricing, small_nodes(pricing.original))
        self.master = Master(pricing, counts)
        self._width = FIRST_TRUST * np.maximum(np.abs(start.prices.node), np.abs(start.prices.node).mean())
        self.master.trust(start.prices.node, self._width)

    def offer(self, nodes: IntArray, cost: float) -> None:
        """A grid that may be of use, as ascending nodes, with its terms."""
        self.master.add(nodes, cost)

    def step(self, cutoff: float, seconds: float | None = None) -> None:
        """One round.

        Parameters
        ----------
        cutoff : float
            Cost of the best plan known.
        seconds : float, optional
            Time left.
        """
        self.rounds += 1
        self.converged = False
        if not self._begun:
            self._begun = True
            self._begin(cutoff)
        solution = self.master.solve(seconds)
        if solution is None or self.signal():
            self.finished = (solution is None and seconds is None) or self.rounds >= MAX_ROUNDS
            return
        cuts = self._cuts(solution)
        tolerance = 1e-7 * abs(cutoff) / len(solution.prices.node)
        least, num_better, complete = self._priced_out(solution, cuts, solution.count_price - tolerance)
        if self.signal():
            return
        serious = self._compare(solution.prices, cuts, least, cutoff)
        if serious:
            self._forget(cutoff)
        if self.bound >= cutoff - 1e-9 * abs(cutoff) or self.rounds >= MAX_ROUNDS:
            self.finished = True
            return
        self._conclude(solution, num_better, complete)
        self._trust(serious, num_better)

    def relevant(self, cutoff: float, *, visits: int) -> Listing:
        """Every grid that a plan cheaper than `cutoff` can hold, at the prices of the best bound.

        It is not complete where more than `visits` sets would have to be grown for that.
        """
        listing, _, _, _ = self._listed(self.prices, self.cuts, self.slack(cutoff), 0, visits)
        return listing

    def slack(self, cutoff: float) -> float:
        """The most that a grid of a plan cheaper than `cutoff` can cost at the prices and cuts of the best round."""
        return cutoff - self.value + dearest_grid(self.least, self.counts) + 1e-6 * abs(cutoff)

    def promising(self, cutoff: float) -> Listing:
        """The grids of the linear programme that a plan cheaper than `cutoff` can hold: not enough for a proof."""
        sizes = np.array([len(nodes) for nodes in self.master.columns], dtype=np.int64)
        listing = Listing(
            complete=False,
            start=np.concatenate([[0], np.cumsum(sizes)]),
            item=np.concatenate(self.master.columns),
            cost=np.array(self.master.costs),
        )
        reduced = reduced_costs(self.pricing, listing, self.prices)
        num = len(self.cuts.start) - 1
        grids = csr_array((np.ones(len(listing.item)), listing.item, listing.start), shape=(len(listing), num))
        cut_of = np.repeat(np.arange(num), np.diff(self.cuts.start))
        hits = csr_array((np.ones(len(cut_of)), (cut_of, self.cuts.item)), shape=(num, len(self.cuts.penalty)))
        held = grids @ hits
        held.data = np.floor(held.data / self.cuts.divisor[held.indices])
        reduced = reduced + held @ self.cuts.penalty
        return listing.where(
            reduced <= cutoff - self.bound + dearest_grid(self.least, self.counts) + 1e-6 * abs(cutoff)
        )

    # --- one round ---------------------------------------------------------------------------------------------------

    def _begin(self, cutoff: float) -> None:
        slack = max(0.0, cutoff - self.value)
        visits, centre_visits = (GROWING_AFTER_OUTLINES if len(self._free) else GROWING)[0]
        listing, _, _, _ = self._listed(self.prices, self.cuts, slack, FIRST_GRIDS, visits, centre_visits)
        for j in range(len(listing)):
            self.master.add(listing.grid(j), float(listing.cost[j]))

    def _priced_out(self, solution: Solution, cuts: Cuts, below: float) -> tuple[FloatArray, int, bool]:
        """Add grids whose reduced cost lies `below` to the linear programme.

        Looks that take longer are only for when the ones before found few. Returns the least reduced costs per centre
        as far as they are known, how many grids were added, and whether there can be no more.
        """
        enough = len(solution.prices.node) // QUICK_GRIDS
        least: FloatArray | None = None
        added = 0
        looks = GROWING
        outlined = self._outlined(solution, cuts)
        if outlined is not None:
            least, looks = outlined.least, GROWING_AFTER_OUTLINES
            added = self._add(outlined.grids, self._reduced(outlined.grids, solution.prices, cuts) < below)
            if float(least.min()) >= below or added > enough:
                return least, added, float(least.min()) >= below
        complete = False
        for visits, centre_visits in looks:
            listing, reduced, grown, outcome = self._listed(
                solution.prices, cuts, solution.count_price, BEST_GRIDS, visits, centre_visits, least
            )
            least = grown if least is None else np.maximum(least, grown)
            added += self._add(listing, reduced < below)
            complete = outcome == COMPLETE
            if complete or added > (enough if outlined is None else 0) or self.signal():
                break
        assert least is not None
        return least, added, complete

    def _outlined(self, solution: Solution, cuts: Cuts) -> Outlined | None:
        if self.grids is not None or not len(self._free):
            return None
        return price_outlines(
            self.pricing, self._free, solution.prices, cuts, solution.count_price, self.signal, visits=ROUND_VISITS
        )

    def _add(self, listing: Listing, chosen: npt.NDArray[np.bool_]) -> int:
        """Let the linear programme know the chosen grids; returns how many it did not know."""
        return sum(self.master.add(listing.grid(j), float(listing.cost[j])) for j in np.flatnonzero(chosen).tolist())

    def _cuts(self, solution: Solution) -> Cuts:
        """The cuts that charge anything."""
        num = len(solution.prices.node)
        kept = np.flatnonzero(solution.penalty > 0)
        if not len(kept):
            return no_cuts(num)
        cuts = [self.master.cuts[i] for i in kept.tolist()]
        sizes = np.array([len(cut.nodes) for cut in cuts], dtype=np.int64)
        member = np.concatenate([np.array(cut.nodes, dtype=np.int64) for cut in cuts])
        of_member = np.repeat(np.arange(len(cuts)), sizes)
        order = np.lexsort((of_member, member))
        return Cuts(
            start=np.searchsorted(member[order], np.arange(num + 1)).astype(np.int64),
            item=of_member[order].astype(np.int64),
            member_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            member=member,
            divisor=np.array([cut.divisor for cut in cuts], dtype=np.int64),
            penalty=np.ascontiguousarray(solution.penalty[kept]),
        )

    def _listed(
        self,
        prices: Prices,
        cuts: Cuts,
        slack: float,
        most: int,
        visits: int = ROUND_VISITS,
        centre_visits: int = CENTRE_VISITS,
        known: FloatArray | None = None,
    ) -> tuple[Listing, FloatArray, FloatArray, int]:
        pricing = self.pricing
        if self.grids is not None:
            return self._priced(self.grids, prices, cuts, slack, most)
        value = pricing.values(prices) if known is None else known
        outcome, start, item, cost, reduced, least = list_relevant_grids(
            pricing.original, pricing.group_of, pricing.node_of, pricing.start, pricing.item, prices.node,
            pricing.charge(prices), cuts, value, slack, most, min(centre_visits, visits), visits, MAX_ITEMS,
            self.signal.flag,
        )  # fmt: skip
        listing = Listing(complete=outcome == COMPLETE and most == 0, start=start, item=item, cost=cost)
        return listing, reduced, least, outcome

    def _priced(
        self, grids: Listing, prices: Prices, cuts: Cuts, slack: float, most: int
    ) -> tuple[Listing, FloatArray, FloatArray, int]:
        """Those of all `grids` within the slack; of each first node only the best `most`, unless that is 0."""
        reduced = self._reduced(grids, prices, cuts)
        least = _least_by_first(grids, reduced, len(prices.node))
        kept = reduced <= slack + 1e-9 * (float(np.abs(prices.node).sum()) + float(cuts.penalty.sum()))
        if most > 0:
            inside = np.flatnonzero(kept)
            first = grids.item[grids.start[inside]]
            order = inside[np.lexsort((inside, reduced[inside], first))]
            place = np.arange(len(order)) - np.searchsorted(np.sort(first), np.sort(first))
            kept = np.zeros(len(reduced), dtype=bool)
            kept[order[place < most]] = True
        return grids.where(kept), reduced[kept], least, COMPLETE

    def _reduced(self, grids: Listing, prices: Prices, cuts: Cuts) -> FloatArray:
        reduced = np.empty(len(grids))
        price_listed(
            grids.start, grids.item, grids.cost, self.pricing.group_of, prices.node, prices.touch, cuts, reduced
        )
        return reduced

    def _start_values(self, start: Bound) -> tuple[FloatArray, float]:
        """Least reduced costs per centre, or per first node (no two grids of a plan share either), and their bound."""
        if self.grids is None:
            return self.pricing.values(start.prices), start.value
        reduced = self._reduced(self.grids, start.prices, no_cuts(len(start.prices.node)))
        least = _least_by_first(self.grids, reduced, len(start.prices.node))
        value, _ = lagrangian_value(self.pricing, start.prices, least, self.counts)
        return least, value

    def _forget(self, cutoff: float) -> None:
        """Drop the grids that no plan cheaper than `cutoff` holds, at the prices of the best bound."""
        if self.grids is not None:
            self.grids = self.relevant(cutoff, visits=0)

    def _worth(self, prices: Prices, cuts: Cuts) -> float:
        """What all rows are worth, less what rounding may have added."""
        worth = self.pricing.worth(prices) - float(cuts.penalty @ (np.diff(cuts.member_start) // cuts.divisor))
        size = float(np.abs(prices.node).sum()) + float(cuts.penalty @ np.diff(cuts.member_start))
        return worth - 1e-12 * size

    def _compare(self, prices: Prices, cuts: Cuts, least: FloatArray, cutoff: float) -> bool:
        value, num = bound_of_values(least, self._worth(prices, cuts), self.counts)
        value -= (num + 1) * self.pricing.margin(prices)
        # Grids that no cheaper plan holds may be left out: beyond the cutoff the value says nothing.
        value = min(value, cutoff)
        self.bound = max(self.bound, value)
        if not value > self.value:
            return False
        self.value, self.prices, self.cuts, self.least = value, prices, cuts, least
        return True

    def _conclude(self, solution: Solution, num_better: int, complete: bool) -> None:
        """Notice a plan, or add cuts, once hardly any better grid is left."""
        used = np.flatnonzero(solution.weight > 1e-7)
        whole = solution.relaxed < 1e-6
        if whole and bool((solution.weight[used] > 1 - 1e-6).all()):
            self.plan = tuple(self.master.columns[j] for j in used.tolist())
            if num_better == 0 and complete:
                self.converged = self.finished = True
            return
        if num_better > len(solution.prices.node):
            return
        added = self._separate(used, solution.weight[used])
        self.converged = whole and num_better == 0
        if self.converged and added == 0:
            self.finished = True

    def _separate(self, used: IntArray, weight: FloatArray) -> int:
        """Add violated cuts over three nodes, or over more where there are none; returns how many."""
        if not len(used):
            return 0
        chosen = [self.master.columns[j] for j in used.tolist()]
        start = np.concatenate([[0], np.cumsum([len(nodes) for nodes in chosen])]).astype(np.int64)
        num = len(self.prices.node)
        triple, violation = violated_cuts(num, start, np.concatenate(chosen), weight, LEAST_VIOLATION, MAX_VIOLATED)
        cuts = [Cut(nodes=tuple(nodes), divisor=2) for nodes in triple.tolist()]
        return self._keep(cuts, violation) or self._keep(*larger_cuts(num, chosen, weight))

    def _keep(self, cuts: list[Cut], violation: FloatArray) -> int:
        hits = np.zeros(len(self.prices.node), dtype=np.int64)
        known = set(self.master.cuts)
        added = 0
        for i in np.argsort(-violation, kind="stable").tolist():
            cut = cuts[i]
            if cut in known or any(hits[node] >= CUTS_PER_NODE for node in cut.nodes):
                continue
            hits[list(cut.nodes)] += 1
            self.master.cut(cut)
            added += 1
            if added == CUTS_PER_ROUND:
                break
        return added

    def _trust(self, serious: bool, num_better: int) -> None:
        if serious:
            self._width = self._width * WIDER
        elif num_better > MANY * len(self._width):
            self._width = self._width * NARROWER
        self.master.trust(self.prices.node, self._width)


def _least_by_first(grids: Listing, reduced: FloatArray, num: int) -> FloatArray:
    least = np.full(num, np.inf)
    if len(grids):
        np.minimum.at(least, grids.item[grids.start[:-1]], reduced)
    return least


def larger_cuts(num: int, chosen: list[IntArray], weight: FloatArray) -> tuple[list[Cut], FloatArray]:
    """Violated cuts over more than three nodes.

    Only nodes of fractional grids matter, and one of those that lie in the same grids; parts of the plan that share no
    fractional grid are looked at one by one.
    """
    parted = [nodes for nodes, share in zip(chosen, weight.tolist(), strict=True) if share < 1 - 1e-6]
    shares = weight[weight < 1 - 1e-6]
    inside = np.zeros((num, len(parted)), dtype=np.bool_)
    for j, nodes in enumerate(parted):
        inside[nodes, j] = True
    nodes = np.flatnonzero(inside.any(axis=1))
    member, first = np.unique(inside[nodes], axis=0, return_index=True)
    order = np.argsort(first)
    member, representative = member[order], nodes[first[order]]
    links = csr_array(member.astype(np.int64))
    parts, part = connected_components(links @ links.T, directed=False)
    cuts: list[Cut] = []
    violations: list[float] = []
    for number in range(parts):
        classes = np.flatnonzero(part == number)
        grids = np.flatnonzero(member[classes].any(axis=0))
        small = np.ascontiguousarray(member[np.ix_(classes, grids)])
        for size, divisor in LARGER_CUTS:
            found, violation = violated_sets(
                small, np.ascontiguousarray(shares[grids]), size, divisor, LEAST_VIOLATION, MAX_LARGER, MAX_SETS
            )
            cuts += [Cut(nodes=tuple(sorted(representative[classes[row]].tolist())), divisor=divisor) for row in found]
            violations += violation.tolist()
            if len(found):
                break
    return cuts, np.array(violations)
