"""Proving a piece: list every grid that could matter, then choose a best exact cover of the nodes.

The list holds all lawful grids, or all whose reduced cost at the Lagrangian prices is at most (best known − bound): a
plan better than the best known one contains no other. Choosing is a set partitioning problem: a sweep across the
piece solves it where grids are compact; CP-SAT, in integers, where previous grids tie far ones together or no lawful
plan is known.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from ortools.sat.python import cp_model
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from partitioner.model import FloatArray, IntArray
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.cut_payments import no_cuts
from partitioner.solver.kernels.frontier import CHOSEN, NOTHING_BETTER, Touching, pack_grids, sweep
from partitioner.solver.kernels.listing import COMPLETE, list_grids
from partitioner.solver.kernels.relevant import list_relevant_grids
from partitioner.solver.kernels.windows import sub_case
from partitioner.solver.lagrangian import Prices, Pricing
from partitioner.solver.limits import StopSignal
from partitioner.solver.listings import Listing, reduced_costs, touched_groups
from partitioner.solver.prechecks import count_range

MAX_VISITS = 2_000_000
"""Sets looked at before a listing gives up: a few seconds."""

MAX_ITEMS = 4_000_000
MAX_VISITS_PER_NODE = 300_000
MAX_SWEPT = 300_000
SET_ALLOWANCES = (100_000, 3_000_000)
"""Grids and covered sets beyond which a sweep gives up; 3 million sets take about 300 MB."""

ROUNDING = 1e-9
"""Plans closer than this share of their cost count as equal: sums of reduced costs carry rounding errors."""

MAX_CHOICES = 12_000
"""More grids than this are not handed to CP-SAT: it would only spend the time of the search."""

DETERMINISTIC_LIMIT = 6.0
"""CP-SAT's own work measure, about seconds; it makes a run repeatable where a clock would not."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Proof:
    """What choosing among all listed grids has shown.

    `optimal`: `grids` is a best plan. `worse`: no plan costs less than the cutoff. `infeasible`: no lawful plan exists.
    `open`: nothing was proved in the time given; `grids` may hold a plan all the same.
    """

    outcome: Literal["optimal", "worse", "infeasible", "open"]
    grids: tuple[IntArray, ...] = ()
    bound: float | None = None


def list_all(case: Case, signal: StopSignal, *, visits: int = MAX_VISITS) -> Listing:
    """Every lawful grid, as far as `visits` sets and the limits of this module allow."""
    no_prices = np.zeros(len(case.households))
    outcome, start, item, cost = list_grids(case, no_prices, np.inf, len(no_prices), visits, MAX_ITEMS, signal.flag)
    return Listing(complete=outcome == COMPLETE, start=start, item=item, cost=cost)


def company(case: Case, node: int) -> list[int]:
    """`node`, then every node that some path of at most `high` households joins to it."""
    load = {node: int(case.households[node])}
    waiting = [(load[node], node)]
    while waiting:
        here, at = heapq.heappop(waiting)
        for other in case.neighbour[case.start[at] : case.start[at + 1]].tolist():
            there = here + int(case.households[other])
            if there <= case.high and there < load.get(other, there + 1):
                load[other] = there
                heapq.heappush(waiting, (there, other))
    return [node, *sorted(set(load) - {node})]


def in_no_grid(case: Case, node: int, signal: StopSignal) -> bool:
    """Whether it is proved, by listing, that no lawful grid holds `node`."""
    num = len(case.households)
    nodes = np.array(company(case, node), dtype=np.int64)
    largest = max(
        num, case.walk.shape[0], *(int(ids.max(initial=0)) + 1 for ids in (case.group_item, case.previous_item))
    )
    first, _ = sub_case(case, nodes, 1, np.full(num, -1, dtype=np.int64), np.arange(largest))
    # No room for a single grid: the list is complete only if there is none.
    outcome, _, _, _ = list_grids(first, np.zeros(len(nodes)), np.inf, 1, MAX_VISITS_PER_NODE, 0, signal.flag)
    return int(outcome) == COMPLETE


def list_relevant(
    pricing: Pricing, prices: Prices, slack: float, signal: StopSignal, *, visits: int = MAX_VISITS
) -> Listing:
    """Every lawful grid whose reduced cost is at most `slack`, as far as `visits` sets allow."""
    value = pricing.values(prices)
    outcome, start, item, cost, _, _ = list_relevant_grids(
        pricing.original, pricing.group_of, pricing.node_of, pricing.start, pricing.item, prices.node,
        pricing.charge(prices), no_cuts(len(prices.node)), value, slack, 0, visits, visits, MAX_ITEMS,
        signal.flag,
    )  # fmt: skip
    return Listing(complete=outcome == COMPLETE, start=start, item=item, cost=cost)


def sweep_choice(
    pricing: Pricing, listing: Listing, prices: Prices, cutoff: float, signal: StopSignal, *, patient: bool = True
) -> Proof:
    """The best exact cover by listed grids that costs less than `cutoff`, by sweeping across the piece.

    Only without the `move` term, whose matching ties far grids together.
    """
    case = pricing.original
    if not listing.complete or len(listing) > MAX_SWEPT:
        return Proof(outcome="open")
    if not len(listing):
        return Proof(outcome="worse", bound=cutoff)
    sizes = _sweep_sizes(pricing, listing, prices, cutoff)
    # A bad direction meets many more sets than a good one: all get a small allowance before any gets a large one.
    for max_sets in SET_ALLOWANCES if patient else SET_ALLOWANCES[:1]:
        for rank in sweeping_orders(case):
            mask, first = pack_grids(rank, listing.start, listing.item)
            order = np.lexsort((sizes.reduced, first))
            outcome, chosen, _, _ = sweep(
                mask[order], first[order], sizes.reduced[order], sizes.load[order],
                _touching(pricing, listing, prices, rank, order), len(rank), sizes.total, case.low, case.high,
                (case.count_low, case.count_high), sizes.count_matters, sizes.least, sizes.room, max_sets, signal.flag,
            )  # fmt: skip
            if outcome == NOTHING_BETTER:
                return Proof(outcome="worse", bound=cutoff - ROUNDING * abs(cutoff))
            if outcome == CHOSEN:
                grids = tuple(listing.grid(int(order[j])) for j in chosen)
                cost = float(sum(listing.cost[order[j]] for j in chosen))
                return Proof(outcome="optimal", grids=grids, bound=cost - ROUNDING * abs(cost))
            if signal():
                return Proof(outcome="open")
    return Proof(outcome="open")


@dataclass(frozen=True, kw_only=True, eq=False)
class _SweepSizes:
    reduced: FloatArray
    load: IntArray
    total: int
    count_matters: bool
    least: float
    room: float


def _touching(pricing: Pricing, listing: Listing, prices: Prices, rank: IntArray, order: IntArray) -> Touching:
    case = pricing.original
    grid, group, place = touched_groups(pricing, listing)
    inside = place >= 0
    item = listing.item[inside]
    households = case.households[item]

    def summed(weights: IntArray) -> IntArray:
        return np.bincount(place[inside], weights=weights, minlength=len(grid)).astype(np.int64)

    priced = np.flatnonzero(prices.touch > 0)
    number = np.full(len(prices.touch) + 1, -1, dtype=np.int64)
    number[priced] = np.arange(len(priced))
    kept = number[group] >= 0
    position = np.empty(len(order), dtype=np.int64)
    position[order] = np.arange(len(order))
    by_grid = np.lexsort((group[kept], position[grid[kept]]))
    of_start = np.searchsorted(position[grid[kept]][by_grid], np.arange(len(order) + 1)).astype(np.int64)

    def sorted_by_grid(values: IntArray) -> IntArray:
        return np.ascontiguousarray(values[kept][by_grid]).astype(np.int64)

    members = np.flatnonzero(number[pricing.group_of] >= 0)
    members = members[np.lexsort((members, number[pricing.group_of[members]]))]
    load = np.empty(len(rank), dtype=np.int64)
    load[rank] = case.households
    return Touching(
        price=np.ascontiguousarray(prices.touch[priced]),
        start=np.searchsorted(number[pricing.group_of[members]], np.arange(len(priced) + 1)).astype(np.int64),
        place=np.ascontiguousarray(rank[members]),
        load=load,
        of_start=of_start,
        of_group=sorted_by_grid(number[group]),
        of_load=sorted_by_grid(summed(households)),
        of_large=sorted_by_grid(summed((2 * households > case.high).astype(np.int64))),
        of_nodes=sorted_by_grid(summed(np.ones(len(item), dtype=np.int64))),
    )


def _sweep_sizes(pricing: Pricing, listing: Listing, prices: Prices, cutoff: float) -> _SweepSizes:
    case = pricing.original
    reduced = reduced_costs(pricing, listing, prices)
    total = int(case.households.sum())
    fewest, most = count_range(total, case.low, case.high, len(case.households))
    return _SweepSizes(
        reduced=reduced,
        load=np.add.reduceat(case.households[listing.item], listing.start[:-1]),
        total=total,
        count_matters=case.count_low > fewest or case.count_high < most,
        least=min(0.0, float(reduced.min())),
        room=cutoff - float(prices.node.sum()) - ROUNDING * abs(cutoff),
    )


def sweeping_orders(case: Case) -> list[IntArray]:
    """Ranks of the nodes on the way across the piece: along its length and across it, both ways.

    The way from a to b is measured by the difference of distances to both.
    """
    num = len(case.households)
    graph = csr_array((case.length, case.neighbour.astype(np.int32), case.start.astype(np.int32)), shape=(num, num))

    def from_node(node: int) -> FloatArray:
        metres: FloatArray = dijkstra(graph, indices=node)
        return np.where(np.isfinite(metres), metres, case.length.sum() + 1.0)

    there = from_node(int(np.argmax(from_node(0))))
    back = from_node(int(np.argmax(there)))
    aside = from_node(int(np.argmax(there + back)))
    across = from_node(int(np.argmax(aside)))
    ranks = []
    for place in (there - back, aside - across):
        rank = np.empty(num, dtype=np.int64)
        rank[np.lexsort((np.arange(num), place))] = np.arange(num)
        ranks += [rank, num - 1 - rank]
    return ranks


def choose(
    case: Case, listing: Listing, cutoff: float, signal: StopSignal, *, seconds: float | None,
    effort: float = DETERMINISTIC_LIMIT,
) -> Proof:  # fmt: skip
    """The best exact cover of the nodes by listed grids that costs less than `cutoff` (terms with `-move·retained`).

    It says nothing about grids that are not listed.

    Parameters
    ----------
    cutoff : float
        Cost of the best plan known; infinite if none is.
    seconds : float or None
        Time that may be used; None limits the work by CP-SAT's deterministic measure alone.
    effort : float
        That measure.
    """
    if len(listing) > MAX_CHOICES:
        return Proof(outcome="open")
    model = cp_model.CpModel()
    used = [model.new_bool_var(f"g{j}") for j in range(len(listing))]
    covering: list[list[cp_model.IntVar]] = [[] for _ in case.households]
    for j, var in enumerate(used):
        for node in listing.grid(j).tolist():
            covering[node].append(var)
    if not all(covering):
        return Proof(outcome="worse" if math.isfinite(cutoff) else "infeasible")
    for variables in covering:
        model.add_exactly_one(variables)
    model.add_linear_constraint(sum(used), case.count_low, case.count_high)
    kept, retained = _retained(model, case, listing, used)
    scale = _scale(listing, case)
    # Rounding down keeps the integer bound a bound on the real cost.
    costs = [math.floor(value * scale) for value in listing.cost.tolist()]
    terms = [cost * var for cost, var in zip(costs, used, strict=True)]
    terms += [-math.ceil(case.move * num * scale) * var for var, num in zip(kept, retained, strict=True)]
    objective = sum(terms)
    if math.isfinite(cutoff):
        model.add(objective <= math.ceil(cutoff * scale) - 1)
    model.minimize(objective)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False  # it would take the caller's own handler away
    solver.parameters.random_seed = 1
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = effort
    if seconds is not None:
        solver.parameters.max_time_in_seconds = max(seconds, 0.01)
    forget = signal.listen(solver.stop_search)
    try:
        status = solver.solve(model)
    finally:
        forget()
    if status == cp_model.INFEASIBLE:
        return Proof(outcome="worse" if math.isfinite(cutoff) else "infeasible")
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Proof(outcome="open")
    chosen = tuple(listing.grid(j) for j, var in enumerate(used) if solver.boolean_value(var))
    return Proof(
        outcome="optimal" if status == cp_model.OPTIMAL else "open",
        grids=chosen,
        bound=solver.best_objective_bound / scale,
    )


def _scale(listing: Listing, case: Case) -> float:
    """Integers per unit of cost: fine enough for one part in 10⁹, small enough for sums in 62 bits."""
    largest = max(float(listing.cost.max(initial=0.0)), case.move * float(case.households.sum()), 1e-9)
    return 2.0 ** math.floor(math.log2(2.0**52 / (largest * (len(case.households) + 1))))


def _retained(
    model: cp_model.CpModel, case: Case, listing: Listing, used: list[cp_model.IntVar]
) -> tuple[list[cp_model.IntVar], list[int]]:
    """Variables “grid j carries on previous grid p” with the households that this retains: a one-to-one matching."""
    kept: list[cp_model.IntVar] = []
    retained: list[int] = []
    if case.move == 0 or not len(case.previous_item):
        return kept, retained
    by_previous: dict[int, list[cp_model.IntVar]] = {}
    for j, var in enumerate(used):
        overlap: dict[int, int] = {}
        for node in listing.grid(j).tolist():
            for i in range(case.previous_start[node], case.previous_start[node + 1]):
                previous = int(case.previous_item[i])
                overlap[previous] = overlap.get(previous, 0) + int(case.previous_households[i])
        mine = []
        for previous, num in sorted(overlap.items()):
            if num > 0:
                carry = model.new_bool_var(f"g{j}p{previous}")
                mine.append(carry)
                by_previous.setdefault(previous, []).append(carry)
                kept.append(carry)
                retained.append(num)
        if mine:
            model.add(sum(mine) <= var)
    for variables in by_previous.values():
        model.add_at_most_one(variables)
    return kept, retained
